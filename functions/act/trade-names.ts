import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { RunbookError } from '../../shared/errors.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, estate, ledger, onLambda, serverNames } from '../../shared/lambda.ts';
import { nextRenaming } from '../../shared/runbooks/renaming.ts';
import { besideOf, detailOf, liveOf, placeOf } from '../../shared/runbooks/restoring.ts';

/** The restored instance gets the name of the one that people use, which steps aside. Safe to repeat: the world says how far it is. */
export const tradeNames = defineAct({
  name: 'tradeNames',
  ports: ['serverNames', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ plan, entry, intend, done }, { serverNames, estate }) {
    const detail = detailOf(plan);
    const { environment, beside: coming, shelf: aside } = detail;
    const { place, resourceId: liveId } = liveOf(detail);
    const live = place.instance;
    const database = environmentIn(estate, environment).database.name;
    // Once the name has changed hands nothing answers to the old one: what was intended knows the identity.
    const known = entry.intents.flatMap(({ effect }) =>
      effect.kind === 'renaming' && effect.coming === coming ? [effect.comingId] : [],
    )[0];
    const comingId = known ?? besideOf(await serverNames.find(coming), coming).resourceId;
    const opened = await intend({ kind: 'opened', environment, database, place: placeOf(detail) }, 'yes');
    const intent = await intend({ kind: 'renaming', environment, live, aside, coming, liveId, comingId }, 'yes');
    const [named, stepped, waiting] = await Promise.all([live, aside, coming].map((name) => serverNames.find(name)));
    const standing = { live: named ?? null, aside: stepped ?? null, coming: waiting ?? null };
    const next = nextRenaming(standing, { live, aside, coming, liveId, comingId });
    if (next.kind === 'rename') await serverNames.rename(next.from, next.to);
    if (next.kind !== 'done') throw new RunbookError('NotYet', `${next.says}; asked again until the deadline`, { live });
    await done(opened);
    await done(intent);
    return { says: `${live} is what ${coming} was` };
  },
});

export const handler = onLambda(tradeNames, { serverNames, estate, ledger, clock });
