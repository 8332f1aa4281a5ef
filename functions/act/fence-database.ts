import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { note } from '../../shared/ledger/journal.ts';
import { clock, databases, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { judgeFence, moveOf } from '../../shared/runbooks/move.ts';

/** Nobody connects to the old writer any more, proven by writes that must fail. Safe to repeat: what is revoked stays revoked. */
export const fenceDatabase = defineAct({
  name: 'fenceDatabase',
  ports: ['databases', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { databases, estate, ledger }) {
    const { from, fence, invert } = moveOf(plan);
    const { database } = environmentIn(estate, from);
    if (fence.database.skipped !== null) return { says: `left out: ${fence.database.skipped}` };
    const { connect } = fence.database;
    const intent = await intend(
      { kind: 'database-fence', environment: from, database: database.name, connect: [...connect] },
      invert,
    );
    const proof = await databases.fence(database);
    const verdict = judgeFence(from, proof);
    await note(ledger, run.id, verdict.notes);
    await done(intent);
    return { says: verdict.says };
  },
});

export const handler = onLambda(fenceDatabase, { databases, estate, ledger, clock });
