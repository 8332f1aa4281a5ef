import * as z from 'zod';
import { clock, ledger, onLambda, serverNames } from '../../shared/lambda.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertNames } from '../../shared/undoing/instances.ts';
import { takeTurn } from '../../shared/undoing/turn.ts';

/** The part of undoing that gives servers of databases their names back. Safe to repeat: the world says how far it is. */
export const undoServers = defineStep({
  name: 'undoServers',
  ports: ['ledger', 'serverNames', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  run: ({ run }, cloud) => takeTurn('servers', run, cloud, (entry, intent) => invertNames(entry, intent, cloud.serverNames)),
});

export const handler = onLambda(undoServers, { ledger, serverNames, clock });
