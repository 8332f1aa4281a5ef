// Processes that are up before anybody knows which function they will run. On a laptop the start of Node is the longest part of a
// cold start, and no part of what is rehearsed.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { startingOf } from './environment.ts';
import type { Program } from './program.ts';
import type { Warden } from './warden.ts';

export interface Spares {
  /** One that is up already, or a new one. Another is started in its place once it has said its first word. */
  take(program: Program): ChildProcess;
  /** A program that may be asked for soon. */
  expect(program: Program): void;
  stop(): Promise<void>;
}

const CHILD = join(__dirname, 'child', 'spare.cjs');
/** Two states of a Parallel begin at once. */
const MOST_SPARES = 2;
/** Functions of more shapes than this take turns. */
const MOST_SHAPES = 3;

export function createSpares(warden: Warden): Spares {
  const ready = new Map<string, ChildProcess[]>();
  let stopped = false;

  function boot({ flags, env }: Shape): ChildProcess {
    const child = spawn(process.execPath, [...flags, CHILD], {
      cwd: '/',
      env: { ...env, ...NO_ROOTS },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    letGo(child);
    // One that could not be started has no id, and nobody may be ended in its place.
    const { pid } = child;
    if (pid !== undefined) {
      warden.watch(pid);
      child.once('exit', () => warden.forget(pid));
    }
    // Whoever takes it hears of its end; until then nobody needs to.
    child.on('error', () => undefined);
    return child;
  }

  const keptOf = (key: string): ChildProcess[] => (ready.get(key) ?? []).filter(isUp);

  function fill(shape: Shape): void {
    if (stopped) return;
    const kept = keptOf(shape.key);
    while (kept.length < MOST_SPARES) kept.push(boot(shape));
    // The shape that was asked for last is the last to go.
    ready.delete(shape.key);
    ready.set(shape.key, kept);
    for (const [other, spares] of [...ready].slice(0, -MOST_SHAPES)) {
      ready.delete(other);
      spares.forEach((spare) => spare.kill('SIGKILL'));
    }
  }

  return {
    expect: (program) => fill(shapeOf(program)),
    take(program) {
      const shape = shapeOf(program);
      const kept = keptOf(shape.key);
      const child = kept.shift() ?? boot(shape);
      ready.set(shape.key, kept);
      // Not before: the start of the next one would only delay this one.
      child.once('message', () => fill(shape));
      return child;
    },
    async stop() {
      stopped = true;
      const left = [...ready.values()].flat().filter(isUp);
      ready.clear();
      await Promise.all(left.map(endOf));
      warden.dismiss();
    },
  };
}

/** What Node reads while it starts: only functions that agree in this can have each other's processes. */
interface Shape {
  readonly key: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function shapeOf(program: Program): Shape {
  const flags = flagsFor(program.memorySize);
  const env = startingOf(program);
  return { key: JSON.stringify([flags, Object.entries(env).sort()]), flags, env };
}

/** A tenth of its memory is not JavaScript's. What a function makes while it loads would be collected five times over otherwise. */
const flagsFor = (memorySize: number): string[] => [
  `--max-old-space-size=${Math.floor(memorySize * 0.9)}`,
  '--min-semi-space-size=16',
  '--max-http-header-size=81920',
  '--use-openssl-ca',
];
/** Node parses its own hundred and more roots before the first handshake; whom a function believes is said by trust.cjs. */
const NO_ROOTS = { SSL_CERT_FILE: '/dev/null' };

const isUp = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

/** Nothing else may keep the rehearsal's own process alive by now, and it is to hear of this before it goes. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.ref();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** A forgotten process must not keep the rehearsal's own alive. */
function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.unref();
}
