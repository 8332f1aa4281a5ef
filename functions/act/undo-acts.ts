import * as z from 'zod';
import { clock, estate, ledger, loadBalancers, names, onLambda, outside } from '../../shared/lambda.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { POWERS } from '../../shared/runbooks/undo.ts';
import { defineStep } from '../../shared/step.ts';
import { invertCloud } from '../../shared/undoing/cloud.ts';
import { takeTurn } from '../../shared/undoing/turn.ts';

/**
 * Inverts what the run's journal says it did and the world confirms, as far as the cloud's own APIs can; `next` says whose turn it is
 * then. Safe to repeat: what is undone is marked, and the world is asked before every inverse.
 */
export const undoActs = defineStep({
  name: 'undoActs',
  ports: ['ledger', 'names', 'web', 'outside', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ next: z.enum(POWERS) }),

  run: ({ run }, cloud) => takeTurn('cloud', run, cloud, (entry, intent) => invertCloud(entry, intent, run, cloud)),
});

export const handler = onLambda(undoActs, { ledger, names, web: loadBalancers, outside, estate, clock });
