// One execution environment: a process that serves one invocation after another, frozen in between.
import { mkdirSync } from 'node:fs';
import { COMPILED } from './compiled.ts';
import { endKin, signalGroup } from './kin.ts';
import { peakMegabytes } from './memory.ts';
import type { Program } from './program.ts';
import type { Spares } from './spares.ts';

export interface HandlerError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** How a process, or what it was asked to do, came to an end. */
export type Outcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly body: string }
  | { readonly kind: 'answer-too-large' }
  | { readonly kind: 'failure'; readonly error: HandlerError; readonly ends: boolean }
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'memory' }
  | { readonly kind: 'timeout' };

type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'answer'; readonly body: string }
  | { readonly type: 'answer-too-large' }
  | { readonly type: 'init-error'; readonly error: HandlerError }
  | { readonly type: 'failure'; readonly error: HandlerError; readonly ends?: boolean };

export interface SandboxOptions {
  readonly spares: Spares;
  readonly program: Program;
  readonly taskRoot: string;
  /** This environment's own /tmp. */
  readonly scratch: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The file of authorities that it believes; without one, Node's own. */
  readonly trusted?: string | undefined;
  readonly scene: () => Scene;
  readonly onLog: (text: string) => void;
}

/** What the rehearsal looks like from inside, right now. */
export interface Scene {
  readonly offset: number;
  readonly published: readonly (readonly [string, string])[];
}

export interface Sandbox {
  /** Settles when the handler is loaded, or will not be. */
  start(milliseconds: number): Promise<Outcome>;
  run(message: object, milliseconds: number): Promise<Outcome>;
  freeze(): void;
  thaw(): void;
  usedMegabytes(): number;
  readonly alive: boolean;
  /** Ends the process by force; settles when it is gone. */
  end(): Promise<void>;
}

const MEMORY_CHECK_MILLISECONDS = 50;
/** How long a dead process's output is still read when something else holds its other end. */
const LAST_WORDS_MILLISECONDS = 500;

export function createSandbox({
  spares,
  program,
  taskRoot,
  scratch,
  environment,
  trusted,
  scene,
  onLog,
}: SandboxOptions): Sandbox {
  mkdirSync(scratch, { recursive: true, mode: 0o777 });
  const { NODE_EXTRA_CA_CERTS: trustedName, ...env } = environment;
  const child = spares.take(program);
  const settings = { ...scene(), scratch, compiled: COMPILED, trusted, trustedName };
  child.send({ environment: env, taskRoot, settings }, () => undefined);
  const pid = child.pid ?? -1;
  const inherited = ['LAMBDA_TASK_ROOT', 'AWS_ACCESS_KEY_ID'].map((name) => `${name}=${environment[name] ?? ''}`);
  let waiting: ((outcome: Outcome) => void) | undefined;
  let alive = true;
  let used = 0;
  const settle = (outcome: Outcome): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(outcome);
  };

  child.stdout?.on('data', (chunk: Buffer) => onLog(chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => onLog(chunk.toString('utf8')));
  child.on('message', (message: Message) => {
    if (message.type === 'log') onLog(message.text);
    else if (message.type === 'ready') settle({ kind: 'ready' });
    else if (message.type === 'answer-too-large') settle({ kind: 'answer-too-large' });
    else if (message.type === 'answer') settle({ kind: 'answer', body: message.body });
    else settle({ kind: 'failure', error: message.error, ends: message.type === 'init-error' || message.ends === true });
  });
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => settle({ kind: 'exit', code: 1, signal: null }));
    child.once('exit', () => {
      signalGroup(pid, 'SIGKILL');
      endKin(inherited);
      setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), LAST_WORDS_MILLISECONDS).unref();
    });
    // 'close' comes once its output is read to the end.
    child.once('close', (code, signal) => {
      alive = false;
      settle({ kind: 'exit', code, signal });
      resolve();
    });
  });

  const measure = (): number => (used = Math.max(used, peakMegabytes(pid) ?? 0));
  const kill = (outcome: Outcome): void => {
    const resolve = waiting;
    waiting = undefined;
    child.kill('SIGKILL');
    void gone.then(() => resolve?.(outcome));
  };

  async function watch(milliseconds: number, begin: () => void): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve) => (waiting = resolve));
    const deadline = setTimeout(() => kill({ kind: 'timeout' }), milliseconds);
    const scale = setInterval(() => {
      if (measure() > program.memorySize) kill({ kind: 'memory' });
    }, MEMORY_CHECK_MILLISECONDS);
    try {
      begin();
      const ended = await outcome;
      // What grew and was answered between two looks went over the limit all the same.
      if (ended.kind === 'exit' || ended.kind === 'timeout' || measure() <= program.memorySize) return ended;
      child.kill('SIGKILL');
      await gone;
      return { kind: 'memory' };
    } finally {
      clearTimeout(deadline);
      clearInterval(scale);
    }
  }

  return {
    start: (milliseconds) => watch(milliseconds, () => undefined),
    run: (message, milliseconds) =>
      watch(milliseconds, () => {
        if (!alive) return settle({ kind: 'exit', code: child.exitCode, signal: child.signalCode });
        child.send(message, () => undefined);
      }),
    freeze: () => signalGroup(pid, 'SIGSTOP'),
    thaw: () => signalGroup(pid, 'SIGCONT'),
    usedMegabytes: measure,
    get alive() {
      return alive;
    },
    async end() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
