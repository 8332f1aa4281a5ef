import * as z from 'zod';
import { readCleaning, takeUp } from '../../shared/ledger/cleaning.ts';
import { reopenJournal } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { draftAftermath, judgeAftermath, Standstill } from '../../shared/runbooks/aftermath.ts';
import { draftEntry } from '../../shared/runbooks/undo.ts';
import { Failure } from '../../shared/runbooks/outcome.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads what a run that ended without a word left, and takes it up where there is something to do. Writes journals only; safe to repeat. */
export const findAftermath = defineStep({
  name: 'findAftermath',
  ports: ['ledger', 'estate', 'clock'],
  input: z.strictObject({ event: Standstill, execution: z.string(), machine: z.string(), startedAt: z.iso.datetime() }),
  output: z.strictObject({
    run: Run,
    failure: Failure,
    needed: z.boolean(),
    acts: z.boolean(),
    waitSeconds: z.int().nonnegative(),
    says: z.string(),
  }),

  async run({ event, execution, machine, startedAt }, { ledger, estate, clock }) {
    const { name } = event.detail;
    const found = await readCleaning(ledger, name, execution);
    const { lease } = await readLease(ledger, estate.app);
    const { resume, ...verdict } = judgeAftermath({ ...found, event, lease, now: clock.now() });
    const run = { ...draftAftermath({ event, execution, machine, app: estate.app, openedAt: startedAt }), resume };
    // Before it is taken up: whoever finds us there must find our journal.
    await reopenJournal(ledger, draftEntry(run, clock.now()));
    if (verdict.needed) await takeUp(ledger, name, execution, found);
    return { ...verdict, run };
  },
});

export const handler = onLambda(findAftermath, { ledger, estate, clock });
