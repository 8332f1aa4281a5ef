import * as z from 'zod';
import { RunbookError } from '../../shared/errors.ts';
import { changeApproval, findApproval, refusalSays, voidSays } from '../../shared/ledger/approvals.ts';
import { clock, estate, ledger, onLambda } from '../../shared/lambda.ts';
import { endCountdown } from '../../shared/runbooks/approval.ts';
import { judgeSilence, patienceOf } from '../../shared/runbooks/asking.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { approvalIdOf } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';

const Approved = z.strictObject({ approvedBy: z.string(), at: z.string(), reason: z.string(), countdown: z.literal(false) });

/** What a wait without an answer came to: an answer that was kept and did not arrive counts, as does a countdown that nobody stopped. */
export const heedSilence = defineStep({
  name: 'heedSilence',
  ports: ['ledger', 'estate', 'clock'],
  input: z.strictObject({ run: Run, round: z.int().positive() }),
  output: z.strictObject({
    standing: z.enum(['approved', 'counting', 'waiting', 'expired']),
    approval: Approved.nullable(),
    patience: z.int().positive(),
  }),

  async run({ run, round }, { ledger, estate, clock }) {
    const id = approvalIdOf(run.execution, round);
    const now = clock.now();
    // A task that timed out before it was kept asked nobody.
    if (!(await findApproval(id, ledger))) return { standing: 'expired', approval: null, patience: 1 };
    const approval = await changeApproval(ledger, id, (known) => endCountdown(known, now));
    const standing = judgeSilence(approval, now);
    if (standing === 'refused' && approval.decision) throw new RunbookError('ApprovalRefused', refusalSays(approval.decision));
    if (standing === 'void' || standing === 'refused') throw new RunbookError('PlanStale', voidSays(approval));
    const { by = '', at = '', reason = '' } = approval.decision ?? {};
    const approved = standing === 'approved' ? { approvedBy: by, at, reason, countdown: false as const } : null;
    return { standing, approval: approved, patience: patienceOf(estate, approval, now) };
  },
});

export const handler = onLambda(heedSilence, { ledger, estate, clock });
