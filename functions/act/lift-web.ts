import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { clock, ledger, loadBalancers, onLambda } from '../../shared/lambda.ts';
import { RollbackDetail } from '../../shared/runbooks/rollback.ts';

/** The old side's load balancer takes requests again. Safe to repeat: a rule that is gone stays gone. */
export const liftWeb = defineAct({
  name: 'liftWeb',
  ports: ['web'],
  output: z.strictObject({ says: z.string() }),

  async run({ plan, intend, done }, { web }) {
    const { to, lift, invert } = RollbackDetail.parse(plan.detail);
    if (lift.web.skipped !== null) return { says: `left out: ${lift.web.skipped}` };
    const { run, listeners } = lift.web;
    const intent = await intend({ kind: 'web-lift', environment: to, run, listeners }, invert);
    for (const listener of listeners) await web.unfence(listener, run);
    await done(intent);
    return { says: `${listeners.length} listeners of ${to} take requests` };
  },
});

export const handler = onLambda(liftWeb, { web: loadBalancers, ledger, clock });
