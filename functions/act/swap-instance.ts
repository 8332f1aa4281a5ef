import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, connections, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { detailOf, placeOf } from '../../shared/runbooks/restoring.ts';

/** What leads to the database of an environment leads to the restored one. Safe to repeat: what leads there already stays. */
export const swapInstance = defineAct({
  name: 'swapInstance',
  ports: ['connections', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ plan, intend, done }, { connections, estate }) {
    const detail = detailOf(plan);
    const { environment, live, doors } = detail;
    const place = placeOf(detail);
    const database = environmentIn(estate, environment).database.name;
    const opened = await intend({ kind: 'opened', environment, database, place }, 'yes');
    const before = live?.place ?? null;
    const intent = await intend({ kind: 'connection', environment, before, after: place, doors }, 'yes');
    await connections.point(environment, place);
    await done(opened);
    await done(intent);
    return { says: `what leads to the database of ${environment} leads to ${place.instance}` };
  },
});

export const handler = onLambda(swapInstance, { connections, estate, ledger, clock });
