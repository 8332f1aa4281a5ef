import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { orderOf } from '../../shared/copying.ts';
import { RunbookError } from '../../shared/errors.ts';
import { createHeed, find, get, keep } from '../../shared/ledger/copying.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';

/** Indexes, keys, sequences, large objects, rights. A second try that finds the first one’s beginning makes the whole copy anew. */
export const buildCopy = defineAct({
  name: 'buildCopy',
  ports: ['copying', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan }, { copying, estate, ledger, clock }) {
    const held = await get(ledger, run.id, 'held');
    const heed = createHeed(ledger, clock, run, held.attempt);
    const { after } = await get(ledger, run.id, 'laid', held.attempt);
    if ((await find(ledger, run.id, 'building'))?.attempt === held.attempt) {
      const says = 'the copy died while indexes and keys were built upon its rows; it is made anew';
      throw new RunbookError('NotYet', says, { run: run.id });
    }
    await keep(ledger, run.id, 'building', { attempt: held.attempt });
    const built = await copying.build(orderOf(run, plan, estate, held), after, heed);
    await keep(ledger, run.id, 'built', { attempt: held.attempt, ...built });
    const says = 'indexes, keys, sequences and rights stand';
    await mark(ledger, clock, run.id, 'built', says);
    return { says };
  },
});

export const handler = onLambda(buildCopy, { copying, estate, ledger, clock });
