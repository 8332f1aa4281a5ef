import * as z from 'zod';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { storeFacts } from '../../shared/ledger/facts.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { decideRestore } from '../../shared/runbooks/restoring.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Asks the database whose place is to be taken what it holds. Reads only; one that does not answer is a fact, not an error. */
export const readLive = defineStep({
  name: 'readLive',
  ports: ['ledger', 'databases', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ key: z.string() }),

  async run({ run }, { ledger, databases, estate, clock }) {
    const { lease } = await readLease(ledger, run.app);
    const { environment } = decideRestore(run, estate, lease);
    const facts = await databases.read(environment, environmentIn(estate, environment).database, []);
    return { key: await storeFacts(ledger, run, 'live', { readAt: clock.now().toISOString(), databases: [facts] }) };
  },
});

export const handler = onLambda(readLive, { ledger, databases, estate, clock });
