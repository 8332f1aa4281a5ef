// Several measurements of one thing as what is told of them: the one in the middle, and how far apart the others are.
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new RangeError('nothing was measured');
  const upper = sorted[Math.floor(sorted.length / 2)] ?? most;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? least;
  return { median: (lower + upper) / 2, least, most };
}

/** The one whose value is nearest the middle: an example that stands for the others. */
export function middleOf<T>(items: readonly T[], valueOf: (item: T) => number): T {
  const { median } = spreadOf(items.map(valueOf));
  const [first, ...rest] = items;
  if (first === undefined) throw new RangeError('nothing was measured');
  return rest.reduce((best, item) => (Math.abs(valueOf(item) - median) < Math.abs(valueOf(best) - median) ? item : best), first);
}
