// How a run ended, in the words of its report.
import * as z from 'zod';
import { Run } from './rollcall.ts';

/** What Open could not read is told as it came: a run that never opened is reported too. */
const Unopened = z.strictObject({ execution: z.string(), machine: z.string() });
const Approved = z.strictObject({ approvedBy: z.string(), at: z.string(), reason: z.string() });
const Failure = z.object({ Error: z.string(), Cause: z.string().optional() });

export type Outcome = z.infer<typeof Outcome>;
export const Outcome = z.strictObject({
  run: z.union([Run, Unopened]),
  approval: Approved.nullable(),
  failure: Failure.nullable(),
});

export function draftOutcome({ run, approval, failure }: Outcome, now: Date) {
  const opened = 'openedAt' in run ? run : undefined;
  return {
    id: run.execution.slice(run.execution.lastIndexOf(':') + 1),
    machine: run.machine,
    execution: run.execution,
    reason: opened?.reason ?? 'the request could not be read',
    by: opened?.by ?? 'unknown',
    openedAt: opened?.openedAt,
    answeredAt: approval?.at,
    reportedAt: now.toISOString(),
    outcome: failure ? ('FAILED' as const) : ('SUCCEEDED' as const),
    approval: approval ? `${approval.approvedBy} approved` : 'nobody was asked, or nobody said yes',
    failure: failure ? `${failure.Error}: ${causeOf(failure.Cause)}` : 'nothing',
  };
}

/** A Lambda's error reaches the machine as JSON; its message is what a person wants to read. */
function causeOf(cause = ''): string {
  try {
    const parsed = z.object({ errorMessage: z.string() }).safeParse(JSON.parse(cause));
    return parsed.success ? parsed.data.errorMessage : cause;
  } catch {
    return cause;
  }
}
