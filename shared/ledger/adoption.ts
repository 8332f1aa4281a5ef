// A run that goes on with another takes over what that one changed, and with it the duty to undo it.
import type { Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { changeJournal, findJournal } from './journal.ts';
import { adoptIntents } from '../runbooks/undo.ts';
import type { Run } from '../runbooks/run.ts';

/** Under the lease. Safe to repeat: what is adopted already is not adopted twice. */
export async function adoptRun(ledger: Ledger, run: Run): Promise<void> {
  if (run.resume === null) return;
  const id = run.resume.slice(run.resume.lastIndexOf(':') + 1);
  const left = await findJournal(ledger, id);
  if (left?.run.execution !== run.resume) {
    throw new RunbookError('InputInvalid', `resume: ${run.resume} left no journal in the ledger; start without it`, {
      resume: run.resume,
    });
  }
  if (left.adoptedBy !== null && left.adoptedBy !== run.execution) {
    throw new RunbookError('PlanRefused', `${run.resume} was taken over by ${left.adoptedBy}; resume that one instead`, {
      adoptedBy: left.adoptedBy,
    });
  }
  // Ours first: dying between the two leaves the changes in both journals, and the next try takes them out of the other's hands.
  await changeJournal(ledger, run.id, (entry) => adoptIntents(entry, left));
  await changeJournal(ledger, id, (entry) => (entry.adoptedBy === null ? { ...entry, adoptedBy: run.execution } : entry));
}
