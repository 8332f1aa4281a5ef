import * as z from 'zod';
import { clock, estate, instances, ledger, onLambda, uploads } from '../../shared/lambda.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { gatherRestore } from '../../shared/restoring.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { draftRestore } from '../../shared/runbooks/restore-plan.ts';
import { RestoreDetail } from '../../shared/runbooks/restoring.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

const Key = z.strictObject({ key: z.string() });
const NextSteps = { next: RestoreDetail.shape.next, by: RestoreDetail.shape.by, writes: z.boolean() };

/** Drafts what is made beside, and when that stands, what it does to those who use the database. Safe to repeat. */
export const planRestore = defineStep({
  name: 'planRestore',
  ports: ['ledger', 'instances', 'uploads', 'estate', 'clock'],
  input: z.strictObject({
    run: Run,
    live: Key,
    doors: Key,
    proof: Key.nullable(),
    rows: Key.nullable(),
    approved: PlanRef.nullable(),
  }),
  output: z.strictObject({ plan: PlanRef, ...NextSteps }),

  async run({ run, live, doors, proof, rows, approved }, cloud) {
    const read = { live: live.key, doors: doors.key, proof: proof?.key ?? null, rows: rows?.key ?? null };
    const draft = draftRestore(await gatherRestore(run, read, cloud));
    const plan = await sealPlan(cloud.ledger, draft, approved);
    raiseIfExceeded(draft);
    const { next, by, writes } = RestoreDetail.parse(draft.detail);
    return { plan, next, by, writes };
  },
});

export const handler = onLambda(planRestore, { ledger, instances, uploads, estate, clock });
