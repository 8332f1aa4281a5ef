import * as z from 'zod';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readMarks, storeFacts } from '../../shared/ledger/facts.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Asks both databases what they hold and how old it is. Reads only; a database that does not answer is a fact, not an error. */
export const readData = defineStep({
  name: 'readData',
  ports: ['ledger', 'databases', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ key: z.string() }),

  async run({ run }, { ledger, databases, estate, clock }) {
    const marks = await readMarks(ledger, estate);
    const facts = await Promise.all(
      Object.entries(estate.environments)
        .filter(([, { role }]) => role !== 'sandbox')
        .map(([name, { database }]) => databases.read(name, database, marks.get(name)?.tables ?? [])),
    );
    return { key: await storeFacts(ledger, run, 'data', { readAt: clock.now().toISOString(), databases: facts }) };
  },
});

export const handler = onLambda(readData, { ledger, databases, estate, clock });
