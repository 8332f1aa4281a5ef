import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { clock, connections, estate, executions, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { detailOf } from '../../shared/runbooks/retention-scene.ts';
import { judgeRetiree } from '../../shared/runbooks/retiring.ts';
import { standingsOf } from '../../shared/standing.ts';

/** Shelves that RDS has started by itself stand still again. Safe to repeat: one that does not run, or is another by now, is left alone. */
export const stopShelves = defineAct({
  name: 'stopShelves',
  ports: ['instances', 'servers', 'connections', 'executions', 'estate'],
  output: z.strictObject({ stopped: z.array(z.string()) }),

  async run({ run, plan, intend, done }, cloud) {
    const { stop } = detailOf(plan);
    const stopped = stop.map(({ instance }) => instance);
    if (stopped.length === 0) return { stopped };
    const found = await Promise.all(stop.map(({ instance }) => cloud.instances.find(instance)));
    const running = found.filter((one, i) => one?.status === 'available' && one.resourceId === stop[i]?.resourceId);
    const standing = await standingsOf(
      running.filter((one) => one !== null),
      cloud,
    );
    for (const one of standing) judgeRetiree(one, run.app);
    const intent = await intend({ kind: 'stopped', instances: stopped }, { no: 'a shelf serves nobody' });
    for (const { facts } of standing) await cloud.servers.stop(facts.id, null);
    await done(intent);
    return { stopped };
  },
});

export const handler = onLambda(stopShelves, { instances, servers, connections, executions, estate, ledger, clock });
