// One timeline for everything in the rehearsal. Timeline time = wall time + the waiting that was skipped.
import { createHistory } from './history.ts';
import { createTickers, type Ticker } from './ticker.ts';

export type Pace = { readonly kind: 'real' } | { readonly kind: 'scaled'; readonly speed: number } | { readonly kind: 'virtual' };

export interface Timeline {
  readonly pace: Pace;
  /** Milliseconds since 1970 on the timeline. */
  now(): number;
  /** Timeline minus wall clock, in milliseconds: what a process needs to set its own clock. */
  offset(): number;
  /** The wall's instant until which it was no later than this one here: what was committed before it had happened by then. */
  wallAt(instant: number): number;
  /** Runs `work` at that instant, never before; the returned function calls it off. */
  at(instant: number, work: () => void): () => void;
  after(milliseconds: number, work: () => void): () => void;
  /**
   * Runs `work` every `period` milliseconds, holding time while it does, never twice at once. When time jumps past many periods only
   * the last `most` of them are lived through, each at its own instant and before the event that the jump was made for. Alone it
   * makes no virtual time pass. It begins a period from now, or at the instant `from`. The returned function ends it.
   */
  every(period: number, work: () => Promise<void> | void, options: { readonly most: number; readonly from?: number }): () => void;
  /** Resolves after that much timeline; rejects with the signal's reason when it aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** While work is held, time flows at the wall's pace: real work is never scaled and never jumped over. */
  hold(): () => void;
  busy<T>(work: () => Promise<T> | T): Promise<T>;
  /** Virtual time moves only while somebody waits for something: it jumps from event to event until the promise settles. */
  letPass<T>(until: Promise<T>): Promise<T>;
  /** Lets time pass to that instant. */
  passTo(instant: number): Promise<void>;
  /** The same at any pace, from event to event as virtual time goes: what happened before the story begins. */
  leapTo(instant: number): Promise<void>;
  /** What this work waits for passes at once, in the same way. */
  hurry<T>(work: () => Promise<T>): Promise<T>;
  /** Calls off everything that is still to come; whoever lets time pass hears of it. */
  stop(): void;
}

interface Entry {
  readonly instant: number;
  readonly order: number;
  readonly work: () => void;
}

export interface TimelineOptions {
  pace: Pace;
  /** Where the timeline begins; the wall clock's now by default. */
  startsAt?: number;
}

/** Turns of the event loop that must pass idle before virtual time jumps: what an answer sets off gets to run first. */
const QUIET_TURNS = 4;
/** Node's timers take at most a signed 32-bit count of milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export function createTimeline({ pace, startsAt = Date.now() }: TimelineOptions): Timeline {
  const history = createHistory();
  let anchorWall = 0;
  let anchorTime = 0;
  let rate = 1;
  let held = 0;
  let waiters = 0;
  let leapers = 0;
  let order = 0;
  let entries: Entry[] = [];
  const tickers = createTickers();
  let timer: NodeJS.Timeout | undefined;
  let quiet: NodeJS.Immediate | undefined;
  let stopped = false;
  let tellStopped: (error: Error) => void = () => undefined;
  const stopping = new Promise<never>((_resolve, reject) => (tellStopped = reject));
  stopping.catch(() => undefined);

  const now = (): number => anchorTime + (Date.now() - anchorWall) * rate;

  const anchor = (time: number, speed = rate): void => {
    anchorTime = time;
    anchorWall = Date.now();
    rate = speed;
    history.note({ time, wall: anchorWall, rate });
  };
  anchor(startsAt);

  /** Chooses the rate for what is going on now, and arranges to wake for the next event. */
  function plan(): void {
    if (stopped) return;
    clearTimeout(timer);
    if (quiet) clearImmediate(quiet);
    timer = quiet = undefined;
    const idle = held === 0;
    const wanted = pace.kind === 'scaled' && idle ? pace.speed : 1;
    if (wanted !== rate) anchor(now(), wanted);
    if (jumps() && idle && entries.length > 0) return afterQuietTurns(QUIET_TURNS);
    const next = Math.min(nextEntry()?.instant ?? Infinity, tickers.earliest()?.next ?? Infinity);
    if (next === Infinity) return;
    const due = (next - now()) / rate;
    timer = setTimeout(fire, Math.min(Math.max(0, Math.ceil(due)), LONGEST_TIMER));
    // Virtual time that nobody waits for must not keep a process alive.
    if (pace.kind === 'virtual') timer.unref();
  }

  const jumps = (): boolean => leapers > 0 || (pace.kind === 'virtual' && waiters > 0);

  /** Where time jumps, an event waits for the ticks before it; one made since, as a timeout in a tick's own work, does not. */
  function nextEntry(): Entry | undefined {
    const gate = jumps() ? tickers.gate() : undefined;
    return gate === undefined ? entries[0] : entries.find((entry) => entry.order >= gate);
  }

  function afterQuietTurns(left: number): void {
    quiet = setImmediate(() => {
      if (left > 0) return afterQuietTurns(left - 1);
      const target = Math.max(now(), entries[0]?.instant ?? 0);
      tickers.skipTo(target);
      const next = Math.min(target, tickers.earliest()?.next ?? Infinity);
      if (next > now()) anchor(next);
      fire();
    });
  }

  function fire(): void {
    const time = now();
    const entry = nextEntry();
    try {
      tickers.skipTo(time);
      const ticker = tickers.earliest();
      if (ticker && ticker.next <= Math.min(time, entry?.instant ?? Infinity)) tick(ticker);
      else if (entry && entry.instant <= time) {
        entries.splice(entries.indexOf(entry), 1);
        entry.work();
      }
    } finally {
      // One event's mistake must not be the end of time.
      plan();
    }
  }

  function tick(ticker: Ticker): void {
    ticker.next += ticker.period;
    ticker.began = order;
    void busy(async () => {
      try {
        await ticker.work();
      } finally {
        ticker.began = undefined;
      }
    });
  }

  const at = (instant: number, work: () => void): (() => void) => {
    if (!Number.isFinite(instant)) throw new RangeError(`an event needs an instant, found ${String(instant)}`);
    const entry: Entry = { instant, order: order++, work };
    const place = entries.findIndex((e) => e.instant > instant);
    entries.splice(place === -1 ? entries.length : place, 0, entry);
    plan();
    return () => {
      entries = entries.filter((e) => e !== entry);
      plan();
    };
  };
  const after = (milliseconds: number, work: () => void): (() => void) => at(now() + milliseconds, work);

  const hold = (): (() => void) => {
    held++;
    plan();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      held--;
      plan();
    };
  };

  const busy = async <T>(work: () => Promise<T> | T): Promise<T> => {
    const release = hold();
    try {
      return await work();
    } finally {
      release();
    }
  };

  const letPass = async <T>(until: Promise<T>): Promise<T> => {
    waiters++;
    plan();
    try {
      return await Promise.race([until, stopping]);
    } finally {
      waiters--;
      plan();
    }
  };

  const hurry = async <T>(work: () => Promise<T>): Promise<T> => {
    leapers++;
    try {
      return await letPass(work());
    } finally {
      leapers--;
      plan();
    }
  };

  const reach = (instant: number): Promise<void> => new Promise((resolve) => void at(instant, resolve));

  const wait = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = after(milliseconds, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    pace,
    now,
    offset: () => now() - Date.now(),
    wallAt: history.wallAt,
    at,
    after,
    wait,
    hold,
    letPass,
    busy,
    every(period, work, { most, from = now() + period }) {
      if (!(period > 0)) throw new RangeError(`periodic work needs a period, found ${String(period)}`);
      const end = tickers.add({ next: from, period, most, work });
      plan();
      return () => {
        end();
        plan();
      };
    },
    leapTo: (instant) => hurry(() => reach(instant)),
    hurry,
    passTo: (instant) => letPass(reach(instant)),
    stop() {
      stopped = true;
      tellStopped(new Error('the timeline was stopped: nothing more will happen on it'));
      clearTimeout(timer);
      if (quiet) clearImmediate(quiet);
      entries = [];
      tickers.clear();
    },
  };
}
