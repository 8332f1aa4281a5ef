import * as z from 'zod';
import { RunbookError } from '../../shared/errors.ts';
import { chance, clock, ledger, onLambda, post } from '../../shared/lambda.ts';
import { renderMail } from '../../shared/pages/approval-mail.ts';
import { draftApproval } from '../../shared/runbooks/approval.ts';
import { Run } from '../../shared/runbooks/rollcall.ts';
import { hashSecret } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';

/** Stores the waiting task and mails its link to the approver alone. Run twice it asks twice; only one answer can reach the run. */
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
    const [id, secret] = [cloud.chance.secret(), cloud.chance.secret()];
    const approval = draftApproval(asking, id, hashSecret(secret), cloud.clock.now());
    if (!(await cloud.ledger.create(`approvals/${id}.json`, approval))) {
      throw new RunbookError('CloudTransient', `approvals/${id}.json was not free; another id is tried`, { run: asking.run.id });
    }
    await cloud.post.deliver({ to: asking.approver.topic, ...renderMail(approval, secret, asking.url) });
    return { id };
  },
});

export const handler = onLambda(requestApproval, { ledger, post, clock, chance });
