// Approvals in the ledger: asked, found behind a link, decided once, and told to the run that waits.
import type { Ledger, Tasks } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import { Approval, approvalIdOf, type Decision } from './runbooks/approval.ts';
import { isSecret, secretMatches } from './secret.ts';

const keyOf = (id: string): string => `approvals/${id}.json`;
/** Somebody else may write between our reading and our writing; three times in a row is no accident any more. */
const TRIES = 3;

/** A step that is run again for the same task adds its link to the same approval: two mails, one decision. */
export async function storeApproval(approval: Approval, ledger: Ledger): Promise<void> {
  if (await ledger.create(keyOf(approval.id), approval)) return;
  for (let i = 0; i < TRIES; i++) {
    const entry = await ledger.read(keyOf(approval.id));
    const asked = Approval.parse(entry?.body);
    const both = { ...asked, secretHashes: [...asked.secretHashes, ...approval.secretHashes] };
    if (await ledger.replace(keyOf(approval.id), both, entry?.version ?? '')) return;
  }
  throw new RunbookError('CloudTransient', `${keyOf(approval.id)} changed while it was written; it is tried again`, {
    run: approval.run,
  });
}

/** Found only with its approver's secret. A link that cannot be ours costs no read. */
export async function findApproval(path: string, secret: string, ledger: Ledger): Promise<Approval | undefined> {
  const id = approvalIdOf(path);
  if (id === undefined || !isSecret(secret)) return undefined;
  const entry = await ledger.read(keyOf(id));
  const approval = Approval.safeParse(entry?.body);
  return approval.success && approval.data.secretHashes.some((hash) => secretMatches(secret, hash)) ? approval.data : undefined;
}

/** Whoever decided first decided: answers the decision that stands. */
export async function storeDecision({ id }: Approval, decision: Decision, ledger: Ledger): Promise<Decision> {
  for (let i = 0; i < TRIES; i++) {
    const entry = await ledger.read(keyOf(id));
    const approval = Approval.parse(entry?.body);
    if (approval.decision) return approval.decision;
    if (await ledger.replace(keyOf(id), { ...approval, decision }, entry?.version ?? '')) return decision;
  }
  throw new RunbookError('CloudTransient', 'the decision could not be stored; press again');
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
