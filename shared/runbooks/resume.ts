// Whether a run may go on with another: looked at before anybody is asked, and again under the lease.
import { RunbookError } from '../errors.ts';
import type { RunEntry } from './journal.ts';
import type { Run } from './run.ts';

/** Answers the journal of the one that is resumed, or throws why it cannot be. */
export function judgeResume(run: Run, resume: string, left: RunEntry | undefined): RunEntry {
  if (left?.run.execution !== resume) {
    const says = `resume: ${resume} left no journal in the ledger; start without it`;
    throw new RunbookError('InputInvalid', says, { resume });
  }
  if (left.adoptedBy !== null && left.adoptedBy !== run.execution) {
    const says = `${resume} was taken over by ${left.adoptedBy}; resume that one instead`;
    throw new RunbookError('PlanRefused', says, { adoptedBy: left.adoptedBy });
  }
  if (left.run.runbook !== run.runbook && ![run.runbook, left.run.runbook].includes('aftermath')) {
    const says = `resume: ${resume} is a ${left.run.runbook}, and its changes are not this ${run.runbook}'s to go on with; start a ${left.run.runbook} with it`;
    throw new RunbookError('InputInvalid', says, { resume });
  }
  const cleaned = left.run.runbook === 'aftermath' && run.runbook !== 'aftermath' ? left.run.resume : null;
  if (cleaned !== null && machineOf(cleaned) !== run.machine) {
    const says = `resume: ${resume} took over what ${cleaned} changed, which is not this ${run.runbook}'s to go on with; start ${machineOf(cleaned)} with it`;
    throw new RunbookError('InputInvalid', says, { resume, cleaned });
  }
  if (!wasVerified(left)) return left;
  const says = `${resume} was verified, so nothing of it is to be undone; start without "resume"`;
  throw new RunbookError('PlanRefused', says, { resume });
}

const machineOf = (execution: string): string => execution.split(':').at(-2) ?? '';

export const wasVerified = ({ marks }: RunEntry): boolean => marks.some(({ name }) => name === 'verified');
