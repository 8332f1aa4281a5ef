// Telling people: a link to its approver alone, the fact that somebody is asked to everybody. What stays silent is told, and stops
// nothing, as long as enough approvers were reached to agree.
import type { Cloud, Post } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import { addLinks, markTold } from './ledger/approvals.ts';
import { note } from './ledger/journal.ts';
import { announceAsking, announceCountdown, closingOf, renderCountdown, renderMail, type Letter } from './pages/approval-mail.ts';
import { tellIn, type Approval } from './runbooks/approval.ts';
import { dueOf, type Due } from './runbooks/asking.ts';
import type { Plan } from './runbooks/plan.ts';
import { draftLink } from './secret.ts';

export type Voice = Pick<Cloud, 'ledger' | 'post' | 'channels' | 'estate' | 'clock' | 'chance'>;

/** Whom letters reached, and what stayed silent, in words for the report. */
interface Sent {
  readonly told: readonly string[];
  readonly failures: readonly string[];
  readonly silent: readonly string[];
  /** Another try may reach more. */
  readonly worthAnother: boolean;
}

async function send(post: Post, letters: readonly Letter[]): Promise<Sent> {
  const delivered = await Promise.allSettled(letters.map((letter) => post.deliver(letter)));
  const nameOf = (i: number): string => letters[i]?.approver ?? '';
  return {
    told: delivered.flatMap(({ status }, i) => (status === 'fulfilled' ? [nameOf(i)] : [])),
    failures: delivered.flatMap((result, i) =>
      result.status === 'rejected' ? [`${nameOf(i)} could not be told: ${wordsOf(result.reason)}`] : [],
    ),
    silent: delivered.flatMap((result) => (result.status === 'fulfilled' ? result.value.silent.map(silenceSays) : [])),
    worthAnother: delivered.some((result) => result.status === 'rejected' && !isRefusal(result.reason)),
  };
}

const join = (one: Sent, other: Sent): Sent => ({
  told: [...one.told, ...other.told],
  failures: [...one.failures, ...other.failures],
  silent: [...one.silent, ...other.silent],
  worthAnother: one.worthAnother || other.worthAnother,
});

/** Writes to whoever is due; to everybody else as well where those cannot be reached. Safe to repeat: who was told is kept. */
export async function askDue(approval: Approval, plan: Plan, url: string, voice: Voice): Promise<void> {
  const { ledger, post, channels, estate, clock, chance } = voice;
  const due = dueOf(estate, approval, clock.now());
  if (due.length === 0 || approval.decision) return;
  const earlier = approval.slots.flatMap(({ approver, toldAt }) => (toldAt === null ? [] : [approver]));
  const ask = async (people: readonly Due[]): Promise<Sent> => {
    const links = people.map(({ approver, again }) => ({ ...draftLink(approver, chance.secret()), again, url }));
    const known = await addLinks(approval.id, links, ledger);
    return send(
      post,
      links.map((link) => renderMail(known, plan, link)),
    );
  };
  let sent = await ask(due);
  const enough = (): boolean => new Set([...earlier, ...sent.told]).size >= approval.quorum;
  const others = approval.slots.filter(
    ({ approver, toldAt }) => toldAt === null && !due.some((one) => one.approver === approver),
  );
  if (!enough() && others.length > 0) sent = join(sent, await ask(others.map(({ approver }) => ({ approver, again: false }))));
  if (!enough()) throw tooFew(sent, approval.quorum);
  const now = clock.now();
  const isNew = sent.told.some((name) => !earlier.includes(name));
  const announcement = announceAsking(tellIn(approval, sent.told, [], now), plan, estate, now, url);
  const shared = isNew ? await channels.announce(announcement) : { silent: [], posted: [] };
  const told = await markTold(approval.id, sent.told, shared.posted, now, ledger);
  // Whoever pressed a button while it was being posted found nothing to change in its place.
  await closePosted([told], voice);
  await note(ledger, approval.run, [...sent.failures, ...sent.silent, ...shared.silent.map(silenceSays)]);
}

function tooFew({ told, failures, worthAnother }: Sent, quorum: number): RunbookError {
  const who = told.length === 0 ? 'no approver' : `only ${told.length} of the ${quorum} approvers that must agree`;
  const says = `${who} could be told: ${failures.join('; ')}`;
  return new RunbookError(worthAnother ? 'CloudTransient' : 'CloudRefused', says, { approvers: failures.length });
}

/** Everybody is told that somebody goes alone, with a link or a button that stops it. A countdown that nobody hears of goes on all the same. */
export async function tellCountdown(approval: Approval, url: string, voice: Voice): Promise<void> {
  const { ledger, post, channels, chance, clock } = voice;
  const links = approval.slots.map(({ approver }) => ({ ...draftLink(approver, chance.secret()), url }));
  const known = await addLinks(approval.id, links, ledger);
  const [sent, shared] = await Promise.all([
    send(
      post,
      links.map((link) => renderCountdown(known, link)),
    ),
    channels.announce(announceCountdown(known)),
  ]);
  await markTold(approval.id, [], shared.posted, clock.now(), ledger);
  await note(ledger, approval.run, [...sent.failures, ...sent.silent, ...shared.silent.map(silenceSays)]);
}

/** Buttons that decide nothing any more give way to what was decided; as often as anybody likes. */
export async function closePosted(
  approvals: readonly Approval[],
  { channels, clock }: Pick<Voice, 'channels' | 'clock'>,
): Promise<void> {
  const closing = approvals.flatMap((approval) => {
    const says = closingOf(approval, clock.now());
    return says ? approval.posted.map((posted) => channels.replace(posted, says)) : [];
  });
  await Promise.all(closing);
}

export const silenceSays = ({ way, why }: { readonly way: string; readonly why: string }): string =>
  `${way} stayed silent: ${why}`;
const isRefusal = (reason: unknown): boolean => reason instanceof RunbookError && reason.name === 'CloudRefused';
const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));
