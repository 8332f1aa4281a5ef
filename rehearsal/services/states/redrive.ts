// Whether a failed execution may be taken up again, and AWS's words when it may not.
import type { ExecutionRedriveStatus } from '@aws-sdk/client-sfn';
import { whyNotRedrivable } from '../../states/run.ts';
import type { Execution } from './ledger.ts';

export interface RedriveStatus {
  readonly redriveStatus: ExecutionRedriveStatus;
  readonly redriveStatusReason: string | undefined;
}

export function redriveStatusOf(execution: Execution, now: number): RedriveStatus {
  const reason = reasonAgainst(execution, now);
  return { redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE', redriveStatusReason: reason };
}

function reasonAgainst({ machine, run }: Execution, now: number): string | undefined {
  if (machine.status === 'DELETING') return 'State machine is in DELETING status';
  return run && whyNotRedrivable(run, now);
}
