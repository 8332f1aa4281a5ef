// Approvals in the ledger: asked, found behind a link, answered once an approver, and told to the run that waits.
import type { Ledger, Tasks } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import { Approval, approvalIdOf, decide, mergeApproval, type Answer, type Decision } from '../runbooks/approval.ts';
import { isSecret, secretMatches } from '../secret.ts';

const PREFIX = 'approvals/';
const keyOf = (id: string): string => `${PREFIX}${id}.json`;
/** Somebody else may write between our reading and our writing; three times in a row is no accident any more. */
const TRIES = 3;
/** The estate lets no request wait longer: what was written before that has expired. */
const LONGEST_WAIT_SECONDS = 86_400;

/** A step that is run again for the same task adds its links to the same approval: more messages, one decision. */
export async function storeApproval(approval: Approval, ledger: Ledger): Promise<Approval> {
  if (await ledger.create(keyOf(approval.id), approval)) return approval;
  return changeApproval(ledger, approval.id, (known) => mergeApproval(known, approval));
}

export async function readApproval(id: string, ledger: Ledger): Promise<Approval> {
  return Approval.parse((await ledger.read(keyOf(id)))?.body);
}

/** Found only with an approver's secret, which names the approver. A link that cannot be ours costs no read. */
export async function findApproval(
  path: string,
  secret: string,
  ledger: Ledger,
): Promise<{ approval: Approval; approver: string } | undefined> {
  const id = approvalIdOf(path);
  if (id === undefined || !isSecret(secret)) return undefined;
  const approval = Approval.safeParse((await ledger.read(keyOf(id)))?.body);
  if (!approval.success) return undefined;
  // Every hash is compared, so that the time tells nothing of whose it was.
  const fitting = approval.data.slots.filter(
    ({ secretHashes }) => secretHashes.map((hash) => secretMatches(secret, hash)).filter(Boolean).length > 0,
  );
  return fitting[0] && { approval: approval.data, approver: fitting[0].approver };
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

/** Repeated as often as it takes: a run that has heard it is `gone`, and stays as it is. */
export function deliverDecision(
  { token }: Approval,
  { answer, by, at, reason }: Decision,
  tasks: Tasks,
): Promise<'delivered' | 'gone'> {
  if (answer === 'approve') return tasks.succeed(token, { approvedBy: by, at, reason });
  return tasks.fail(token, 'ApprovalRefused', `${by} refused: ${reason === '' ? 'no reason given' : reason}`);
}

/** A run whose approval is void hears of it when somebody opens it; its own Recheck would have found the same. */
export const deliverVoid = ({ token, voided }: Approval, tasks: Tasks): Promise<'delivered' | 'gone'> =>
  tasks.fail(token, 'PlanStale', `the approval is void: ${voided?.why ?? 'the world moved'}`);

async function changeApproval(ledger: Ledger, id: string, change: (known: Approval) => Approval): Promise<Approval> {
  for (let i = 0; i < TRIES; i++) {
    const entry = await ledger.read(keyOf(id));
    const known = Approval.parse(entry?.body);
    const changed = change(known);
    if (changed === known || (await ledger.replace(keyOf(id), changed, entry?.version ?? ''))) return changed;
  }
  throw new RunbookError('CloudTransient', `${keyOf(id)} changed while it was written; it is tried again`, { approval: id });
}
