import { describe, expect, it } from '@jest/globals';
import { raiseIfExceeded } from '../../shared/runbooks/limits.ts';
import { RESTORE_LIMITS } from '../../shared/runbooks/restore-limits.ts';
import { ago, databaseOf, estate, estateWith } from './small-facts.ts';
import {
  besideWith,
  compared,
  differing,
  instanceWith,
  planOf,
  proofWith,
  restoreRun,
  snapshotWith,
  TELLING,
  type Told,
} from './small-restore.ts';

const exceededOf = (told: Told): string[] =>
  planOf(told).limits.flatMap(({ name, verdict }) => (verdict === 'exceeded' ? [name] : []));
const rewound = ({ at = ago(3_600), request, ...told }: Told & { at?: string } = {}): Told => ({
  ...told,
  runbook: 'rewind',
  request: { at, ...request },
});
const rows = (told: Told = {}): Told => rewound({ request: { tables: ['orders'] }, ...told });
const swapped = (swap: object) => {
  const { main, ...others } = estate.environments;
  return estateWith({ environments: { ...others, main: { ...main, database: { ...main?.database, swap } } } });
};

const BROKEN: readonly (readonly [string, string, Told])[] = [
  ['no-instance', 'nothing answers to orders-main.rds.test/orders', { instance: null }],
  ['no-snapshot', 'none is there; orders-main has no snapshot', { standing: [] }],
  ['no-snapshot', 'weekly is not there; orders-main has rds:orders-main-2026', { request: { snapshot: 'weekly' } }],
  [
    'no-snapshot',
    'weekly is creating',
    { request: { snapshot: 'weekly' }, standing: [snapshotWith({ id: 'weekly', status: 'creating', takenAt: null })] },
  ],
  [
    'foreign-snapshot',
    'theirs is of orders-spare (db-SPARE)',
    {
      request: { snapshot: 'theirs' },
      standing: [snapshotWith({ id: 'theirs', instance: 'orders-spare', resourceId: 'db-SPARE' })],
    },
  ],
  ['outside-window', 'is not between', rewound({ at: ago(700_000) })],
  ['outside-window', 'is not between', rewound({ at: ago(100) })],
  ['outside-window', 'orders-main has no backups', rewound({ window: null })],
  [
    'not-available',
    'orders-main is modifying',
    { request: { snapshot: 'now' }, instance: instanceWith({ status: 'modifying' }) },
  ],
  ['name-taken', 'stands already, and is not this run', { beside: instanceWith({ id: 'orders-main-rbeside' }) }],
  ['replicas', 'reader reads from orders-main', { instance: instanceWith({ replicas: ['reader'] }) }],
  ['replicas', 'one and two read from orders-main', { instance: instanceWith({ replicas: ['one', 'two'] }) }],
  ['untold', 'nothing tells the application', { estate }],
  [
    'shrunk',
    'orders has 200 rows in it, and had 417',
    { copy: null, proof: proofWith({ rows: { customers: 100, orders: 200 } }) },
  ],
  ['shrunk', 'orders has 180 rows in it, and had 400', { proof: proofWith({ rows: { customers: 100, orders: 180 } }) }],
  [
    'shrunk',
    'orders has 180 rows in it, and had 400',
    { proof: proofWith({ rows: { customers: 100, orders: 180 } }), live: databaseOf('main', { reachable: false, tables: [] }) },
  ],
  ['other-schema', 'migration 0041', { proof: proofWith({ facts: databaseOf('main', { migration: '0041' }) }) }],
  ['tables', 'invoices is not in the database that people use', rows({ request: { tables: ['invoices'] } })],
  ['tables', 'orders was not there at that instant', rows({ proof: proofWith({ rows: { customers: 100 } }) })],
  [
    'tables',
    'orders has no primary key',
    rows({ proof: proofWith(), compared: compared({ tables: [differing('orders', { keyed: false })] }) }),
  ],
  [
    'tables',
    'orders has other columns',
    rows({ compared: compared({ schema: ['orders has other columns or another key on x'] }) }),
  ],
  [
    'tables',
    'would take another one',
    rows({ compared: compared({ collisions: [{ table: 'orders', index: 'orders_mail', key: '(1)', other: '(2)' }] }) }),
  ],
  ['tables', 'orders: it took too long', rows({ compared: compared({ uncompared: ['orders: it took too long'] }) })],
  ['tables', 'cannot be reached', rows({ compared: { readAt: ago(2), divergence: null, trouble: 'main cannot be reached' } })],
];

describe('a limit of a restore', () => {
  it.each(BROKEN)('%s is exceeded, alone, and says what was found: %s', (name, says, told) => {
    expect(exceededOf(told)).toEqual([name]);
    expect(() => raiseIfExceeded(planOf(told))).toThrow(
      expect.objectContaining({ name: 'PlanRefused', message: expect.stringContaining(says) as unknown }),
    );
  });

  it('tells what to type where nothing is there whose place could be taken', () => {
    const refused = (told: Told) => () => raiseIfExceeded(planOf({ instance: null, ...told }));
    const typed = (name: string, snapshot: string) =>
      `aws rds restore-db-instance-from-db-snapshot --db-instance-identifier ${name} --db-snapshot-identifier ${snapshot} --db-subnet-group-name <its subnet group> --vpc-security-group-ids <its security groups>; when`;
    const moved = databaseOf('main', { endpoint: 'orders-main-r3f2a9c01.rds.test/orders' });
    const weekly = snapshotWith({ id: 'weekly', kind: 'manual' });

    expect(refused({})).toThrow(typed('orders-main', snapshotWith().id));
    expect(refused({ live: moved })).toThrow(typed('orders-main-r3f2a9c01', snapshotWith().id));
    expect(refused({ request: { snapshot: 'weekly' }, standing: [snapshotWith(), weekly] })).toThrow(
      typed('orders-main', 'weekly'),
    );
    expect(refused({ request: { snapshot: 'now' } })).toThrow(typed('orders-main', snapshotWith().id));
    expect(refused({ standing: [] })).toThrow(typed('orders-main', '<its newest snapshot>'));
  });

  it('each has a case here', () => {
    expect(new Set(BROKEN.map(([name]) => name))).toEqual(new Set(RESTORE_LIMITS.map(({ name }) => name)));
  });

  it.each<readonly [string, Told]>([
    ['the newest snapshot', {}],
    ['one that is taken now', { request: { snapshot: 'now' } }],
    ['the oldest instant', rewound({ at: ago(604_800) })],
    ['the newest instant', rewound({ at: ago(200) })],
    ['rows of a table', rows({ proof: proofWith(), compared: compared({ tables: [differing('orders', { onlyThere: 3 })] }) })],
    ['a snapshot of another, named by nobody, beside', { standing: [snapshotWith(), snapshotWith({ resourceId: 'db-X' })] }],
    ['an instance that is not available, and is restored from what there is', { instance: instanceWith({ status: 'failed' }) }],
    ['one beside that is ours', { beside: besideWith(restoreRun()) }],
    [
      'one beside that is of the run it goes on with',
      { beside: besideWith({ ...restoreRun(), id: 'back-6' }), run: { ...restoreRun(), resume: 'arn:x:back-6' } },
    ],
    ['an application that is renamed away under', { estate: swapped({ by: 'rename' }) }],
    [
      'an application with a name of its own',
      { estate: swapped({ name: { name: 'db.orders.test.', zone: 'Z0ORDERSPRIVATE1' } }) },
    ],
    ['rows, of an application that nobody tells', rows({ estate })],
    ['rows, though replicas read', rows({ instance: instanceWith({ replicas: ['reader'] }) })],
    [
      'fewer than half of what has grown fast since the last copy',
      { proof: proofWith({ rows: { customers: 100, orders: 204 } }) },
    ],
    ['half of the rows', { proof: proofWith({ rows: { customers: 52, orders: 209 } }) }],
    ['fewer rows of what is only read from', rows({ proof: proofWith({ rows: { customers: 1, orders: 1 } }) })],
    [
      'another schema than nobody can tell',
      {
        live: databaseOf('main', { reachable: false, migration: null }),
        proof: proofWith({ facts: databaseOf('main', { migration: '0041' }) }),
      },
    ],
    ['another table that differs without a key', rows({ compared: compared({ tables: [differing('log', { keyed: false })] }) })],
    ['another table’s columns', rows({ compared: compared({ schema: ['orders_old is only on x'] }) })],
  ])('is kept with %s', (_what, told) => expect(exceededOf(told)).toEqual([]));

  it('is lifted by the request where it may be, and nowhere else', () => {
    const lifted = RESTORE_LIMITS.filter(({ firm }) => firm === null).map(({ name }) => name);
    const told: Told = {
      estate,
      instance: instanceWith({ replicas: ['reader'] }),
      proof: proofWith({ rows: {}, facts: databaseOf('main', { migration: '0041' }) }),
      request: { override: lifted },
    };

    expect(lifted).toEqual(['foreign-snapshot', 'replicas', 'untold', 'shrunk', 'other-schema']);
    expect(planOf(told).limits.flatMap(({ name, verdict }) => (verdict === 'overridden' ? [name] : []))).toEqual(lifted.slice(1));
    for (const { name } of RESTORE_LIMITS.filter(({ firm }) => firm !== null))
      expect(() => restoreRun({ override: [name] })).toThrow(expect.objectContaining({ name: 'InputInvalid' }));
  });

  it('says the way out', () => {
    for (const [, , told] of BROKEN) expect(planOf(told).limits.every(({ wayOut }) => wayOut.length > 20)).toBe(true);
    expect(planOf({ estate: TELLING }).limits.map(({ verdict }) => verdict)).toEqual(RESTORE_LIMITS.map(() => 'kept'));
  });
});
