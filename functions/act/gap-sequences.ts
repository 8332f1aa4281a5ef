import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { MoveDetail } from '../../shared/runbooks/move.ts';

/** The side that is to serve gives out keys that nobody else has, and notes from when on. Safe to repeat: a sequence never goes back. */
export const gapSequences = defineAct({
  name: 'gapSequences',
  ports: ['databases', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ plan, intend, done }, { databases, estate }) {
    const { to, gap, invert } = MoveDetail.parse(plan.detail);
    const { database } = environmentIn(estate, to);
    const since = await databases.instant(database);
    const intent = await intend({ kind: 'gap', environment: to, targets: gap, since }, invert);
    await databases.leap(database, gap);
    await done(intent);
    return { says: `${gap.length} sequences of ${to} are a gap ahead` };
  },
});

export const handler = onLambda(gapSequences, { databases, estate, ledger, clock });
