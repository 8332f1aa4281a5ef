// A run that goes on with another takes over what that one changed, and with it the duty to undo it.
import type { Ledger } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { changeJournal, findJournal } from './journal.ts';
import { adoptIntents } from '../runbooks/undo.ts';
import type { RunEntry } from '../runbooks/journal.ts';
import type { Run } from '../runbooks/run.ts';

/** Under the lease. Safe to repeat: what is adopted already is not adopted twice. */
export async function adoptRun(ledger: Ledger, run: Run): Promise<void> {
  if (run.resume === null) return;
  const left = await findJournal(ledger, idOf(run.resume));
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
  if (left.run.runbook !== run.runbook && ![run.runbook, left.run.runbook].includes('aftermath')) {
    const says = `resume: ${run.resume} is a ${left.run.runbook}, and its changes are not this ${run.runbook}'s to go on with; start a ${left.run.runbook} with it`;
    throw new RunbookError('InputInvalid', says, { resume: run.resume });
  }
  if (wasVerified(left)) {
    throw new RunbookError(
      'PlanRefused',
      `${run.resume} was verified, so nothing of it is to be undone; start without "resume"`,
      {
        resume: run.resume,
      },
    );
  }
  await takeOver(ledger, run, left);
}

async function takeOver(ledger: Ledger, run: Run, left: RunEntry): Promise<void> {
  // Ours first: dying between the two leaves the changes in both journals, and the next try takes them out of the other's hands.
  await changeJournal(ledger, run.id, (entry) => adoptIntents(entry, left));
  await changeJournal(ledger, left.run.id, (entry) =>
    entry.adoptedBy === null ? { ...entry, adoptedBy: run.execution } : entry,
  );
  // It may have ended before it took over what it was to go on with.
  const before = left.run.resume === null ? undefined : await findJournal(ledger, idOf(left.run.resume));
  if (before?.run.execution !== left.run.resume || before.adoptedBy !== null || wasVerified(before)) return;
  await takeOver(ledger, run, before);
}

const idOf = (execution: string): string => execution.slice(execution.lastIndexOf(':') + 1);
const wasVerified = ({ marks }: RunEntry): boolean => marks.some(({ name }) => name === 'verified');
