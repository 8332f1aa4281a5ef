import * as z from 'zod';
import { clock, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { writerOf } from '../../shared/runbooks/lease.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { draftRollcall } from '../../shared/runbooks/rollcall.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Drafts a plan of no changes and keeps it in the ledger. Safe to repeat: the last draft counts. */
export const planRollcall = defineStep({
  name: 'planRollcall',
  ports: ['ledger', 'estate', 'clock'],
  input: z.strictObject({ run: Run, approved: PlanRef.nullable() }),
  output: PlanRef,

  async run({ run, approved }, { ledger, estate, clock }) {
    const { writer, epoch } = writerOf((await readLease(ledger, run.app)).lease, estate);
    return sealPlan(ledger, draftRollcall(run, epoch, writer, clock.now()), approved);
  },
});

export const handler = onLambda(planRollcall, { ledger, estate, clock });
