// The one message that carries a secret link, to its approver alone.
import type { Approval } from '../runbooks/approval.ts';
import { instant } from './html.ts';

export function renderMail(approval: Approval, secret: string, url: string): { subject: string; text: string } {
  const link = new URL(`/approvals/${approval.id}?k=${secret}`, url).href;
  const lines = [
    `${approval.machine} asks for your answer.`,
    `Why: ${approval.reason}`,
    `Asked by: ${approval.askedBy}`,
    `Expires: ${instant(approval.expiresAt)}; silence is a no.`,
    '',
    link,
    '',
  ];
  return { subject: `${approval.machine}: your answer is needed`, text: lines.join('\n') };
}
