import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { clock, estate, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { judgeExpiring } from '../../shared/runbooks/expiring.ts';
import { detailOf } from '../../shared/runbooks/retention-scene.ts';

/** Old snapshots of ours go, of which newer ones stay; each is judged once more before. Safe to repeat: what is gone is gone. */
export const expireCopies = defineAct({
  name: 'expireCopies',
  ports: ['instances', 'servers', 'estate'],
  output: z.strictObject({ expired: z.array(z.string()) }),

  async run({ run, plan, intend, done }, { instances, servers, estate, clock }) {
    const { expire } = detailOf(plan);
    const expired = expire.map(({ snapshot }) => snapshot);
    if (expired.length === 0) return { expired };
    const intent = await intend({ kind: 'expired', snapshots: expired }, { no: 'a snapshot that is gone does not come back' });
    for (const planned of expire) {
      const standing = await instances.snapshots({ resourceId: planned.resourceId });
      if (judgeExpiring(planned, standing, { app: run.app, estate, now: clock.now() }) === 'remove') {
        await servers.removeSnapshot(planned.snapshot);
      }
    }
    await done(intent);
    return { expired };
  },
});

export const handler = onLambda(expireCopies, { instances, servers, estate, ledger, clock });
