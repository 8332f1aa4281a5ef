import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PARENT = `
  const { smallGround } = require('./ground.ts');
  const { zipOf, sha256Of } = require('./zip.ts');
  const { createHost } = require('../../rehearsal/host/host.ts');
  const { ground } = smallGround();
  const host = createHost(ground);
  const zip = zipOf({ 'index.js': 'exports.handler = async (spin) => { console.log(process.pid); for (; spin; ); return process.pid; }' });
  const program = { functionArn: 'arn:f', name: 'f', version: '1', region: 'eu-west-1', role: 'arn:aws:iam::1:role/f', handler: 'index.handler',
    runtime: 'nodejs24.x', memorySize: 256, timeout: 60, variables: {}, zip, sha256: sha256Of(zip), revision: '1',
    logging: { format: 'Text', group: '/g', applicationLevel: 'INFO', systemLevel: 'INFO' } };
  const ask = (event, requestId) => host.invoke(program, { requestId, invokedArn: 'arn:f', event });
  ask('0', 'a').then(({ payload }) => { process.stdout.write(payload + '\\n'); void ask('1', 'b'); setInterval(() => undefined, 1000); });
`;

const isAlive = (pid: number): boolean => {
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
    expect(isAlive(pid)).toBe(true);

    parent.kill('SIGKILL');
    for (let looks = 0; looks < 100 && isAlive(pid); looks++) await new Promise((resolve) => setTimeout(resolve, 50));

    expect(isAlive(pid)).toBe(false);
  });
});
