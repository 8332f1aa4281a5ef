import * as z from 'zod';
import { changeJournal, readJournal } from '../../shared/ledger/journal.ts';
import { clock, ledger, onLambda, serverNames } from '../../shared/lambda.ts';
import { holdLease } from '../../shared/ledger/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { decideUndo, markUndone, POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertNames } from '../../shared/undoing/instances.ts';

/** The part of undoing that gives servers of databases their names back. Safe to repeat: the world says how far it is. */
export const undoServers = defineStep({
  name: 'undoServers',
  ports: ['ledger', 'serverNames', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  async run({ run }, cloud) {
    await holdLease(cloud.ledger, run);
    for (;;) {
      const entry = await readJournal(cloud.ledger, run.id);
      const next = decideUndo(entry);
      if (next.power !== 'servers') return { next: next.power };
      const undone = await invertNames(entry, next.intent, cloud.serverNames);
      await changeJournal(cloud.ledger, run.id, (known) => markUndone(known, next.intent.seq, undone, cloud.clock.now()));
    }
  },
});

export const handler = onLambda(undoServers, { ledger, serverNames, clock });
