import * as z from 'zod';
import { RunbookError } from '../../shared/errors.ts';
import { clock, ledger, onLambda } from '../../shared/lambda.ts';
import { draftRun, RollcallRequest, Run } from '../../shared/runbooks/rollcall.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads the request and writes the run into the ledger. Safe to repeat: the same execution finds its own run there. */
export const openRun = defineStep({
  name: 'openRun',
  ports: ['ledger', 'clock'],
  input: z.strictObject({ request: RollcallRequest, execution: z.string(), machine: z.string() }),
  output: Run,

  async run({ request, execution, machine }, cloud) {
    const run = draftRun({ request, execution, machine, openedAt: cloud.clock.now().toISOString() });
    const key = `runs/${run.id}.json`;
    if (await cloud.ledger.create(key, run)) return run;
    const found = Run.safeParse((await cloud.ledger.read(key))?.body);
    if (found.success && found.data.execution === execution) return found.data;
    throw new RunbookError('PlanRefused', `${key} belongs to another execution; start the run again under another name`, {
      execution,
    });
  },
});

export const handler = onLambda(openRun, { ledger, clock });
