// A run that goes on with another takes over what that one changed, and with it the duty to undo it.
import type { Ledger } from '../cloud/ports.ts';
import { changeJournal, findJournal } from './journal.ts';
import { judgeResume, wasVerified } from '../runbooks/resume.ts';
import { adoptIntents } from '../runbooks/undo.ts';
import type { RunEntry } from '../runbooks/journal.ts';
import { runIdOf, type Run } from '../runbooks/run.ts';

/** Under the lease. Safe to repeat: what is adopted already is not adopted twice. */
export async function adoptRun(ledger: Ledger, run: Run): Promise<void> {
  const left = await findResumed(ledger, run);
  if (left) await takeOver(ledger, run, left);
}

/** What the run is to go on with; undefined where that is nothing. Throws where it cannot. */
export async function findResumed(ledger: Ledger, run: Run): Promise<RunEntry | undefined> {
  if (run.resume === null) return undefined;
  return judgeResume(run, run.resume, await findJournal(ledger, runIdOf(run.resume)));
}

async function takeOver(ledger: Ledger, run: Run, left: RunEntry): Promise<void> {
  // Ours first: dying between the two leaves the changes in both journals, and the next try takes them out of the other's hands.
  await changeJournal(ledger, run.id, (entry) => adoptIntents(entry, left));
  await changeJournal(ledger, left.run.id, (entry) =>
    entry.adoptedBy === null ? { ...entry, adoptedBy: run.execution } : entry,
  );
  // It may have ended before it took over what it was to go on with.
  const before = left.run.resume === null ? undefined : await findJournal(ledger, runIdOf(left.run.resume));
  if (before?.run.execution !== left.run.resume || before.adoptedBy !== null || wasVerified(before)) return;
  await takeOver(ledger, run, before);
}
