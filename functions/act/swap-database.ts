import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf, incomingOf } from '../../shared/copying.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { find } from '../../shared/ledger/copying.ts';
import { clock, estate, ledger, onLambda, shelves } from '../../shared/lambda.ts';
import { draftRenaming, judgeComing } from '../../shared/runbooks/swapping.ts';

/** Readers of the target get the copy, or with an undo what they had before, at one instant. Safe to repeat: the mark tells that it is done. */
export const swapDatabase = defineAct({
  name: 'swapDatabase',
  ports: ['shelves', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { shelves, estate, ledger, clock }) {
    const { from, to, next, shelf } = detailOf(plan);
    const { database } = environmentIn(estate, to);
    const live = database.name;
    const coming = next === 'undo' ? (shelf ?? '') : incomingOf(run, live);
    const standing = await shelves.standing(database);
    const at = next === 'undo' ? null : ((await find(ledger, run.id, 'held'))?.at ?? null);
    const renaming = draftRenaming({ standing, live, coming, run, epoch: plan.epoch, at, from, now: clock.now() });
    const { aside } = renaming;
    const intent = await intend({ kind: 'swap', environment: to, run: run.id, live, aside, coming }, 'yes');
    if (judgeComing(standing, { live, coming, aside, run: run.id }) === 'done') {
      await done(intent);
      return { says: `${live} of ${to} was given its name already` };
    }
    const { ended } = await shelves.rename(database, renaming);
    await done(intent);
    return { says: `${live} of ${to} is what ${coming} was; ${ended} sessions were ended` };
  },
});

export const handler = onLambda(swapDatabase, { shelves, estate, ledger, clock });
