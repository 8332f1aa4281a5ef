// The approver's page: who asks and why, what would be lost, two buttons, then all it rests on; and the truth about what was decided.
// Each is told twice: as a page for people, and as lines for `npm run approve`.
import { openedSays, type Approval, type Decision } from '../runbooks/approval.ts';
import type { People } from '../runbooks/asking.ts';
import type { Plan } from '../runbooks/plan.ts';
import { askedSays, bodyOf, endingsOf, overridesOf } from './approval-mail.ts';
import { changesOf, factsOf, limitsOf, lossOf } from './plan.ts';
import { escape, facts, instant, page, section } from './html.ts';

export interface Sheet {
  readonly status: number;
  readonly html: string;
  readonly told: Told;
}
/** What a program is told. */
export interface Told {
  readonly standing: string;
  readonly lines: readonly string[];
  /** Goes back with an answer. */
  readonly nonce?: string;
  /** What must be typed to go alone, where somebody may. */
  readonly alone?: string;
}

const asked = (approval: Approval, who?: string): string =>
  facts([
    ['Run', approval.run],
    ['Runbook', `${approval.runbook} of ${approval.app}`],
    ['Why', approval.reason],
    ['Asked by', approval.askedBy],
    ['Asked at', instant(approval.askedAt)],
    ...(who === undefined ? [] : [['Asked', who] as const]),
    ['Expires', `${instant(approval.expiresAt)}; silence is a no`],
    ['Execution', approval.execution],
    ['Approval', approval.id],
  ]);

const alarm = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<section class="alarm" role="alert">${paragraphs(lines)}</section>`;
const paragraphs = (lines: readonly string[]): string => lines.map((line) => `<p>${escape(line)}</p>`).join('');

const BUTTONS =
  `<div class="buttons"><button name="answer" value="approve">Approve</button>` +
  `<button class="stop" name="answer" value="refuse">Refuse</button></div>`;

/** What a link carries into its page, and back with a button. */
export interface Held {
  readonly approver: string;
  readonly secret: string;
  readonly nonce: string;
}
export interface Shown {
  readonly approval: Approval;
  readonly plan: Plan;
  readonly people: People;
  readonly now: Date;
  /** Why the last press decided nothing. */
  readonly notices: readonly string[];
}

/** What a person must know before pressing anything fits a telephone; everything it rests on comes after the buttons. */
const head = ({ approval, plan, notices }: Shown, approver: string): string =>
  `<h1>${escape(plan.title)}</h1><p class="note">${escape(approver)}, ${escape(approval.runbook)} needs your answer.` +
  `${approval.quorum > 1 ? ` ${approval.answers.length} of ${approval.quorum} have approved.` : ''}</p>` +
  alarm([...notices, ...overridesOf(plan)]) +
  `<section><p class="big"><b>Lost if you approve:</b> ${escape(plan.loss.says)}</p>` +
  `<p>${escape(approval.askedBy)} asks: ${escape(approval.reason)}</p>` +
  `<p class="soft">Until ${instant(approval.expiresAt)}; silence is a no.</p>` +
  `${paragraphs(openedSays(approval))}</section>`;

/** The secret goes back in the form's body, not in its address, so that a log of addresses holds no decision. */
const form = (approval: Approval, { secret, nonce }: Held, body: string): string =>
  `<form method="post" action="/approvals/${escape(approval.id)}"><input type="hidden" name="k" value="${escape(secret)}">` +
  `<input type="hidden" name="n" value="${escape(nonce)}">${body}</form>`;

const words = (label: string): string =>
  `<label for="reason">${label}</label><textarea id="reason" name="reason" maxlength="500" autocomplete="off"></textarea>`;

/** A form of its own: Enter in a line of text presses the first button of its form. */
const goAlone = (approval: Approval, held: Held): string => {
  if (!approval.alone) return '';
  const { types, seconds } = approval.alone;
  return section(
    'Nobody else is awake?',
    `<p>In an emergency you may go alone. Everybody who was asked is told, and for ${seconds} s anyone of them may stop it.</p>` +
      form(
        approval,
        held,
        `<label for="typed">Type <b>${escape(types)}</b></label><input id="typed" name="typed" maxlength="100" autocomplete="off" autocapitalize="none" spellcheck="false">` +
          `<div class="buttons"><button class="stop" name="answer" value="alone">Go alone</button></div>`,
      ),
  );
};

/** A press that decided nothing is told apart, for programs. */
const statusOf = (notices: readonly string[]): number => (notices.length === 0 ? 200 : 409);

export function renderQuestion(shown: Shown, held: Held): Sheet {
  const { approval, plan, people, now, notices } = shown;
  const moved =
    approval.difference.length === 0 ? '' : section('Different from what you were asked before', list(approval.difference));
  const note = `Opening this page decided nothing. Only a button does. ${endingsOf(approval).join(' ')} Every fact below is read again after you press.`;
  const ground =
    changesOf(plan) +
    lossOf(plan.loss) +
    limitsOf(plan.limits) +
    factsOf(plan.facts, now) +
    asked(approval, askedSays(people, approval, now));
  // All that follows is in the one form: the words written above go with the buttons below.
  const decision = `${words('A word with it (a no needs one)')}${BUTTONS}<p class="note">${escape(note)}</p>`;
  const body =
    approval.alone === null
      ? form(approval, held, `${decision}${ground}${BUTTONS}`)
      : form(approval, held, decision) + goAlone(approval, held) + ground;
  return {
    status: statusOf(notices),
    html: page('Your answer is needed', head(shown, held.approver) + moved + body),
    told: {
      standing: 'open',
      lines: [...notices, ...bodyOf(approval, plan)],
      nonce: held.nonce,
      ...(approval.alone && { alone: approval.alone.types }),
    },
  };
}

const AGAIN_SECONDS = 5;

export function renderCounting(approval: Approval, held: Held, now: Date, notices: readonly string[]): Sheet {
  const { by = '', until = '', reason = '' } = approval.countdown ?? {};
  const left = Math.max(0, Math.ceil((Date.parse(until) - now.getTime()) / 1000));
  const says = `${by} goes alone in ${left} s, at ${instant(until)}, unless somebody presses Stop.`;
  const stop = `${words('A word with it (optional)')}<div class="buttons"><button class="stop" name="answer" value="stop">Stop</button></div>`;
  return {
    status: statusOf(notices),
    html: page(
      'Somebody goes alone',
      `<h1>${escape(says)}</h1>${alarm(notices)}` +
        (reason === '' ? '' : `<p>In their words: ${escape(reason)}</p>`) +
        form(approval, held, stop) +
        `<p class="note">A stop ends the run red, and nothing is changed.</p>${asked(approval)}`,
      // Whoever has pressed stands at an address without the secret.
      { seconds: AGAIN_SECONDS, at: `/approvals/${approval.id}?k=${held.secret}` },
    ),
    told: { standing: 'counting', lines: [...notices, says], nonce: held.nonce },
  };
}

export function renderDecision(approval: Approval, decision: Decision, delivered: 'delivered' | 'gone'): Sheet {
  const verb = decision.answer === 'approve' ? 'approved' : 'refused';
  const heard =
    delivered === 'delivered'
      ? 'The run has the answer and goes on.'
      : 'The run no longer waits for it: it has this answer, it ended, or it asked you again in a newer message.';
  const said = decision.reason === '' ? 'nothing was said' : decision.reason;
  return {
    status: 200,
    html: page(
      `This request was ${verb}`,
      `<h1>This request was ${verb} by ${escape(decision.by)}</h1>${asked(approval)}` +
        facts([
          ['Decided at', instant(decision.at)],
          ['In their words', said],
        ]) +
        `<p class="note">${heard}</p>`,
    ),
    told: {
      standing: 'decided',
      lines: [`This request was ${verb} by ${decision.by} at ${instant(decision.at)}: ${said}`, heard],
    },
  };
}

export function renderAnswered(approval: Approval, held: Held): Sheet {
  const says = `${approval.answers.length} of ${approval.quorum} have approved; the run goes on when all have.`;
  return {
    status: 200,
    html: page(
      'Your answer is kept',
      `<h1>Your answer is kept, ${escape(held.approver)}</h1><p>${says}</p>${goAlone(approval, held)}${asked(approval)}`,
    ),
    told: { standing: 'answered', lines: [says], nonce: held.nonce, ...(approval.alone && { alone: approval.alone.types }) },
  };
}

export const renderVoid = (approval: Approval): Sheet => {
  const why = approval.voided?.why ?? '';
  const says =
    'What it showed is no longer so, and pressing would have decided about another world. If the run is still wanted, start it again.';
  return {
    status: 200,
    html: page('This request is void', `<h1>This request is void</h1>${alarm([why])}<p>${says}</p>${asked(approval)}`),
    told: { standing: 'void', lines: [`This request is void: ${why}`, says] },
  };
};

const UNKNOWN = 'This link is not, or no longer, valid. If a run still waits, ask for a new link.';
/** One answer for the unknown, the expired and the forged. */
export const renderUnknown = (): Sheet => ({
  status: 404,
  html: page('Nothing to decide here', `<h1>Nothing to decide here</h1><p>${UNKNOWN}</p>`),
  told: { standing: 'unknown', lines: [UNKNOWN] },
});

const list = (lines: readonly string[]): string => `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;
