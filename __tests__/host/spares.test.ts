import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Program } from '../../rehearsal/host/program.ts';
import { createSpares, type Spares } from '../../rehearsal/host/spares.ts';

const program = (change: Partial<Program> = {}): Program => ({
  ...{ functionArn: 'arn:f', name: 'f', version: '1', region: 'eu-west-1', role: 'arn:aws:iam::123456789012:role/f' },
  ...{
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    memorySize: 256,
    timeout: 1,
    variables: {},
    inNetwork: false,
    revision: '1',
  },
  logging: { format: 'Text', group: '/g', applicationLevel: 'INFO', systemLevel: 'INFO' },
  ...{ zip: Buffer.alloc(0), sha256: '' },
  ...change,
});
/** Every process that was started and has not ended. */
const watched = new Set<number>();
const warden = {
  watch: (pid: number) => void watched.add(pid),
  forget: (pid: number) => void watched.delete(pid),
  dismiss: () => undefined,
};
const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('close', () => resolve()));

let spares: Spares;
const taken: ChildProcess[] = [];
const take = (change?: Partial<Program>): ChildProcess => {
  const child = spares.take(program(change));
  taken.push(child);
  return child;
};
beforeEach(() => {
  spares = createSpares(warden);
});
afterEach(async () => {
  await spares.stop();
  for (const child of taken.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = ended(child);
    child.kill('SIGKILL');
    await gone;
  }
  if (watched.size > 0) throw new Error(`left running: ${[...watched].join(', ')}`);
});

describe('spare processes', () => {
  it('are up before anybody asks, and each is given to one alone', () => {
    spares.expect(program());
    const standing = [...watched];

    const given = [take(), take(), take()].map(({ pid }) => pid);

    expect(standing).toHaveLength(2);
    expect(given.slice(0, 2)).toEqual(standing);
    expect(new Set(given).size).toBe(3);
  });

  it.each<[string, Partial<Program>]>([
    ['less memory', { memorySize: 128 }],
    ['options for Node', { variables: { NODE_OPTIONS: '--enable-source-maps' } }],
    ['another time zone', { variables: { TZ: 'Europe/Berlin' } }],
  ])('are not for a function with %s', (_what, change) => {
    spares.expect(program());
    const standing = [...watched];

    expect(standing).not.toContain(take(change).pid);
  });

  it('are for every function that differs in what Node does not read', () => {
    spares.expect(program());
    const standing = [...watched];

    expect(standing).toContain(take({ name: 'g', role: 'other', variables: { LEDGER_BUCKET: 'b' } }).pid);
  });

  it('are not given away dead', async () => {
    spares.expect(program());
    const [first = 0, second] = [...watched];
    process.kill(first, 'SIGKILL');
    while (watched.has(first)) await new Promise((resolve) => setTimeout(resolve, 10));

    expect(take().pid).toBe(second);
  });

  it('of shapes that nobody asks for any more make room', async () => {
    for (const memorySize of [128, 256, 384, 512]) spares.expect(program({ memorySize }));
    const oldest = [...watched].slice(0, 2);
    while (oldest.some((pid) => watched.has(pid))) await new Promise((resolve) => setTimeout(resolve, 10));

    expect(watched.size).toBe(6);
  });
});
