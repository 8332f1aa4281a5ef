import * as z from 'zod';
import { gatherAgainst, orderBeside } from '../../shared/copying.ts';
import { keep } from '../../shared/ledger/copying.ts';
import { mark, note } from '../../shared/ledger/journal.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { judgeAgainst } from '../../shared/runbooks/against-source.ts';
import { decideCopy } from '../../shared/runbooks/copying.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { heldBySnapshot } from '../../shared/runbooks/sync-snapshot.ts';
import { defineStep } from '../../shared/step.ts';

const Key = z.strictObject({ key: z.string() });

/** Holds what was restored against the source that goes on being written to, by the source's own count of its writes. Reads only. */
export const proveAgainstSource = defineStep({
  name: 'proveAgainstSource',
  ports: ['ledger', 'copying', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef, survey: Key, proof: Key, rows: Key }),
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan: ref, ...read }, cloud) {
    const { ledger, copying, estate, clock } = cloud;
    const plan = await readPlan(ledger, ref);
    const { says, notes, proof } = judgeAgainst(await gatherAgainst(run, read, cloud));
    const held = heldBySnapshot(plan);
    const references = await copying.references(orderBeside(run, plan, estate), decideCopy(run, estate).copy.uploads.references);
    await keep(ledger, run.id, 'held', held);
    await keep(ledger, run.id, 'proof', { attempt: held.attempt, proof, references, provedAt: clock.now().toISOString() });
    if (notes.length > 0) await note(ledger, run.id, notes);
    await mark(ledger, clock, run.id, 'compared', says);
    return { says };
  },
});

export const handler = onLambda(proveAgainstSource, { ledger, copying, estate, clock });
