// RDS, small enough for a laptop: what it says of instances whose PostgreSQL is real, and how the world says that one stands.
import type { Cluster } from '../../world/contract.ts';
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { type Instance, PORT, type Rds, type Region, type Settings, zoneLetter } from './instance.ts';
import { createDescriptions } from './instances.ts';
import { arnOf, requireIdentifier } from './naming.ts';
import { createTags } from './tags.ts';

/** An instance as it stood before the story begins; what is left out is as a small team's usually is. */
export interface Founding extends Partial<Settings> {
  readonly identifier: string;
  readonly cluster: Cluster;
  readonly databaseName: string;
  readonly masterUsername: string;
  readonly region?: string;
  readonly createdAt?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RdsOwn {
  /** The name an instance answers under, known before it stands: its certificate carries it. */
  endpointOf(identifier: string, region?: string): string;
  /** Says that an instance stands, and asks its cluster whether that is true. Answers its ARN. */
  found(founding: Founding): Promise<string>;
  /** Another cluster under the same name. */
  setCluster(identifier: string, cluster: Cluster, region?: string): void;
  /** Its PostgreSQL crashes or stops; RDS goes on saying `available` unless told what else to say. */
  lose(identifier: string, how?: { status?: string; stop?: 'fast' | 'immediate'; region?: string }): Promise<void>;
  /** Its PostgreSQL starts again. */
  regain(identifier: string, region?: string): Promise<void>;
}

/** The zones of RDS's own names, where they are known; Regions beyond have one of the cloud's making. */
const HOSTED_ZONES: Readonly<Record<string, string>> = {
  'eu-central-1': 'Z1RLNUO7B9Q6NB',
  'eu-west-1': 'Z29XKXDKYMONMX',
  'us-east-1': 'Z2R2ITUGPM61AM',
  'us-west-2': 'Z1PVIF0B656C1W',
};
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const DAY_MILLISECONDS = 24 * 60 * 60_000;

export function createRds(ground: Ground): Service<'rds'> & { readonly own: RdsOwn } {
  const regions = perRegion((name): Region => ({
    name,
    suffix: ground.token(12, LOWER),
    hostedZoneId: HOSTED_ZONES[name] ?? `Z${ground.token(13, UPPER)}`,
    instances: new Map(),
  }));
  const rds: Rds = { ground, in: regions };
  return {
    id: 'rds',
    operations: { ...createDescriptions(rds), ...createTags(rds) },
    inventory: () =>
      Object.fromEntries(
        regions
          .all()
          .flatMap(([, { instances }]) => [...instances.values()])
          .map(({ arn, status, cluster, tags }) => [arn, { status, running: cluster.running, tags: Object.fromEntries(tags) }]),
      ),
    own: createOwn(rds),
  };
}

function createOwn({ ground, in: regionOf }: Rds): RdsOwn {
  const endpointOf = (identifier: string, region = ground.region): string =>
    `${requireIdentifier(identifier, 'DBInstanceIdentifier')}.${regionOf(region).suffix}.${region}.rds.amazonaws.com`;
  const standing = (identifier: string, region = ground.region): Instance => {
    const found = regionOf(region).instances.get(identifier);
    if (!found) throw new Error(`no instance ${identifier} was founded in ${region}`);
    return found;
  };
  // A name stays known while its instance does not answer: whoever connects is refused, as by a host without a server.
  const publish = ({ address, cluster }: Instance): void =>
    ground.publish(`postgres://${address}:${PORT}`, `tcp://127.0.0.1:${cluster.port}`);

  return {
    endpointOf,
    async found({ identifier: given, cluster, region = ground.region, createdAt, tags = {}, ...settings }) {
      const identifier = requireIdentifier(given, 'DBInstanceIdentifier');
      const { instances } = regionOf(region);
      if (instances.has(identifier)) throw new Error(`an instance ${identifier} stands in ${region} already`);
      const engineVersion = await requireTruth(cluster, settings);
      const instance: Instance = {
        identifier,
        arn: arnOf(region, ground.account, 'db', identifier),
        resourceId: `db-${ground.token(26, UPPER)}`,
        region,
        address: endpointOf(identifier, region),
        createdAt: createdAt ?? ground.timeline.now() - 90 * DAY_MILLISECONDS,
        engineVersion,
        settings: settingsOf(ground, region, settings),
        tags: new Map(Object.entries(tags)),
        status: 'available',
        cluster,
      };
      instances.set(identifier, instance);
      publish(instance);
      return instance.arn;
    },
    setCluster(identifier, cluster, region) {
      const instance = standing(identifier, region);
      instance.cluster = cluster;
      publish(instance);
    },
    async lose(identifier, { status, stop = 'immediate', region } = {}) {
      const instance = standing(identifier, region);
      if (status !== undefined) instance.status = status;
      await ground.timeline.busy(() => instance.cluster.stop(stop));
    },
    async regain(identifier, region) {
      const instance = standing(identifier, region);
      await ground.timeline.busy(() => instance.cluster.start());
      instance.status = 'available';
      publish(instance);
    },
  };
}

/** What RDS will say of it must be so: the database and the master are there. Answers PostgreSQL's version. */
async function requireTruth(cluster: Cluster, said: Pick<Settings, 'databaseName' | 'masterUsername'>): Promise<string> {
  const session = await cluster.open();
  try {
    const { rows } = await session.query<{ version: string; database: boolean; master: boolean }>(
      `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
              EXISTS (SELECT FROM pg_database WHERE datname = $1) AS database,
              EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND rolcanlogin) AS master`,
      [said.databaseName, said.masterUsername],
    );
    const [truth] = rows;
    if (truth?.database !== true) throw new Error(`the cluster ${cluster.name} has no database ${said.databaseName}`);
    if (!truth.master) throw new Error(`the cluster ${cluster.name} has no master ${said.masterUsername}`);
    return truth.version;
  } finally {
    await session.end();
  }
}

function settingsOf(
  { account, token, uuid }: Ground,
  region: string,
  said: Partial<Settings> & Pick<Settings, 'databaseName' | 'masterUsername'>,
): Settings {
  return {
    instanceClass: 'db.t4g.micro',
    allocatedStorageGigabytes: 20,
    storageType: 'gp3',
    multiAz: false,
    publiclyAccessible: false,
    deletionProtection: true,
    backupRetentionDays: 7,
    availabilityZone: `${region}${zoneLetter(0)}`,
    subnetGroup: 'default',
    vpc: `vpc-${token(17, HEX)}`,
    subnets: [`subnet-${token(17, HEX)}`, `subnet-${token(17, HEX)}`],
    securityGroups: [`sg-${token(17, HEX)}`],
    kmsKeyId: `arn:aws:kms:${region}:${account}:key/${uuid()}`,
    ...said,
  };
}
