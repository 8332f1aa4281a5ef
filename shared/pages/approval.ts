// The approver's page: who asks and why, what would be lost, two buttons, then all it rests on; and the truth about what was decided.
import type { Approval, Decision } from '../runbooks/approval.ts';
import type { Plan } from '../runbooks/plan.ts';
import { overridesOf } from './approval-mail.ts';
import { changesOf, factsOf, limitsOf, lossOf } from './plan.ts';
import { escape, facts, instant, page, section } from './html.ts';

const asked = (approval: Approval): string =>
  facts([
    ['Run', approval.run],
    ['Runbook', `${approval.runbook} of ${approval.app}`],
    ['Why', approval.reason],
    ['Asked by', approval.askedBy],
    ['Asked at', instant(approval.askedAt)],
    ['Expires', `${instant(approval.expiresAt)}; silence is a no`],
    ['Execution', approval.execution],
  ]);

const alarm = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<section class="alarm">${lines.map((line) => `<p>${escape(line)}</p>`).join('')}</section>`;

const BUTTONS =
  `<div class="buttons"><button name="answer" value="approve">Approve</button>` +
  `<button class="stop" name="answer" value="refuse">Refuse</button></div>`;

/** What a person must know before pressing anything fits a telephone; everything it rests on comes after the buttons. */
const head = (approval: Approval, plan: Plan, approver: string): string =>
  `<h1>${escape(plan.title)}</h1><p class="note">${escape(approver)}, ${escape(approval.runbook)} needs your answer.` +
  `${approval.quorum > 1 ? ` ${approval.answers.length} of ${approval.quorum} have approved.` : ''}</p>` +
  alarm(overridesOf(plan)) +
  `<section><p class="big"><b>Lost if you approve:</b> ${escape(plan.loss.says)}</p>` +
  `<p>${escape(approval.askedBy)} asks: ${escape(approval.reason)}</p>` +
  `<p class="soft">Until ${instant(approval.expiresAt)}; silence is a no.</p></section>`;

/**
 * The secret goes back in the form's body, not in its address, so that a log of addresses holds no decision. All that follows is in
 * the one form: the words written above go with the buttons below.
 */
const form = (approval: Approval, secret: string, rest: string): string =>
  `<form method="post" action="/approvals/${escape(approval.id)}"><input type="hidden" name="k" value="${escape(secret)}">` +
  `<label for="reason">A word with your answer (optional)</label><textarea id="reason" name="reason" maxlength="500"></textarea>` +
  `${BUTTONS}<p class="note">Opening this page decided nothing. Only a button does. Every fact below is read again after you press.</p>` +
  `${rest}${BUTTONS}</form>`;

export function renderQuestion(approval: Approval, plan: Plan, approver: string, secret: string, now: Date): string {
  const moved =
    approval.difference.length === 0 ? '' : section('Different from what you were asked before', list(approval.difference));
  return page(
    'Your answer is needed',
    head(approval, plan, approver) +
      moved +
      form(
        approval,
        secret,
        changesOf(plan) + lossOf(plan.loss) + limitsOf(plan.limits) + factsOf(plan.facts, now) + asked(approval),
      ),
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

export const renderAnswered = (approval: Approval, approver: string): string =>
  page(
    'Your answer is kept',
    `<h1>Your answer is kept, ${escape(approver)}</h1>` +
      `<p>${approval.answers.length} of ${approval.quorum} have approved; the run goes on when all have.</p>${asked(approval)}`,
  );

export const renderVoid = (approval: Approval): string =>
  page(
    'This request is void',
    `<h1>This request is void</h1>${alarm([approval.voided?.why ?? ''])}` +
      `<p>What it showed is no longer so, and pressing would have decided about another world. If the run is still wanted, start it again.</p>${asked(approval)}`,
  );

/** One answer for the unknown, the expired and the forged. */
export const renderUnknown = (): string =>
  page(
    'Nothing to decide here',
    '<h1>Nothing to decide here</h1><p>This link is not, or no longer, valid. If a run still waits, ask for a new link.</p>',
  );

const list = (lines: readonly string[]): string => `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;
