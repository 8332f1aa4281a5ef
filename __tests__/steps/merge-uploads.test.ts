import { describe, expect, it } from '@jest/globals';
import { mergeUploads } from '../../functions/act/merge-uploads.ts';
import { takeLease } from '../../functions/act/take-lease.ts';
import { readJournal } from '../../shared/ledger/journal.ts';
import type { RollbackDetail } from '../../shared/runbooks/rollback.ts';
import { runStep } from '../../shared/step.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld } from './small-world.ts';

const DETAIL: RollbackDetail = {
  from: 'spare',
  to: 'main',
  zones: [],
  fence: { web: { listeners: [], skipped: 'no' }, database: { connect: [], skipped: 'no' } },
  gap: [],
  invert: 'yes',
  asked: {},
  ttlSeconds: 60,
  departure: 'night-6',
  since: { here: null, there: null },
  uploadsSince: '2026-01-15T02:12:00.000Z',
  doors: {},
  divergence: 'merge',
  winner: 'nobody',
  lift: { web: { run: '', listeners: [], skipped: 'no' }, database: { connect: [], skipped: 'no' } },
};
const upload = (key: string) => ({ key, size: 5, etag: key });
const COPIED = 'copy a b from orders-spare-uploads to orders-main-uploads';

async function merging(detail: Partial<RollbackDetail> = {}) {
  const world = createSmallWorld();
  world.setFiles({ there: [upload('a'), upload('b')], here: [], more: false, keepsVersions: null });
  const plan = await planned(world, RUN, { detail: { ...DETAIL, ...detail } });
  const run = await runStep(takeLease, { run: RUN, plan }, world);
  const intents = async () => (await readJournal(world.ledger, run.id)).intents;
  return { world, intents, merge: () => runStep(mergeUploads, { run, plan }, world) };
}

describe('mergeUploads', () => {
  it('copies what only the other side has, and keeps the list of it', async () => {
    const { world, merge, intents } = await merging();

    const told = await merge();

    expect(told.says).toBe('the bucket of main has 2 files more');
    expect(world.acts).toEqual([COPIED]);
    expect(world.entries.get('patches/night-7-uploads.json')?.body).toEqual({ files: ['a', 'b'] });
    expect(await intents()).toMatchObject([
      { effect: { kind: 'uploads', from: 'spare', objects: 2 }, doneAt: expect.any(String) },
    ]);
  });

  it('copies the same files again when it died with its work done, and takes its own for nobody else’s', async () => {
    const { world, merge, intents } = await merging();
    const { replace } = world.ledger;
    let dead = false;
    world.ledger.replace = (...given) => {
      if (world.acts.length === 1 && !dead) {
        dead = true;
        return Promise.reject(new Error('killed'));
      }
      return replace(...given);
    };

    await expect(merge()).rejects.toThrow('killed');
    const told = await merge();

    expect(told.says).toBe('the bucket of main has 2 files more');
    expect(world.acts).toEqual([COPIED, COPIED]);
    expect(await intents()).toHaveLength(1);
  });

  it.each<[string, Partial<RollbackDetail>]>([
    ['discarded', { divergence: 'discard' }],
    ['taken back by nobody', { uploadsSince: null }],
  ])('leaves out what is %s', async (_what, detail) => {
    const { world, merge, intents } = await merging(detail);

    expect((await merge()).says).toContain('left out');
    expect(world.acts).toEqual([]);
    expect(await intents()).toEqual([]);
  });

  it('stops, with nothing copied, where files came that nobody spoke of', async () => {
    const { world, merge } = await merging({ divergence: 'refuse' });

    await expect(merge()).rejects.toMatchObject({ name: 'PlanStale' });
    expect(world.acts).toEqual([]);
  });
});
