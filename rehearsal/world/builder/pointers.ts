// What leads an application to its database, as a team keeps it: the host in its secret, or in a parameter beside it.
import type { Database } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import type { DatabaseAccess } from '../app/database.ts';
import type { Book } from '../client.ts';
import type { Cluster } from '../contract.ts';
import { placeOf } from '../dns/places.ts';
import type { Standing } from './builder.ts';

interface Kept {
  readonly host: string;
  readonly password: string;
}

export async function foundPointers(cloud: Cloud, { swap }: Database, endpoint: string): Promise<void> {
  if (swap.parameter !== undefined)
    await cloud.call('ssm', 'PutParameter', { Name: swap.parameter, Value: endpoint, Type: 'String' });
}

async function readKept(cloud: Cloud, SecretId: string): Promise<Kept> {
  const { SecretString = '{}' } = await cloud.call('secretsmanager', 'GetSecretValue', { SecretId });
  return JSON.parse(SecretString) as Kept;
}

/** As an application reads it: the parameter where it has one, the secret otherwise. */
export async function findAccess(cloud: Cloud, database: Database): Promise<DatabaseAccess> {
  const { host, password } = await readKept(cloud, database.secrets.application);
  const { parameter } = database.swap;
  const { Parameter } = parameter === undefined ? {} : await cloud.call('ssm', 'GetParameter', { Name: parameter });
  return accessAt(Parameter?.Value ?? host, database, password, cloud);
}

export const accessAt = (
  endpoint: string,
  { name, application }: Pick<Database, 'name' | 'application'>,
  password: string,
  { authorities, ground }: Cloud,
): DatabaseAccess => ({
  endpoint,
  name,
  username: application,
  password,
  authority: authorities.rds.pem,
  place: () => placeOf(ground, endpoint, 5432),
});

/** What an environment's database stands on now; undefined where its instance is gone. */
export async function clusterNow(cloud: Cloud, { secrets }: Database): Promise<Cluster | undefined> {
  const { host } = await readKept(cloud, secrets.master);
  return cloud.services.rds.own.clusterOf(host.split('.')[0] ?? '');
}

/** The instances that were used before, as their tags tell, each with the database that was in use. */
export async function shelvesOf(cloud: Cloud, { environment }: Pick<Standing, 'environment'>): Promise<Book[]> {
  const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
  return DBInstances.flatMap(({ DBInstanceIdentifier: id = '', TagList = [] }) => {
    const isShelf = TagList.some(({ Key, Value }) => Key === 'changeover:what' && Value === 'shelf');
    const cluster = isShelf ? cloud.services.rds.own.clusterOf(id) : undefined;
    return cluster ? [{ environment: id, cluster, database: environment.database.name }] : [];
  });
}
