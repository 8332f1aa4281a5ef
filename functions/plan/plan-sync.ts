import * as z from 'zod';
import { readFacts, readMark } from '../../shared/ledger/facts.ts';
import { clock, estate, instances, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { CopySurvey, decideCopy, SyncDetail } from '../../shared/runbooks/copying.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { draftSync } from '../../shared/runbooks/sync-plan.ts';
import { defineStep } from '../../shared/step.ts';

/** Drafts a copy, its undoing, or nothing while the target is the writer. Safe to repeat: the last draft counts. */
export const planSync = defineStep({
  name: 'planSync',
  ports: ['ledger', 'instances', 'estate', 'clock'],
  input: z.strictObject({ run: Run, survey: z.strictObject({ key: z.string() }) }),
  output: z.strictObject({ plan: PlanRef, next: SyncDetail.shape.next, parts: z.array(z.int().nonnegative()) }),

  async run({ run, survey }, { ledger, instances, estate, clock }) {
    const { copy } = decideCopy(run, estate);
    const [{ lease }, found, mark, storageBytes] = await Promise.all([
      readLease(ledger, run.app),
      readFacts(ledger, survey.key, CopySurvey),
      readMark(ledger, copy.from, copy.to),
      instances.storageBytes(environmentIn(estate, copy.to).database.instance),
    ]);
    const draft = draftSync({ run, estate, lease, survey: found, mark, storageBytes, now: clock.now() });
    const plan = await sealPlan(ledger, draft, null);
    raiseIfExceeded(draft);
    const { next, parts } = SyncDetail.parse(draft.detail);
    return { plan, next, parts: Array.from({ length: parts }, (_, part) => part) };
  },
});

export const handler = onLambda(planSync, { ledger, instances, estate, clock });
