// An execution environment with what belongs to it: keys, log stream, /tmp, and whoever it works for right now.
import { join } from 'node:path';
import type { Caller } from '../iam/ask.ts';
import type { Ground } from '../services/ground.ts';
import { environmentOf } from './environment.ts';
import { initLine } from './lines.ts';
import { createLogStream, type LogLine, type LogStream } from './log-stream.ts';
import type { Program } from './program.ts';
import { reachOf } from './reach.ts';
import { createSandbox, type Outcome, type Sandbox } from './sandbox.ts';
import type { Spares } from './spares.ts';
import type { Trust } from './trust.ts';

/** A handler has this long to load before Lambda starts it again on the invocation's own time. */
const INIT_MILLISECONDS = 10_000;

export interface Cell {
  readonly key: string;
  readonly program: Program;
  readonly stream: LogStream;
  sandbox(): Sandbox;
  /** Whether there is a process that can serve again. */
  isAlive(): boolean;
  /** Who the process's own calls are judged as. */
  workFor(caller: Caller): void;
  /** Boots the process if it is new, and says how long that took. */
  boot(): Promise<{ outcome: Outcome; milliseconds: number | undefined }>;
  log(message: string | undefined): void;
  /** Takes the lines written since the last time. */
  takeLines(): readonly LogLine[];
  end(): Promise<void>;
}

export interface CellOptions {
  readonly ground: Ground;
  readonly program: Program;
  readonly key: string;
  readonly taskRoot: string;
  readonly spares: Spares;
  readonly trust?: Trust | undefined;
}

export function createCell({ ground, program, key, taskRoot, spares, trust }: CellOptions): Cell {
  const { timeline } = ground;
  const work: { caller: Caller } = { caller: { kind: 'anonymous', account: ground.account } };
  let lines: LogLine[] = [];
  let booted = false;
  const keys = ground.issueKeys(() => work.caller);
  const stream = createLogStream(ground, program);
  const log = (message: string | undefined): void => {
    if (message !== undefined) lines.push({ timestamp: timeline.now(), message });
  };
  const spawn = (): Sandbox =>
    createSandbox({
      spares,
      program,
      taskRoot,
      scratch: join(ground.folder('lambda/tmp'), keys.accessKeyId),
      trusted: trust?.(program.variables),
      environment: environmentOf(program, { taskRoot, keys, endpoint: ground.endpoint(), logStream: stream.name }),
      scene: () => ({ offset: timeline.offset(), published: reachOf(program, ground.published()) }),
      onLog: (text) => log(text.replace(/\n$/, '')),
    });
  let sandbox: Sandbox | undefined;
  const current = (): Sandbox => (sandbox ??= spawn());

  async function boot(): Promise<{ outcome: Outcome; milliseconds: number | undefined }> {
    if (booted) return { outcome: { kind: 'ready' }, milliseconds: undefined };
    booted = true;
    log(initLine(program.logging, timeline.now(), program.runtime));
    const began = timeline.now();
    const first = await current().start(INIT_MILLISECONDS);
    const milliseconds = timeline.now() - began;
    if (first.kind !== 'timeout') return { outcome: first, milliseconds };
    log(`INIT_REPORT Init Duration: ${milliseconds.toFixed(2)} ms\tPhase: init\tStatus: timeout`);
    sandbox = spawn();
    return { outcome: await sandbox.start(program.timeout * 1000), milliseconds: undefined };
  }

  return {
    key,
    program,
    stream,
    sandbox: current,
    isAlive: () => sandbox?.alive ?? false,
    workFor: (who) => {
      work.caller = who;
    },
    boot,
    log,
    takeLines: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
    async end() {
      ground.revokeKeys(keys.accessKeyId);
      await sandbox?.end();
    },
  };
}
