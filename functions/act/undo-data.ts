import * as z from 'zod';
import { changeJournal, readJournal } from '../../shared/ledger/journal.ts';
import { clock, databases, estate, ledger, onLambda, shelves } from '../../shared/lambda.ts';
import { holdLease } from '../../shared/ledger/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { decideUndo, markUndone, POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertData } from '../../shared/undoing/data.ts';

/** The part of undoing that only a function inside the network can do: gives CONNECT back to exactly those who had it. Safe to repeat. */
export const undoData = defineStep({
  name: 'undoData',
  ports: ['ledger', 'databases', 'shelves', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  async run({ run }, cloud) {
    await holdLease(cloud.ledger, run);
    for (;;) {
      const entry = await readJournal(cloud.ledger, run.id);
      const next = decideUndo(entry);
      if (next.power !== 'data') return { next: next.power };
      const undone = await invertData(entry, next.intent, cloud);
      await changeJournal(cloud.ledger, run.id, (known) => markUndone(known, next.intent.seq, undone, cloud.clock.now()));
    }
  },
});

export const handler = onLambda(undoData, { ledger, databases, shelves, estate, clock });
