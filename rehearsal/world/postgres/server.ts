// One PostgreSQL server process: started until it answers, stopped until it is gone, and its last words.
import { spawn } from 'node:child_process';
import type { Warden } from '../../host/warden.ts';
import { ENVIRONMENT, gist } from './commands.ts';
import type { Installation } from './installation.ts';

export interface Server {
  readonly alive: boolean;
  /** Settles when the process is gone, whoever ended it. */
  readonly gone: Promise<void>;
  stop(how: 'fast' | 'immediate'): Promise<void>;
}

export interface ServerOptions {
  readonly installation: Installation;
  readonly data: string;
  readonly port: number;
  readonly warden: Warden;
  /** Resolves when the server takes sessions; rejects while it does not yet. */
  readonly answers: () => Promise<void>;
}

/** Another process took the port between our look and its bind. */
export class PortTaken extends Error {}

const MOST_SAID = 20_000;
const LOOK_MILLISECONDS = 5;
const START_MILLISECONDS = 60_000;
/** A goodbye takes no longer; then it is cut short. */
const GOODBYE_MILLISECONDS = 20_000;

export async function startServer({ installation, data, port, warden, answers }: ServerOptions): Promise<Server> {
  const { postgres, account } = installation;
  // In a session of its own, so that Ctrl-C at the terminal does not end it before those who use it.
  const child = spawn(postgres, ['-D', data, '-p', String(port)], {
    cwd: '/',
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...account,
  });
  const { pid } = child;
  if (pid !== undefined) warden.watch(pid);
  // Only told to us by events, which the compiler does not see.
  let alive = true as boolean;
  let said = '';
  let trouble: Error | undefined;
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MOST_SAID)));
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      alive = false;
      if (pid !== undefined) warden.forget(pid);
      resolve();
    };
    child.once('error', (error) => {
      trouble = error;
      end();
    });
    child.once('close', end);
  });

  const stop = async (how: 'fast' | 'immediate'): Promise<void> => {
    if (!alive) return;
    child.ref();
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const cut = setTimeout(() => child.kill('SIGQUIT'), GOODBYE_MILLISECONDS);
    await gone;
    clearTimeout(cut);
  };

  const deadline = Date.now() + START_MILLISECONDS;
  while (alive) {
    try {
      await answers();
      break;
    } catch (error) {
      if (Date.now() > deadline) {
        await stop('immediate');
        const silence = `it did not answer for ${START_MILLISECONDS / 1000} s`;
        throw new Error(`${silence}: ${(error as Error).message}; ${gist(said)}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }
  if (!alive) {
    const words = trouble?.message ?? gist(said);
    throw /could not bind .*Address already in use/s.test(said) ? new PortTaken(words) : new Error(words);
  }
  // A forgotten cluster must not keep the rehearsal's own process alive.
  child.unref();
  letGo(child.stderr);
  return {
    get alive() {
      return alive;
    },
    gone,
    stop,
  };
}

const letGo = (stream: object): void => (stream as { unref(): void }).unref();
