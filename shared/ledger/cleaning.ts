// What a run left for an aftermath, and whose it is to clean up: EventBridge may tell of one end twice.
import type { Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { RunEntry } from '../runbooks/journal.ts';
import { runIdOf } from '../runbooks/run.ts';
import { changeJournal, findJournal } from './journal.ts';

export interface Cleaning {
  /** The journal of the run, then of the one it went on with, and so on. */
  readonly chain: readonly RunEntry[];
  /** Who has taken it up so far. */
  readonly taken: string | null;
  /** That one's journal, where it is another aftermath. */
  readonly other: RunEntry | undefined;
}

export async function readCleaning(ledger: Ledger, run: string, execution: string): Promise<Cleaning> {
  const chain: RunEntry[] = [];
  for (let id: string | null = run; id !== null && !chain.some((one) => one.run.id === id);) {
    const entry = await findJournal(ledger, id);
    if (entry !== undefined) chain.push(entry);
    id = entry?.run.resume == null ? null : runIdOf(entry.run.resume);
  }
  const taken = chain[0]?.cleanedBy ?? null;
  const other = taken === null || taken === execution ? undefined : await findJournal(ledger, runIdOf(taken));
  return { chain, taken, other };
}

/** Of two that found nobody, or the same dead one, the first to write has it; the other looks again. Safe to repeat. */
export async function takeUp(ledger: Ledger, run: string, execution: string, { taken }: Cleaning): Promise<void> {
  if (taken === execution) return;
  const { cleanedBy } = await changeJournal(ledger, run, (entry) =>
    entry.cleanedBy === taken ? { ...entry, cleanedBy: execution } : entry,
  );
  if (cleanedBy === execution) return;
  const says = `${cleanedBy ?? 'nobody'} took ${run} up at the same moment; it is looked at again`;
  throw new RunbookError('CloudTransient', says, { run });
}
