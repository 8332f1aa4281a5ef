import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { RollbackDetail } from '../../shared/runbooks/rollback.ts';

/** Whoever could connect before the old side was fenced may again; the side that is left is fenced by now. Safe to repeat. */
export const liftDatabase = defineAct({
  name: 'liftDatabase',
  ports: ['databases', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ plan, intend, done }, { databases, estate }) {
    const { to, lift, invert } = RollbackDetail.parse(plan.detail);
    if (lift.database.skipped !== null) return { says: `left out: ${lift.database.skipped}` };
    const { database } = environmentIn(estate, to);
    const { connect } = lift.database;
    const intent = await intend({ kind: 'database-lift', environment: to, database: database.name, connect }, invert);
    await databases.unfence(database, connect);
    await done(intent);
    return { says: `${connect.join(', ')} may connect to the database of ${to}` };
  },
});

export const handler = onLambda(liftDatabase, { databases, estate, ledger, clock });
