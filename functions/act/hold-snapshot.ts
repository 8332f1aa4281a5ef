import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf } from '../../shared/copying.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { find, keep } from '../../shared/ledger/copying.ts';
import { holdLease } from '../../shared/ledger/lease.ts';
import { clock, copying, estate, ledger, onLambda } from '../../shared/lambda.ts';

const LOOK_AGAIN_SECONDS = 0.5;

/** Holds one instant of the source until the copy is proven, or nobody's any more. Reads only; another try is another instant. */
export const holdSnapshot = defineAct({
  name: 'holdSnapshot',
  ports: ['copying', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan }, { copying, estate, ledger, clock }) {
    const { from } = detailOf(plan);
    const at = clock.now().toISOString();
    await copying.hold(environmentIn(estate, from).database, async ({ snapshot, since }, alive) => {
      const attempt = `${at} ${snapshot}`;
      await keep(ledger, run.id, 'held', { attempt, snapshot, since, at });
      for (;;) {
        await clock.pause(LOOK_AGAIN_SECONDS);
        await alive();
        const [held, proof] = await Promise.all([
          find(ledger, run.id, 'held'),
          find(ledger, run.id, 'proof'),
          holdLease(ledger, run),
        ]);
        if (held?.attempt !== attempt || proof?.attempt === attempt) return;
      }
    });
    return { says: `${from} was held as of ${at}` };
  },
});

export const handler = onLambda(holdSnapshot, { copying, estate, ledger, clock });
