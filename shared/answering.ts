// What comes of a request at the page: a link that is opened, a button that is pressed there or in Slack, a decoy that no person sees.
import type { Cloud } from './cloud/ports.ts';
import {
  deliverCountdown,
  deliverDecision,
  deliverVoid,
  findApproval,
  findSlot,
  noteOpened,
  storeAnswer,
} from './ledger/approvals.ts';
import { readPlan } from './ledger/plans.ts';
import type { PageRequest } from './page.ts';
import {
  renderAnswered,
  renderCounting,
  renderDecision,
  renderQuestion,
  renderUnknown,
  renderVoid,
  type Held,
  type Sheet,
} from './pages/approval.ts';
import { announceAsking, closingOf, placesOf } from './pages/approval-mail.ts';
import { Answer, approvalPathOf, judgeLink, refusalOf, type Approval } from './runbooks/approval.ts';
import { readPress, type SlackPress } from './runbooks/slack-press.ts';
import { decoyOf, draftNonce, isFreshNonce, isSame, secretOf } from './secret.ts';

export type Desk = Pick<Cloud, 'ledger' | 'tasks' | 'clock' | 'estate' | 'channels' | 'slack'>;

export function answerRequest(request: PageRequest, desk: Desk): Promise<Sheet> {
  if (request.path === '/slack') return answerSlack(request, desk);
  const decoy = approvalPathOf(request.path)?.decoy;
  return decoy === undefined ? answerLink(request, desk) : openDecoy(request, decoy, desk);
}

/** GET renders and decides nothing; POST decides once. A second press, or one after a crash, delivers the same decision again. */
async function answerLink({ method, path, query, headers, body }: PageRequest, desk: Desk): Promise<Sheet> {
  const form = new URLSearchParams(body);
  const secret = secretOf((method === 'POST' ? form : query).get('k') ?? '');
  const found = await findSlot(path, secret, desk.ledger);
  const now = desk.clock.now();
  if (!found || judgeLink(found.approval, found.approver, now) === 'unknown') return renderUnknown();
  const { approval, approver } = found;
  const token = approval.tokens[0] ?? '';
  const held: Held = { approver, secret, nonce: draftNonce(token, approver, now) };
  // A run hears that it asks in vain when somebody looks for it.
  if (method === 'POST' && approval.voided && !approval.decision) await deliverVoid(approval, desk.tasks);
  const answer = Answer.safeParse(Object.fromEntries(form));
  if (method !== 'POST' || !answer.success) return show(approval, held, desk);
  if (!isFreshNonce(form.get('n') ?? '', token, approver, now)) return show(approval, held, desk, STALE);
  const why = isOver(approval) ? undefined : refusalOf(approval, approver, answer.data);
  if (why !== undefined) return show(approval, held, desk, why);
  const stands = await storeAnswer(approval, approver, answer.data, now, desk.ledger);
  const sheet = await show(stands, held, desk);
  if (isNews(approval, stands)) await restate(stands, urlOf(headers), desk);
  return sheet;
}

const isNews = (before: Approval, after: Approval): boolean => JSON.stringify(before) !== JSON.stringify(after);
const isOver = ({ decision, voided }: Approval): boolean => decision !== null || voided !== null;
const STALE = 'This page was opened too long ago, or is not ours, so nothing was decided: read it again, then press.';
const urlOf = (headers: PageRequest['headers']): string => `https://${headers['host'] ?? 'changeover.invalid'}/`;

/** The request as it stands, for its approver; a decision is delivered again as often as somebody looks. */
async function show(approval: Approval, held: Held, desk: Desk, ...notices: string[]): Promise<Sheet> {
  const now = desk.clock.now();
  if (approval.decision)
    return renderDecision(approval, approval.decision, await deliverDecision(approval, approval.decision, desk.tasks));
  if (approval.voided) return renderVoid(approval);
  if (approval.countdown) {
    await deliverCountdown(approval, desk.tasks);
    return renderCounting(approval, held, now, notices);
  }
  if (judgeLink(approval, held.approver, now) === 'answered') return renderAnswered(approval, held);
  const plan = await readPlan(desk.ledger, approval.plan);
  return renderQuestion({ approval, plan, people: desk.estate, now, notices }, held);
}

/** What the team reads in the shared channel is what stands: who decided, who is still waited for, whether programs open links there. */
async function restate(approval: Approval, url: string, { channels, ledger, estate, clock }: Desk): Promise<void> {
  if (approval.posted.length === 0 || (approval.countdown !== null && !isOver(approval))) return;
  const now = clock.now();
  const says = closingOf(approval, now) ?? announceAsking(approval, await readPlan(ledger, approval.plan), estate, now, url);
  await Promise.all(approval.posted.map((posted) => channels.replace(posted, says)));
}

/** As if nothing were there, to whoever asks; the request says from then on that programs open links in that place. */
async function openDecoy({ path, headers }: PageRequest, decoy: string, desk: Desk): Promise<Sheet> {
  const approval = await findApproval(approvalPathOf(path)?.id ?? '', desk.ledger);
  const where = approval && placesOf(approval).find((place) => isSame(decoyOf(approval.tokens[0] ?? '', place), decoy));
  if (approval && where !== undefined && !approval.opened.some((one) => one.where === where)) {
    const noted = await noteOpened(approval.id, where, desk.clock.now(), desk.ledger);
    await restate(noted, urlOf(headers), desk);
  }
  return renderUnknown();
}

const HEARD: Sheet = { status: 200, html: '', told: { standing: 'heard', lines: [] } };

/** Slack's own signature tells that it is Slack who asks, and Slack tells which member pressed. Answered at once, whatever came of it. */
async function answerSlack({ method, headers, raw, body }: PageRequest, desk: Desk): Promise<Sheet> {
  const signed = {
    timestamp: headers['x-slack-request-timestamp'] ?? '',
    signature: headers['x-slack-signature'] ?? '',
    body: raw,
  };
  if (method !== 'POST' || signed.signature === '' || !(await desk.slack.sent(signed))) return renderUnknown();
  const press = readPress(body);
  if (!press) return HEARD;
  const says = await decideBySlack(press, urlOf(headers), desk);
  if (says !== undefined) await desk.slack.whisper(press.channel, press.member, says);
  return HEARD;
}

/** Answers what the member must be told, where the channel does not show it. */
async function decideBySlack(
  { member, approval: id, answer, reason }: SlackPress,
  url: string,
  desk: Desk,
): Promise<string | undefined> {
  const now = desk.clock.now();
  const approver = desk.estate.approvers.find(({ slack }) => slack === member)?.name;
  if (approver === undefined) return 'You are not one of the approvers that the estate names, so nothing was decided.';
  const approval = await findApproval(id, desk.ledger);
  if (!approval || judgeLink(approval, approver, now) === 'unknown') return 'This request is not, or no longer, waited for.';
  const given = { answer, reason, typed: '' };
  const why = isOver(approval) ? undefined : refusalOf(approval, approver, given);
  if (why !== undefined) return why;
  const stands = await storeAnswer(approval, approver, given, now, desk.ledger);
  if (stands.decision) await deliverDecision(stands, stands.decision, desk.tasks);
  if (stands.voided && !stands.decision) await deliverVoid(stands, desk.tasks);
  if (isNews(approval, stands)) await restate(stands, url, desk);
  if (stands.decision && approval.decision) return `This request was decided before, by ${stands.decision.by}.`;
  return stands.decision || stands.voided
    ? undefined
    : `Your answer is kept: ${stands.answers.length} of ${stands.quorum} have approved.`;
}
