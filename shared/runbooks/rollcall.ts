// The roll call: proves, on any day, that a run can be opened, a person reached and the answer recorded.
import * as z from 'zod';

export type RollcallRequest = z.infer<typeof RollcallRequest>;
export const RollcallRequest = z.strictObject({
  /** `plan` stops before anybody is asked. */
  mode: z.enum(['ask', 'plan']).default('ask'),
  reason: z.string().min(1).max(500).optional(),
  /** Who asked; Step Functions does not say who started an execution. */
  by: z.string().min(1).max(100).optional(),
});

export type Run = z.infer<typeof Run>;
export const Run = z.strictObject({
  id: z.string().min(1),
  execution: z.string().min(1),
  machine: z.string().min(1),
  mode: z.enum(['ask', 'plan']),
  reason: z.string(),
  by: z.string(),
  openedAt: z.iso.datetime(),
});

export interface Opening {
  readonly execution: string;
  readonly machine: string;
  readonly request: RollcallRequest;
  readonly openedAt: string;
}

/** The run's id is the execution's name: a retry opens the same run. */
export function draftRun({ execution, machine, request, openedAt }: Opening): Run {
  return {
    id: execution.slice(execution.lastIndexOf(':') + 1),
    execution,
    machine,
    mode: request.mode,
    reason: request.reason ?? 'no reason given',
    by: request.by ?? 'unknown',
    openedAt,
  };
}
