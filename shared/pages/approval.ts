// The approver's page: what is asked, two buttons, and the truth about what was decided.
import type { Approval, Decision } from '../runbooks/approval.ts';
import { escape, facts, instant, page } from './html.ts';

const asked = (approval: Approval): string =>
  facts([
    ['Run', approval.run],
    ['Runbook', approval.machine],
    ['Why', approval.reason],
    ['Asked by', approval.askedBy],
    ['Asked at', instant(approval.askedAt)],
    ['Expires', `${instant(approval.expiresAt)}; silence is a no`],
  ]);

/** The secret goes back in the form's body, not in its address, so that a log of addresses holds no decision. */
export function renderQuestion(approval: Approval, secret: string): string {
  return page(
    'Your answer is needed',
    `<h1>${escape(approval.machine)} asks for you, ${escape(approval.approver)}</h1>${asked(approval)}` +
      `<form method="post" action="/approvals/${escape(approval.id)}"><input type="hidden" name="k" value="${escape(secret)}">` +
      `<label for="reason">A word with your answer (optional)</label><textarea id="reason" name="reason" maxlength="500"></textarea>` +
      `<div class="buttons"><button name="answer" value="approve">Approve</button>` +
      `<button class="stop" name="answer" value="refuse">Refuse</button></div></form>` +
      `<p class="note">Opening this page decided nothing. Only a button does.</p>`,
  );
}

export function renderDecision(approval: Approval, decision: Decision, delivered: 'delivered' | 'gone'): string {
  const verb = decision.answer === 'approve' ? 'approved' : 'refused';
  const heard =
    delivered === 'delivered'
      ? 'The run has the answer and goes on.'
      : 'The run no longer waits under this link: it has this answer, it ended, or it asked you again in a newer message.';
  return page(
    `This request was ${verb}`,
    `<h1>This request was ${verb} by ${escape(decision.by)}</h1>${asked(approval)}` +
      facts([
        ['Decided at', instant(decision.at)],
        ['In their words', decision.reason === '' ? 'nothing was said' : decision.reason],
      ]) +
      `<p class="note">${heard}</p>`,
  );
}

/** One answer for the unknown, the expired and the forged. */
export const renderUnknown = (): string =>
  page(
    'Nothing to decide here',
    '<h1>Nothing to decide here</h1><p>This link is not, or no longer, valid. If a run still waits, ask for a new link.</p>',
  );
