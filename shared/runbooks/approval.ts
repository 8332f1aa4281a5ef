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
  secretHash: z.string(),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  decision: Decision.nullable(),
});

export type Standing = 'unknown' | 'open' | 'decided';

/**
 * How a link stands. A wrong secret, an id that never was and an expired request are one and the same `unknown`, so that nobody
 * learns which of them it was.
 */
export function judgeLink(approval: Approval | undefined, secretMatches: boolean, now: Date): Standing {
  if (!approval || !secretMatches) return 'unknown';
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
