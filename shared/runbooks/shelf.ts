// The databases that stand beside the one that people read: one that is being filled, and those that were read before, kept for a
// while. Each bears a mark of ours, and nothing without one is ever touched.
import * as z from 'zod';

export type Mark = z.infer<typeof Mark>;
export const Mark = z.strictObject({
  /** The run that made it, or that put it aside. */
  run: z.string(),
  /** `incoming`: being filled. `copy`: made and proven by us. `own`: the team's own, or one that was written to as the writer. */
  kind: z.enum(['incoming', 'copy', 'own']),
  from: z.string().nullable(),
  /** The instant of what is in it. */
  at: z.iso.datetime().nullable(),
  /** The lease's epoch when it was made: a writer declared since may have written to it. */
  epoch: z.int().positive(),
  /** When it was put aside; null for one that bears the name. */
  shelvedAt: z.iso.datetime().nullable(),
  /** What somebody had written on it before us. */
  comment: z.string().nullable(),
});

const PREFIX = 'changeover ';

export const markText = (mark: Mark): string => `${PREFIX}${JSON.stringify(mark)}`;

/** Null where nobody of ours wrote on it; what is in the comment is then somebody else's. */
export function readMarkOf(comment: string | null): Mark | null {
  if (comment?.startsWith(PREFIX) !== true) return null;
  try {
    return Mark.safeParse(JSON.parse(comment.slice(PREFIX.length))).data ?? null;
  } catch {
    return null;
  }
}

export type Stood = z.infer<typeof Stood>;
export const Stood = z.strictObject({
  name: z.string(),
  bytes: z.number().nonnegative(),
  owner: z.string(),
  mark: Mark.nullable(),
  /** What somebody else wrote on it. */
  comment: z.string().nullable(),
});

/** PostgreSQL cuts a longer name off, and two would be one. */
export const LONGEST_NAME = 63;

export const incomingName = (live: string, fencing: number): string => `${live}__incoming_${fencing}`;
export const shelfName = (live: string, fencing: number): string => `${live}__shelf_${fencing}`;
const numberOf = (name: string): number => Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
const isBeside = (live: string, part: string, name: string): boolean =>
  name.startsWith(`${live}__${part}_`) && /^\d+$/.test(name.slice(`${live}__${part}_`.length));

/** What a database becomes that had the name for a moment: the copy that it was begun as, or the shelf that it came from. */
export const returned = (mark: Mark, live: string, name: string): Mark =>
  isBeside(live, 'shelf', name) ? mark : { ...mark, kind: 'incoming' };

/** Put aside by us, the newest first. */
export const shelvesOf = (standing: readonly Stood[], live: string): Stood[] =>
  standing
    .filter(({ name, mark }) => mark !== null && mark.kind !== 'incoming' && isBeside(live, 'shelf', name))
    .sort((one, other) => numberOf(other.name) - numberOf(one.name));

/** Begun by us and never given the name. */
export const leftoversOf = (standing: readonly Stood[], live: string, but?: string): Stood[] =>
  standing.filter(({ name, mark }) => mark?.kind === 'incoming' && isBeside(live, 'incoming', name) && name !== but);

/**
 * What a database becomes when it is put aside. A copy of ours stays one as long as nobody was declared the writer since it was made:
 * nothing is in it that the source does not have.
 */
export const shelved = (live: Stood | undefined, run: string, epoch: number, now: Date): Mark => {
  const known = live?.mark ?? null;
  const clean = known?.kind === 'copy' && known.epoch === epoch;
  return {
    run,
    kind: clean ? 'copy' : 'own',
    from: known?.from ?? null,
    at: known?.at ?? null,
    epoch,
    shelvedAt: now.toISOString(),
    comment: known?.comment ?? live?.comment ?? null,
  };
};

/** Old enough, ours, and nothing in it that is nowhere else: what is left out is kept until a person says otherwise. */
export const retirable = (standing: readonly Stood[], live: string, shelfSeconds: number, now: Date): Stood[] =>
  shelvesOf(standing, live)
    .slice(1)
    .filter(
      ({ mark }) =>
        mark?.kind === 'copy' && now.getTime() - Date.parse(mark.shelvedAt ?? now.toISOString()) >= shelfSeconds * 1000,
    );
