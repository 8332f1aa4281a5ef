// A small world as a copy's plan reads it: everything is well, and each test changes what it is about.
import type { Copy } from '../../shared/estate.ts';
import type { CopyMark } from '../../shared/runbooks/copies.ts';
import type { CopySurvey, SideSurvey } from '../../shared/runbooks/copying.ts';
import type { Lease } from '../../shared/runbooks/lease.ts';
import { draftRun } from '../../shared/runbooks/opening.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import type { Mark, Stood } from '../../shared/runbooks/shelf.ts';
import { draftSync, type SyncSetting } from '../../shared/runbooks/sync-plan.ts';
import { NO_SERVERS } from '../../shared/runbooks/sync-snapshot.ts';
import { ago, estate, execution, now } from './small-facts.ts';

export const GB = 1024 ** 3;

export const markWith = (change: Partial<Mark> = {}): Mark => ({
  run: 'copy-6',
  kind: 'copy',
  from: 'main',
  at: ago(21_600),
  epoch: 7,
  shelvedAt: null,
  comment: null,
  ...change,
});
export const stood = (name: string, mark: Mark | null = null, change: Partial<Stood> = {}): Stood => ({
  name,
  bytes: GB,
  owner: 'orders_owner',
  mark,
  comment: null,
  ...change,
});
export const shelf = (fencing: number, change: Partial<Mark> = {}): Stood =>
  stood(`orders__shelf_${fencing}`, markWith({ shelvedAt: ago(200_000), ...change }));

export const leaseOf = (writer: string, epoch = 7): Lease => ({
  app: 'orders',
  writer,
  epoch,
  fencing: 12,
  since: ago(3_600),
  holder: null,
});

export const syncRun = (request: object = {}, fencing: number | null = null): Run => {
  const run = draftRun({
    request,
    execution: execution('copy-7', 'sync-dev'),
    machine: 'sync-dev',
    app: 'orders',
    openedAt: ago(5),
  });
  return fencing === null ? run : { ...run, lease: { epoch: 7, fencing } };
};

export const sideWith = (environment: string, change: Partial<SideSurvey> = {}): SideSurvey => ({
  environment,
  reachable: true,
  trouble: null,
  identity: `${environment}-cluster/orders`,
  major: 18,
  bytes: GB,
  usedBytes: 2 * GB,
  tables: [{ table: 'orders', rows: 1_000, bytes: GB }],
  locale: 'UTF8 c C C',
  migration: '20260112140000',
  heartbeat: ago(30),
  lacks: [],
  forced: [],
  endpoint: `orders-${environment}.rds.test/orders`,
  master: 'orders_admin',
  connect: ['orders_admin', 'orders_app'],
  instant: '900',
  writes: { orders: 5_000 },
  standing: [stood('orders'), stood('postgres')],
  things: ['table orders'],
  ...change,
});
export const surveyWith = (from: Partial<SideSurvey> = {}, to: Partial<SideSurvey> = {}): CopySurvey => ({
  readAt: ago(1),
  from: sideWith('main', from),
  to: sideWith('spare', to),
});

export const copyMark = (change: Partial<CopyMark> = {}): CopyMark => ({
  from: 'main',
  to: 'spare',
  at: ago(21_600),
  since: '700',
  tables: [{ table: 'orders', rows: 900, key: null, rowsPerHour: 10 }],
  uploadsPerHour: 2,
  bytesPerSecond: 32 * 1024 ** 2,
  run: 'copy-6',
  dump: null,
  ...change,
});

export const settingWith = (change: Partial<SyncSetting> = {}): SyncSetting => ({
  run: syncRun(),
  estate,
  lease: leaseOf('main'),
  survey: surveyWith(),
  mark: copyMark(),
  storageBytes: 20 * GB,
  servers: NO_SERVERS,
  now,
  ...change,
});
export const planOf = (change: Partial<SyncSetting> = {}) => draftSync(settingWith(change));

export const withCopy = (change: Partial<Copy>): SyncSetting['estate'] => ({
  ...estate,
  copies: estate.copies.map((copy) => ({ ...copy, ...change })),
});
