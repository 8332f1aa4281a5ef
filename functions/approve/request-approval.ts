import * as z from 'zod';
import { openApproval } from '../../shared/ledger/approvals.ts';
import { noteApproval } from '../../shared/ledger/journal.ts';
import { chance, channels, clock, estate, ledger, onLambda, post } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { describeDifference, Question } from '../../shared/runbooks/approval.ts';
import { draftApproval } from '../../shared/runbooks/asking.ts';
import { approvalIdOf } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';
import { askDue } from '../../shared/telling.ts';

/** Stores the waiting task and sends each approver who is due a link of their own. Entered again after a silence it asks the next. */
export const requestApproval = defineStep({
  name: 'requestApproval',
  ports: ['ledger', 'post', 'channels', 'estate', 'clock', 'chance'],
  input: Question,
  output: z.strictObject({ id: z.string() }),

  async run({ token, run, plan: ref, approved, round, url }, cloud) {
    const { ledger, estate: people, clock } = cloud;
    const plan = await readPlan(ledger, ref);
    const difference = approved ? describeDifference(await readPlan(ledger, approved), plan) : [];
    const id = approvalIdOf(run.execution, round);
    const draft = draftApproval({ id, token, run, plan, ref, round, difference, people }, clock.now());
    const approval = await openApproval(draft, clock.now(), ledger);
    await noteApproval(ledger, run.id, id);
    await askDue(approval, plan, url, cloud);
    return { id };
  },
});

export const handler = onLambda(requestApproval, { ledger, post, channels, estate, clock, chance });
