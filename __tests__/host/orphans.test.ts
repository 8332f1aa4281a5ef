import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../../rehearsal/host/host.ts';
import type { Program } from '../../rehearsal/host/program.ts';
import { smallGround } from './ground.ts';
import { sha256Of, zipOf } from './zip.ts';

const PARENT = `
  const { smallGround } = require('./ground.ts');
  const { zipOf, sha256Of } = require('./zip.ts');
  const { createHost } = require('../../rehearsal/host/host.ts');
  const { ground } = smallGround();
  const host = createHost(ground);
  const zip = zipOf({ 'index.js': 'exports.handler = async (spin) => { console.log(process.pid); for (; spin; ); return process.pid; }' });
  const program = { functionArn: 'arn:f', name: 'f', version: '1', region: 'eu-west-1', role: 'arn:aws:iam::1:role/f', handler: 'index.handler',
    runtime: 'nodejs24.x', memorySize: 256, timeout: 60, variables: {}, zip, sha256: sha256Of(zip), inNetwork: false, revision: '1',
    logging: { format: 'Text', group: '/g', applicationLevel: 'INFO', systemLevel: 'INFO' } };
  const ask = (event, requestId) => host.invoke(program, { requestId, invokedArn: 'arn:f', event });
  ask('0', 'a').then(({ payload }) => { process.stdout.write(payload + '\\n'); void ask('1', 'b'); setInterval(() => undefined, 1000); });
`;

const isAlive = (pid: number): boolean => {
  // What is no number is nobody's id: a signal to it would be a mistake of another kind.
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a host whose own process is killed', () => {
  it('leaves no function running, not even one that never yields', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=commonjs', '-e', PARENT], {
      cwd: join(__dirname),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
    );
    const ran = isAlive(pid);

    // Before anything is judged: a test that fails must not leave its parent running.
    parent.kill('SIGKILL');
    for (let looks = 0; looks < 100 && isAlive(pid); looks++) await new Promise((resolve) => setTimeout(resolve, 50));

    expect(ran).toBe(true);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a function that starts a process of its own', () => {
  const small = smallGround();
  const host = createHost(small.ground);
  afterAll(async () => {
    await host.stop();
    small.close();
  });

  const invoke = async (body: string): Promise<{ errorType?: string; pid: number }> => {
    const spawning = `const { spawn } = require('node:child_process');
      const child = (detached) => spawn('sleep', ['600'], { stdio: 'inherit', detached }).pid;`;
    const zip = zipOf({ 'index.js': `${spawning} exports.handler = async () => { ${body} }` });
    const logging = { format: 'Text', group: '/g', applicationLevel: 'INFO', systemLevel: 'INFO' } as const;
    const program: Program = {
      ...{ functionArn: 'arn:f', name: 'f', version: '1', region: 'eu-west-1', role: 'arn:aws:iam::123456789012:role/f' },
      ...{ handler: 'index.handler', runtime: 'nodejs24.x', memorySize: 256, timeout: 1, variables: {}, logging, zip },
      ...{ sha256: sha256Of(zip), inNetwork: false, revision: body },
    };
    const answer = await host.invoke(program, { requestId: small.ground.uuid(), invokedArn: 'arn:f', event: '{}' });
    const pid = Number(/pid (\d+)/.exec(answer.logTail.toString())?.[1]);
    return { pid, ...(JSON.parse(answer.payload) as object) };
  };
  const gone = async (pid: number): Promise<boolean> => {
    for (let looks = 0; looks < 100 && isAlive(pid); looks++) await new Promise((resolve) => setTimeout(resolve, 20));
    return !isAlive(pid);
  };

  it.each([
    ['beside it', 'false'],
    ['in a session of its own', 'true'],
  ])('ends by its timeout, and the process %s with it, though that holds its output open', async (_, detached) => {
    const { errorType, pid } = await invoke(
      `console.log('pid ' + child(${detached})); await new Promise((r) => setTimeout(r, 60_000));`,
    );

    expect(errorType).toBe('Sandbox.Timedout');
    expect(await gone(pid)).toBe(true);
  });

  it('ends by its own exit, and the process with it', async () => {
    const { errorType, pid } = await invoke(
      `console.log('pid ' + child(true)); await new Promise((r) => setTimeout(r, 50)); process.exit(3);`,
    );

    expect(errorType).toBe('Runtime.ExitError');
    expect(await gone(pid)).toBe(true);
  });

  it('keeps it while the execution environment is kept, and no longer', async () => {
    const { pid } = await invoke(`console.log('pid ' + child(true)); return {};`);

    expect(isAlive(pid)).toBe(true);
    await host.retire('arn:f');

    expect(await gone(pid)).toBe(true);
  });
});
