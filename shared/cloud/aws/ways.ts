// Several ways to reach people, tried at once: each has its time, and what became of each is told.
import { RunbookError } from '../../errors.ts';
import type { Delivery } from '../ports.ts';
import { translate } from './errors.ts';

export interface Way {
  /** As people call it: `e-mail`, `Slack`. */
  readonly name: string;
  send(signal: AbortSignal): Promise<void>;
}

export interface Tried extends Delivery {
  /** Whether another try of a way that failed may get through. */
  readonly worthAnother: boolean;
}

export async function tryAll(ways: readonly Way[], mostMilliseconds: number): Promise<Tried> {
  const tried = await Promise.all(ways.map(async (way) => ({ way: way.name, error: await failureOf(way, mostMilliseconds) })));
  return {
    sent: tried.flatMap(({ way, error }) => (error === undefined ? way : [])),
    silent: tried.flatMap(({ way, error }) => (error === undefined ? [] : { way, why: error.message })),
    worthAnother: tried.some(({ error }) => error?.name === 'CloudTransient'),
  };
}

async function failureOf(way: Way, mostMilliseconds: number): Promise<RunbookError | undefined> {
  const signal = AbortSignal.timeout(mostMilliseconds);
  const late = new RunbookError('CloudTransient', `no answer within ${mostMilliseconds / 1000} s`);
  try {
    // A signal ends a request, not the pause before the next try: the race ends both.
    await Promise.race([
      way.send(signal),
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(late), { once: true });
      }),
    ]);
    return undefined;
  } catch (error) {
    if (signal.aborted) return late;
    return error instanceof RunbookError ? error : translate(error, `telling ${way.name}`);
  }
}
