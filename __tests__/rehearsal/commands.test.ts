import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { packageService } from '../../rehearsal/run/package.ts';

const ROOT = join(__dirname, '..', '..');

/** Where everything temporary of the command goes: empty again when it has cleaned up. */
let scratch: string;
beforeAll(() => packageService(), 120_000);
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'commands-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function begin(command: 'cloud' | 'start', ...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', join('rehearsal', 'commands', `${command}.ts`), ...args], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: scratch, JEST_WORKER_ID: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => void complaints.push(chunk));
  const ended = new Promise<number | string | null>((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
  return { child, ended, complaints: () => Buffer.concat(complaints).toString('utf8') };
}

const saying = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes(text)) resolve();
    });
  });

/** The compiler's cache is its own affair. */
const left = (): string[] => readdirSync(scratch).filter((name) => name.startsWith('changeover'));

describe('a command that is told to end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s when the cloud is up says so by its code and leaves nothing', async (signal, code) => {
    const { child, ended } = begin('cloud', '--port', '0', '--empty');
    await saying(child, '"ready":true');

    child.kill(signal);

    expect(await ended).toBe(code);
    expect(left()).toEqual([]);
  });

  it.each(['Rehearsing', 'deployed', 'Open'])('after it said “%s” leaves nothing', async (phase) => {
    const { child, ended } = begin('start');
    await saying(child, phase);

    child.kill('SIGTERM');

    expect(await ended).toBe(143);
    expect(left()).toEqual([]);
  });
});

describe('a command that nobody reads any more', () => {
  it('ends as a program in a pipe does, without a stack trace, and leaves nothing', async () => {
    const { child, ended, complaints } = begin('start');
    await saying(child, 'Rehearsing');

    child.stdout.destroy();

    expect(await ended).toBe(141);
    expect(complaints()).not.toMatch(/EPIPE|at /);
    expect(left()).toEqual([]);
  });
});

it('a port that is taken is said in one sentence', async () => {
  const first = begin('cloud', '--port', '0', '--empty');
  const ready = new Promise<{ endpoint: string }>((resolve) =>
    first.child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(line.toString('utf8')) as { endpoint: string })),
  );
  const { port } = new URL((await ready).endpoint);

  const second = begin('cloud', '--port', port, '--empty');

  expect(await second.ended).toBe(1);
  expect(second.complaints()).toMatch(/^--port \d+: .*EADDRINUSE.*; choose another, or 0 for any\n$/);
  first.child.kill('SIGTERM');
  await first.ended;
  expect(left()).toEqual([]);
});
