// Figures that the run's own report has as well: the terminal tells the same.
import * as z from 'zod';
import type { Outcome } from './rehearse.ts';

const Reported = z.looseObject({
  humanSeconds: z.number(),
  lost: z.string().nullable(),
  plan: z.looseObject({ costUsd: z.number() }).nullable(),
});

export interface Figures {
  readonly humanSeconds: number;
  readonly machineSeconds: number;
  /** What the plan said it would cost; null where nothing was planned. */
  readonly predictedUsd: number | null;
  /** Why what the plan told was not lost; null where it was, or where nobody says. */
  readonly lost: string | null;
}

/**
 * A person is waited for from the asking to the answer, as the report counts: what the state needs to ask and to hear is the machine's.
 * A run that was stopped wrote no report; the time it stood in Approve is all there is.
 */
export function figuresOf(outcome: Outcome, report: unknown): Figures {
  const { humanSeconds, machineSeconds, startedAt, endedAt } = outcome;
  const { data } = Reported.safeParse(report);
  if (!data) return { humanSeconds, machineSeconds, predictedUsd: null, lost: null };
  const whole = (endedAt - startedAt) / 1000;
  return {
    humanSeconds: data.humanSeconds,
    machineSeconds: Math.max(0, whole - data.humanSeconds),
    predictedUsd: data.plan?.costUsd ?? null,
    lost: data.lost,
  };
}
