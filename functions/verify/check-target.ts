import * as z from 'zod';
import { mark } from '../../shared/ledger/journal.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { clock, estate, ledger, onLambda, outside } from '../../shared/lambda.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { judgeTarget, RollbackDetail } from '../../shared/runbooks/rollback.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';
import { askDoors } from '../../shared/vantage.ts';

/** The side that is to serve answers under every public name, through its own doors, before anybody is led there. Acts on nothing. */
export const checkTarget = defineStep({
  name: 'checkTarget',
  ports: ['ledger', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef }),
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan: ref }, cloud) {
    const detail = RollbackDetail.parse((await readPlan(cloud.ledger, ref)).detail);
    const says = judgeTarget(detail.to, await askDoors(cloud.estate, detail, cloud.outside));
    await mark(cloud.ledger, cloud.clock, run.id, 'ready', says);
    return { says };
  },
});

export const handler = onLambda(checkTarget, { ledger, outside, estate, clock });
