import * as z from 'zod';
import { changeJournal, readJournal } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, loadBalancers, names, onLambda, outside } from '../../shared/lambda.ts';
import { holdLease } from '../../shared/ledger/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { decideUndo, markUndone, POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertCloud } from '../../shared/undoing/cloud.ts';

/**
 * Inverts what the run's journal says it did and the world confirms, as far as the cloud's own APIs can; `next` says whose turn it is
 * then. Safe to repeat: what is undone is marked, and the world is asked before every inverse.
 */
export const undoActs = defineStep({
  name: 'undoActs',
  ports: ['ledger', 'names', 'web', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  async run({ run }, cloud) {
    await holdLease(cloud.ledger, run);
    for (;;) {
      const entry = await readJournal(cloud.ledger, run.id);
      const next = decideUndo(entry);
      if (next.power !== 'cloud') return { next: next.power };
      const undone = await invertCloud(entry, next.intent, run, cloud);
      await changeJournal(cloud.ledger, run.id, (known) => markUndone(known, next.intent.seq, undone, cloud.clock.now()));
    }
  },
});

export const handler = onLambda(undoActs, { ledger, names, web: loadBalancers, outside, estate, clock });
