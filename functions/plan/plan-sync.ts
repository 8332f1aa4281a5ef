import * as z from 'zod';
import { detailOf, gatherCopy } from '../../shared/copying.ts';
import { clock, estate, instances, ledger, onLambda } from '../../shared/lambda.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { SyncDetail } from '../../shared/runbooks/copying.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { RestoreDetail } from '../../shared/runbooks/restoring.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { draftSync } from '../../shared/runbooks/sync-plan.ts';
import { defineStep } from '../../shared/step.ts';

const Key = z.strictObject({ key: z.string() });
const Engine = { parts: z.array(z.int().nonnegative()), by: RestoreDetail.shape.by.nullable() };

/** Drafts a copy, its undoing, or nothing while the target is the writer. Safe to repeat: the last draft counts. */
export const planSync = defineStep({
  name: 'planSync',
  ports: ['ledger', 'instances', 'estate', 'clock'],
  input: z.strictObject({ run: Run, survey: Key, doors: Key.nullable() }),
  output: z.strictObject({ plan: PlanRef, next: SyncDetail.shape.next, ...Engine }),

  async run({ run, survey, doors }, cloud) {
    const draft = draftSync(await gatherCopy(run, { survey: survey.key, doors: doors?.key ?? null }, cloud));
    const plan = await sealPlan(cloud.ledger, draft, null);
    raiseIfExceeded(draft);
    const { next, parts, restore } = detailOf(draft);
    return { plan, next, parts: Array.from({ length: parts }, (_, part) => part), by: restore?.by ?? null };
  },
});

export const handler = onLambda(planSync, { ledger, instances, estate, clock });
