// Approvals in the ledger: asked, found behind a link, answered once an approver, and told to the run that waits.
import type { Ledger, Tasks } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import {
  Approval,
  approvalPathOf,
  decide,
  renew,
  tellIn,
  withToken,
  type Answer,
  type Decision,
  type Posted,
} from '../runbooks/approval.ts';
import { isSecret, secretMatches, type Link } from '../secret.ts';

const PREFIX = 'approvals/';
const keyOf = (id: string): string => `${PREFIX}${id}.json`;
/** Twenty people may press at once; more than that is no accident. */
const TRIES = 20;
/** The estate lets no request wait longer: what was written before that has expired. */
const LONGEST_WAIT_SECONDS = 86_400;

/** One round of a run is one approval: a state that is entered again, or run again, adds its task to it. */
export async function openApproval(draft: Approval, now: Date, ledger: Ledger): Promise<Approval> {
  if (await ledger.create(keyOf(draft.id), draft)) return draft;
  return changeApproval(ledger, draft.id, (known) => renew(known, draft, now));
}

export const addToken = (id: string, token: string, ledger: Ledger): Promise<Approval> =>
  changeApproval(ledger, id, (known) => withToken(known, token));

/** More secrets for the same request: what was sent before stays good. */
export const addLinks = (id: string, links: readonly Link[], ledger: Ledger): Promise<Approval> =>
  changeApproval(ledger, id, (known) => ({
    ...known,
    slots: known.slots.map((slot) => ({
      ...slot,
      secretHashes: [
        ...slot.secretHashes,
        ...links.flatMap(({ approver, hashes }) => (approver === slot.approver ? hashes : [])),
      ],
    })),
  }));

/** Written once they have been: a step that dies in between tells them again. */
export const markTold = (id: string, told: readonly string[], posted: readonly Posted[], at: Date, ledger: Ledger) =>
  changeApproval(ledger, id, (known) => tellIn(known, told, posted, at));

/** Each channel once: whoever fetches a decoy again changes nothing. */
export const noteOpened = (id: string, where: string, at: Date, ledger: Ledger): Promise<Approval> =>
  changeApproval(ledger, id, (known) =>
    known.opened.some((one) => one.where === where)
      ? known
      : { ...known, opened: [...known.opened, { where, at: at.toISOString() }] },
  );

export const findApproval = async (id: string, ledger: Ledger): Promise<Approval | undefined> =>
  Approval.safeParse((await ledger.read(keyOf(id)))?.body).data;

/** Whether somebody said yes to just this plan, and it was not voided since. */
export async function isApproved(ledger: Ledger, ids: readonly string[], hash: string): Promise<boolean> {
  const found = await Promise.all(ids.map((id) => findApproval(id, ledger)));
  return found.some((one) => one?.plan.hash === hash && one.decision?.answer === 'approve' && one.voided === null);
}

export async function readApproval(id: string, ledger: Ledger): Promise<Approval> {
  return Approval.parse((await ledger.read(keyOf(id)))?.body);
}

/** Found only with an approver's secret, which names the approver. A link that cannot be ours costs no read. */
export async function findSlot(
  path: string,
  secret: string,
  ledger: Ledger,
): Promise<{ approval: Approval; approver: string } | undefined> {
  const place = approvalPathOf(path);
  if (place === undefined || place.decoy !== undefined || !isSecret(secret)) return undefined;
  const approval = await findApproval(place.id, ledger);
  // Every hash is compared, so that the time tells nothing of whose it was.
  const fitting = approval?.slots.filter(
    ({ secretHashes }) => secretHashes.map((hash) => secretMatches(secret, hash)).filter(Boolean).length > 0,
  );
  return approval && fitting?.[0] && { approval, approver: fitting[0].approver };
}

/** Whoever decided first decided: answers the approval as it stands. */
export const storeAnswer = (approval: Approval, approver: string, answer: Answer, at: Date, ledger: Ledger): Promise<Approval> =>
  changeApproval(ledger, approval.id, (known) => decide(known, approver, answer, at));

/** Approvals that still wait under an older epoch are worth nothing: the plan they show is about another world. */
export async function voidApprovals(app: string, epoch: number, why: string, at: Date, ledger: Ledger): Promise<number> {
  let count = 0;
  for (const { key, writtenAt } of await ledger.list(PREFIX)) {
    if (at.getTime() - Date.parse(writtenAt) > LONGEST_WAIT_SECONDS * 1000) continue;
    const approval = Approval.safeParse((await ledger.read(key))?.body);
    if (!approval.success || approval.data.app !== app || approval.data.epoch >= epoch) continue;
    if (approval.data.decision || approval.data.voided || Date.parse(approval.data.expiresAt) <= at.getTime()) continue;
    await changeApproval(ledger, approval.data.id, (known) =>
      known.decision || known.voided ? known : { ...known, voided: { at: at.toISOString(), why } },
    );
    count++;
  }
  return count;
}

export type Delivered = 'delivered' | 'gone';

/** To the task that waits now, which is the newest that still does. Repeated as often as it takes: a run that has heard it is `gone`. */
async function deliver(tokens: readonly string[], send: (token: string) => Promise<Delivered>): Promise<Delivered> {
  for (const token of tokens.toReversed()) if ((await send(token)) === 'delivered') return 'delivered';
  return 'gone';
}

export const refusalSays = ({ by, reason }: Decision): string => `${by} refused: ${reason === '' ? 'no reason given' : reason}`;

export const deliverDecision = (approval: Approval, decision: Decision, tasks: Tasks): Promise<Delivered> =>
  deliver(approval.tokens, (token) => {
    const { answer, by, at, reason } = decision;
    if (answer === 'approve') return tasks.succeed(token, { approvedBy: by, at, reason, countdown: false });
    return tasks.fail(token, 'ApprovalRefused', refusalSays(decision));
  });

/** The run goes on to wait for the countdown's end instead of for an answer. */
export const deliverCountdown = (approval: Approval, tasks: Tasks): Promise<Delivered> =>
  deliver(approval.tokens.slice(0, approval.countdown?.tasks ?? 0), (token) => {
    const { by = '', at = '', reason = '' } = approval.countdown ?? {};
    return tasks.succeed(token, { approvedBy: `${by} alone`, at, reason, countdown: true });
  });

export const voidSays = ({ voided }: Approval): string => `the approval is void: ${voided?.why ?? 'the world moved'}`;

/** A run whose approval is void hears of it when somebody opens it; its own Recheck would have found the same. */
export const deliverVoid = (approval: Approval, tasks: Tasks): Promise<Delivered> =>
  deliver(approval.tokens, (token) => tasks.fail(token, 'PlanStale', voidSays(approval)));

/** `change` may answer what it was given: then nothing is written. */
export async function changeApproval(ledger: Ledger, id: string, change: (known: Approval) => Approval): Promise<Approval> {
  const key = keyOf(id);
  for (let i = 0; i < TRIES; i++) {
    const found = await ledger.read(key);
    const known = Approval.parse(found?.body);
    const changed = change(known);
    if (changed === known || found === undefined) return known;
    if (await ledger.replace(key, changed, found.version)) return changed;
  }
  throw new RunbookError('CloudTransient', `${key} changed while it was written; it is tried again`, { key });
}
