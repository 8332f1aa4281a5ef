import * as z from 'zod';
import { environmentIn } from '../../shared/estate-lookup.ts';
import { clock, estate, ledger, metrics, onLambda, shelves } from '../../shared/lambda.ts';
import { readLease } from '../../shared/ledger/lease.ts';
import { isScheduled, judgeFreshness } from '../../shared/runbooks/freshness.ts';
import { defineStep } from '../../shared/step.ts';

/**
 * Reads how new each scheduled copy is, out of the copy itself, and says it as a metric. Where nothing can be read nothing is said: the
 * alarm hears that as well.
 */
export const measureFreshness = defineStep({
  name: 'measureFreshness',
  ports: ['ledger', 'shelves', 'metrics', 'estate', 'clock'],
  input: z.looseObject({}),
  output: z.strictObject({ says: z.array(z.string()) }),

  async run(_event, { ledger, shelves, metrics, estate, clock }) {
    const { lease } = await readLease(ledger, estate.app);
    const says: string[] = [];
    for (const copy of estate.copies.filter(isScheduled)) {
      const { from, to } = copy;
      const look = async () => (await shelves.look(environmentIn(estate, to).database, from)).heartbeat;
      const fresh = judgeFreshness(copy, lease, lease?.writer === to ? null : await look(), clock.now());
      const of = { App: estate.app, From: from, To: to };
      metrics.put({ name: 'CopyOverdueSeconds', value: fresh.overdueSeconds, unit: 'Seconds', of });
      says.push(fresh.says);
    }
    return { says };
  },
});

export const handler = onLambda(measureFreshness, { ledger, shelves, metrics, estate, clock });
