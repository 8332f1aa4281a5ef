import * as z from 'zod';
import { gatherFailover } from '../../shared/gather.ts';
import { findResumed } from '../../shared/ledger/adoption.ts';
import { clock, estate, ledger, names, onLambda, outside, uploads } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { draftFailover, summariseFailover } from '../../shared/runbooks/failover-plan.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { decideSides } from '../../shared/runbooks/sides.ts';
import { defineStep } from '../../shared/step.ts';

const Key = z.strictObject({ key: z.string() });

/** Reads the world and drafts the plan; one that exceeds a limit is kept for the report and refused. Safe to repeat: the last draft counts. */
export const planFailover = defineStep({
  name: 'planFailover',
  ports: ['ledger', 'names', 'outside', 'uploads', 'estate', 'clock'],
  input: z.strictObject({ run: Run, data: Key, doors: Key, approved: PlanRef.nullable() }),
  output: PlanRef,

  async run({ run, data, doors, approved }, cloud) {
    // Nobody is to be asked about what the lease would refuse.
    const [{ lease }] = await Promise.all([readLease(cloud.ledger, run.app), findResumed(cloud.ledger, run)]);
    const sides = decideSides(run, cloud.estate, lease);
    const facts = await gatherFailover(sides, lease, { data: data.key, doors: doors.key }, cloud);
    const draft = draftFailover({ run, estate: cloud.estate, sides, facts, now: cloud.clock.now() });
    const ref = await sealPlan(cloud.ledger, draft, approved, summariseFailover(draft));
    raiseIfExceeded(draft);
    return ref;
  },
});

export const handler = onLambda(planFailover, { ledger, names, outside, uploads, estate, clock });
