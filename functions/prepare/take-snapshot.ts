import * as z from 'zod';
import { definePreparation } from '../../shared/act.ts';
import { clock, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { judgeTaken } from '../../shared/runbooks/beside.ts';
import { tagsOf } from '../../shared/runbooks/instances.ts';
import { detailOf, originOf, sourceOf } from '../../shared/runbooks/restoring.ts';

/** What people use is kept as it is now, where the request wants that. Safe to repeat: the snapshot's name is the run's. */
export const takeSnapshot = definePreparation({
  name: 'takeSnapshot',
  ports: ['instances', 'servers'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { instances, servers }) {
    const detail = detailOf(plan);
    const source = sourceOf(detail);
    if (source.kind === 'point' || !source.taken) return { says: 'left out: what is restored from is there' };
    const { environment, instance, resourceId } = originOf(detail);
    const { snapshot } = source;
    const intent = await intend({ kind: 'snapshot', environment, instance, snapshot }, { no: 'it is a backup' });
    if ((await instances.snapshot(snapshot)) === null)
      await servers.takeSnapshot(instance, snapshot, tagsOf({ app: run.app, run: run.id, environment, what: 'snapshot' }));
    // One that an earlier run took is as good, where this one goes on with it.
    const since = run.resume === null ? run.openedAt : '';
    const at = judgeTaken(await instances.snapshot(snapshot), { snapshot, resourceId, since });
    await done(intent);
    return { says: `${snapshot} holds ${instance} as of ${at}` };
  },
});

export const handler = onLambda(takeSnapshot, { instances, servers, ledger, clock });
