// What RDS tells of its instances: kept for DescribeEvents, and sent to EventBridge.
import type { Rds } from './instance.ts';

interface Kind {
  readonly id: string;
  readonly category: string;
  readonly says: string;
}

/** RDS's own identifiers, categories and words; `%s` is filled in. */
const KINDS = {
  created: { id: '0005', category: 'creation', says: 'DB instance created' },
  deleted: { id: '0003', category: 'deletion', says: 'DB instance deleted' },
  shutDown: { id: '0004', category: 'availability', says: 'DB instance shutdown' },
  restarted: { id: '0006', category: 'availability', says: 'DB instance restarted' },
  backingUp: { id: '0001', category: 'backup', says: 'Backing up DB instance' },
  backedUp: { id: '0002', category: 'backup', says: 'Finished DB Instance backup' },
  stopped: { id: '0087', category: 'notification', says: 'DB instance stopped' },
  started: { id: '0088', category: 'notification', says: 'DB instance started' },
  startedBySelf: {
    id: '0154',
    category: 'notification',
    says: 'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
  },
  changingClass: { id: '0012', category: 'configuration change', says: 'Applying modification to database instance class' },
  changedClass: { id: '0014', category: 'configuration change', says: 'Finished applying modification to DB instance class' },
  growing: { id: '0018', category: 'configuration change', says: 'Applying modification to allocated storage' },
  grown: { id: '0017', category: 'configuration change', says: 'Finished applying modification to allocated storage' },
  doubling: {
    id: '0024',
    category: 'configuration change',
    says: 'Applying modification to convert to a Multi-AZ DB Instance',
  },
  doubled: {
    id: '0025',
    category: 'configuration change',
    says: 'Finished applying modification to convert to a Multi-AZ DB Instance',
  },
  halving: {
    id: '0030',
    category: 'configuration change',
    says: 'Applying modification to convert to a standard (Single-AZ) DB Instance',
  },
  halved: {
    id: '0029',
    category: 'configuration change',
    says: 'Finished applying modification to convert to a standard (Single-AZ) DB Instance',
  },
  resetPassword: { id: '0016', category: 'configuration change', says: 'Reset master credentials' },
  keptPassword: {
    id: '0067',
    category: 'configuration change',
    says: 'Unable to reset your password. Error information: %s',
  },
  usesParameters: { id: '0011', category: 'configuration change', says: 'Updated to use DBParameterGroup %s' },
  changedParameters: { id: '0092', category: 'configuration change', says: 'Finished updating DB parameter group' },
  disabledBackups: { id: '0028', category: 'configuration change', says: 'Disabled automated backups' },
  enabledBackups: { id: '0032', category: 'configuration change', says: 'Enabled automated backups' },
  failingOver: { id: '0013', category: 'failover', says: 'Multi-AZ instance failover started' },
  failedOver: { id: '0049', category: 'failover', says: 'Multi-AZ instance failover completed' },
  failed: { id: '0035', category: 'failure', says: 'Database instance put into failed. %s' },
  restoredFromSnapshot: { id: '0043', category: 'restoration', says: 'Restored from snapshot %s' },
  promoted: { id: '0057', category: 'notification', says: 'Replication on the read replica was terminated' },
  restoredToTime: { id: '0019', category: 'restoration', says: 'Restored from DB instance %s' },
} as const satisfies Record<string, Kind>;

export type Told = keyof typeof KINDS;

const SNAPSHOT_KINDS = {
  creatingManual: { id: '0040', category: 'creation', says: 'Creating manual snapshot' },
  createdManual: { id: '0042', category: 'creation', says: 'Manual snapshot created' },
  deletedManual: { id: '0041', category: 'deletion', says: 'Deleted user snapshot' },
  creatingAutomated: { id: '0090', category: 'creation', says: 'Creating automated snapshot' },
  createdAutomated: { id: '0091', category: 'creation', says: 'Automated snapshot created' },
} as const satisfies Record<string, Kind>;

interface Subject {
  readonly identifier: string;
  readonly arn: string;
  readonly region: string;
  readonly tags: ReadonlyMap<string, string>;
}

export const tell = (rds: Rds, instance: Subject, what: Told, about = ''): void =>
  write(rds, instance, KINDS[what], { api: 'db-instance', bus: 'DB_INSTANCE', title: 'Instance' }, about);

export const tellOfSnapshot = (rds: Rds, snapshot: Subject, what: keyof typeof SNAPSHOT_KINDS): void =>
  write(rds, snapshot, SNAPSHOT_KINDS[what], { api: 'db-snapshot', bus: 'SNAPSHOT', title: 'Snapshot' });

interface SubjectKind {
  readonly api: 'db-instance' | 'db-snapshot';
  readonly bus: string;
  readonly title: string;
}

function write(
  { ground, in: regionOf }: Rds,
  subject: Subject,
  { id, category, says }: Kind,
  kind: SubjectKind,
  about = '',
): void {
  const { identifier, arn, region, tags } = subject;
  const at = new Date(ground.timeline.now());
  const Message = says.replace('%s', () => about);
  const common = { Message, EventCategories: [category], SourceArn: arn, SourceIdentifier: identifier };
  regionOf(region).events.push({ ...common, SourceType: kind.api, Date: at });
  ground.emit({
    source: 'aws.rds',
    detailType: `RDS DB ${kind.title} Event`,
    region,
    resources: [arn],
    detail: {
      ...common,
      SourceType: kind.bus,
      Date: at.toISOString(),
      EventID: `RDS-EVENT-${id}`,
      Tags: Object.fromEntries(tags),
    },
  });
}
