import { describe, expect, it } from '@jest/globals';
import { hashInput } from '../../shared/runbooks/plan-hash.ts';
import { Plan } from '../../shared/runbooks/plan.ts';
import { RestoreDetail } from '../../shared/runbooks/restoring.ts';
import { ago, databaseOf, estate, estateWith } from './small-facts.ts';
import {
  besideWith,
  compared,
  differing,
  instanceWith,
  planOf,
  proofWith,
  restoreRun,
  row,
  SETTINGS,
  snapshotWith,
  type Told,
} from './small-restore.ts';

const AT = ago(3_600);
const detailOf = (told: Told = {}) => RestoreDetail.parse(planOf(told).detail);
const actsOf = (told: Told = {}) => planOf(told).changes.map(({ act }) => act);
const renamed = (() => {
  const { main, ...others } = estate.environments;
  return estateWith({ environments: { ...others, main: { ...main, database: { ...main?.database, swap: { by: 'rename' } } } } });
})();
const built = (told: Told = {}): Told => ({ beside: besideWith(restoreRun()), proof: proofWith(), ...told });
const lost = { tables: [differing('orders', { onlyThere: 12, changedThere: 2, changedBoth: 3, onlyHere: 5, changedHere: 7 })] };
const bringing: Told = { runbook: 'rewind', request: { at: AT, tables: ['orders'] } };
const found = {
  tables: [differing('orders', { onlyThere: 1, changedBoth: 1 })],
  rows: [row('orders', '(17)', null), row('orders', '(18)', '(18,now)')],
};

describe('the changes of a restore', () => {
  it.each([
    ['the newest snapshot', {}, ['Restore', 'FenceDatabase', 'Swap', 'Shelve']],
    ['one taken first', { request: { snapshot: 'now' } }, ['Snapshot', 'Restore', 'FenceDatabase', 'Swap', 'Shelve']],
    ['an instant', { runbook: 'rewind', request: { at: AT } }, ['Restore', 'FenceDatabase', 'Swap', 'Shelve']],
    ['what stands beside', built({ request: { snapshot: 'now' } }), ['FenceDatabase', 'Swap', 'Shelve']],
    ['rows', bringing, ['Restore', 'BringBack']],
    ['rows of what stands beside', { ...bringing, ...built() }, ['BringBack']],
    [
      'a database that does not answer',
      { live: databaseOf('main', { reachable: false, identity: null }) },
      ['Restore', 'Swap', 'Shelve'],
    ],
  ] as const)('from %s: %j', (_what, told, acts) => expect(actsOf(told as Told)).toEqual(acts));

  it('know from the journal of the run they go on with who could connect before its fence', () => {
    const live = databaseOf('main', { connect: ['postgres'], fenced: true });
    const connectBefore = ['postgres', 'orders_app'];

    expect(detailOf({ live, connectBefore }).fence.database.connect).toEqual(['orders_app', 'postgres']);
    expect(detailOf({ live }).fence.database.connect).toEqual(['postgres']);
    expect(detailOf({ live: { ...live, fenced: false, connect: ['public'] }, connectBefore }).fence.database.connect).toEqual([
      'public',
    ]);
  });

  it('fence who was read, whoever had fenced it before', () => {
    const live = databaseOf('main', { connect: ['public', 'orders_app'] });
    expect(detailOf({ live }).fence.database).toEqual({ connect: ['orders_app', 'public'], skipped: null });

    const silent = planOf({ live: databaseOf('main', { reachable: false, identity: null, trouble: 'ECONNREFUSED' }) });
    expect(silent.skipped).toEqual([{ act: 'FenceDatabase', why: 'it cannot be reached: ECONNREFUSED' }]);
  });

  it('name everything that leads to it, or the name that changes hands', () => {
    expect(planOf().changes.find(({ act }) => act === 'Swap')).toMatchObject({
      target: 'orders/main/application and orders/main/master',
      before: 'orders-main',
      after: `${detailOf().beside}, from the snapshot rds:orders-main-2026-01-15-02-04`,
    });
    expect(planOf({ estate: renamed }).changes.find(({ act }) => act === 'Swap')).toMatchObject({
      target: 'orders-main',
      after: `orders-main is what ${detailOf().beside} was, from the snapshot rds:orders-main-2026-01-15-02-04; what it was is ${detailOf().shelf}`,
    });
  });

  it('are of a plan as people approve it, to the last field', () => {
    for (const told of [{}, built({ compared: compared(lost) }), bringing, { instance: null }, { estate: renamed }])
      expect(Plan.safeParse({ ...planOf(told), id: 'x', hash: 'x' }).error).toBeUndefined();
  });
});

describe('what its acts are told', () => {
  it('is where people are, how that was set up, and the team’s own tags', () => {
    const tags = { team: 'orders', 'aws:stack': 'x', 'rds:y': 'z', 'changeover:run': 'back-6' };

    expect(detailOf({ instance: instanceWith({ tags }) })).toMatchObject({
      environment: 'main',
      next: 'swap',
      by: 'connection',
      live: { place: { instance: 'orders-main', host: 'orders-main.rds.test', port: 5432 }, resourceId: 'db-MAIN' },
      settings: SETTINGS,
      tags: { team: 'orders' },
      place: null,
      writes: true,
      doors: {
        'app.orders.test.': 'd111111abcdef8.cloudfront.net',
        'api.orders.test.': 'orders-main-1.eu-west-1.elb.amazonaws.com',
      },
    });
  });

  it('is where the restored one answers, as soon as it does', () => {
    expect(detailOf(built()).place).toEqual({
      instance: 'orders-main-rbeside',
      host: 'orders-main-rbeside.rds.test',
      port: 5432,
    });
    expect(detailOf({ beside: besideWith(restoreRun(), { host: null }) }).place).toBeNull();
  });

  it('is the host that the secret says where RDS gives an instance none, as one that stands still', () => {
    const live = databaseOf('main', { endpoint: 'orders-main.rds.test/orders' });

    expect(detailOf({ live, instance: instanceWith({ host: null }) }).live?.place.host).toBe('orders-main.rds.test');
  });

  it('is no instance where there is none', () => {
    expect(detailOf({ instance: null })).toMatchObject({ live: null, settings: null, tags: {} });
  });

  it('is whether the public names lead to it', () => {
    expect(detailOf({ request: { environment: 'spare' } }).writes).toBe(false);
  });
});

describe('what would be lost', () => {
  const lossOf = (told: Told) => planOf(told).loss;

  it('is counted row by row where both stand: what people wrote since, and nothing that is ours', () => {
    const tables = [
      ...lost.tables,
      differing('log', { keyed: false, rows: { here: 5, there: 9 } }),
      differing('changeover_heartbeat', { onlyThere: 99 }),
    ];
    const loss = lossOf(built({ compared: compared({ tables }) }));

    expect(loss).toMatchObject({
      how: 'measured',
      since: snapshotWith().takenAt,
      seconds: 25_680,
      rows: 21,
      uploads: 3,
      band: 'under 100 rows, under 10 uploads',
      tables: [
        { table: 'orders', rows: 17, by: 'key' },
        { table: 'log', rows: 4, by: 'count' },
      ],
    });
    expect(loss.says).toContain('17 orders and 4 log; 3 uploaded files will have no row. All of it stays on the shelf');
  });

  it('says which tables nobody compared, and that nobody counted the files', () => {
    const { says } = lossOf(built({ uploads: null, compared: compared({ uncompared: ['big: too many'] }) }));

    expect(says).toContain('no row; nobody could count the uploaded files; not compared: big: too many');
  });

  it('is estimated by the rates of the last copy where the database is silent', () => {
    const loss = lossOf({ live: databaseOf('main', { reachable: false, trouble: 'ECONNREFUSED' }) });

    expect(loss).toMatchObject({
      how: 'estimated',
      rows: 11 + 43,
      tables: [
        { table: 'customers', rows: 11 },
        { table: 'orders', rows: 43 },
      ],
    });
    expect(loss.says).toMatch(/at most about 11 customers and 43 orders; the database itself does not answer \(ECONNREFUSED\)/);
  });

  it('is unknown where no copy left its rates either', () => {
    expect(lossOf({ copy: null, live: databaseOf('main', { reachable: false }) })).toMatchObject({
      how: 'unknown',
      rows: null,
      band: 'unknown',
    });
  });

  it('is counted later where nothing stands beside yet', () => {
    expect(lossOf({})).toMatchObject({ how: 'unknown', band: 'uncounted', since: snapshotWith().takenAt });
    expect(lossOf({ runbook: 'rewind', request: { at: AT } })).toMatchObject({ band: 'uncounted', seconds: 3_600 });
  });

  it('is nothing where the snapshot is yet to be taken', () => {
    expect(lossOf({ request: { snapshot: 'now' } })).toMatchObject({ how: 'none', rows: 0, band: 'none' });
  });

  it('of rows that come back is what they say now, and nothing else', () => {
    expect(lossOf({ ...bringing, ...built(), compared: compared(found) })).toMatchObject({
      how: 'measured',
      rows: 1,
      uploads: 0,
      says: '1 row lose what they say now, which is kept in the ledger; nothing else is touched',
    });
    expect(lossOf(bringing)).toMatchObject({ how: 'unknown' });
  });
});

describe('what an approval is bound to', () => {
  const hashOf = (told: Told) => hashInput(planOf(told));
  const base = built({ compared: compared(lost) });

  it.each<readonly [string, Told]>([
    ['rows of the same order', { compared: compared({ tables: [differing('orders', { onlyThere: 98 })] }) }],
    ['an upload more', { uploads: { count: 4, more: false } }],
    ['a later second', { now: new Date(Date.parse(ago(-70))), readAt: ago(-69) }],
    [
      'a larger database',
      {
        live: databaseOf('main', {
          endpoint: 'orders-main.rds.test/orders',
          tables: [{ table: 'orders', rows: 420, key: null }],
        }),
      },
    ],
    ['a newer point to rewind to', { instance: instanceWith({ restorableUntil: ago(1) }) }],
  ])('does not change with %s', (_what, change) => expect(hashOf({ ...base, ...change })).toBe(hashOf(base)));

  it.each<readonly [string, Told]>([
    ['ten times the loss', { compared: compared({ tables: [differing('orders', { onlyThere: 980 })] }) }],
    ['many more uploads', { uploads: { count: 400, more: false } }],
    ['a fence that is left out', { live: databaseOf('main', { identity: null }) }],
    ['a limit that is lifted', { instance: instanceWith({ replicas: ['reader'] }), request: { override: ['replicas'] } }],
    ['another way of swapping', { estate: renamed }],
  ])('changes with %s', (_what, change) => expect(hashOf({ ...base, ...change })).not.toBe(hashOf(base)));

  it('changes with what is restored from, before it stands', () => {
    const standing = [snapshotWith({ id: 'weekly' }), snapshotWith()];

    expect(hashOf({ standing, request: { snapshot: 'now' } })).not.toBe(hashOf({ standing }));
    expect(hashOf({ standing, request: { snapshot: 'rds:orders-main-2026-01-15-02-04' } })).not.toBe(hashOf({ standing }));
    const rewindTo = (at: string): Told => ({ runbook: 'rewind', request: { at } });
    expect(hashOf(rewindTo(ago(7_200)))).not.toBe(hashOf(rewindTo(AT)));
  });
});

describe('how long, and what it costs', () => {
  it('a rename takes longer than a pointer, a snapshot more than none, and what stands beside is not made again', () => {
    const seconds = (told: Told) => planOf(told).predictedSeconds;

    expect(seconds({ estate: renamed })).toBe(seconds({}) - 20 + 240);
    expect(seconds({ request: { snapshot: 'now' } })).toBe(seconds({}) + 300);
    expect(seconds(built())).toBe(seconds({}) - 900);
    expect(seconds({ ...bringing, ...built() })).toBe(15);
  });

  it('a shelf costs what its storage does', () => {
    expect(detailOf().shelfUsdPerMonth).toBeGreaterThan(0);
    expect(detailOf({ instance: instanceWith({ storageGigabytes: 40 }) }).shelfUsdPerMonth).toBeCloseTo(
      2 * detailOf().shelfUsdPerMonth,
    );
    expect(detailOf(bringing).shelfUsdPerMonth).toBe(0);
  });
});
