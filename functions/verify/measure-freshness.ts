import * as z from 'zod';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, estate, ledger, metrics, onLambda, shelves } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { RunbookError } from '../../shared/errors.ts';
import { judgeFreshness, type Freshness } from '../../shared/runbooks/freshness.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads how new each scheduled copy is, out of the copy itself, and says it as a metric. Where nothing can be read nothing is said: the alarm hears that as well. */
export const measureFreshness = defineStep({
  name: 'measureFreshness',
  ports: ['ledger', 'shelves', 'metrics', 'estate', 'clock'],
  input: z.looseObject({}),
  output: z.strictObject({ says: z.array(z.string()) }),

  async run(_event, { ledger, shelves, metrics, estate, clock }) {
    const { lease } = await readLease(ledger, estate.app);
    const found: Freshness[] = [];
    for (const { from, to, class: kind, everySeconds } of estate.copies) {
      if (kind !== 'raw' || everySeconds === undefined) continue;
      const { database } = environmentIn(estate, to);
      const heartbeat = lease?.writer === to ? lease.since : (await shelves.look(database, from)).heartbeat;
      if (heartbeat === null)
        throw new RunbookError(
          'VerifyFailed',
          `${database.name} of ${to} has no heartbeat of ${from}: nobody can tell how old it is; start sync`,
          { to },
        );
      const fresh = judgeFreshness({ from, to, everySeconds }, lease, heartbeat, clock.now());
      metrics.put({
        name: 'CopyOverdueSeconds',
        value: fresh.overdueSeconds,
        unit: 'Seconds',
        of: { App: estate.app, From: from, To: to },
      });
      found.push(fresh);
    }
    return { says: found.map(({ says }) => says) };
  },
});

export const handler = onLambda(measureFreshness, { ledger, shelves, metrics, estate, clock });
