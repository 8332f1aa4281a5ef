// An approval: what is stored, what counts as a valid answer, and what an answer decides. Pure: hashing and clocks are the step's.
import * as z from 'zod';

export type Decision = z.infer<typeof Decision>;
export const Decision = z.strictObject({
  answer: z.enum(['approve', 'refuse']),
  by: z.string(),
  at: z.iso.datetime(),
  reason: z.string(),
});

/** The entry `approvals/<id>.json`. Of the approver's secret only a hash is kept; the task token never leaves the ledger. */
export type Approval = z.infer<typeof Approval>;
export const Approval = z.strictObject({
  id: z.string(),
  run: z.string(),
  machine: z.string(),
  reason: z.string(),
  askedBy: z.string(),
  approver: z.string(),
  token: z.string(),
  /** One a mail that was sent: each link leads here. */
  secretHashes: z.array(z.string()),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decision: Decision.nullable(),
});

/** What the machine asks of its approver. */
export interface Asking {
  readonly token: string;
  readonly run: { readonly id: string; readonly machine: string; readonly reason: string; readonly by: string };
  readonly approver: { readonly name: string };
  readonly waitSeconds: number;
}

export const draftApproval = (
  { token, run, approver, waitSeconds }: Asking,
  id: string,
  secretHash: string,
  now: Date,
): Approval => ({
  id,
  run: run.id,
  machine: run.machine,
  reason: run.reason,
  askedBy: run.by,
  approver: approver.name,
  token,
  secretHashes: [secretHash],
  askedAt: now.toISOString(),
  expiresAt: new Date(now.getTime() + waitSeconds * 1000).toISOString(),
  decision: null,
});

export type Standing = 'unknown' | 'open' | 'decided';

/** How a link stands whose secret fits: an expired request is as `unknown` as one that never was, so that nobody learns which. */
export function judgeLink(approval: Approval, now: Date): Standing {
  if (approval.decision) return 'decided';
  return now.getTime() >= Date.parse(approval.expiresAt) ? 'unknown' : 'open';
}

/** The form as posted: anything but the two buttons decides nothing. A browser counts a line's end as one character and sends two. */
export type Answer = z.infer<typeof Answer>;
export const Answer = z.object({
  answer: z.enum(['approve', 'refuse']),
  reason: z
    .string()
    .transform((words) => words.replaceAll('\r\n', '\n'))
    .pipe(z.string().max(500))
    .default(''),
});

export const decide = (approval: Approval, { answer, reason }: Answer, at: Date): Decision => ({
  answer,
  by: approval.approver,
  at: at.toISOString(),
  reason: reason.trim(),
});

/** `approvals/<id>` out of the link's path, if it is one of ours. */
export const approvalIdOf = (path: string): string | undefined => /^\/approvals\/([A-Za-z0-9_-]{43})$/.exec(path)?.[1];
