import * as z from 'zod';
import { adoptRun } from '../../shared/ledger/adoption.ts';
import { RunbookError } from '../../shared/errors.ts';
import { mark } from '../../shared/ledger/journal.ts';
import { clock, estate, executions, ledger, onLambda } from '../../shared/lambda.ts';
import { readLease, writeLease } from '../../shared/ledger/lease.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { decideLease } from '../../shared/runbooks/lease.ts';
import { PlanRef } from '../../shared/runbooks/plan.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Takes the writer lease under a new fencing number, and with it what a resumed run left behind. A lease that is ours already is kept. */
export const takeLease = defineStep({
  name: 'takeLease',
  ports: ['ledger', 'executions', 'estate', 'clock'],
  input: z.strictObject({ run: Run, plan: PlanRef.nullable() }),
  output: Run,

  async run({ run, plan: ref }, { ledger, executions, estate, clock }) {
    const plan = ref && (await readPlan(ledger, ref));
    const { lease, version } = await readLease(ledger, run.app);
    const holder = lease?.holder?.execution;
    const standing = holder === undefined || holder === run.execution ? undefined : await executions.read(holder);
    const decision = decideLease({ lease, run, estate, plan, holder: standing, now: clock.now() });
    if (decision.kind === 'preempt') {
      await executions.stop(decision.execution, 'Preempted', `an emergency ${run.runbook} (${run.id}) needs the lease`);
      throw new RunbookError('NotYet', decision.says, { holder: decision.execution });
    }
    if (decision.kind === 'take' && !(await writeLease(ledger, decision.lease, version))) {
      throw new RunbookError('NotYet', `lease/${run.app}.json was taken at the same moment; it is looked at again`);
    }
    const held = { epoch: decision.lease.epoch, fencing: decision.lease.fencing };
    await adoptRun(ledger, run);
    await mark(ledger, clock, run.id, 'acting', `took the lease: epoch ${held.epoch}, fencing number ${held.fencing}`);
    return { ...run, lease: held };
  },
});

export const handler = onLambda(takeLease, { ledger, executions, estate, clock });
