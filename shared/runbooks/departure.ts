// The move that a rollback takes back: which run it was, what it found before it, and what it left standing.
import * as z from 'zod';
import { RecordChange, RecordSet, type EffectOf, type RunEntry } from './journal.ts';
import type { Lease } from './lease.ts';
import { isStanding } from './undo.ts';

/** The DNS flight record of one name, as the act that moved it wrote it. */
export type Flight = z.infer<typeof Flight>;
export const Flight = z.looseObject({
  run: z.string(),
  zone: z.string(),
  before: z.array(RecordSet),
  after: z.array(RecordSet),
  changes: z.array(RecordChange),
  inverse: z.array(RecordChange),
});

export interface Departure {
  /** The run that moved the names. */
  readonly run: string;
  /** When it began: what people uploaded since lies in one bucket only. */
  readonly openedAt: string;
  readonly from: string;
  readonly to: string;
  /** By name; a name that the run did not move has none. */
  readonly flights: Readonly<Record<string, Flight>>;
  /** The fences it left on the side that it left; null where it left that one out. */
  readonly webFence: EffectOf<'web-fence'> | null;
  readonly databaseFence: EffectOf<'database-fence'> | null;
  /** The transaction in the new side's database from which on its rows are its own. */
  readonly since: string | null;
}

/** Undefined of a run that made nobody the writer, or whose declaration was undone. */
export function departureOf(
  entry: RunEntry,
  flights: Readonly<Record<string, Flight>> = {},
): (Departure & { readonly epoch: number }) | undefined {
  const effects = entry.intents.filter((intent) => isStanding(intent)).map(({ effect }) => effect);
  const find = <Kind extends EffectKind>(kind: Kind): EffectOf<Kind> | null =>
    effects.find((effect): effect is EffectOf<Kind> => effect.kind === kind) ?? null;
  const writer = find('writer');
  if (!writer) return undefined;
  return {
    epoch: writer.epoch,
    run: entry.run.id,
    openedAt: entry.run.openedAt,
    from: writer.from,
    to: writer.to,
    flights,
    webFence: find('web-fence'),
    databaseFence: find('database-fence'),
    since: find('gap')?.since ?? null,
  };
}

/** Whether it is that run that made the present writer the writer. */
export const hasMade = ({ to, epoch }: { readonly to: string; readonly epoch: number }, lease: Lease): boolean =>
  to === lease.writer && epoch === lease.epoch;
type EffectKind = RunEntry['intents'][number]['effect']['kind'];
