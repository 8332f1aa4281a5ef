// The history of an execution: numbered events, each naming the one before it on its own path.
import { MAX_HISTORY_EVENTS } from './limits.ts';
import { StateError } from './world.ts';
import type { HistoryDraft, HistoryEvent, World } from './world.ts';

/** One path of events: the machine's own, a branch's or an iteration's. */
export interface Chain {
  last: number;
}

export interface History {
  readonly events: HistoryEvent[];
  /** Writes an event after the chain's last and returns its number; a closed history ignores what comes late. */
  write(chain: Chain, draft: HistoryDraft): number;
  /** Writes an event that leaves the chain where it was, as AWS numbers some. */
  writeAside(chain: Chain, draft: HistoryDraft): number;
  /** Whether another event may be written besides the last. */
  room(): boolean;
  /** The last event of all. */
  close(chain: Chain, draft: HistoryDraft): void;
}

export function createHistory(world: World, events: HistoryEvent[]): History {
  let closed = false;

  function append(previousEventId: number, draft: HistoryDraft): number {
    const event: HistoryEvent = { ...draft, id: events.length + 1, previousEventId, timestamp: world.timeline.now() };
    events.push(event);
    world.onEvent?.(event);
    return event.id;
  }

  const writeAside = (chain: Chain, draft: HistoryDraft): number => {
    if (closed) return chain.last;
    // The event that ends the execution is itself the last one allowed.
    if (events.length >= MAX_HISTORY_EVENTS - 1) {
      throw new StateError(
        'States.Runtime',
        `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
      );
    }
    return append(chain.last, draft);
  };

  return {
    events,
    writeAside,
    room: () => events.length < MAX_HISTORY_EVENTS - 1,
    write(chain, draft) {
      chain.last = writeAside(chain, draft);
      return chain.last;
    },
    close(chain, draft) {
      closed = true;
      append(chain.last, draft);
    },
  };
}

/** A payload as the API gives it: JSON text, and that nothing was cut off. */
export const inputOf = (value: unknown): Record<string, unknown> => ({
  input: JSON.stringify(value),
  inputDetails: { truncated: false },
});
export const outputOf = (value: unknown): Record<string, unknown> => ({
  output: JSON.stringify(value),
  outputDetails: { truncated: false },
});

/** An error's two fields, without those it does not have. */
export const failureOf = ({
  error,
  cause,
}: {
  error?: string | undefined;
  cause?: string | undefined;
}): Record<string, string> => ({
  ...(error === undefined || error === '' ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

/** AWS names an event's details after its type: `mapIterationStartedEventDetails`. */
export function detailed(type: string, details: Readonly<Record<string, unknown>>, key = type): HistoryDraft {
  return { type, details: { [`${key.charAt(0).toLowerCase()}${key.slice(1)}EventDetails`]: details } };
}
