import * as z from 'zod';
import { storeFacts } from '../../shared/ledger/facts.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { sidesOf } from '../../shared/restoring.ts';
import { Place } from '../../shared/runbooks/instances.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { detailOf } from '../../shared/runbooks/restoring.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { compareOrTell } from '../../shared/returning.ts';
import { defineStep } from '../../shared/step.ts';

/** What is restored and what people use, held against each other row by row. Reads only; a side that is silent is a fact. */
export const compareRestored = defineStep({
  name: 'compareRestored',
  ports: ['ledger', 'databases', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef, place: Place }),
  output: z.strictObject({ key: z.string() }),

  async run({ run, plan: ref, place }, cloud) {
    const detail = { ...detailOf(await readPlan(cloud.ledger, ref)), place };
    const compared = await compareOrTell(sidesOf(detail, cloud.estate), detail.tables ?? undefined, cloud);
    return { key: await storeFacts(cloud.ledger, run, 'rows', compared) };
  },
});

export const handler = onLambda(compareRestored, { ledger, databases, estate, clock });
