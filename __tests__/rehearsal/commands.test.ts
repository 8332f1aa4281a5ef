import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
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
  chmodSync(scratch, 0o755);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function begin(command: 'cloud' | 'start' | 'rehearse', ...args: string[]) {
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

/** Resolves when the command has said it; a command that ends without saying it is told with its complaints. */
const saying = ({ child, ended, complaints }: ReturnType<typeof begin>, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes(text)) resolve();
    });
    void ended.then((code) => reject(new Error(`ended with ${code ?? '?'} and never said "${text}": ${said}${complaints()}`)));
  });

/** The compiler's cache is its own affair. */
const left = (): string[] => [...readdirSync(scratch).filter((name) => name.startsWith('changeover')), ...servers()];

/** PostgreSQL's processes whose data lies in what was the command's own. */
const servers = (): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(scratch) && /postgres/.test(line) ? [line] : [];
      } catch {
        return []; // it ended while we looked
      }
    });

describe('a command that is told to end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s when the cloud is up says so by its code and leaves nothing', async (signal, code) => {
    const command = begin('cloud', '--port', '0', '--empty');
    const { child, ended } = command;
    await saying(command, '"ready":true');

    child.kill(signal);

    expect(await ended).toBe(code);
    expect(left()).toEqual([]);
  });

  it.each(['Rehearsing', 'founding', 'deployed', 'FenceWeb'])(
    'after it said “%s” leaves nothing',
    async (phase) => {
      const command = begin('start');
      const { child, ended } = command;
      await saying(command, phase);

      child.kill('SIGTERM');

      expect(await ended).toBe(143);
      expect(left()).toEqual([]);
    },
    120_000,
  );
});

describe('a command that nobody reads any more', () => {
  it('ends as a program in a pipe does, without a stack trace, and leaves nothing', async () => {
    const command = begin('start');
    const { child, ended, complaints } = command;
    await saying(command, 'Rehearsing');

    child.stdout.destroy();

    expect(await ended).toBe(141);
    expect(complaints()).not.toMatch(/EPIPE|at /);
    expect(left()).toEqual([]);
  });
});

describe('a command that comes to its end', () => {
  it.each([
    ['goes as its situation says', [], 0, 'SUCCEEDED'],
    ['does not', ['--fault', 'denied@Open'], 1, 'FAILED'],
  ])(
    'says so by its code and in its file where a rehearsal %s',
    async (_how, more, code, status) => {
      const out = join(scratch, 'result.json');
      const { ended } = begin('rehearse', 'rollcall/ordinary', ...more, '--out', out);

      expect(await ended).toBe(code);
      expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ runbook: 'rollcall', status });
      expect(left()).toEqual([]);
    },
    120_000,
  );
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

it('a port for names that is taken is said in one line, and leaves nothing', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };

  const { ended, complaints } = begin('cloud', '--port', '0', '--dns-port', String(port), '--empty');

  expect(await ended).toBe(1);
  expect(complaints()).toMatch(/^.*EADDRINUSE.*\n$/);
  expect(left()).toEqual([]);
  await new Promise((resolve) => taken.close(resolve));
});

describe('a mistake on the command line', () => {
  it.each([
    ['an estate that is not there', ['failover', '--estate', 'no/such.yml'], /no\/such\.yml/],
    ['a situation that is not there', ['failover/on-the-moon'], /there is no situation "failover\/on-the-moon"; there are: /],
    [
      'a result in no folder',
      ['failover', '--out', '/no/such/folder.json'],
      /^--out: found "\/no\/such\/folder\.json", expected a file/,
    ],
    ['a result that is a folder', ['failover', '--out', '/tmp'], /^--out: found "\/tmp", .*it is a folder/],
    [
      'a fault in no state',
      ['failover', '--fault', 'throttled@Nope'],
      /^--fault: found "throttled@Nope", expected a state .*SwapNames/,
    ],
    ['a fault where no Lambda is', ['rollcall', '--fault', 'slow@PlanOnly'], /^--fault: found "slow@PlanOnly", expected a state/],
    ['two situations', ['rollcall', 'failover'], /one situation at a time; found also failover/],
  ])('%s is told in one line, and nothing is done', async (_says, args, told) => {
    const { ended, complaints } = begin('rehearse', ...args);

    expect(await ended).toBe(2);
    expect(complaints()).toMatch(told);
    expect(complaints().trim().split('\n')).toHaveLength(1);
    expect(left()).toEqual([]);
  });

  it.each([
    ['', /(empty|nothing)/i],
    ['app: [', /estate\.yml:1:\d+ found what is not YAML/],
  ])('an estate of %j is told by name', async (text, told) => {
    const path = join(scratch, 'estate.yml');
    writeFileSync(path, text);

    const { ended, complaints } = begin('rehearse', 'failover', '--estate', path);

    expect(await ended).toBe(2);
    expect(complaints()).toMatch(told);
    expect(complaints()).not.toMatch(/^\s+at /m);
  });
});
