import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { recordFlight } from '../../shared/ledger/flight.ts';
import { clock, estate, ledger, names, onLambda } from '../../shared/lambda.ts';
import { readRecords } from '../../shared/records.ts';
import { MoveDetail } from '../../shared/runbooks/move.ts';
import { decideRecords } from '../../shared/runbooks/records.ts';

/** Moves every public name's whole record set, one batch a zone. Safe to repeat: a finished batch is recognised and left alone. */
export const swapNames = defineAct({
  name: 'swapNames',
  ports: ['names', 'estate'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { names, estate, ledger, clock }) {
    const { to, zones, invert } = MoveDetail.parse(plan.detail);
    let moved = 0;
    for (const { zone, before, after, changes, inverse } of zones) {
      const decision = decideRecords({ before, after }, await readRecords(names, estate, zone));
      const intent = await intend({ kind: 'records', zone, before, after, changes, inverse }, invert);
      await recordFlight(ledger, run, intent, clock.now());
      if (decision === 'leave') await done(intent);
      else await done(intent, await names.change(zone, changes, `${run.runbook} ${run.id}`));
      moved += changes.length;
    }
    return { says: `${moved} record sets lead to ${to}` };
  },
});

export const handler = onLambda(swapNames, { names, estate, ledger, clock });
