import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf, orderOf } from '../../shared/copying.ts';
import { get, keep } from '../../shared/ledger/copying.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, estate, laying, ledger, onLambda } from '../../shared/lambda.ts';

/** The database aside, empty, with everything that rows go through. Safe to repeat: what an earlier try left goes first. */
export const layCopy = defineAct({
  name: 'layCopy',
  ports: ['laying', 'estate'],
  output: z.strictObject({ parts: z.array(z.int().nonnegative()) }),

  async run({ run, plan, intend, done }, { laying, estate, ledger, clock }) {
    const detail = detailOf(plan);
    const held = await get(ledger, run.id, 'held');
    const order = orderOf(run, plan, estate, held);
    const intent = await intend({ kind: 'incoming', environment: detail.to, run: run.id, database: order.incoming }, 'yes');
    const laid = await laying.lay(order, detail.parts);
    await keep(ledger, run.id, 'laid', { attempt: held.attempt, ...laid });
    await done(intent);
    await mark(
      ledger,
      clock,
      run.id,
      'schema',
      `${order.incoming} stands beside what people read, with the schema of ${detail.from}`,
    );
    return { parts: laid.parts.map((_, part) => part) };
  },
});

export const handler = onLambda(layCopy, { laying, estate, ledger, clock });
