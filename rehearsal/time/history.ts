// How the timeline ran against the wall's clock: what happened by some instant of it, in the words of whoever keeps only the wall's
// time, as PostgreSQL's log does. While time jumps the wall stands still, so that a fraction of a millisecond can divide hours.

/** From here on time ran at this rate. */
interface Stretch {
  readonly time: number;
  /** Whole milliseconds, as `now` counts them. */
  readonly wall: number;
  /** To the fraction. */
  readonly began: number;
  readonly rate: number;
}

export interface History {
  note(stretch: Omit<Stretch, 'began'>): void;
  /** The wall's instant until which it was no later than `instant`: milliseconds with a fraction, which was the first one after. */
  wallAt(instant: number): number;
}

/** Weeks of virtual time; whoever jumps more often forgets the older half. */
const MOST = 100_000;

export function createHistory(most = MOST): History {
  const fineWall = createFineWall();
  let stretches: Stretch[] = [];
  let forgot = false;
  return {
    note(stretch) {
      stretches.push({ ...stretch, began: fineWall() });
      if (stretches.length <= most) return;
      stretches = stretches.slice(Math.floor(most / 2));
      forgot = true;
    },
    wallAt(instant) {
      const found = stretches.findLastIndex(({ time }) => time <= instant);
      const [first] = stretches;
      if (!first || (forgot && found === -1))
        throw new RangeError(`the timeline no longer knows when it was ${new Date(instant).toISOString()}`);
      const { time, wall, rate } = stretches[found] ?? first;
      return Math.min(Math.floor(wall + (instant - time) / rate) + 1, stretches[found + 1]?.began ?? Infinity);
    },
  };
}

/** The wall's clock between its milliseconds: the steady clock's fraction, put right whenever the two disagree. */
function createFineWall(): () => number {
  let ahead = performance.timeOrigin;
  return () => {
    const wall = Date.now();
    const fine = ahead + performance.now();
    const right = Math.min(Math.max(fine, wall), wall + 0.999);
    ahead += right - fine;
    return right;
  };
}
