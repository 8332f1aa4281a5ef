// Stretches of the timeline: joined, cut out of one another, added up. Each is from its first instant to its last, in milliseconds.
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The same stretches in order, none of them empty and no two overlapping. */
export function joined(intervals: readonly Interval[]): Interval[] {
  const whole: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (next.to <= next.from) continue;
    if (last && next.from <= last.to) whole[whole.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
    else whole.push(next);
  }
  return whole;
}

/** What of them lies in `frame`. */
export const within = (frame: Interval, intervals: readonly Interval[]): Interval[] =>
  joined(intervals.map(({ from, to }) => ({ from: Math.max(from, frame.from), to: Math.min(to, frame.to) })));

/** What is left of them when the holes are cut out. */
export function without(holes: readonly Interval[], intervals: readonly Interval[]): Interval[] {
  let left = joined(intervals);
  for (const hole of joined(holes))
    left = left.flatMap(({ from, to }) => [
      { from, to: Math.min(to, hole.from) },
      { from: Math.max(from, hole.to), to },
    ]);
  return joined(left);
}

export const secondsIn = (intervals: readonly Interval[]): number =>
  joined(intervals).reduce((sum, { from, to }) => sum + (to - from), 0) / 1000;
