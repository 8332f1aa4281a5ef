import * as z from 'zod';
import { changeJournal } from '../../shared/ledger/journal.ts';
import { clock, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease, writeLease } from '../../shared/ledger/lease.ts';
import { RunbookError } from '../../shared/errors.ts';
import { releaseLease } from '../../shared/runbooks/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Closes the run's journal and lets go of the lease, if this run holds it. Safe to repeat: another's lease is left alone. */
export const settleRun = defineStep({
  name: 'settleRun',
  ports: ['ledger', 'clock'],
  input: z.strictObject({ run: Run, failed: z.boolean() }),
  output: z.strictObject({ released: z.boolean() }),

  async run({ run }, { ledger, clock }) {
    const settledAt = clock.now().toISOString();
    await changeJournal(ledger, run.id, (entry) => (entry.settledAt === null ? { ...entry, settledAt } : entry));
    const { lease, version } = await readLease(ledger, run.app);
    if (lease?.holder?.execution !== run.execution) return { released: false };
    if (await writeLease(ledger, releaseLease(lease), version)) return { released: true };
    throw new RunbookError('CloudTransient', `lease/${run.app}.json changed while it was released; it is looked at again`, {
      app: run.app,
    });
  },
});

export const handler = onLambda(settleRun, { ledger, clock });
