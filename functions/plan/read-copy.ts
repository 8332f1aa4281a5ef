import * as z from 'zod';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { storeFacts } from '../../shared/ledger/facts.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { decideCopy } from '../../shared/runbooks/copying.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Asks both sides of a copy how large they are and what is in the way. Reads only; a side that does not answer is a fact. */
export const readCopy = defineStep({
  name: 'readCopy',
  ports: ['ledger', 'copying', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ key: z.string() }),

  async run({ run }, { ledger, copying, estate, clock }) {
    const { copy } = decideCopy(run, estate);
    const [from, to] = await Promise.all(
      [copy.from, copy.to].map((name) => copying.survey(name, environmentIn(estate, name).database, copy.from)),
    );
    if (!from || !to) throw new Error('two sides were asked');
    return { key: await storeFacts(ledger, run, 'copy', { readAt: clock.now().toISOString(), from, to }) };
  },
});

export const handler = onLambda(readCopy, { ledger, copying, estate, clock });
