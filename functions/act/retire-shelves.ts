import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { detailOf } from '../../shared/copying.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { find } from '../../shared/ledger/copying.ts';
import { clock, estate, ledger, onLambda, shelves } from '../../shared/lambda.ts';
import { retirable } from '../../shared/runbooks/shelf.ts';

/** Old copies of ours go, of which the source has everything and the audit trail a dump. Safe to repeat: what is gone is gone. */
export const retireShelves = defineAct({
  name: 'retireShelves',
  ports: ['shelves', 'estate'],
  output: z.strictObject({ retired: z.array(z.string()) }),

  async run({ run, plan, intend, done }, { shelves, estate, ledger, clock }) {
    const { to, shelfSeconds } = detailOf(plan);
    const { database } = environmentIn(estate, to);
    // Nothing goes before this run's own copy was proven.
    if ((await find(ledger, run.id, 'proof')) === undefined) return { retired: [] };
    const old = retirable(await shelves.standing(database), database.name, shelfSeconds, clock.now()).map(({ name }) => name);
    if (old.length === 0) return { retired: [] };
    const intent = await intend({ kind: 'retired', environment: to, databases: old }, { no: 'the source has all of it' });
    for (const name of old) await shelves.drop(database, name);
    await done(intent);
    return { retired: old };
  },
});

export const handler = onLambda(retireShelves, { shelves, estate, ledger, clock });
