// A small world as a restore's plan reads it: everything is well, and each test changes what it is about.
import { noCounts, type Divergence, type RowDifference, type TableDivergence } from '../../shared/runbooks/divergence.ts';
import { tagsOf, type InstanceFacts, type InstanceSettings, type SnapshotFacts } from '../../shared/runbooks/instances.ts';
import { draftRun } from '../../shared/runbooks/opening.ts';
import type { RestoreScene } from '../../shared/runbooks/restore-limits.ts';
import { draftRestore } from '../../shared/runbooks/restore-plan.ts';
import type { Examined, RestoredProof } from '../../shared/runbooks/restored.ts';
import { chooseSnapshot, decideRestore, namesOf, type Source } from '../../shared/runbooks/restoring.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { leaseOf } from './small-copy.ts';
import { ago, copy, databaseOf, estateWith, execution, main, now } from './small-facts.ts';

/** As `estate.yml` of a team whose application can be told. */
export const TELLING = estateWith({ application: { reload: '/api/reload' } });

export const SETTINGS: InstanceSettings = {
  instanceClass: 'db.t4g.small',
  storageType: 'gp3',
  multiAz: true,
  publiclyAccessible: false,
  securityGroups: ['sg-0a1b', 'sg-0c2d'],
  subnetGroup: 'orders-main',
  parameterGroup: 'orders-18',
  optionGroup: 'default:postgres-18',
  deletionProtection: true,
  backupRetentionDays: 7,
  backupWindow: '02:00-02:30',
  maintenanceWindow: 'sun:03:00-sun:03:30',
  copyTagsToSnapshot: true,
  encrypted: true,
  kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/orders',
  iamAuthentication: false,
  autoMinorVersionUpgrade: true,
  certificateAuthority: 'rds-ca-rsa2048-g1',
};

export const instanceWith = (change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  id: 'orders-main',
  arn: `arn:aws:rds:eu-west-1:123456789012:db:${change.id ?? 'orders-main'}`,
  resourceId: 'db-MAIN',
  status: 'available',
  host: `${change.id ?? 'orders-main'}.rds.test`,
  port: 5432,
  createdAt: ago(9_000_000),
  engineVersion: '18.1',
  storageGigabytes: 20,
  restorableUntil: ago(200),
  replicas: [],
  pending: [],
  tags: { team: 'orders' },
  settings: SETTINGS,
  ...change,
});

export const snapshotWith = (change: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  id: 'rds:orders-main-2026-01-15-02-04',
  arn: 'arn:aws:rds:eu-west-1:123456789012:snapshot:rds:orders-main-2026-01-15-02-04',
  kind: 'automated',
  status: 'available',
  percent: 100,
  instance: 'orders-main',
  resourceId: 'db-MAIN',
  takenAt: ago(25_680),
  engineVersion: '18.1',
  gigabytes: 20,
  encrypted: true,
  tags: {},
  ...change,
});

export const restoreRun = (request: object = {}, runbook: 'restore' | 'rewind' = 'restore'): Run => {
  const machine = `${runbook}-dev`;
  return draftRun({ request, execution: execution('back-7', machine), machine, app: 'orders', openedAt: ago(30) });
};

/** An instance that this run made beside. */
export const besideWith = (run: Run, change: Partial<InstanceFacts> = {}): InstanceFacts =>
  instanceWith({
    id: 'orders-main-rbeside',
    resourceId: 'db-BESIDE',
    tags: tagsOf({ app: 'orders', run: run.id, environment: 'main', what: 'restored' }),
    ...change,
  });

export const examinedWith = (change: Partial<Examined> = {}): Examined => ({
  facts: databaseOf('main'),
  rows: { customers: 100, orders: 400 },
  bytes: 9_000_000,
  invalid: [],
  application: { reads: null, writes: null },
  ...change,
});
export const proofWith = (change: Partial<Examined> = {}): RestoredProof => ({
  readAt: ago(2),
  instance: 'orders-main-rbeside',
  examined: examinedWith(change),
});

export const differing = (table: string, change: Partial<TableDivergence> = {}): TableDivergence => ({
  table,
  keyed: true,
  same: false,
  rows: { here: 400, there: 412 },
  ...noCounts(),
  ...change,
});
export const divergence = (change: Partial<Divergence> = {}): Divergence => ({
  here: 'orders-main-rbeside',
  there: 'main',
  tables: [],
  rows: [],
  columns: {},
  collisions: [],
  schema: [],
  uncompared: [],
  milliseconds: 40,
  ...change,
});
export const compared = (change: Partial<Divergence> = {}) => ({ readAt: ago(2), divergence: divergence(change), trouble: null });
export const row = (table: string, key: string, here: string | null): RowDifference => ({
  table,
  key,
  how: here === null ? 'onlyThere' : 'changedBoth',
  there: `${key.slice(0, -1)},then)`,
  here,
});

export interface Told extends Partial<Omit<RestoreScene, 'run' | 'wanted' | 'names'>> {
  readonly request?: object;
  readonly runbook?: 'restore' | 'rewind';
  readonly run?: Run;
}

/** The newest snapshot, or that instant: as gathered when nothing stands beside yet. */
export function sceneWith({
  request = {},
  runbook = 'restore',
  run = restoreRun(request, runbook),
  ...change
}: Told = {}): RestoreScene {
  const estate = change.estate ?? TELLING;
  const lease = leaseOf('main');
  const wanted = decideRestore(run, estate, lease);
  const names = namesOf(run, 'orders-main', wanted, undefined);
  const standing = change.standing ?? [snapshotWith()];
  const instance = change.instance === undefined ? instanceWith() : change.instance;
  const { moment } = wanted;
  const named = standing.find(({ id }) => id === wanted.snapshot) ?? null;
  const chosen = wanted.snapshot === null ? null : chooseSnapshot(wanted.snapshot, standing, named, names.snapshot);
  const point: Source | null = moment && { kind: 'point', resourceId: 'db-MAIN', instance: 'orders-main', ...moment };
  return {
    run,
    estate,
    lease,
    wanted,
    names,
    live: databaseOf('main', {
      endpoint: 'orders-main.rds.test/orders',
      tables: [
        { table: 'customers', rows: 103, key: null },
        { table: 'orders', rows: 417, key: null },
      ],
    }),
    instance,
    source: point ?? chosen,
    snapshot: standing.find(({ id }) => chosen?.kind === 'snapshot' && id === chosen.snapshot) ?? null,
    standing,
    window: moment && { earliest: ago(604_800), latest: ago(200) },
    beside: null,
    proof: null,
    compared: null,
    copy,
    connectBefore: null,
    uploads: { count: 3, more: false },
    doors: main,
    readAt: ago(1),
    now,
    ...change,
  };
}
export const planOf = (told: Told = {}) => draftRestore(sceneWith(told));
