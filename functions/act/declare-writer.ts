import { voidApprovals } from '../../shared/ledger/approvals.ts';
import { defineAct } from '../../shared/act.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, ledger, onLambda } from '../../shared/lambda.ts';
import { changeLease } from '../../shared/ledger/lease.ts';
import { MoveDetail } from '../../shared/runbooks/move.ts';
import { declareWriter as declare } from '../../shared/runbooks/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';

/** The standby is the writer: epoch + 1, and approvals of the older epoch are void. Safe to repeat: a writer that is declared stays. */
export const declareWriter = defineAct({
  name: 'declareWriter',
  ports: [],
  output: Run,

  async run({ run, plan, intend, done }, { ledger, clock }) {
    const { from, to, invert } = MoveDetail.parse(plan.detail);
    const intent = await intend({ kind: 'writer', from, to, epoch: plan.epoch + 1 }, invert);
    const lease = await changeLease(ledger, run, (held) => declare(held, run, to, plan.epoch + 1, clock.now()));
    await done(intent);
    await mark(ledger, clock, run.id, 'writer', `${to} is the writer: epoch ${lease.epoch}`);
    const why = `${to} is the writer since ${lease.since} (epoch ${lease.epoch})`;
    await voidApprovals(run.app, lease.epoch, why, clock.now(), ledger);
    return { ...run, lease: { epoch: lease.epoch, fencing: lease.fencing } };
  },
});

export const handler = onLambda(declareWriter, { ledger, clock });
