// A database brought back from what storage keeps of it: to which environment, from what, beside which name; what its acts need.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import {
  InstanceSettings,
  lastSnapshotName,
  markOf,
  Place,
  restoredName,
  shelfInstanceName,
  snapshotName,
  type InstanceFacts,
  type SnapshotFacts,
} from './instances.ts';
import type { EffectOf, RunEntry } from './journal.ts';
import { writerOf, type Lease } from './lease.ts';
import { momentOf, type Moment } from './moments.ts';
import { MoveDetail, withinOf } from './move.ts';
import { parseRequest } from './requests.ts';
import type { Run } from './run.ts';

/** What is restored from. */
export type Source = z.infer<typeof Source>;
export const Source = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('snapshot'),
    snapshot: z.string(),
    /** Whether this run takes it. */
    taken: z.boolean(),
    /** The instant of what is in it; null before it is taken. */
    at: z.iso.datetime().nullable(),
  }),
  z.strictObject({
    kind: z.literal('point'),
    /** Whose log is replayed. */
    resourceId: z.string(),
    instance: z.string(),
    at: z.iso.datetime(),
    says: z.string(),
  }),
]);

/** The instance that a snapshot is taken of. */
export type Origin = z.infer<typeof Origin>;
export const Origin = z.strictObject({
  environment: z.string(),
  instance: z.string(),
  resourceId: z.string(),
  /** The transaction before which everything that was written is in the snapshot; null where nobody noted it. */
  since: z.string().nullable(),
});

export type RestoreDetail = z.infer<typeof RestoreDetail>;
export const RestoreDetail = MoveDetail.extend({
  environment: z.string(),
  /** `swap`: the restored one takes the place; `rows`: some of its rows go into the one that people use. */
  next: z.enum(['swap', 'rows']),
  source: Source.nullable(),
  /** Whose snapshot is taken, where it is not of the one whose place is taken. */
  origin: Origin.nullable(),
  /** The one that people use; null where there is none any more. */
  live: z.strictObject({ place: Place, resourceId: z.string() }).nullable(),
  settings: InstanceSettings.nullable(),
  /** The team's own tags of it. */
  tags: z.record(z.string(), z.string()),
  /** What the restored one is called while it stands beside. */
  beside: z.string(),
  /** Where it answers; null before it stands. */
  place: Place.nullable(),
  by: z.enum(['connection', 'rename']),
  shelf: z.string(),
  lastSnapshot: z.string(),
  /** What the shelf costs, and how long it stands at least. */
  shelfUsdPerMonth: z.number().nonnegative(),
  shelfDays: z.int().positive(),
  tables: z.array(z.string()).nullable(),
  rows: z.record(z.string(), z.array(z.string())),
  /** By public name, the environment's own door. */
  doors: z.record(z.string(), z.string()),
  /** Whether the public names lead to this environment. */
  writes: z.boolean(),
});

export interface Wanted {
  readonly environment: string;
  readonly next: RestoreDetail['next'];
  /** `newest`, `now`, an id; null for an instant. */
  readonly snapshot: string | null;
  readonly moment: Moment | null;
  readonly tables: readonly string[] | null;
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

/** What the request says, with what it leaves out filled in: the environment from the lease, never an instant. */
export function decideRestore(run: Run, estate: Pick<Estate, 'environments'>, lease: Lease | undefined): Wanted {
  const request = run.runbook === 'rewind' ? readRewind(run) : readRestore(run);
  const environment = request.environment ?? writerOf(lease, estate).writer;
  if (!Object.hasOwn(estate.environments, environment)) {
    const says = `environment: found ${environment}, expected one of ${Object.keys(estate.environments).join(', ')}`;
    throw new RunbookError('InputInvalid', says, { environment });
  }
  return { ...request, environment };
}

type Request = Omit<Wanted, 'environment'> & { readonly environment: string | undefined };

function readRestore(run: Run): Request {
  const { environment, snapshot } = parseRequest('restore', run.request);
  return { environment, next: 'swap', snapshot, moment: null, tables: null, rows: {} };
}

function readRewind(run: Run): Request {
  const { environment, at, tables, rows = {} } = parseRequest('rewind', run.request);
  if (at === undefined) {
    const says = `at: found nothing, expected the second that the data is to be as of, with its zone, as 2026-01-12T10:00:00Z; nobody guesses it`;
    throw new RunbookError('InputInvalid', says, { field: 'at' });
  }
  const named = [...new Set([...(tables ?? []), ...Object.keys(rows)])];
  const next = named.length > 0 ? 'rows' : 'swap';
  const moment = momentOf('at', at);
  return { environment, next, snapshot: null, moment, tables: named.length > 0 ? named : null, rows };
}

/** A run that died while it was undone may have left the fence: who could connect before it, its journal knows. */
export const connectBefore = (left: RunEntry | undefined, environment: string): readonly string[] | null => {
  const fences = (left?.intents ?? []).flatMap(({ effect }) => (effect.kind === 'database-fence' ? [effect] : []));
  return fences.find((fence) => fence.environment === environment)?.connect ?? null;
};

export interface Names {
  readonly snapshot: string;
  readonly beside: string;
  readonly shelf: string;
  readonly last: string;
}

type Made = EffectOf<'beside'>;
/** A backup and what stands beside outlive the run that made them: undoing takes neither away. */
const madeBy = <Kind extends 'snapshot' | 'beside'>(entry: RunEntry | undefined, kind: Kind): EffectOf<Kind> | undefined =>
  entry?.intents.map(({ effect }) => effect).find((effect): effect is EffectOf<Kind> => effect.kind === kind);

/** What stands beside is of one snapshot, and stays so when a newer one comes: `own` is this run's journal, `left` that it goes on with. */
export function settleWanted(wanted: Wanted, own: RunEntry | undefined, left: RunEntry | undefined): Wanted {
  if (wanted.snapshot !== 'newest') return wanted;
  const made = madeBy(own, 'beside') ?? madeBy(left, 'beside');
  return { ...wanted, snapshot: made?.snapshot ?? wanted.snapshot };
}

/** By the run: a retry finds its own. A run that goes on with another finds that one's, as far as it is what is wanted now. */
export function namesOf(run: Run, instance: string, wanted: Wanted, left: RunEntry | undefined): Names {
  const snapshot = madeBy(left, 'snapshot')?.snapshot ?? snapshotName(instance, run.id);
  const made = madeBy(left, 'beside');
  const fits = made !== undefined && isFrom(made, wanted, snapshot) && !wasOpened(left, made.instance);
  return {
    snapshot,
    beside: fits ? made.instance : restoredName(instance, run.id),
    shelf: shelfInstanceName(instance, run.id),
    last: lastSnapshotName(instance, run.id),
  };
}
/** The application may have written to it: what is in it is not what it was restored from. */
const wasOpened = (left: RunEntry | undefined, instance: string): boolean =>
  left?.intents.some(({ effect }) => effect.kind === 'opened' && effect.place.instance === instance) === true;

function isFrom(made: Made, { snapshot, moment }: Wanted, own: string): boolean {
  if (moment !== null) return made.snapshot === null && made.from.endsWith(` as of ${moment.says}`);
  return made.snapshot !== null && made.snapshot === (snapshot === 'now' ? own : snapshot);
}

/** The instance that a host leads to is the first part of its name. */
export const instanceAt = (endpoint: string | null): string => endpoint?.split('/')[0]?.split('.')[0] ?? '';

/** Which snapshot is meant. Automated ones as well: what RDS took last may be newer than anybody's own. */
export function chooseSnapshot(
  wanted: string,
  standing: readonly SnapshotFacts[],
  named: SnapshotFacts | null,
  own: string,
): Extract<Source, { kind: 'snapshot' }> | null {
  if (wanted === 'now') {
    const taken = standing.find(({ id }) => id === own);
    return { kind: 'snapshot', snapshot: own, taken: true, at: taken?.takenAt ?? null };
  }
  const found = wanted === 'newest' ? standing.find(({ status, takenAt }) => status === 'available' && takenAt !== null) : named;
  return found ? { kind: 'snapshot', snapshot: found.id, taken: false, at: found.takenAt } : null;
}

/** Whose database it is a snapshot of: of this environment's instances, whatever they are called by now, or of another's. */
export const isOfEnvironment = (snapshot: SnapshotFacts, instance: string, live: InstanceFacts | null): boolean =>
  snapshot.resourceId === live?.resourceId ||
  snapshot.instance === instance ||
  [restoredName, shelfInstanceName].some((name) => stemOf(name(instance, '')) === stemOf(snapshot.instance));
const stemOf = (name: string): string => name.slice(0, -markOf('').length);

export const detailOf = (plan: { readonly detail: unknown }): RestoreDetail => RestoreDetail.parse(withinOf(plan));

export function sourceOf({ source }: Pick<RestoreDetail, 'source'>): Source {
  if (source) return source;
  throw new RunbookError('PlanStale', 'the plan names nothing to restore from; start the run again');
}

export function settingsOf({ settings, live }: Pick<RestoreDetail, 'settings' | 'live'>): InstanceSettings {
  if (settings) return settings;
  const says = `the plan does not say how ${live?.place.instance ?? 'the instance'} was set up; start the run again`;
  throw new RunbookError('PlanStale', says);
}

export function placeOf({ place, beside }: Pick<RestoreDetail, 'place' | 'beside'>): Place {
  if (place) return place;
  throw new RunbookError('PlanStale', `the plan does not say where ${beside} answers; start the run again`, { beside });
}

export function liveOf({ live, environment }: Pick<RestoreDetail, 'live' | 'environment'>): NonNullable<RestoreDetail['live']> {
  if (live) return live;
  throw new RunbookError('PlanStale', `the plan knows no instance of ${environment}; start the run again`, { environment });
}

/** Of whom a snapshot is taken. */
export function originOf(detail: RestoreDetail): Origin {
  if (detail.origin) return detail.origin;
  const { place, resourceId } = liveOf(detail);
  return { environment: detail.environment, instance: place.instance, resourceId, since: null };
}

/** As the journal and people read it. */
export const fromOf = (source: Source): string =>
  source.kind === 'point' ? `from ${source.instance} as of ${source.says}` : `from the snapshot ${source.snapshot}`;

/** The instant of what is restored, as far as anybody knows before it is read. */
export const instantOf = (detail: Pick<RestoreDetail, 'source'>): string => sourceOf(detail).at ?? 'this run';

export function besideOf(found: InstanceFacts | null, beside: string): InstanceFacts {
  if (found) return found;
  throw new RunbookError('NotYet', `RDS does not tell of ${beside}; asked again until the deadline`, { beside });
}

export function shelvedEffect(
  { environment, live, shelf, shelfUsdPerMonth, shelfDays }: RestoreDetail,
  now: Date,
): EffectOf<'shelved'> {
  const until = new Date(now.getTime() + shelfDays * 86_400_000).toISOString();
  return { kind: 'shelved', environment, instance: live?.place.instance ?? '', shelf, usdPerMonth: shelfUsdPerMonth, until };
}
