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
    const detail = detailOf(plan);
    const { database } = environmentIn(estate, detail.to);
    const live = database.name;
    const coming = detail.next === 'undo' ? (detail.shelf ?? '') : incomingOf(run, live);
    const standing = await shelves.standing(database);
    const held = detail.next === 'undo' ? undefined : await find(ledger, run.id, 'held');
    const renaming = draftRenaming({
      standing,
      live,
      coming,
      run,
      epoch: plan.epoch,
      at: held?.at ?? null,
      from: detail.from,
      now: clock.now(),
    });
    const intent = await intend({ kind: 'swap', environment: detail.to, live, aside: renaming.aside, coming }, 'yes');
    if (judgeComing(standing, { live, coming, aside: renaming.aside, run: run.id }) === 'done') {
      await done(intent);
      return { says: `${live} of ${detail.to} was given its name already` };
    }
    const { ended } = await shelves.rename(database, renaming);
    await done(intent);
    return { says: `${live} of ${detail.to} is what ${coming} was; ${ended} sessions were ended` };
  },
});

export const handler = onLambda(swapDatabase, { shelves, estate, ledger, clock });
