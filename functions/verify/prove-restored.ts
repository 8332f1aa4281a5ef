import * as z from 'zod';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { storeFacts } from '../../shared/ledger/facts.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda, restored } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { Place } from '../../shared/runbooks/instances.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { judgeExamined } from '../../shared/runbooks/restored.ts';
import { detailOf, instantOf } from '../../shared/runbooks/restoring.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads every row of what was restored, and tries it as the application would, before anybody is asked to use it. */
export const proveRestored = defineStep({
  name: 'proveRestored',
  ports: ['ledger', 'restored', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef, place: Place }),
  output: z.strictObject({ key: z.string() }),

  async run({ run, plan: ref, place }, { ledger, restored, estate, clock }) {
    const detail = detailOf(await readPlan(ledger, ref));
    const { database } = environmentIn(estate, detail.environment);
    const origin = detail.origin && environmentIn(estate, detail.origin.environment).database;
    await restored.admit(database, place, detail.fence.database.connect, origin);
    const examined = await restored.examine(detail.environment, database, place);
    const says = judgeExamined(examined, { instance: place.instance, at: instantOf(detail), now: clock.now() });
    await mark(ledger, clock, run.id, 'proven', says);
    const readAt = clock.now().toISOString();
    return { key: await storeFacts(ledger, run, 'proof', { readAt, instance: place.instance, examined }) };
  },
});

export const handler = onLambda(proveRestored, { ledger, restored, estate, clock });
