import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { orderOf } from '../../shared/copying.ts';
import { createHeed, get, keep } from '../../shared/ledger/copying.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';

/** Indexes, keys, sequences, large objects, rights. Not to be repeated: whoever dies here makes the whole copy anew. */
export const buildCopy = defineAct({
  name: 'buildCopy',
  ports: ['copying', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan }, { copying, estate, ledger, clock }) {
    const held = await get(ledger, run.id, 'held');
    const heed = createHeed(ledger, clock, run, held.attempt);
    const { after } = await get(ledger, run.id, 'laid', held.attempt);
    const built = await copying.build(orderOf(run, plan, estate, held), after, heed);
    await keep(ledger, run.id, 'built', { attempt: held.attempt, ...built });
    const says = 'indexes, keys, sequences and rights stand';
    await mark(ledger, clock, run.id, 'built', says);
    return { says };
  },
});

export const handler = onLambda(buildCopy, { copying, estate, ledger, clock });
