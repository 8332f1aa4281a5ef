// What every change of the writer needs of its plan, and how its fences and its first write are judged.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import { Intent, RecordChange, RecordSet } from './journal.ts';
import { SequenceTarget } from './sequences.ts';
import { countOf, listOf } from './words.ts';

export type Asking = z.infer<typeof Asking>;
export const Asking = z.enum(['https', 'any certificate', 'http']);

/** What the acts need that lead people from one side to another. A runbook that does more has more in its plan than is read here. */
export type MoveDetail = z.infer<typeof MoveDetail>;
export const MoveDetail = z.object({
  from: z.string(),
  to: z.string(),
  /** One batch a zone: the whole record sets of all its public names, before and after. */
  zones: z.array(
    z.strictObject({
      zone: z.string(),
      before: z.array(RecordSet),
      after: z.array(RecordSet),
      changes: z.array(RecordChange),
      inverse: z.array(RecordChange),
    }),
  ),
  fence: z.strictObject({
    web: z.strictObject({ listeners: z.array(z.string()), skipped: z.string().nullable() }),
    /** Who may connect to the old side's database, as it was read: exactly these get it back. */
    database: z.strictObject({ connect: z.array(z.string()), skipped: z.string().nullable() }),
  }),
  /** How far the sequences of the side that is to serve leap before anybody writes there. */
  gap: z.array(SequenceTarget),
  /** Whether undoing may lead people back to the side that was left. */
  invert: Intent.shape.invert,
  /** How each name is asked of the new side, where a limit of its door was lifted; by HTTPS with an honest certificate otherwise. */
  asked: z.record(z.string(), Asking),
  /** How long a resolver may go on with the old answer. */
  ttlSeconds: z.int().nonnegative(),
});

const Within = z.looseObject({ restore: z.looseObject({}) });
/** A copy by snapshot leads the target's readers to another instance: that is a move within it. */
export const withinOf = ({ detail }: { readonly detail: unknown }): unknown => Within.safeParse(detail).data?.restore ?? detail;
export const moveOf = (plan: { readonly detail: unknown }): MoveDetail => MoveDetail.parse(withinOf(plan));

/** What was tried after the fence, as the database's port tells it. */
export interface FenceProof {
  readonly openSession: string | null;
  readonly newSession: string | null;
  readonly ended: number;
  readonly spared: number;
}

/** Both writes must have failed: the one of a session that was open before, and the one of a new session. */
export function judgeFence(
  environment: string,
  { openSession, newSession, ended, spared }: FenceProof,
): { says: string; notes: string[] } {
  const through = [
    ...(openSession === null ? ['a session that was open before the fence'] : []),
    ...(newSession === null ? ['a new session'] : []),
  ];
  if (through.length > 0) {
    const says = `${listOf(through)} of the application still wrote to the database of ${environment} after the fence, expected both to fail; look who grants CONNECT there`;
    throw new RunbookError('VerifyFailed', says, { environment });
  }
  return {
    says: `nobody writes to the database of ${environment}: ${countOf(ended, 'session')} ended, an open session said "${openSession ?? ''}", a new one "${newSession ?? ''}"`,
    notes:
      spared === 0
        ? []
        : [
            `spared on ${environment}: ${countOf(spared, "superuser's session", "superusers' sessions")}, which cannot be ended and write nothing of the application's`,
          ],
  };
}

/** The note that went in through the public name, looked for in the new writer's own database. */
export function judgeWrite(
  to: string,
  note: string,
  found: { readonly environment: string; readonly writtenAt: string } | undefined,
): string {
  if (found?.environment === to)
    return `the write through the public name is in the database of ${to}, written at ${found.writtenAt}`;
  const observed = found ? `it is there, but ${found.environment} wrote it` : 'it is not there';
  const says = `the write "${note}" was taken through the public name, expected in the database of ${to} and written by it: ${observed}; look which database ${to} is on`;
  throw new RunbookError('VerifyFailed', says, { to, environment: found?.environment ?? null });
}
