import { describe, expect, it } from '@jest/globals';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { detailOf, originOf } from '../../shared/runbooks/restoring.ts';
import { SYNC_LIMITS } from '../../shared/runbooks/sync-limits.ts';
import type { SyncSetting } from '../../shared/runbooks/sync-plan.ts';
import { heldBySnapshot, SNAPSHOT_LIMITS, type CopyServers } from '../../shared/runbooks/sync-snapshot.ts';
import { copyMark, GB, leaseOf, planOf, surveyWith, syncRun, withCopy } from './small-copy.ts';
import { ago } from './small-facts.ts';
import { instanceWith, SETTINGS, TELLING } from './small-restore.ts';

const BY_SNAPSHOT = { ...TELLING, copies: withCopy({ engine: 'snapshot' }).copies };
const spare = instanceWith({ id: 'orders-spare', resourceId: 'db-SPARE' });
const servers = (change: Partial<CopyServers> = {}): CopyServers => ({
  from: instanceWith(),
  to: spare,
  beside: null,
  takenAt: null,
  doors: { loadBalancer: null },
  ...change,
});
const setting = (change: Partial<SyncSetting> = {}): Partial<SyncSetting> => ({
  estate: BY_SNAPSHOT,
  servers: servers(),
  ...change,
});
const exceededOf = (change: Partial<SyncSetting>): string[] =>
  planOf(change).limits.flatMap(({ name, verdict }) => (verdict === 'exceeded' ? [name] : []));

describe('the engine of a copy', () => {
  const large = { estate: { ...TELLING, copies: withCopy({ dumpLimitGigabytes: 1 }).copies }, servers: servers() };

  it.each<readonly [string, string, Partial<SyncSetting>]>([
    ['snapshot', 'as the estate wants it', setting()],
    ['snapshot', '1.5 GB are more than the 1 GB', { ...large, survey: surveyWith({ bytes: 1.5 * GB }) }],
    ['copy', 'dump, 1 function', { ...large, survey: surveyWith({ bytes: GB }) }],
    ['copy', 'dump, 1 function', {}],
  ])('is %s where it is so: %s', (next, says, change) => {
    const plan = planOf(change);

    expect(plan.detail).toMatchObject({ next });
    expect(plan.facts.find(({ name }) => name === 'the engine')?.value).toContain(says);
    expect(exceededOf(change)).toEqual([]);
  });

  it('is nobody’s concern for an undo, or while the target is the writer', () => {
    expect(planOf(setting({ run: syncRun({ undo: true }) })).detail).toMatchObject({ next: 'undo', restore: null });
    expect(planOf(setting({ run: syncRun({ scheduled: true }), lease: leaseOf('spare') })).detail).toMatchObject({
      next: 'nothing',
      restore: null,
    });
  });
});

describe('a copy by snapshot', () => {
  const plan = planOf(setting());
  const detail = detailOf(plan);

  it('takes a snapshot of the source, and puts what it restores in the place of the target’s instance', () => {
    expect(plan.changes.map(({ act, target }) => `${act} ${target}`)).toEqual([
      expect.stringMatching(/^Snapshot orders-main-s[0-9a-f]{8}$/),
      expect.stringMatching(/^Restore orders-spare-r[0-9a-f]{8}$/),
      'CopyUploads orders-spare-uploads',
      'FenceDatabase orders-spare',
      expect.stringMatching(/^Swap /),
      expect.stringMatching(/^Shelve orders-spare-shelf-[0-9a-f]{8}$/),
    ]);
    expect(originOf(detail)).toEqual({ environment: 'main', instance: 'orders-main', resourceId: 'db-MAIN', since: '900' });
    expect(detail).toMatchObject({ environment: 'spare', from: 'spare', to: 'spare', writes: false });
    expect(detail.live).toMatchObject({ resourceId: 'db-SPARE', place: { instance: 'orders-spare' } });
  });

  it('fences the target alone: the source is never named where people are kept from a database', () => {
    expect(detail.fence.database).toEqual({ connect: ['orders_admin', 'orders_app'], skipped: null });
    expect(plan.changes.filter(({ act }) => act === 'FenceDatabase').map(({ target }) => target)).toEqual(['orders-spare']);
  });

  it('says what the shelf costs and that the plan takes longer than a dump', () => {
    expect(plan.costUsd).toBeGreaterThan(0.1);
    expect(plan.predictedSeconds).toBeGreaterThan(planOf({}).predictedSeconds);
  });

  it('knows its instant when the snapshot is there, and no sooner', () => {
    expect(() => heldBySnapshot(plan)).toThrow(expect.objectContaining({ name: 'PlanStale' }));
    const { source } = detailOf(planOf(setting({ servers: servers({ takenAt: ago(900) }) })));
    const taken = planOf(setting({ servers: servers({ takenAt: ago(900) }) }));

    expect(heldBySnapshot(taken)).toEqual({
      attempt: source?.kind === 'snapshot' ? source.snapshot : '',
      snapshot: source?.kind === 'snapshot' ? source.snapshot : '',
      since: '900',
      at: ago(900),
    });
  });
});

const BROKEN: readonly (readonly [string, string, Partial<SyncSetting>])[] = [
  ['target-is-writer', 'spare is the writer since', setting({ lease: leaseOf('spare') })],
  ['unreachable', 'refused', setting({ survey: surveyWith({}, { reachable: false, trouble: 'connection refused' }) })],
  ['one-database', 'c/orders', setting({ survey: surveyWith({ identity: 'c/orders' }, { identity: 'c/orders' }) })],
  ['no-instance', 'RDS knows no instance of main (orders-main)', setting({ servers: servers({ from: null, to: null }) })],
  ['not-available', 'orders-main is backing-up', setting({ servers: servers({ from: instanceWith({ status: 'backing-up' }) }) })],
  ['unlike', 'the master is orders_admin on main, boss on spare', setting({ survey: surveyWith({}, { master: 'boss' }) })],
  ['unlike', 'PostgreSQL is 18 on main, 17 on spare', setting({ survey: surveyWith({}, { major: 17 }) })],
  [
    'unlike',
    'encrypted: arn:aws:kms:eu-west-1:123456789012:key/orders on main, no on spare',
    setting({ servers: servers({ to: { ...spare, settings: { ...SETTINGS, encrypted: false, kmsKey: null } } }) }),
  ],
  ['name-taken', 'stands already', setting({ servers: servers({ beside: instanceWith({ id: 'orders-spare-rbeside' }) }) })],
  ['replicas', 'reader reads from orders-spare', setting({ servers: servers({ to: { ...spare, replicas: ['reader'] } }) })],
  ['untold', 'nothing tells the application', setting({ estate: withCopy({ engine: 'snapshot' }) })],
  [
    'source-shrunk',
    'orders has 40 rows',
    setting({ survey: surveyWith({ tables: [{ table: 'orders', rows: 40, bytes: 1 }] }), mark: copyMark() }),
  ],
];

describe('a limit of a copy by snapshot', () => {
  it.each(BROKEN)('%s is exceeded, alone, and says what was found: %s', (name, says, change) => {
    expect(exceededOf(change)).toEqual([name]);
    expect(() => raiseIfExceeded(planOf(change))).toThrow(
      expect.objectContaining({ name: 'PlanRefused', message: expect.stringContaining(says) as unknown }),
    );
  });

  it('each has a case here, and a name of its own', () => {
    const cases = new Set(BROKEN.map(([name]) => name));
    const names = SYNC_LIMITS.map(({ name }) => name);

    expect(SNAPSHOT_LIMITS.filter(({ name }) => !cases.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets RDS be busy with its own backup when the snapshot is there already', () => {
    const busy = instanceWith({ status: 'backing-up' });
    const run = syncRun();
    const beside = instanceWith({ id: 'orders-spare-r1', tags: { changeover: 'orders', 'changeover:run': run.id } });

    expect(exceededOf(setting({ run, servers: servers({ from: busy, beside }) }))).toEqual([]);
  });
});
