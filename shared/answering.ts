// The approval behind a link, and how a stored decision reaches the run that waits for it.
import type { Ledger, Tasks } from './cloud/ports.ts';
import { Approval, approvalIdOf, type Decision } from './runbooks/approval.ts';
import { isSecret, secretMatches } from './secret.ts';

export interface FoundApproval {
  readonly approval: Approval;
  readonly version: string;
}

/** Found only with its approver's secret. A link that cannot be ours costs no read. */
export async function findApproval(path: string, secret: string, ledger: Ledger): Promise<FoundApproval | undefined> {
  const id = approvalIdOf(path);
  if (id === undefined || !isSecret(secret)) return undefined;
  const entry = await ledger.read(`approvals/${id}.json`);
  const approval = Approval.safeParse(entry?.body);
  if (!entry || !approval.success || !secretMatches(secret, approval.data.secretHash)) return undefined;
  return { approval: approval.data, version: entry.version };
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
