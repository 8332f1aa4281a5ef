import * as z from 'zod';
import { RunbookError } from '../../shared/errors.ts';
import { chance, clock, ledger, onLambda, post } from '../../shared/lambda.ts';
import type { Approval } from '../../shared/runbooks/approval.ts';
import { Run } from '../../shared/runbooks/rollcall.ts';
import { hashSecret } from '../../shared/secret.ts';
import { defineStep } from '../../shared/step.ts';

const Input = z.strictObject({
  token: z.string().min(1),
  run: Run,
  approver: z.strictObject({ name: z.string().min(1), topic: z.string().min(1) }),
  url: z.url(),
  waitSeconds: z.number().int().positive(),
});

/** Stores the waiting task and mails its link to the approver alone. Run twice it asks twice; only one answer can reach the run. */
export const requestApproval = defineStep({
  name: 'requestApproval',
  ports: ['ledger', 'post', 'clock', 'chance'],
  input: Input,
  output: z.strictObject({ id: z.string() }),

  async run({ token, run, approver, url, waitSeconds }, cloud) {
    const [id, secret, now] = [cloud.chance.secret(), cloud.chance.secret(), cloud.clock.now()];
    const expiresAt = new Date(now.getTime() + waitSeconds * 1000).toISOString();
    const asked = { id, run: run.id, machine: run.machine, reason: run.reason, askedBy: run.by, approver: approver.name };
    const approval: Approval = {
      ...asked,
      token,
      secretHash: hashSecret(secret),
      askedAt: now.toISOString(),
      expiresAt,
      decision: null,
    };
    if (!(await cloud.ledger.create(`approvals/${id}.json`, approval))) {
      throw new RunbookError('CloudTransient', `approvals/${id}.json was not free; another id is tried`, { run: run.id });
    }
    const link = new URL(`/approvals/${id}?k=${secret}`, url).href;
    const text = `${run.machine} asks for your answer.\nWhy: ${run.reason}\nAsked by: ${run.by}\nExpires: ${expiresAt}; silence is a no.\n\n${link}\n`;
    await cloud.post.deliver({ to: approver.topic, subject: `${run.machine}: your answer is needed`, text });
    return { id };
  },
});

export const handler = onLambda(requestApproval, { ledger, post, clock, chance });
