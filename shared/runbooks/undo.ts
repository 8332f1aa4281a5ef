// The journal's arithmetic: intents are added before an act and closed after it; undoing takes them newest first, and leaves what the
// world no longer confirms or what would lead people to a dead side.
import type { Effect, EffectOf, Intent, Mark, RecordSet, RunEntry } from './journal.ts';
import type { Lease } from './lease.ts';
import { canonical } from './plan-hash.ts';
import { sameRecords } from './record-sets.ts';
import type { Run } from './run.ts';
import { writerSays } from './lease.ts';

/** How an intent was closed by undoing; `nothing` when it never took effect or is back already. */
export interface Undone {
  readonly how: 'inverted' | 'nothing' | 'left';
  readonly says: string;
}

export function draftEntry(run: Run, now: Date): RunEntry {
  const opened: Mark = { name: 'opened', at: now.toISOString(), says: `${run.by} started ${run.runbook}: ${run.reason}` };
  const nobody = { settledAt: null, adoptedBy: null, cleanedBy: null };
  return { run, plan: null, approvals: [], intents: [], marks: [opened], notes: [], ...nobody };
}

export interface Intending {
  readonly act: string;
  readonly effect: Effect;
  readonly invert: Intent['invert'];
  readonly at: string;
}

/** An act that is run again, or that finds it done by the run it goes on with, is given that intent: its first `before` is the truth. */
export function addIntent(entry: RunEntry, { act, effect, invert, at }: Intending): { entry: RunEntry; intent: Intent } {
  const known = entry.intents.find((one) => one.act === act && one.undone === null && aimOf(one.effect) === aimOf(effect));
  if (known) return { entry, intent: known };
  const seq = Math.max(0, ...entry.intents.map((one) => one.seq)) + 1;
  const intent: Intent = { seq, act, at, effect, invert, doneAt: null, change: null, undone: null };
  return { entry: { ...entry, intents: [...entry.intents, intent] }, intent };
}

/** What an effect is to bring about, without what was found before it: by the second try the first has changed that. */
function aimOf(effect: Effect): string {
  switch (effect.kind) {
    case 'records':
      return canonical([effect.kind, effect.zone, effect.changes]);
    case 'web-fence':
      return canonical([effect.kind, effect.environment, [...effect.listeners].sort()]);
    case 'database-fence':
    case 'database-lift':
      return canonical([effect.kind, effect.environment, effect.database]);
    case 'web-lift':
      return canonical([effect.kind, effect.environment, effect.run]);
    case 'gap':
      return canonical([effect.kind, effect.environment]);
    case 'merge':
    case 'uploads':
      return canonical([effect.kind, effect.environment, effect.from]);
    case 'incoming':
      return canonical([effect.kind, effect.environment, effect.database]);
    case 'swap':
      return canonical([effect.kind, effect.environment, effect.live, effect.coming]);
    case 'retired':
      return canonical([effect.kind, effect.environment, effect.databases]);
    case 'snapshot':
    case 'proven':
      return canonical([effect.kind, effect.snapshot]);
    case 'beside':
    case 'dressed':
    case 'shelved':
      return canonical([effect.kind, effect.instance]);
    case 'opened':
      return canonical([effect.kind, effect.environment, effect.place.instance]);
    case 'connection':
      return canonical([effect.kind, effect.environment, effect.after]);
    case 'renaming':
      return canonical([effect.kind, effect.environment, effect.live, effect.comingId]);
    case 'rows':
      return canonical([effect.kind, effect.environment, effect.from]);
    case 'expired':
      return canonical([effect.kind, effect.snapshots]);
    case 'stopped':
      return canonical([effect.kind, effect.instances]);
    case 'removed':
      return canonical([effect.kind, effect.resourceId]);
    case 'writer':
      return canonical([effect.kind, effect.from, effect.to, effect.epoch]);
  }
}

/** The first time counts: a step that is run again does not move it. */
export const markDone = (entry: RunEntry, seq: number, at: string, change?: string): RunEntry =>
  alter(entry, seq, (intent) => ({ ...intent, doneAt: intent.doneAt ?? at, change: change ?? intent.change }));

/** Before an inverse is made: the id of the act's own change tells nothing of how far that is. */
export const forgetChange = (entry: RunEntry, seq: number, at: string): RunEntry =>
  alter(entry, seq, (intent) => ({ ...intent, doneAt: intent.doneAt ?? at, change: null }));

/** The cloud's id of the newest change made for this intent: an inverse has one of its own. */
export const noteChange = (entry: RunEntry, seq: number, change: string): RunEntry =>
  alter(entry, seq, (intent) => ({ ...intent, change }));

/** What is left as it is keeps whatever leans on it: the writer leans on the names, the fences on both. Said once, by the first who knows. */
export function markUndone(entry: RunEntry, seq: number, { how, says }: Undone, now: Date): RunEntry {
  const at = now.toISOString();
  const marked = alter(entry, seq, (intent) => ({ ...intent, undone: intent.undone ?? { at, how, says } }));
  const stays = marked.intents.find((intent) => intent.seq === seq);
  if (stays?.undone?.how !== 'left') return marked;
  const because = `left as it is, because ${stays.act} stands: ${stays.undone.says}`;
  const leaning = marked.intents.filter(({ effect, undone }) => undone === null && ORDER[effect.kind] > ORDER[stays.effect.kind]);
  return leaning.reduce(
    (grown, { seq: other }) => alter(grown, other, (intent) => ({ ...intent, undone: { at, how: 'left', says: because } })),
    marked,
  );
}

/** A mark is made once: whoever comes second finds it. */
export const addMark = (entry: RunEntry, mark: Mark): RunEntry =>
  entry.marks.some(({ name }) => name === mark.name) ? entry : { ...entry, marks: [...entry.marks, mark] };

function alter(entry: RunEntry, seq: number, change: (intent: Intent) => Intent): RunEntry {
  const intents = entry.intents.map((intent) => (intent.seq === seq ? change(intent) : intent));
  return canonical(intents) === canonical(entry.intents) ? entry : { ...entry, intents };
}

/** What another run changed and did not undo, with the duty to undo it. Adopting twice adopts once. */
export function adoptIntents(entry: RunEntry, left: RunEntry): RunEntry {
  return left.intents.filter(isStanding).reduce((grown, { act, effect, invert, at, doneAt, change }) => {
    const added = addIntent(grown, { act, effect, invert, at });
    if (added.entry === grown) return grown;
    return alter(added.entry, added.intent.seq, (intent) => ({ ...intent, doneAt, change }));
  }, entry);
}

/** Whether it may stand in the world: not undone, or left as it was. */
export const isStanding = ({ undone }: Intent): boolean => undone === null || undone.how === 'left';

/** Whose hand: the cloud's own APIs, a function inside the databases' network, who points at their servers, who names these. */
export type Power = 'cloud' | 'data' | 'pointers' | 'servers';
export type UndoNext = { readonly power: Power; readonly intent: Intent } | { readonly power: 'nothing' };
export const POWERS = ['cloud', 'data', 'pointers', 'servers', 'nothing'] as const;

/** The next intent to look at and whose hand reaches it: newest first, but the writer follows the names, and fences fall last of all. */
export function decideUndo({ intents }: RunEntry): UndoNext {
  const open = intents.filter(({ undone }) => undone === null);
  const [intent] = open.sort((one, other) => ORDER[one.effect.kind] - ORDER[other.effect.kind] || other.seq - one.seq);
  if (!intent) return { power: 'nothing' };
  return { power: powerOver(intent.effect.kind), intent };
}
function powerOver(kind: Effect['kind']): Power {
  if (kind === 'connection') return 'pointers';
  if (kind === 'renaming') return 'servers';
  return INSIDE.includes(kind) ? 'data' : 'cloud';
}
/** Only a function inside a database's network reaches these. */
const INSIDE: readonly Effect['kind'][] = ['database-fence', 'database-lift', 'swap', 'incoming', 'opened', 'rows'];
/**
 * Names that cannot go back keep their writer, and a fence that fell while they stand would make two writers: a side that was opened is
 * fenced again before the other one is opened.
 */
const ORDER: Readonly<Record<Effect['kind'], number>> = {
  // Without its name nobody reaches the new instance, and under its own it is found by whoever closes it.
  renaming: -2,
  // Nobody writes to the new instance any more before anything leads back to the old one.
  opened: -1,
  connection: 0,
  rows: 0,
  records: 0,
  // What readers had before is theirs again before the copy goes.
  swap: 0,
  incoming: 1,
  writer: 1,
  'web-lift': 2,
  'database-lift': 3,
  'database-fence': 4,
  'web-fence': 5,
  merge: 6,
  uploads: 6,
  gap: 6,
  retired: 6,
  snapshot: 6,
  beside: 6,
  dressed: 6,
  proven: 6,
  shelved: 6,
  expired: 6,
  stopped: 6,
  removed: 6,
};

/** What must be looked at before an inverse: the records for records, the lease for the writer. Fences know their own by themselves. */
export interface Found {
  /** By zone, the record sets of the names concerned, of every zone that the run's journal names. */
  readonly records?: Readonly<Record<string, readonly RecordSet[]>>;
  readonly lease?: Lease;
}

export type Inverse =
  | { readonly kind: 'invert' }
  /** It never took effect, or it is back already: `nothing` for the journal. */
  | { readonly kind: 'back'; readonly says: string }
  | { readonly kind: 'leave'; readonly says: string };

/** A fence's own wish does not count: it falls when the names and the writer are back, and `markUndone` closes it when they are not. */
export function decideInverse(entry: RunEntry, intent: Intent, found: Found): Inverse {
  const standing = judgeStanding(entry, intent, found);
  const leans = intent.effect.kind === 'records' || intent.effect.kind === 'writer';
  if (standing.kind !== 'invert' || intent.invert === 'yes' || !leans) return standing;
  return { kind: 'leave', says: intent.invert.no };
}

function judgeStanding({ intents }: RunEntry, { effect, doneAt }: Intent, { records = {}, lease }: Found): Inverse {
  switch (effect.kind) {
    case 'records': {
      const own = judgeRecords(effect, records);
      if (own.kind !== 'invert') return own;
      // Names of one app in two zones go back together or not at all: half of them would lead to a fenced side.
      const others = intents.flatMap((one) => (one.effect.kind === 'records' && one.undone === null ? [one.effect] : []));
      return others.map((other) => judgeRecords(other, records)).find(({ kind }) => kind === 'leave') ?? own;
    }
    case 'writer':
      return judgeWriter(effect, lease);
    case 'web-fence':
    case 'database-fence':
    case 'web-lift':
    case 'database-lift':
    case 'swap':
    case 'incoming':
    case 'opened':
    case 'connection':
    case 'renaming':
    case 'rows':
      return { kind: 'invert' };
    case 'snapshot':
      return { kind: 'back', says: `the snapshot ${effect.snapshot} stays: it is a backup` };
    case 'beside':
    case 'dressed':
      return {
        kind: 'back',
        says: `${effect.instance} stays beside, where nobody is led to it, and costs money until it is retired`,
      };
    case 'proven':
      return { kind: 'back', says: `the snapshot ${effect.snapshot} has been proven, whatever becomes of the run` };
    case 'shelved':
      return { kind: 'back', says: `${effect.shelf} is what people used before, and stays on the shelf` };
    case 'retired':
      return { kind: 'back', says: `what was retired on ${effect.environment} was a copy: the source has all of it` };
    case 'expired':
      return { kind: 'leave', says: 'a snapshot that is gone does not come back; a newer one of each stays' };
    case 'stopped':
      return { kind: 'leave', says: 'a shelf serves nobody, so it stands still' };
    case 'removed':
      return { kind: 'leave', says: doneAt === null ? 'its removal was begun, and RDS tells how far it is' : `restore it from ${effect.snapshot}` }; // prettier-ignore
    case 'gap':
      return {
        kind: 'back',
        says: `the sequences of ${effect.environment} stay ahead: numbers that are never given out harm nobody`,
      };
    case 'merge':
    case 'uploads':
      return {
        kind: 'back',
        says: `what was brought from ${effect.from} stays in ${effect.environment} as well, where nobody writes`,
      };
  }
}

function judgeRecords({ zone, before, after }: EffectOf<'records'>, records: NonNullable<Found['records']>): Inverse {
  const current = records[zone] ?? [];
  if (sameRecords(current, before)) return { kind: 'back', says: `the records of ${zone} are as they were before` };
  if (sameRecords(current, after)) return { kind: 'invert' };
  return { kind: 'leave', says: `the records of ${zone} were changed by somebody since, so they are left as they are` };
}

function judgeWriter({ from, to, epoch }: EffectOf<'writer'>, lease: Lease | undefined): Inverse {
  if (lease?.writer === from) return { kind: 'back', says: writerSays(lease) };
  if (lease?.writer === to && lease.epoch === epoch) return { kind: 'invert' };
  const found = lease === undefined ? 'the lease is gone' : writerSays(lease);
  return { kind: 'leave', says: `${found}: not what this run declared, so it is left as it is` };
}
