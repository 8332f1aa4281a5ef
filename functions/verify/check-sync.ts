import * as z from 'zod';
import { RunbookError } from '../../shared/errors.ts';
import { mark, readJournal } from '../../shared/ledger/journal.ts';
import { clock, ledger, names, onLambda } from '../../shared/lambda.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

const HEARD = 'every authoritative server has the new records';
const LOST = 'the id of the change went with the step that died; Verify asks the servers themselves';
const NOTHING = 'no record was changed, so there is nothing to wait for';

/** Asks Route 53 whether every authoritative server has heard. A change whose id was lost with its step is left to Verify. */
export const checkSync = defineStep({
  name: 'checkSync',
  ports: ['ledger', 'names', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ says: z.string() }),

  async run({ run }, { ledger, names, clock }) {
    const { intents } = await readJournal(ledger, run.id);
    const changes = intents.filter(({ effect }) => effect.kind === 'records').map(({ change }) => change);
    for (const change of changes) {
      if (change === null || (await names.inSync(change))) continue;
      throw new RunbookError(
        'NotYet',
        `${change} is PENDING: Route 53's servers still give the old answer; asked again until the deadline`,
        { change },
      );
    }
    const says = changes.length === 0 ? NOTHING : changes.includes(null) ? LOST : HEARD;
    await mark(ledger, clock, run.id, 'in sync', says);
    return { says };
  },
});

export const handler = onLambda(checkSync, { ledger, names, clock });
