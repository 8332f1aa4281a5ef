// Whether a failed execution may be taken up again, and AWS's words when it may not.
import type { ExecutionRedriveStatus } from '@aws-sdk/client-sfn';
import type { Execution } from './ledger.ts';

const DAY = 24 * 3600 * 1000;
const REDRIVE_PERIOD = 14 * DAY;
const LONGEST_EXECUTION = 365 * DAY;
/** Room for the ExecutionRedriven event and one more under the limit of 25,000. */
const MOST_EVENTS = 24_999;

export interface RedriveStatus {
  readonly redriveStatus: ExecutionRedriveStatus;
  readonly redriveStatusReason: string | undefined;
}

export function redriveStatusOf(execution: Execution, now: number): RedriveStatus {
  const reason = reasonAgainst(execution, now);
  return { redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE', redriveStatusReason: reason };
}

function reasonAgainst({ machine, status, history, startedAt, stoppedAt }: Execution, now: number): string | undefined {
  if (machine.status === 'DELETING') return 'State machine is in DELETING status';
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (history.length >= MOST_EVENTS) return 'Execution history event limit exceeded';
  if (now - startedAt > LONGEST_EXECUTION) return 'Execution has exceeded the max execution time';
  if (now - (stoppedAt ?? startedAt) > REDRIVE_PERIOD) return 'Execution redrivable period exceeded';
  return undefined;
}
