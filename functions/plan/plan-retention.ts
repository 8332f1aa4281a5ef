import * as z from 'zod';
import { clock, connections, estate, executions, instances, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { draftRetention } from '../../shared/runbooks/retention-plan.ts';
import { detailOf, RetentionDetail } from '../../shared/runbooks/retention-scene.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { gatherThings } from '../../shared/standing.ts';
import { defineStep } from '../../shared/step.ts';

/** Looks at everything that the policy is about and drafts what goes; what exceeds a limit is kept for the report and refused. Safe to repeat. */
export const planRetention = defineStep({
  name: 'planRetention',
  ports: ['ledger', 'instances', 'connections', 'executions', 'estate', 'clock'],
  input: z.strictObject({ run: Run, approved: PlanRef.nullable() }),
  output: z.strictObject({ plan: PlanRef, next: RetentionDetail.shape.next }),

  async run({ run, approved }, cloud) {
    const { ledger, estate, clock } = cloud;
    const [{ lease }, things] = await Promise.all([readLease(ledger, run.app), gatherThings(run, cloud)]);
    const draft = draftRetention({ run, estate, lease, things, now: clock.now() });
    const plan = await sealPlan(ledger, draft, approved);
    raiseIfExceeded(draft);
    return { plan, next: detailOf(draft).next };
  },
});

export const handler = onLambda(planRetention, { ledger, instances, connections, executions, estate, clock });
