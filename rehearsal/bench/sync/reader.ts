// Starts who reads all the while, and asks what was seen.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import type { Ending } from '../../run/ending.ts';

export interface Probes {
  readonly asked: number;
  /** Answered by an error. */
  readonly failed: number;
  /** Answered, and a customer was not there: the first, the last or the one in the middle. */
  readonly short: number;
  /** The longest anybody was without a good answer; ten and the query's own where nothing happened. */
  readonly longestMilliseconds: number;
}

export async function startReader(config: ClientConfig, customers: number, ending: Ending): Promise<() => Promise<Probes>> {
  const task = JSON.stringify({ config, customers });
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'probing.ts'), task], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const takeBack = ending.undo(() => void child.kill());
  await hear(child);
  return async () => {
    const heard = hear<Probes>(child);
    child.send('enough');
    const probes = await heard;
    takeBack();
    return probes;
  };
}

/** The next that a process says; rejects when it ends without a word. */
export const hear = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the bench ended with ${code ?? 'a signal'}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
