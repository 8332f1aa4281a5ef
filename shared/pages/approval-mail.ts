// What is sent when somebody is asked: a letter with a secret link to each approver alone, and word of it without one to everybody.
import type { Announcement } from '../cloud/ports.ts';
import type { Approval } from '../runbooks/approval.ts';
import type { Plan } from '../runbooks/plan.ts';
import { instant } from './html.ts';

/** In capitals, because it is the one thing a tired person must not miss. */
export const overridesOf = (plan: Plan): string[] =>
  plan.limits
    .filter(({ verdict }) => verdict === 'overridden')
    .map(({ name, observed }) => `OVERRIDDEN: ${name.toUpperCase()} (${observed})`);

const bodyOf = (approval: Approval, plan: Plan): string[] => [
  plan.title,
  ...overridesOf(plan),
  `Lost if you approve: ${plan.loss.says}`,
  ...(approval.difference.length > 0
    ? ['The world moved since the last request:', ...approval.difference.map((line) => `- ${line}`)]
    : []),
  `Why: ${approval.reason}`,
  `Asked by: ${approval.askedBy}`,
  'What will change:',
  ...plan.changes.map(({ says, before, after }) => `- ${says}: ${before} → ${after}`),
  ...plan.skipped.map(({ act, why }) => `- ${act} is left out: ${why}`),
  `Predicted: ${plan.predictedSeconds} s of work, $${plan.costUsd.toFixed(4)}`,
  `Expires: ${instant(approval.expiresAt)}; silence is a no.`,
];

export function renderMail(
  approval: Approval,
  plan: Plan,
  approver: string,
  secret: string,
  url: string,
): { subject: string; text: string } {
  const link = new URL(`/approvals/${approval.id}?k=${secret}`, url).href;
  const again = approval.round > 1 ? ` (asked again, ${approval.round})` : '';
  const words = [
    `${approver}, ${approval.app}: ${approval.runbook} asks for your answer${again}.`,
    '',
    ...bodyOf(approval, plan),
  ];
  return {
    subject: `${approval.app}: ${approval.runbook} needs your answer${again}`,
    text: [...words, '', 'Read and answer (this link is yours alone):', link, ''].join('\n'),
  };
}

export const announceAsking = (approval: Approval, plan: Plan): Announcement => ({
  kind: 'asking',
  title: `${approval.app}: ${approval.runbook} waits for ${approval.slots.map(({ approver }) => approver).join(', ')}`,
  lines: bodyOf(approval, plan),
  facts: { run: approval.run, runbook: approval.runbook, app: approval.app, approval: approval.id, expires: approval.expiresAt },
});
