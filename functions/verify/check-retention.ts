import * as z from 'zod';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, instances, ledger, onLambda } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { judgeRetained } from '../../shared/runbooks/retained.ts';
import { detailOf } from '../../shared/runbooks/retention-scene.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Asks RDS whether what was to go is gone, and whether of everything a backup stays. Reads only. */
export const checkRetention = defineStep({
  name: 'checkRetention',
  ports: ['ledger', 'instances', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef }),
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan: ref }, { ledger, instances, clock }) {
    const detail = detailOf(await readPlan(ledger, ref));
    const names = [...detail.stop, ...detail.shelves].map(({ instance }) => instance);
    const resources = [...new Set([...detail.expire, ...detail.shelves].map(({ resourceId }) => resourceId))];
    const [found, snapshots] = await Promise.all([
      Promise.all(names.map(async (name) => [name, await instances.find(name)] as const)),
      Promise.all(resources.map(async (resourceId) => [resourceId, await instances.snapshots({ resourceId })] as const)),
    ]);
    const says = judgeRetained(detail, { instances: Object.fromEntries(found), snapshots: Object.fromEntries(snapshots) });
    await mark(ledger, clock, run.id, 'verified', says);
    return { says };
  },
});

export const handler = onLambda(checkRetention, { ledger, instances, clock });
