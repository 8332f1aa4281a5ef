// What leads to a database on the embedded cloud: two secrets, a parameter and a name, all of which follow.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { awsConnections } from '../../shared/cloud/aws/connections.ts';
import { Estate } from '../../shared/estate.ts';
import { estate } from '../runbooks/small-facts.ts';
import { standOn } from './on-aws.ts';

const OLD = { instance: 'orders-main', host: 'orders-main.rds.test', port: 5432 };
const NEW = { instance: 'orders-main-r1', host: 'orders-main-r1.rds.test', port: 6543 };
const PARAMETER = '/orders/main/database-host';
const NAME = 'db.orders.test.';

let cloud: Cloud;
let restore: () => void;
let zone: string;
const written: string[] = [];
let unwatch: () => void;

beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
afterAll(() => cloud.stop());
beforeEach(async () => {
  restore = standOn(cloud);
  const { HostedZone } = await cloud.call('route53', 'CreateHostedZone', { Name: 'orders.test.', CallerReference: 'one' });
  zone = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  await keep('orders/main/application', {
    username: 'orders_app',
    password: 'of one',
    host: OLD.host,
    port: 5432,
    dbname: 'orders',
  });
  await keep('orders/main/master', {
    username: 'boss',
    password: 'of all',
    host: OLD.host,
    port: '5432',
    dbInstanceIdentifier: OLD.instance,
  });
  await cloud.call('ssm', 'PutParameter', { Name: PARAMETER, Value: OLD.host, Type: 'String' });
  await setName(OLD.host);
  written.splice(0);
  unwatch = cloud.watchCalls(({ operation }) => {
    if (/:(Put|Change)/.test(operation)) written.push(operation.replace(/^.*:/, ''));
  });
});
afterEach(async () => {
  unwatch();
  restore();
  await cloud.reset();
});

const keep = (Name: string, secret: object) =>
  cloud.call('secretsmanager', 'CreateSecret', { Name, SecretString: JSON.stringify(secret) });
const secretOf = async (SecretId: string): Promise<unknown> =>
  JSON.parse((await cloud.call('secretsmanager', 'GetSecretValue', { SecretId })).SecretString ?? '{}');
const setName = (Value: string) => {
  const ResourceRecordSet = { Name: NAME, Type: 'CNAME' as const, TTL: 300, ResourceRecords: [{ Value }] };
  const Changes = [{ Action: 'UPSERT' as const, ResourceRecordSet }];
  return cloud.call('route53', 'ChangeResourceRecordSets', { HostedZoneId: zone, ChangeBatch: { Changes } });
};
const connections = () => awsConnections(() => leading({ name: { name: NAME, zone }, parameter: PARAMETER }));
function leading(swap: object): Estate {
  const { main, ...others } = estate.environments;
  return Estate.parse({ ...estate, environments: { ...others, main: { ...main, database: { ...main?.database, swap } } } });
}
const hosts = async () => (await connections().read('main')).map(({ host }) => host);

describe('what leads to a database', () => {
  it('is read in the order in which it is written: the team’s own first, the master’s secret last', async () => {
    expect(await connections().read('main')).toEqual([
      { kind: 'name', name: NAME, host: OLD.host },
      { kind: 'parameter', name: PARAMETER, host: OLD.host },
      { kind: 'secret', name: 'orders/main/application', host: OLD.host },
      { kind: 'secret', name: 'orders/main/master', host: OLD.host },
    ]);
  });

  it('is as much as the estate names', async () => {
    const found = await awsConnections(() => estate).read('main');

    expect(found.map(({ name }) => name)).toEqual(['orders/main/application', 'orders/main/master']);
  });

  it('follows, all of it; passwords and every other field stay, each in its own kind', async () => {
    await connections().point('main', NEW);

    expect(await hosts()).toEqual([NEW.host, NEW.host, NEW.host, NEW.host]);
    expect(await secretOf('orders/main/application')).toEqual({
      username: 'orders_app',
      password: 'of one',
      host: NEW.host,
      port: 6543,
      dbname: 'orders',
    });
    expect(await secretOf('orders/main/master')).toEqual({
      username: 'boss',
      password: 'of all',
      host: NEW.host,
      port: '6543',
      dbInstanceIdentifier: NEW.instance,
    });
    const { ResourceRecordSets = [] } = await cloud.call('route53', 'ListResourceRecordSets', { HostedZoneId: zone });
    expect(ResourceRecordSets.find(({ Type }) => Type === 'CNAME')).toMatchObject({ Name: NAME, TTL: 5 });
  });

  it('is written only where it leads elsewhere, and the second time nowhere', async () => {
    await cloud.call('ssm', 'PutParameter', { Name: PARAMETER, Value: NEW.host, Type: 'String', Overwrite: true });
    written.splice(0);

    await connections().point('main', NEW);
    expect(written).toEqual(['ChangeResourceRecordSets', 'PutSecretValue', 'PutSecretValue']);
    await connections().point('main', NEW);
    expect(written).toHaveLength(3);
  });

  it('leads back as it did before', async () => {
    const before = [await secretOf('orders/main/application'), await secretOf('orders/main/master')];
    await connections().point('main', NEW);

    await connections().point('main', OLD);

    expect([await secretOf('orders/main/application'), await secretOf('orders/main/master')]).toEqual(before);
    expect(await hosts()).toEqual([OLD.host, OLD.host, OLD.host, OLD.host]);
  });

  it('is made where the parameter or the name is not there, and told as leading nowhere before', async () => {
    await cloud.call('ssm', 'DeleteParameter', { Name: PARAMETER });
    const ResourceRecordSet = { Name: NAME, Type: 'CNAME' as const, TTL: 300, ResourceRecords: [{ Value: OLD.host }] };
    const Changes = [{ Action: 'DELETE' as const, ResourceRecordSet }];
    await cloud.call('route53', 'ChangeResourceRecordSets', { HostedZoneId: zone, ChangeBatch: { Changes } });

    expect(await hosts()).toEqual([null, null, OLD.host, OLD.host]);
    await connections().point('main', NEW);
    expect(await hosts()).toEqual([NEW.host, NEW.host, NEW.host, NEW.host]);
  });

  it('is refused by its name where a secret is missing, or is none of a database; nothing in it is told', async () => {
    await cloud.call('secretsmanager', 'PutSecretValue', {
      SecretId: 'orders/main/master',
      SecretString: '{"password":"of all"}',
    });
    await expect(connections().read('main')).rejects.toMatchObject({
      name: 'CloudRefused',
      message: 'the secret orders/main/master lacks host; it holds username, password, host and port as JSON',
    });
    await cloud.call('secretsmanager', 'DeleteSecret', { SecretId: 'orders/main/master', ForceDeleteWithoutRecovery: true });

    await expect(connections().point('main', NEW)).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('reading the secret orders/main/master') as unknown,
    });
  });
});
