import * as z from 'zod';
import { findJournal, reopenJournal } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { draftAftermath, judgeAftermath, Standstill } from '../../shared/runbooks/aftermath.ts';
import { draftEntry } from '../../shared/runbooks/undo.ts';
import { Failure } from '../../shared/runbooks/outcome.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads what a run that ended without a word left behind. Changes nothing but this run's own journal; safe to repeat. */
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
    const chain = [];
    for (let id: string | null = event.detail.name; id !== null;) {
      const entry = await findJournal(ledger, id);
      if (entry !== undefined) chain.push(entry);
      id = entry?.run.resume?.split(':').at(-1) ?? null;
    }
    const { lease } = await readLease(ledger, estate.app);
    const { resume, ...verdict } = judgeAftermath({ event, chain, lease, now: clock.now() });
    const run = { ...draftAftermath({ event, execution, machine, app: estate.app, openedAt: startedAt }), resume };
    await reopenJournal(ledger, draftEntry(run, clock.now()));
    return { ...verdict, run };
  },
});

export const handler = onLambda(findAftermath, { ledger, estate, clock });
