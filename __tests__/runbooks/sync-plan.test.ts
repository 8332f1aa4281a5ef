import { describe, expect, it } from '@jest/globals';
import { MOST_SECONDS, predictCopy } from '../../shared/runbooks/copy-predictions.ts';
import { SyncDetail } from '../../shared/runbooks/copying.ts';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { SYNC_LIMITS } from '../../shared/runbooks/sync-limits.ts';
import type { SyncSetting } from '../../shared/runbooks/sync-plan.ts';
import { SNAPSHOT_LIMITS } from '../../shared/runbooks/sync-snapshot.ts';
import { copyMark, GB, leaseOf, planOf, shelf, stood, surveyWith, syncRun } from './small-copy.ts';
import { estate } from './small-facts.ts';

const exceededOf = (change: Partial<SyncSetting>): string[] =>
  planOf(change).limits.flatMap(({ name, verdict }) => (verdict === 'exceeded' ? [name] : []));

describe('a copy where all is well', () => {
  const plan = planOf();

  it('copies, brings files, swaps, and keeps every limit but the one of an undo', () => {
    expect(SyncDetail.parse(plan.detail)).toEqual({
      from: 'main',
      to: 'spare',
      next: 'copy',
      parts: 1,
      shelf: null,
      shelfSeconds: 86_400,
      files: 'kept',
      restore: null,
    });
    expect(plan.changes.map(({ act }) => act)).toEqual(['Copy', 'CopyUploads', 'Swap']);
    expect(plan.limits.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(
      SYNC_LIMITS.filter((one) => one.name !== 'no-shelf' && !SNAPSHOT_LIMITS.includes(one)).map(({ name }) => `${name} kept`),
    );
  });

  it('says what it costs, how long it takes, and that nothing is lost', () => {
    expect(plan.predictedSeconds).toBe(84);
    expect(plan.costUsd).toBeGreaterThan(0);
    expect(plan.loss).toMatchObject({ how: 'none', band: 'none', rows: 0 });
  });

  it('tells what only the target has, and what retires', () => {
    const survey = surveyWith(
      {},
      { things: ['table orders', 'table reports'], standing: [stood('orders'), shelf(3), shelf(5), shelf(9)] },
    );
    const { facts, changes } = planOf({ survey });

    expect(facts.find(({ name }) => name === 'only in spare')?.value).toMatch(/^table reports: on the shelf/);
    expect(changes.find(({ act }) => act === 'Retire')?.before).toBe('orders__shelf_5 and orders__shelf_3');
  });
});

const BROKEN: readonly (readonly [string, string, Partial<SyncSetting>])[] = [
  ['target-is-writer', 'spare is the writer since', { lease: leaseOf('spare') }],
  ['target-is-writer', 'third is the writer since', { lease: leaseOf('third') }],
  ['unreachable', 'refused', { survey: surveyWith({ reachable: false, trouble: 'connection refused' }) }],
  ['unreachable', 'spare cannot be read', { survey: surveyWith({}, { reachable: false }) }],
  ['one-database', 'c/orders', { survey: surveyWith({ identity: 'c/orders' }, { identity: 'c/orders' }) }],
  ['older-version', '18 on main, 17 on spare', { survey: surveyWith({}, { major: 17 }) }],
  ['wrong-collation', 'de_DE', { survey: surveyWith({ locale: 'UTF8 c de_DE' }) }],
  ['too-long', 'even with 8 functions', { mark: copyMark({ bytesPerSecond: 300_000 }) }],
  ['disk-full', 'are left', { storageBytes: 3 * GB }],
  ['rights', 'may not create', { survey: surveyWith({}, { lacks: ['the master of spare may not create databases'] }) }],
  ['rights', 'forces row security', { survey: surveyWith({ forced: ['audit'] }) }],
  ['source-shrunk', 'orders has 40 rows', { survey: surveyWith({ tables: [{ table: 'orders', rows: 40, bytes: 1 }] }) }],
  ['source-shrunk', 'orders, which had 900 rows, is gone', { survey: surveyWith({ tables: [] }) }],
  ['no-shelf', 'nothing stands beside orders', { run: syncRun({ undo: true }) }],
];

describe('a limit of a copy', () => {
  it.each(BROKEN)('%s is exceeded, alone, and says what was found: %s', (name, says, change) => {
    const plan = planOf(change);

    expect(exceededOf(change)).toEqual([name]);
    expect(() => raiseIfExceeded(plan)).toThrow(
      expect.objectContaining({ name: 'PlanRefused', message: expect.stringContaining(says) }),
    );
  });

  it('each has a case here, but the name that only another estate has', () => {
    const cases = new Set(BROKEN.map(([name]) => name));

    const others = SYNC_LIMITS.filter((one) => !cases.has(one.name) && !SNAPSHOT_LIMITS.includes(one));
    expect(others.map(({ name }) => name)).toEqual(['name-too-long']);
  });

  it.each([
    [44, []],
    [45, ['name-too-long']],
  ])('a name of %d bytes: %j', (length, names) => {
    const { spare, ...others } = estate.environments;
    const database = { ...spare?.database, name: 'n'.repeat(length) };
    const environments = { ...others, spare: { ...spare, database } } as typeof estate.environments;

    expect(exceededOf({ estate: { ...estate, environments } })).toEqual(names);
  });

  it.each([
    ['an older source', { survey: surveyWith({ major: 17 }) }],
    ['a locale that nobody knows', { survey: surveyWith({ locale: null }) }],
    [
      'a small table that lost most',
      {
        mark: copyMark({ tables: [{ table: 'orders', rows: 99, key: null, rowsPerHour: 0 }] }),
        survey: surveyWith({ tables: [] }),
      },
    ],
    ['half of the rows', { mark: copyMark({ tables: [{ table: 'orders', rows: 2_000, key: null, rowsPerHour: 0 }] }) }],
    ['no copy before', { mark: null }],
    ['no identity', { survey: surveyWith({ identity: null }, { identity: null }) }],
  ])('is kept with %s', (_what, change) => {
    expect(exceededOf(change)).toEqual([]);
  });

  it('is not told as kept where RDS does not say how large the instance is', () => {
    const room = planOf({ storageBytes: null }).limits.find(({ name }) => name === 'disk-full');

    expect(room).toMatchObject({ verdict: 'kept', unjudged: true });
  });

  it('is lifted by the request where it may be, and nowhere else', () => {
    const survey = surveyWith({ tables: [], locale: 'UTF8 i de' });
    const run = syncRun({ override: ['source-shrunk', 'wrong-collation'] });
    const firm = SYNC_LIMITS.filter((limit) => limit.firm !== null).map(({ name }) => name);

    expect(planOf({ survey, run }).limits.flatMap(({ name, verdict }) => (verdict === 'overridden' ? [name] : []))).toEqual([
      'wrong-collation',
      'source-shrunk',
    ]);
    for (const name of firm)
      expect(() => syncRun({ override: [name] })).toThrow(expect.objectContaining({ name: 'InputInvalid' }));
  });
});

describe('while the target is the writer', () => {
  const lease = leaseOf('spare', 8);

  it('a scheduled run has nothing to do, and no limit stands in its way', () => {
    const plan = planOf({ lease, run: syncRun({ scheduled: true }), survey: surveyWith({ reachable: false }) });

    expect(plan.detail).toMatchObject({ next: 'nothing' });
    expect(plan).toMatchObject({ changes: [], limits: [], costUsd: 0, predictedSeconds: 0, epoch: 8 });
    expect(plan.title).toMatch(/paused, spare is the writer since/);
    expect(plan.skipped).toEqual([{ act: 'Copy', why: expect.stringMatching(/^paused: spare is the writer since/) }]);
  });

  it.each([{}, { undo: true }])('a person’s %j is refused, and nothing lifts it', (request) => {
    const plan = planOf({ lease, run: syncRun(request), survey: surveyWith({}, { standing: [stood('orders'), shelf(3)] }) });

    expect(() => raiseIfExceeded(plan)).toThrow(
      expect.objectContaining({
        name: 'PlanRefused',
        message: expect.stringMatching(/^refused: spare is the writer since .* cannot be overridden/),
      }),
    );
  });
});

describe('an undo', () => {
  const run = syncRun({ undo: true });

  it('gives the name to the newest shelf', () => {
    const plan = planOf({ run, survey: surveyWith({}, { standing: [stood('orders'), shelf(9), shelf(10)] }) });

    expect(plan.detail).toMatchObject({ next: 'undo', shelf: 'orders__shelf_10' });
    expect(plan.changes.map(({ act }) => act)).toEqual(['Swap']);
    expect(() => raiseIfExceeded(plan)).not.toThrow();
  });

  it.each([
    ['without our mark', stood('orders__shelf_10')],
    ['that is still being filled', shelf(10, { kind: 'incoming' })],
    ['with another name', stood('orders__shelf_old', shelf(10).mark)],
  ])('takes no shelf %s', (_what, other) => {
    const plan = planOf({ run, survey: surveyWith({}, { standing: [stood('orders'), other] }) });

    expect(plan.detail).toMatchObject({ shelf: null });
    expect(() => raiseIfExceeded(plan)).toThrow(
      expect.objectContaining({ name: 'PlanRefused', message: expect.stringContaining('no-shelf') }),
    );
  });
});

describe('a prediction', () => {
  it.each([
    [1, 1],
    [10, 1],
    [13, 2],
    [19, 4],
  ])('of %d GB takes %d functions, as many as it needs to be in time', (gigabytes, functions) => {
    const { seconds, parts } = predictCopy({ bytes: gigabytes * GB }, copyMark());

    expect(seconds).toBeLessThanOrEqual(MOST_SECONDS);
    expect(parts).toBe(functions);
  });

  it('of what one function would build upon for too long says so, however many carry the rows', () => {
    const { seconds, parts } = predictCopy({ bytes: 40 * GB }, copyMark());

    expect(seconds).toBeGreaterThan(MOST_SECONDS);
    expect(parts).toBe(8);
  });

  it('of nothing is that of the steps', () => {
    expect(predictCopy({ bytes: 0 }, null)).toEqual({ bytesPerSecond: 16 * 1024 ** 2, parts: 1, seconds: 20 });
  });
});
