// Snapshots, shelves and what else a retention looks at: everything is well, and each test changes what it is about.
import { Estate } from '../../shared/estate.ts';
import type { InstanceFacts, InstanceSettings, SnapshotFacts } from '../../shared/runbooks/instances.ts';
import { tagsOf } from '../../shared/runbooks/instances.ts';
import { draftRun } from '../../shared/runbooks/opening.ts';
import type { Standing } from '../../shared/runbooks/retention.ts';
import { draftRetention } from '../../shared/runbooks/retention-plan.ts';
import type { Things } from '../../shared/runbooks/retention-scene.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { estate, estateWith, execution, now } from './small-facts.ts';

export { estate, now };
export const DAY = 86_400;
export const daysAgo = (days: number): string => new Date(now.getTime() - days * DAY * 1000).toISOString();

export const SETTINGS: InstanceSettings = {
  instanceClass: 'db.t4g.medium',
  storageType: 'gp3',
  multiAz: false,
  publiclyAccessible: false,
  securityGroups: ['sg-0a1b'],
  subnetGroup: 'orders',
  parameterGroup: 'orders-18',
  optionGroup: 'default:postgres-18',
  deletionProtection: true,
  backupRetentionDays: 7,
  backupWindow: '03:00-03:30',
  maintenanceWindow: 'sun:04:00-sun:04:30',
  copyTagsToSnapshot: true,
  encrypted: true,
  kmsKey: 'arn:aws:kms:eu-west-1:123456789012:key/1',
  iamAuthentication: false,
  autoMinorVersionUpgrade: true,
  certificateAuthority: 'rds-ca-rsa2048-g1',
};

const OURS = { app: 'orders', run: 'restore-1', environment: 'main' } as const;

export const snapshotOf = (id: string, age: number, change: Partial<SnapshotFacts> = {}): SnapshotFacts => ({
  id,
  arn: `arn:aws:rds:eu-west-1:123456789012:snapshot:${id}`,
  kind: 'manual',
  status: 'available',
  percent: 100,
  instance: 'orders-main',
  resourceId: 'db-MAIN',
  takenAt: daysAgo(age),
  engineVersion: '18.1',
  gigabytes: 20,
  encrypted: true,
  tags: tagsOf({ ...OURS, what: 'snapshot' }),
  ...change,
});

export const instanceOf = (id: string, change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  id,
  arn: `arn:aws:rds:eu-west-1:123456789012:db:${id}`,
  resourceId: `db-${id.toUpperCase()}`,
  status: 'stopped',
  host: `${id}.abc.eu-west-1.rds.amazonaws.com`,
  port: 5432,
  createdAt: daysAgo(400),
  engineVersion: '18.1',
  storageGigabytes: 20,
  restorableUntil: null,
  replicas: [],
  pending: [],
  tags: { ...tagsOf({ ...OURS, what: 'shelf' }), 'changeover:since': daysAgo(30) },
  settings: SETTINGS,
  ...change,
});

export const SHELF = 'orders-main-shelf-3f2a9c01';
export const shelfOf = (age: number, change: Partial<InstanceFacts> = {}): InstanceFacts => {
  const shelf = instanceOf(SHELF, change);
  return { ...shelf, tags: { ...shelf.tags, 'changeover:since': daysAgo(age) } };
};
export const alone = (facts: InstanceFacts, change: Partial<Standing> = {}): Standing => ({
  facts,
  ledBy: [],
  runs: false,
  ...change,
});

export const thingsWith = (change: Partial<Things> = {}): Things => ({
  readAt: now.toISOString(),
  snapshots: [],
  instances: [],
  dumps: [],
  reports: [],
  ...change,
});

export const retentionRun = (request: object = {}): Run =>
  draftRun({
    request,
    execution: execution('month-1', 'retention-dev'),
    machine: 'retention-dev',
    app: 'orders',
    openedAt: now.toISOString(),
  });

export const withRetention = (retention: object): Estate => Estate.parse({ ...estateWith(), retention });

export const draftOf = (things: Partial<Things>, request: object = {}, of: Estate = estate) =>
  draftRetention({ run: retentionRun(request), estate: of, lease: undefined, things: thingsWith(things), now });
