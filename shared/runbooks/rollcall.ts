// The roll call: a plan that changes nothing, so that the way from a request to a recorded answer can be tried on any day.
import { nothingLost } from './loss.ts';
import type { Plan } from './plan.ts';
import type { Run } from './run.ts';

export const draftRollcall = (run: Run, epoch: number, writer: string, now: Date): Omit<Plan, 'id' | 'hash'> => ({
  run: run.id,
  runbook: run.runbook,
  app: run.app,
  draftedAt: now.toISOString(),
  epoch,
  fencing: 0,
  title: `Roll call of ${run.app}: is anybody there?`,
  changes: [],
  facts: [
    { name: 'the writer', value: `${writer} (epoch ${epoch})`, source: 'the lease in the ledger', readAt: now.toISOString() },
  ],
  limits: [],
  loss: nothingLost('nothing: a roll call changes nothing'),
  predictedSeconds: 0,
  costUsd: 0,
  skipped: [],
  detail: null,
});
