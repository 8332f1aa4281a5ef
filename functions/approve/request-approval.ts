import * as z from 'zod';
import { storeApproval } from '../../shared/approvals.ts';
import { chance, clock, ledger, onLambda, post } from '../../shared/lambda.ts';
import { renderMail } from '../../shared/pages/approval-mail.ts';
import { draftApproval } from '../../shared/runbooks/approval.ts';
import { Run } from '../../shared/runbooks/rollcall.ts';
import { hashSecret, idOfToken } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';

/** Stores the waiting task and mails its link to the approver alone. Run twice it mails twice, and both links lead to one decision. */
export const requestApproval = defineStep({
  name: 'requestApproval',
  ports: ['ledger', 'post', 'clock', 'chance'],
  input: z.strictObject({
    token: z.string().min(1),
    run: Run,
    approver: z.strictObject({ name: z.string().min(1), topic: z.string().min(1) }),
    url: z.url(),
    waitSeconds: z.number().int().positive(),
  }),
  output: z.strictObject({ id: z.string() }),

  async run(asking, cloud) {
    const secret = cloud.chance.secret();
    const approval = draftApproval(asking, idOfToken(asking.token), hashSecret(secret), cloud.clock.now());
    await storeApproval(approval, cloud.ledger);
    await cloud.post.deliver({ to: asking.approver.topic, ...renderMail(approval, secret, asking.url) });
    return { id: approval.id };
  },
});

export const handler = onLambda(requestApproval, { ledger, post, clock, chance });
