import * as z from 'zod';
import { clock, connections, estate, ledger, onLambda, outside } from '../../shared/lambda.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertPointers } from '../../shared/undoing/instances.ts';
import { takeTurn } from '../../shared/undoing/turn.ts';

/** The part of undoing that leads an application, and us, back to the server that they were led away from. Safe to repeat. */
export const undoPointers = defineStep({
  name: 'undoPointers',
  ports: ['ledger', 'connections', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  run: ({ run }, cloud) => takeTurn('pointers', run, cloud, (entry, intent) => invertPointers(entry, intent, cloud)),
});

export const handler = onLambda(undoPointers, { ledger, connections, outside, estate, clock });
