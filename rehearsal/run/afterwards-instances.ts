// What RDS, the secrets and PostgreSQL say after a run of the instances under each environment: which one people use, what stands
// beside it, what is on the shelf.
import type { DBInstance } from '@aws-sdk/client-rds';
import type { Cloud } from '../cloud.ts';
import type { Standing, World } from '../world/builder/builder.ts';
import type { Afterwards } from './happening.ts';

/** One instance of an environment. */
export interface Stood {
  readonly id: string;
  readonly what: string | null;
  readonly status: string;
  /** Whether the application's role may connect to what runs there; null where nothing runs. */
  readonly open: boolean | null;
  readonly protected: boolean;
}

export interface Instances {
  /** The one that the environment's secret leads to; null where it leads nowhere. */
  readonly live: Stood | null;
  readonly others: readonly Stood[];
}

const tagOf = ({ TagList = [] }: DBInstance, key: string): string | null => TagList.find(({ Key }) => Key === key)?.Value ?? null;

export async function lookAtInstances(cloud: Cloud, world: World): Promise<Readonly<Record<string, Instances>>> {
  const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
  const found: Record<string, Instances> = {};
  for (const standing of world.environments.values()) {
    const live = await leadsTo(cloud, standing);
    const own = DBInstances.filter(
      (one) =>
        one.DBInstanceIdentifier === live || tagOf(one, 'changeover:environment') === standing.id || isFounded(one, standing),
    );
    const stood = await Promise.all(own.map((one) => lookAt(cloud, one, standing)));
    found[standing.id] = {
      live: stood.find(({ id }) => id === live) ?? null,
      others: stood.filter(({ id }) => id !== live),
    };
  }
  return found;
}

const isFounded = ({ DBInstanceIdentifier }: DBInstance, { environment }: Standing): boolean =>
  DBInstanceIdentifier === environment.database.instance;

async function leadsTo(cloud: Cloud, { environment }: Standing): Promise<string> {
  const { SecretString = '{}' } = await cloud.call('secretsmanager', 'GetSecretValue', {
    SecretId: environment.database.secrets.application,
  });
  const { host = '' } = JSON.parse(SecretString) as { host?: string };
  return host.split('.')[0] ?? '';
}

async function lookAt(cloud: Cloud, one: DBInstance, standing: Standing): Promise<Stood> {
  const id = one.DBInstanceIdentifier ?? '';
  const cluster = cloud.services.rds.own.clusterOf(id);
  const open = cluster?.running === true ? await admits(cluster, standing) : null;
  return {
    id,
    what: tagOf(one, 'changeover:what'),
    status: one.DBInstanceStatus ?? '',
    open,
    protected: one.DeletionProtection === true,
  };
}

async function admits(cluster: NonNullable<Standing['cluster']>, { roles, environment }: Standing): Promise<boolean> {
  const session = await cluster.open();
  try {
    const { rows } = await session.query<{ may: boolean }>("SELECT has_database_privilege($1, $2, 'CONNECT') AS may", [
      roles.application,
      environment.database.name,
    ]);
    return rows[0]?.may === true;
  } finally {
    await session.end();
  }
}

/** Exactly one of old and new takes what people write. */
export function judgeInstances(
  expected: NonNullable<Afterwards['instances']>,
  seen: Readonly<Record<string, Instances>>,
): string[] {
  return Object.entries(expected).flatMap(([environment, { is, shelf, beside, protected: guarded }]) => {
    const found = seen[environment];
    if (!found?.live) return [`what leads to the database of ${environment} leads to no instance`];
    const { live, others } = found;
    const red: string[] = [];
    const which = live.what === 'restored' ? 'new' : 'old';
    if (which !== is) red.push(`${environment} is on ${live.id}, the ${which} one, expected the ${is} one`);
    if (live.status !== 'available') red.push(`${live.id} is ${live.status}, expected available`);
    if (live.open !== true) red.push(`${live.id}, which ${environment} is led to, admits no application`);
    const old = others.filter(({ what }) => what !== 'restored');
    const shelved = old.map(({ status }) => status).join(', ') || 'none';
    if (shelved !== shelf) red.push(`on the shelf of ${environment}: ${shelved}, expected ${shelf}`);
    for (const { id, open } of old) if (open === true) red.push(`${id} still admits the application, beside ${live.id}`);
    const standing = others.filter(({ what }) => what === 'restored').length;
    if (standing !== beside) red.push(`${standing} restored instances stand beside ${live.id}, expected ${beside}`);
    for (const one of [live, ...others])
      if (guarded !== undefined && one.protected !== guarded)
        red.push(`${one.id} is ${one.protected ? '' : 'not '}protected against deletion`);
    return red;
  });
}
