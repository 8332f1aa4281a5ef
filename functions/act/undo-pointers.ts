import * as z from 'zod';
import { changeJournal, readJournal } from '../../shared/ledger/journal.ts';
import { clock, connections, estate, ledger, onLambda, outside } from '../../shared/lambda.ts';
import { holdLease } from '../../shared/ledger/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { decideUndo, markUndone, POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertPointers } from '../../shared/undoing/instances.ts';

/** The part of undoing that leads an application, and us, back to the server that they were led away from. Safe to repeat. */
export const undoPointers = defineStep({
  name: 'undoPointers',
  ports: ['ledger', 'connections', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  async run({ run }, cloud) {
    await holdLease(cloud.ledger, run);
    for (;;) {
      const entry = await readJournal(cloud.ledger, run.id);
      const next = decideUndo(entry);
      if (next.power !== 'pointers') return { next: next.power };
      const undone = await invertPointers(entry, next.intent, cloud);
      await changeJournal(cloud.ledger, run.id, (known) => markUndone(known, next.intent.seq, undone, cloud.clock.now()));
    }
  },
});

export const handler = onLambda(undoPointers, { ledger, connections, outside, estate, clock });
