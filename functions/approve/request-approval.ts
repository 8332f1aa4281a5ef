import * as z from 'zod';
import { storeApproval } from '../../shared/ledger/approvals.ts';
import { note, noteApproval } from '../../shared/ledger/journal.ts';
import { chance, channels, clock, estate, ledger, onLambda, post } from '../../shared/lambda.ts';
import { readPlan } from '../../shared/ledger/plans.ts';
import { announceAsking, renderMail } from '../../shared/pages/approval-mail.ts';
import { describeDifference, draftApproval, Question } from '../../shared/runbooks/approval.ts';
import { draftLink, idOfToken } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';
import { tellApprovers } from '../../shared/telling.ts';

/** Stores the waiting task and sends each approver a link of their own. Run twice it sends twice, and all links lead to one decision. */
export const requestApproval = defineStep({
  name: 'requestApproval',
  ports: ['ledger', 'post', 'channels', 'estate', 'clock', 'chance'],
  input: Question,
  output: z.strictObject({ id: z.string() }),

  async run({ token, run, plan: ref, approved, round, url }, cloud) {
    const plan = await readPlan(cloud.ledger, ref);
    const difference = approved ? describeDifference(await readPlan(cloud.ledger, approved), plan) : [];
    const links = cloud.estate.approvers.map(({ name }) => draftLink(name, cloud.chance.secret()));
    const asking = { id: idOfToken(token), token, run, plan, ref, round, difference, slots: links, rules: cloud.estate.approval };
    const approval = await storeApproval(draftApproval(asking, cloud.clock.now()), cloud.ledger);
    await noteApproval(cloud.ledger, run.id, approval.id);
    const letters = links.map(({ approver, secret }) => ({ approver, ...renderMail(approval, plan, approver, secret, url) }));
    await note(cloud.ledger, run.id, await tellApprovers(cloud, letters, announceAsking(approval, plan), approval.quorum));
    return { id: approval.id };
  },
});

export const handler = onLambda(requestApproval, { ledger, post, channels, estate, clock, chance });
