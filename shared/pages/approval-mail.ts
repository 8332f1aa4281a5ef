// What is sent when somebody is asked: a letter with a secret link to each approver alone, and word of it without one to everybody.
import type { Announcement } from '../cloud/ports.ts';
import { isExpired, openedSays, type Approval } from '../runbooks/approval.ts';
import { awayUntil, type People } from '../runbooks/asking.ts';
import type { Plan } from '../runbooks/plan.ts';
import { countOf, listOf } from '../runbooks/words.ts';
import { decoyOf, sayCode, type Link } from '../secret.ts';
import { instant } from './html.ts';

/** In capitals, because it is the one thing a tired person must not miss. */
export const overridesOf = (plan: Plan): string[] =>
  plan.limits
    .filter(({ verdict }) => verdict === 'overridden')
    .map(({ name, observed }) => `OVERRIDDEN: ${name.toUpperCase()} (${observed})`);

/** What it takes, and what a no comes to. */
export const endingsOf = ({ quorum, answers }: Approval): string[] => {
  const yes = answers.filter(({ answer }) => answer === 'approve').map(({ by }) => by);
  const so = yes.length === 0 ? 'none has so far' : `${listOf(yes)} did`;
  return [
    ...(quorum > 1 ? [`${countOf(quorum, 'approver')} must agree; ${so}.`] : []),
    'A no ends the run red, and nothing is changed.',
  ];
};

/** Who is asked, who is not there, who may not. */
export function askedSays({ approvers }: People, { slots, excluded, answers }: Approval, now: Date): string {
  const says = approvers.map((one) => {
    const answer = answers.find(({ by }) => by === one.name);
    const told = slots.find(({ approver }) => approver === one.name)?.toldAt;
    const away = awayUntil(one, now);
    const standing = answer ? `said ${answer.answer === 'approve' ? 'yes' : 'no'}` : told ? 'asked' : 'not asked yet';
    const notes = [
      standing,
      ...(away === undefined ? [] : [`away until ${away}`]),
      ...(excluded === one.name ? ['asked for this run'] : []),
    ];
    return `${one.name} (${notes.join(', ')})`;
  });
  return says.join(', ');
}

const lossSays = ({ loss }: Plan): string => `Lost if you approve: ${loss.says}`;

export const bodyOf = (approval: Approval, plan: Plan): string[] => [
  plan.title,
  ...overridesOf(plan),
  lossSays(plan),
  ...(approval.difference.length > 0
    ? ['The world moved since the last request:', ...approval.difference.map((line) => `- ${line}`)]
    : []),
  `Why: ${approval.reason}`,
  `Asked by: ${approval.askedBy}`,
  'What will change:',
  ...plan.changes.map(({ says, before, after }) => `- ${says}: ${before} → ${after}`),
  ...plan.skipped.map(({ act, why }) => `- ${act} is left out: ${why}`),
  `Predicted: ${plan.predictedSeconds} s of work, $${plan.costUsd.toFixed(4)}`,
  ...endingsOf(approval),
  `Until ${instant(approval.expiresAt)}; silence is a no.`,
  ...openedSays(approval),
];

const decoyUrl = ({ id, tokens }: Approval, where: string, url: string): string =>
  new URL(`/approvals/${id}/${decoyOf(tokens[0] ?? '', where)}`, url).href;

export interface Letter {
  readonly approver: string;
  readonly subject: string;
  readonly text: string;
}
interface Sent extends Link {
  readonly url: string;
  /** Asked before, and silent since. */
  readonly again: boolean;
}

/** By whatever way it comes: what is told apart is the letter to one approver. */
const letterTo = (approver: string): string => `the messages to ${approver}`;

/** Below what anybody reads: a person sees the words, a program the address. */
const forPrograms = (approval: Approval, approver: string, url: string): string[] => [
  ...Array.from({ length: 12 }, () => ''),
  'Not for you: whoever opens this address is a program, and the request says so. It decides nothing.',
  decoyUrl(approval, letterTo(approver), url),
  '',
];

const answering = (approval: Approval, { approver, secret, code, url }: Sent): string[] => [
  'Read and answer (this link is yours alone):',
  new URL(`/approvals/${approval.id}?k=${secret}`, url).href,
  '',
  'Without a browser:',
  `npm run approve -- ${approval.id} --code ${sayCode(code)}`,
  '',
  ...forPrograms(approval, approver, url),
];

export function renderMail(approval: Approval, plan: Plan, sent: Sent): Letter {
  const { approver } = sent;
  const round = approval.round > 1 ? ` (asked again, ${approval.round})` : '';
  const again = sent.again ? ' (reminder)' : '';
  const words = [`${approver}, ${approval.app}: ${approval.runbook} asks for your answer${round}${again}.`, ''];
  return {
    approver,
    subject: `${approval.app}: ${approval.runbook} needs your answer${round}${again}`,
    text: [...words, ...bodyOf(approval, plan), '', ...answering(approval, sent)].join('\n'),
  };
}

export function renderCountdown(approval: Approval, sent: Omit<Sent, 'again'>): Letter {
  const { approver } = sent;
  const says = countdownSays(approval);
  return {
    approver,
    subject: `${approval.app}: ${says}`,
    text: [`${approver}, ${says}`, ...reasonOf(approval), '', ...answering(approval, { ...sent, again: false })].join('\n'),
  };
}

const countdownSays = ({ countdown, runbook }: Approval): string =>
  `${countdown?.by ?? ''} goes alone with ${runbook} at ${instant(countdown?.until ?? '')} unless somebody presses Stop`;
const reasonOf = ({ countdown }: Approval): string[] =>
  countdown && countdown.reason !== '' ? [`In their words: ${countdown.reason}`] : [];

/** Where the team reads along, by the name of the channel's own way. */
const SHARED = ['Slack', 'Discord', 'e-mail'] as const;
const decoysOf = (approval: Approval, url: string): Record<string, string> =>
  Object.fromEntries(SHARED.map((way) => [way, decoyUrl(approval, sharedBy(way), url)]));
const sharedBy = (way: (typeof SHARED)[number]): string => `the shared channel of ${way}`;

/** Every place that has a decoy: an address tells its own only to whoever knows the task's token. */
export const placesOf = ({ slots }: Approval): string[] => [
  ...SHARED.map(sharedBy),
  ...slots.map(({ approver }) => letterTo(approver)),
];

const factsOf = (approval: Approval): Announcement['facts'] => ({
  run: approval.run,
  runbook: approval.runbook,
  app: approval.app,
  approval: approval.id,
  expires: approval.expiresAt,
});

export const announceAsking = (approval: Approval, plan: Plan, people: People, now: Date, url: string): Announcement => ({
  kind: 'asking',
  title: `${approval.app}: ${approval.runbook} waits for ${waitedFor(approval)}`,
  lines: [
    ...bodyOf(approval, plan),
    `Asked: ${askedSays(people, approval, now)}`,
    `Without Slack: npm run approve -- ${approval.id}`,
  ],
  facts: factsOf(approval),
  asks: { approval: approval.id, buttons: ['approve', 'refuse'], before: lossSays(plan) },
  decoys: decoysOf(approval, url),
});

const waitedFor = ({ slots, answers }: Approval): string =>
  listOf(
    slots
      .filter(({ approver, toldAt }) => toldAt !== null && !answers.some(({ by }) => by === approver))
      .map(({ approver }) => approver),
  );

export const announceCountdown = (approval: Approval): Announcement => ({
  kind: 'asking',
  title: `${approval.app}: ${countdownSays(approval)}`,
  lines: [
    ...reasonOf(approval),
    'Whoever is an approver may stop it, here or by their own link; a stop ends the run red, and nothing is changed.',
  ],
  facts: factsOf(approval),
  asks: { approval: approval.id, buttons: ['stop'] },
});

/** How it ended, in a word and in a line; undefined while its buttons still decide. */
function endOf(approval: Approval, now: Date): { title: string; says: string } | undefined {
  const { decision, voided, expiresAt, countdown } = approval;
  if (decision) {
    const words = decision.reason === '' ? '' : `: ${decision.reason}`;
    const verb = decision.answer === 'approve' ? 'Approved' : 'Refused';
    return { title: `${verb} by ${decision.by}`, says: `At ${instant(decision.at)}${words}` };
  }
  if (voided) return { title: 'Void', says: `${voided.why}; nothing was decided.` };
  if (countdown || !isExpired(approval, now)) return undefined;
  return { title: 'Nobody answered', says: `Until ${instant(expiresAt)}: silence is a no, and nothing was changed.` };
}

/** What stands in the place of the buttons once they decide nothing any more; undefined while they do. */
export function closingOf(approval: Approval, now: Date): Announcement | undefined {
  const end = endOf(approval, now);
  return (
    end && {
      kind: 'note',
      title: `${approval.app}: ${approval.runbook}: ${end.title}`,
      lines: [end.says, `Asked by ${approval.askedBy}: ${approval.reason}`, ...openedSays(approval)],
      facts: factsOf(approval),
    }
  );
}
