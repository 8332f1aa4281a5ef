import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, estate, ledger, onLambda, outside } from '../../shared/lambda.ts';
import { detailOf } from '../../shared/runbooks/restoring.ts';
import { judgeTarget } from '../../shared/runbooks/rollback.ts';
import { tellApplication as tell } from '../../shared/telling-application.ts';
import { askDoors } from '../../shared/vantage.ts';

/**
 * Tells the application until it answers: behind a door there may be several, and the one it had writes to nobody any more, so whoever
 * answers is on the restored one. Safe to repeat.
 */
export const tellApplication = defineAct({
  name: 'tellApplication',
  ports: ['outside', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan }, { outside, estate, ledger, clock }) {
    const { environment, doors, asked } = detailOf(plan);
    await tell(environment, estate, outside, doors);
    const says = judgeTarget(environment, await askDoors(estate, { doors, asked }, outside));
    await mark(ledger, clock, run.id, 'ready', says);
    return { says };
  },
});

export const handler = onLambda(tellApplication, { outside, estate, ledger, clock });
