// The journal of a run, in the ledger at `runs/<run>.json`: what each act was about to do and its exact inverse, written before
// the act. Undo and aftermath read it and the world, never a variable.
import * as z from 'zod';
import { Place } from './instances.ts';
import { Run } from './run.ts';
import { SequenceTarget } from './sequences.ts';

/** A resource record set as Route 53's API carries it, field names and all: what was read is what can be put back. */
export type RecordSet = z.infer<typeof RecordSet>;
export const RecordSet = z.looseObject({ Name: z.string(), Type: z.string() });
export type RecordChange = z.infer<typeof RecordChange>;
export const RecordChange = z.strictObject({ action: z.enum(['CREATE', 'UPSERT', 'DELETE']), record: RecordSet });

/** One act's effect and its inverse. A new kind needs its words (outcome.ts), its place in the order (undo.ts) and a hand that inverts it (shared/undoing/). */
export type Effect = z.infer<typeof Effect>;
export const Effect = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('records'),
    zone: z.string(),
    /** The whole record sets of the names concerned, before and after. */
    before: z.array(RecordSet),
    after: z.array(RecordSet),
    changes: z.array(RecordChange),
    inverse: z.array(RecordChange),
  }),
  z.strictObject({
    kind: z.literal('web-fence'),
    environment: z.string(),
    /** The run whose tag its rules carry: the one that put them there, not the one that adopted them. */
    run: z.string(),
    /** The listeners that are to answer 503. Our rules carry this run in a tag, so the world tells which are ours. */
    listeners: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('database-fence'),
    environment: z.string(),
    database: z.string(),
    /** Who could connect before: exactly these get it back. `public` is PUBLIC. */
    connect: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('web-lift'),
    environment: z.string(),
    /** The run whose fence is taken away: its rules carry it. */
    run: z.string(),
    listeners: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('database-lift'),
    environment: z.string(),
    database: z.string(),
    /** Who may connect again. */
    connect: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('gap'),
    environment: z.string(),
    targets: z.array(SequenceTarget),
    /** The transaction in its database from which on rows are written that the side that was left does not have. */
    since: z.string(),
  }),
  z.strictObject({
    kind: z.literal('merge'),
    environment: z.string(),
    from: z.string(),
    /** Where in the ledger the rows are, as they were and as they are. */
    patch: z.string(),
    rows: z.int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('uploads'), environment: z.string(), from: z.string(), objects: z.int().nonnegative() }),
  z.strictObject({
    kind: z.literal('incoming'),
    environment: z.string(),
    /** Whose mark it bears: whoever undoes it may be another run. */
    run: z.string(),
    /** The database aside. */
    database: z.string(),
  }),
  z.strictObject({
    kind: z.literal('swap'),
    environment: z.string(),
    run: z.string(),
    /** The name that changes hands, what bore it until now, and what the one that gets it was called. */
    live: z.string(),
    aside: z.string(),
    coming: z.string(),
  }),
  z.strictObject({ kind: z.literal('retired'), environment: z.string(), databases: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('snapshot'), environment: z.string(), instance: z.string(), snapshot: z.string() }),
  z.strictObject({
    kind: z.literal('beside'),
    environment: z.string(),
    /** The instance that is made beside the one that people use. */
    instance: z.string(),
    /** What it is made from, as a person reads it. */
    from: z.string(),
    /** The snapshot of that; null where it is of a point in time. */
    snapshot: z.string().nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('dressed'), environment: z.string(), instance: z.string() }),
  /** The snapshot bears the tag of one that was restored from and proven. */
  z.strictObject({ kind: z.literal('proven'), environment: z.string(), snapshot: z.string() }),
  z.strictObject({
    kind: z.literal('opened'),
    environment: z.string(),
    database: z.string(),
    /** The instance that takes writes from now on. */
    place: Place,
  }),
  z.strictObject({
    kind: z.literal('connection'),
    environment: z.string(),
    /** Null where nothing was left that they led to. */
    before: Place.nullable(),
    after: Place,
    /** By public name, the door by which the application is told. */
    doors: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    kind: z.literal('renaming'),
    environment: z.string(),
    /** The name that changes hands, what becomes of the instance that had it, and what the one that gets it was called. */
    live: z.string(),
    aside: z.string(),
    coming: z.string(),
    /** Their own identities, which no renaming touches; null where nothing bore the name. */
    liveId: z.string().nullable(),
    comingId: z.string(),
  }),
  z.strictObject({
    kind: z.literal('rows'),
    environment: z.string(),
    /** The instance that the rows are from. */
    from: z.string(),
    /** Where in the ledger they are, as they were and as they are. */
    patch: z.string(),
    rows: z.int().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('shelved'),
    environment: z.string(),
    /** The instance that people used, and what it is called on the shelf. */
    instance: z.string(),
    shelf: z.string(),
    usdPerMonth: z.number().nonnegative(),
    until: z.iso.datetime(),
  }),
  z.strictObject({ kind: z.literal('expired'), snapshots: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('stopped'), instances: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('removed'), environment: z.string(), instance: z.string(), resourceId: z.string(), snapshot: z.string() }), // prettier-ignore
  z.strictObject({ kind: z.literal('writer'), from: z.string(), to: z.string(), epoch: z.int().positive() }),
]);
export type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

export type Intent = z.infer<typeof Intent>;
export const Intent = z.strictObject({
  seq: z.int().positive(),
  /** The state that acts. */
  act: z.string(),
  at: z.iso.datetime(),
  effect: Effect,
  /** Whether undoing it makes the world better; why not is told in the report. */
  invert: z.union([z.literal('yes'), z.strictObject({ no: z.string() })]),
  doneAt: z.iso.datetime().nullable(),
  /** The cloud's own id of the change, where it gives one, so that it can be asked how far it is. */
  change: z.string().nullable(),
  /** `left` with a reason when undoing it would not be safe; `nothing` when it never took effect or is back already. */
  undone: z.strictObject({ at: z.iso.datetime(), how: z.enum(['inverted', 'nothing', 'left']), says: z.string() }).nullable(),
});

/** Instants the report draws, written by the step that knows them. */
export type Mark = z.infer<typeof Mark>;
export const Mark = z.strictObject({ name: z.string(), at: z.iso.datetime(), says: z.string() });

export type RunEntry = z.infer<typeof RunEntry>;
export const RunEntry = z.strictObject({
  run: Run,
  /** The id of the newest plan. */
  plan: z.string().nullable(),
  /** Every request for approval, by id: how long people were waited for is told from them. */
  approvals: z.array(z.string()),
  intents: z.array(Intent),
  marks: z.array(Mark),
  /** What could not be told or done without stopping the run. */
  notes: z.array(z.string()),
  settledAt: z.iso.datetime().nullable(),
  /** The run that has taken this one's changes over, with the duty to undo them. */
  adoptedBy: z.string().nullable(),
  /** The aftermath that cleans up after it: EventBridge may tell of one end twice. */
  cleanedBy: z.string().nullable().default(null),
});
