import * as z from 'zod';
import { clock, estate, ledger, names, onLambda, outside, uploads } from '../../shared/lambda.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { gatherReturn } from '../../shared/returning.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { draftRollback, summariseRollback } from '../../shared/runbooks/rollback-plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

const Key = z.strictObject({ key: z.string() });

/** Reads the world and drafts the way back; one that exceeds a limit is kept for the report and refused. Safe to repeat. */
export const planRollback = defineStep({
  name: 'planRollback',
  ports: ['ledger', 'names', 'outside', 'uploads', 'estate', 'clock'],
  input: z.strictObject({ run: Run, data: Key, doors: Key, rows: Key, approved: PlanRef.nullable() }),
  output: PlanRef,

  async run({ run, data, doors, rows, approved }, cloud) {
    const setting = await gatherReturn(run, { data: data.key, doors: doors.key, rows: rows.key }, cloud);
    const draft = draftRollback(setting);
    const ref = await sealPlan(cloud.ledger, draft, approved, summariseRollback(draft, setting.compared.divergence));
    raiseIfExceeded(draft);
    return ref;
  },
});

export const handler = onLambda(planRollback, { ledger, names, outside, uploads, estate, clock });
