// The word that somebody most likely meant.

/** How many letters must be put in, left out, changed or swapped with their neighbour to make one word of the other. */
function distance(one: string, other: string): number {
  let [above, row] = [[] as number[], Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const same = one[line - 1] === other[column - 1];
      const swapped = one[line - 1] === other[column - 2] && one[line - 2] === other[column - 1];
      next[column] = Math.min(
        (row[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (row[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (above[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [above, row] = [row, next];
  }
  return row[other.length] ?? Infinity;
}

export function nearest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3)))
    .sort((one, other) => one.far - other.far);
  return ranked[0]?.candidate;
}
