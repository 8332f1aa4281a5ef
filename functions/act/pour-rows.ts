import * as z from 'zod';
import { orderOf } from '../../shared/copying.ts';
import { createHeed, get, keepPart } from '../../shared/ledger/copying.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { holdLease } from '../../shared/ledger/lease.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { pouredSays } from '../../shared/runbooks/copying.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** The rows of one part’s tables, as of the instant that is held. Safe to repeat: each table is emptied first. */
export const pourRows = defineStep({
  name: 'pourRows',
  ports: ['copying', 'estate', 'ledger', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef, part: z.int().nonnegative() }),
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan: ref, part }, { copying, estate, ledger, clock }) {
    await holdLease(ledger, run);
    const plan = await readPlan(ledger, ref);
    const held = await get(ledger, run.id, 'held');
    const laid = await get(ledger, run.id, 'laid', held.attempt);
    const heed = createHeed(ledger, clock, run, held.attempt);
    const poured = await copying.pour(orderOf(run, plan, estate, held), part, laid.parts[part] ?? [], heed);
    await keepPart(ledger, run.id, part, { attempt: held.attempt, ...poured });
    const says = pouredSays(poured);
    await mark(ledger, clock, run.id, `rows ${part + 1}`, says);
    return { says };
  },
});

export const handler = onLambda(pourRows, { copying, estate, ledger, clock });
