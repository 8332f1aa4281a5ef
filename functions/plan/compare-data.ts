import * as z from 'zod';
import { storeFacts } from '../../shared/ledger/facts.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { compareSides } from '../../shared/returning.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Holds the two sides of a way back against each other, row by row. Reads only; a side that does not answer is a fact, not an error. */
export const compareData = defineStep({
  name: 'compareData',
  ports: ['ledger', 'databases', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ key: z.string() }),

  async run({ run }, cloud) {
    return { key: await storeFacts(cloud.ledger, run, 'rows', await compareSides(run, cloud)) };
  },
});

export const handler = onLambda(compareData, { databases, ledger, estate, clock });
