import * as z from 'zod';
import { definePreparation } from '../../shared/act.ts';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, estate, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { judgeDressed, settingsToGive, settled } from '../../shared/runbooks/beside.ts';
import { Place } from '../../shared/runbooks/instances.ts';
import { besideOf, detailOf, settingsOf } from '../../shared/runbooks/restoring.ts';

/** Sent to RDS: what comes back afterwards is compared, and not sent again. */
const SENT = 'sent';

/** The instance beside gets what its restore could not be told, and the master's password of today. Safe to repeat. */
export const dressInstance = definePreparation({
  name: 'dressInstance',
  ports: ['instances', 'servers', 'estate'],
  output: z.strictObject({ place: Place, says: z.string() }),

  async run({ plan, intend, done }, { instances, servers, estate, clock }) {
    const detail = detailOf(plan);
    const { environment, beside } = detail;
    const was = settingsOf(detail);
    const intent = await intend({ kind: 'dressed', environment, instance: beside }, { no: 'nobody is led to it' });
    const found = settled(besideOf(await instances.find(beside), beside));
    if (intent.change !== SENT) {
      await servers.adjust(beside, settingsToGive(was, found), environmentIn(estate, environment).database.secrets.master);
      await done(intent, SENT);
    }
    const told = { at: intent.doneAt ?? clock.now().toISOString(), now: clock.now() };
    const place = judgeDressed(was, settled(besideOf(await instances.find(beside), beside)), told);
    return { place, says: `${beside} is set up as the one whose place it is to take` };
  },
});

export const handler = onLambda(dressInstance, { instances, servers, estate, ledger, clock });
