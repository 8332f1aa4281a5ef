// The gap between two writers' keys: before another side takes writes its sequences leap ahead, so that no number is given out twice,
// whatever the side that was left has given out since anybody could ask it.
import * as z from 'zod';
import type { Change } from './plan.ts';

export type SequenceFact = z.infer<typeof SequenceFact>;
export const SequenceFact = z
  .strictObject({
    sequence: z.string(),
    /** The last number given out, as text: it may be larger than a double holds. */
    last: z.string().regex(/^-?\d+$/),
    /** The farthest there is, by the sequence or by the column it fills. */
    most: z.string().regex(/^-?\d+$/),
    falling: z.boolean(),
  })
  .readonly();

export type SequenceTarget = z.infer<typeof SequenceTarget>;
export const SequenceTarget = z.strictObject({ sequence: z.string(), to: z.string().regex(/^-?\d+$/) });

/** More than a small team's busiest table is given in any outage, and two thousand changes of the writer fit into 31 bits. */
export const GAP = 1_000_000n;
/** Where less is left than twenty gaps: a share of what is left, as long as it is worth it. */
const SHARE = 20n;
/** A gap smaller than this may be filled while nobody looks. */
export const LEAST_GAP = 1_000n;

export interface Gaps {
  readonly targets: readonly SequenceTarget[];
  /** Sequences that have no room for a gap. */
  readonly full: readonly string[];
}

/** From whichever side is farther. A sequence that only the other side has fills nothing here. */
export function draftGaps(to: readonly SequenceFact[], from: readonly SequenceFact[]): Gaps {
  const targets: SequenceTarget[] = [];
  const full: string[] = [];
  for (const { sequence, last, most, falling } of to) {
    const sign = falling ? -1n : 1n;
    const other = from.find((one) => one.sequence === sequence && one.falling === falling);
    const standing = [BigInt(last), ...(other ? [BigInt(other.last)] : [])].map((value) => value * sign);
    const base = standing.reduce((far, value) => (value > far ? value : far));
    const room = BigInt(most) * sign - base;
    const gap = room < GAP * SHARE ? room / SHARE : GAP;
    if (gap < LEAST_GAP) full.push(`${sequence} has room for ${room < 0n ? 0n : room} more`);
    // Where there is no room for a gap, at least nothing of the other side's is given out again.
    targets.push({ sequence, to: String((base + (gap < LEAST_GAP ? 0n : gap)) * sign) });
  }
  return { targets, full };
}

/** As a plan tells it: how far each is moves while a person reads, that they move does not. */
export const gapChange = (environment: string): Change => ({
  act: 'GapSequences',
  target: `the sequences of ${environment}`,
  says: `${environment} gives out keys that the other side has not given out`,
  before: 'as they stand',
  after: 'a gap beyond whichever side is farther',
});
