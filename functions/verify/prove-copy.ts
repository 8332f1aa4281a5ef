import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf, orderOf } from '../../shared/copying.ts';
import { createHeed, get, keep } from '../../shared/ledger/copying.ts';
import { mark, note } from '../../shared/ledger/journal.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { decideCopy } from '../../shared/runbooks/copying.ts';
import { judgeProof } from '../../shared/runbooks/proof.ts';

/** Holds the copy against the source as of its instant, item by item. Reads only: safe to repeat. */
export const proveCopy = defineAct({
  name: 'proveCopy',
  ports: ['copying', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan }, { copying, estate, ledger, clock }) {
    const { copy } = decideCopy(run, estate);
    const held = await get(ledger, run.id, 'held');
    const [laid, built] = await Promise.all([
      get(ledger, run.id, 'laid', held.attempt),
      get(ledger, run.id, 'built', held.attempt),
    ]);
    const order = orderOf(run, plan, estate, held);
    const left = [...laid.left, ...built.left];
    const made = { left, counters: built.counters };
    const proof = await copying.prove(order, made, createHeed(ledger, clock, run, held.attempt));
    const references = await copying.references(order, copy.uploads.references);
    const says = judgeProof(proof, detailOf(plan).from);
    const told = proof.told.map((line) => `left out of the copy: ${line}`);
    if (told.length > 0) await note(ledger, run.id, told);
    await mark(ledger, clock, run.id, 'proven', says);
    const provedAt = clock.now().toISOString();
    // Whoever holds the source’s instant lets go when it reads this.
    await keep(ledger, run.id, 'proof', { attempt: held.attempt, proof, references, provedAt });
    return { says };
  },
});

export const handler = onLambda(proveCopy, { copying, estate, ledger, clock });
