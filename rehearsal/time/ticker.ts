// Periodic work on the timeline: a heartbeat, a probe. Of the many periods that a jump passes over only the last few are lived
// through, each at its own instant: nobody who looks afterwards at a heartbeat or a probe can tell.

export interface Ticker {
  /** The instant of the next tick. */
  next: number;
  readonly period: number;
  /** So many ticks are lived through of all that one jump passes over. */
  readonly most: number;
  readonly work: () => Promise<void> | void;
  /** The order of events when its work began; undefined while it rests. */
  began: number | undefined;
}

export interface Tickers {
  add(ticker: Pick<Ticker, 'next' | 'period' | 'most' | 'work'>): () => void;
  /** Lets the ticks go by that nobody will have seen when it is `instant`. */
  skipTo(instant: number): void;
  /** The ticker whose tick is the next one to come, if one rests. */
  earliest(): Ticker | undefined;
  /** Events made before this one was are not to overtake the work that is going on; undefined when none is. */
  gate(): number | undefined;
  clear(): void;
}

export function createTickers(): Tickers {
  let all: Ticker[] = [];
  return {
    add(given) {
      const ticker: Ticker = { ...given, began: undefined };
      all.push(ticker);
      return () => void (all = all.filter((known) => known !== ticker));
    },
    skipTo(instant) {
      for (const ticker of all) {
        const due = Math.floor((instant - ticker.next) / ticker.period) + 1;
        if (due > ticker.most) ticker.next += (due - ticker.most) * ticker.period;
      }
    },
    earliest: () =>
      all
        .filter(({ began }) => began === undefined)
        .reduce<Ticker | undefined>((first, ticker) => (first && first.next <= ticker.next ? first : ticker), undefined),
    gate: () =>
      all.reduce<number | undefined>(
        (gate, { began }) => (began === undefined ? gate : Math.min(gate ?? Infinity, began)),
        undefined,
      ),
    clear: () => void (all = []),
  };
}
