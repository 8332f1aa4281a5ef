// What RDS tells of its instances: kept for DescribeEvents, and sent to EventBridge.
import type { Rds, Instance } from './instance.ts';

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
  usesParameters: { id: '0011', category: 'configuration change', says: 'Updated to use DBParameterGroup %s' },
  changedParameters: { id: '0092', category: 'configuration change', says: 'Finished updating DB parameter group' },
  disabledBackups: { id: '0028', category: 'configuration change', says: 'Disabled automated backups' },
  enabledBackups: { id: '0032', category: 'configuration change', says: 'Enabled automated backups' },
  failingOver: { id: '0013', category: 'failover', says: 'Multi-AZ instance failover started' },
  failedOver: { id: '0049', category: 'failover', says: 'Multi-AZ instance failover completed' },
  failed: { id: '0035', category: 'failure', says: 'Database instance put into failed. %s' },
  restoredFromSnapshot: { id: '0043', category: 'restoration', says: 'Restored from snapshot %s' },
  restoredToTime: { id: '0019', category: 'restoration', says: 'Restored from DB instance %s' },
} as const satisfies Record<string, Kind>;

export type Told = keyof typeof KINDS;

export function tell(rds: Rds, instance: Pick<Instance, 'identifier' | 'arn' | 'region' | 'tags'>, what: Told, about = ''): void {
  const { id, category, says } = KINDS[what];
  const { ground } = rds;
  const { identifier, arn, region, tags } = instance;
  const at = new Date(ground.timeline.now());
  const Message = says.replace('%s', () => about);
  rds.in(region).events.push({
    SourceIdentifier: identifier,
    SourceType: 'db-instance',
    Message,
    EventCategories: [category],
    Date: at,
    SourceArn: arn,
  });
  ground.emit({
    source: 'aws.rds',
    detailType: 'RDS DB Instance Event',
    region,
    resources: [arn],
    detail: {
      EventCategories: [category],
      SourceType: 'DB_INSTANCE',
      SourceArn: arn,
      Date: at.toISOString(),
      Message,
      SourceIdentifier: identifier,
      EventID: `RDS-EVENT-${id}`,
      Tags: Object.fromEntries(tags),
    },
  });
}
