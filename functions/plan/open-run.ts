import * as z from 'zod';
import { RunbookError } from '../../shared/errors.ts';
import { findJournal, openJournal } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { draftRun } from '../../shared/runbooks/opening.ts';
import { draftEntry } from '../../shared/runbooks/undo.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads the request and opens the run's journal. Safe to repeat: the same execution finds its own run there. Takes no lock. */
export const openRun = defineStep({
  name: 'openRun',
  ports: ['ledger', 'estate', 'clock'],
  input: z.strictObject({ request: z.unknown(), execution: z.string(), machine: z.string(), startedAt: z.iso.datetime() }),
  output: Run,

  async run({ request, execution, machine, startedAt }, cloud) {
    const run = draftRun({ request, execution, machine, app: cloud.estate.app, openedAt: startedAt });
    if (await openJournal(cloud.ledger, draftEntry(run, cloud.clock.now()))) return run;
    const found = await findJournal(cloud.ledger, run.id);
    if (found?.run.execution === execution) return found.run;
    throw new RunbookError(
      'PlanRefused',
      `runs/${run.id}.json belongs to another execution; start the run again under another name`,
      {
        execution,
      },
    );
  },
});

export const handler = onLambda(openRun, { ledger, estate, clock });
