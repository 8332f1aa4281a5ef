import * as z from 'zod';
import { clock, databases, estate, ledger, onLambda, shelves } from '../../shared/lambda.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertData } from '../../shared/undoing/data.ts';
import { takeTurn } from '../../shared/undoing/turn.ts';

/** The part of undoing that only a function inside the network can do: gives CONNECT back to exactly those who had it. Safe to repeat. */
export const undoData = defineStep({
  name: 'undoData',
  ports: ['ledger', 'databases', 'shelves', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  run: ({ run }, cloud) => takeTurn('data', run, cloud, (entry, intent) => invertData(entry, intent, cloud)),
});

export const handler = onLambda(undoData, { ledger, databases, shelves, estate, clock });
