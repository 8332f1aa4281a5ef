import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { clock, ledger, loadBalancers, onLambda } from '../../shared/lambda.ts';
import { MoveDetail } from '../../shared/runbooks/move.ts';

/** The old side's load balancer answers 503 with Retry-After. Safe to repeat: a rule that stands is found and left alone. */
export const fenceWeb = defineAct({
  name: 'fenceWeb',
  ports: ['web'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, entry, intend, done }, { web }) {
    const { from, fence, invert } = MoveDetail.parse(plan.detail);
    if (fence.web.skipped !== null) return { says: `left out: ${fence.web.skipped}` };
    const standing = entry.intents.find(({ effect }) => effect.kind === 'web-fence' && effect.environment === from);
    const owner = standing?.effect.kind === 'web-fence' ? standing.effect.run : run.id;
    const { listeners } = fence.web;
    const intent = await intend({ kind: 'web-fence', environment: from, run: owner, listeners: [...listeners] }, invert);
    for (const listener of listeners) await web.fence(from, listener, owner);
    await done(intent);
    return { says: `${listeners.length} listeners of ${from} answer 503` };
  },
});

export const handler = onLambda(fenceWeb, { web: loadBalancers, ledger, clock });
