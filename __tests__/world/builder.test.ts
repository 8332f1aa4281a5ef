import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { buildWorld, type World } from '../../rehearsal/world/builder/builder.ts';
import { startHolder } from '../../rehearsal/world/builder/ledger.ts';
import { zoneNameOf } from '../../rehearsal/world/builder/names.ts';
import { listWorlds, loadWorld, parseWorld } from '../../rehearsal/world/builder/world-file.ts';
import { accountFor, countProbes } from '../../rehearsal/world/client.ts';
import { resolveThrough } from '../../rehearsal/world/dns/places.ts';
import { readEstateFile } from '../../shared/estate-file.ts';

const ESTATE = readEstateFile(join(__dirname, '..', '..', 'estate.yml'));
const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: NIGHT });
});
afterEach(() => cloud.reset());
afterAll(() => cloud.stop());

const found = (text = 'says: a world', estate = ESTATE): Promise<World> => buildWorld(cloud, estate, parseWorld(text, 'made-up'));
const ask = async <Row>(world: World, id: string, sql: string): Promise<Row[]> => {
  const standing = world.environments.get(id);
  const session = await standing?.cluster?.open(standing.environment.database.name);
  try {
    return ((await session?.query(sql))?.rows ?? []) as Row[];
  } finally {
    await session?.end();
  }
};

describe('an ordinary world', () => {
  it('has a standby whose data is a copy of the primary’s, as old as it says, and lives on by itself', async () => {
    const world = await found('says: a world\ncopy: { ageSeconds: 3600 }');

    const newest = 'SELECT environment, max(written_at) AS at FROM changeover_heartbeat GROUP BY 1 ORDER BY 1';
    const beats = await ask<{ environment: string; at: Date }>(world, 'spare', newest);
    const ages = beats.map(({ environment, at }) => [environment, (cloud.timeline.now() - at.getTime()) / 1000] as const);
    expect(ages.map(([environment]) => environment)).toEqual(['main', 'spare']);
    expect(Math.abs((ages[0]?.[1] ?? 0) - 3600)).toBeLessThan(30);
    expect(ages[1]?.[1]).toBeLessThan(30);
  });

  it('accounts for every write its client was told of: on the primary all, on the standby those before the copy', async () => {
    const world = await found();

    const [onMain, onSpare] = [await world.account('main'), await world.account('spare')];

    const total = world.client.acknowledged.length;
    expect(world.client.probes.filter(({ trouble }) => trouble !== null)).toEqual([]);
    expect(onMain).toMatchObject({ acknowledged: total, onPrimary: total, lost: [], doubled: [] });
    expect(onSpare.onStandby).toBeGreaterThan(0);
    expect(onSpare.lost).toHaveLength(total - onSpare.onStandby);
    expect(new Set(onSpare.lost.flatMap(({ stillOn }) => stillOn))).toEqual(new Set(['main']));
  });

  it('answers under every public name, over IPv4 and IPv6, from the primary', async () => {
    const world = await found();

    const answers = await Promise.all(
      ESTATE.names.map(async ({ name }) => [
        (await resolveThrough(cloud.ground, 'resolver', name, 'A')).length,
        (await resolveThrough(cloud.ground, 'resolver', name, 'AAAA')).length,
      ]),
    );

    expect(answers.flat().every((count) => count > 0)).toBe(true);
    expect(new Set(world.client.acknowledged.map(({ by }) => by))).toEqual(new Set(['main']));
  });

  it('has what AWS would be asked for: instances, healthy targets, secrets, certificates', async () => {
    await found();

    const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
    const { TargetGroups = [] } = await cloud.call('elasticloadbalancing', 'DescribeTargetGroups', {});
    const health = await Promise.all(
      TargetGroups.map(({ TargetGroupArn }) => cloud.call('elasticloadbalancing', 'DescribeTargetHealth', { TargetGroupArn })),
    );
    const { SecretString = '' } = await cloud.call('secretsmanager', 'GetSecretValue', { SecretId: 'orders/spare/application' });
    expect(DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual(['orders-main', 'orders-spare']);
    expect(
      health.flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions.map((one) => one.TargetHealth?.State)),
    ).toEqual(['healthy', 'healthy']);
    expect(JSON.parse(SecretString)).toMatchObject({ username: 'orders_app', dbname: 'orders', port: 5432 });
  });

  it('leaves nothing when its cloud is emptied', async () => {
    const world = await found();

    await cloud.reset();

    const standing = [...world.environments.values()];
    expect(standing.map(({ application, cluster }) => [application.running, cluster?.running])).toEqual([
      [false, false],
      [false, false],
    ]);
    expect([...cloud.ground.published().keys()]).toEqual([]);
  });
});

describe('what a world says of the beginning', () => {
  it('an outage: the client fails since then, and the standby is well', async () => {
    const world = await found('says: out\noutageSeconds: 120\nenvironments: { main: { database: down, application: down } }');

    const count = countProbes(world.client.probes, cloud.timeline.now() - 100_000);
    const health = await fetch(`${world.standby?.application.url ?? ''}/api/health`);
    expect(count.failed).toBe(count.total);
    expect(count.total).toBeGreaterThan(0);
    expect([health.status, world.primary.cluster?.running]).toEqual([200, false]);
  });

  it('a database that no packet reaches: its instance runs, and its application says 503', async () => {
    const world = await found('says: cut off\nenvironments: { main: { database: unreachable } }');

    const health = await fetch(`${world.primary.application.url}/api/health`);

    expect([health.status, world.primary.cluster?.running]).toEqual([503, true]);
  });

  it('a standby on the wrong database says so of itself', async () => {
    const world = await found('says: astray\nenvironments: { spare: { appDatabase: main } }');

    const health = (await (await fetch(`${world.standby?.application.url ?? ''}/api/health`)).json()) as { database: string };

    expect(health.database).toBe(`${world.primary.endpoint}/orders`);
  });

  it('a standby that was never copied to: it has people of its own, and no heartbeat of the primary', async () => {
    const world = await found('says: empty\nenvironments: { spare: { copied: false } }');

    const [people] = await ask<{ count: string }>(world, 'spare', 'SELECT count(*) FROM customers');
    const beats = await ask<{ environment: string }>(world, 'spare', 'SELECT DISTINCT environment FROM changeover_heartbeat');
    expect([Number(people?.count), beats]).toEqual([40, [{ environment: 'spare' }]]);
  });

  it('a migration since the copy: the two sides differ by it', async () => {
    const world = await found('says: ahead\nenvironments: { main: { migratedSinceCopy: true } }');

    const newest = 'SELECT max(version) AS version FROM schema_migrations';
    const versions = await Promise.all(['main', 'spare'].map((id) => ask<{ version: string }>(world, id, newest)));

    expect(versions.flat().map(({ version }) => version)).toEqual(['20260112140000_order_remarks', '20251120083000_heartbeat']);
  });

  it('what stands on one side alone: a view, a role with rights, another setting, a bigger disk', async () => {
    const world = await found(`says: staging
environments:
  main: { sql: { owner: 'CREATE VIEW open_orders AS SELECT * FROM orders' } }
  spare:
    storageGigabytes: 400
    sql:
      superuser: CREATE ROLE analyst LOGIN; ALTER DATABASE orders SET work_mem = '8MB'
      owner: CREATE VIEW staging AS SELECT number FROM orders; GRANT SELECT ON staging TO analyst`);

    const sql = `
      SELECT array(SELECT viewname::text FROM pg_views WHERE schemaname = 'public') AS views,
             (SELECT relacl::text FROM pg_class WHERE relname = 'staging') LIKE '%analyst=r/orders_owner%' AS granted,
             current_setting('work_mem') AS memory`;
    const [main, spare] = await Promise.all(['main', 'spare'].map((id) => ask(world, id, sql)));
    const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
    expect(main).toEqual([{ views: ['open_orders'], granted: null, memory: '4MB' }]);
    expect(spare).toEqual([{ views: ['staging'], granted: true, memory: '8MB' }]);
    expect(DBInstances.map(({ AllocatedStorage }) => AllocatedStorage)).toEqual([20, 400]);
  });

  it.each([
    ['C', 'b'],
    ['PG_UNICODE_FAST', 'b'],
    ['en-US', 'i'],
  ])('a database of its own that was created with the locale %s', async (locale, provider) => {
    const world = await found(`says: sorted otherwise\nenvironments: { spare: { copied: false, locale: ${locale} } }`);

    const sql = "SELECT datlocprovider AS provider, datlocale AS locale FROM pg_database WHERE datname = 'orders'";
    const [main, spare] = await Promise.all(['main', 'spare'].map((id) => ask(world, id, sql)));
    expect([main, spare]).toEqual([[{ provider: 'b', locale: 'C.UTF-8' }], [{ provider, locale }]]);
  });

  it('records: a name with another zone’s id, a name without IPv6, a record of its own', async () => {
    await found(
      `says: records
names:
  wrongZone: [app.orders.test.]
  withoutIpv6: [api.orders.test.]
  records: [{ Name: app.orders.test., Type: HTTPS, TTL: 60, ResourceRecords: [{ Value: '1 . alpn=h2' }] }]`,
    );

    const { ResourceRecordSets = [] } = await cloud.call('route53', 'ListResourceRecordSets', {
      HostedZoneId: 'Z0ORDERSTEST0001',
    });

    const said = ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA').map(
      ({ Name, Type, AliasTarget }) => `${Name ?? ''} ${Type ?? ''} ${AliasTarget?.HostedZoneId ?? ''}`,
    );
    expect(said).toEqual([
      'api.orders.test. A Z32O12XQLNTSW2',
      'app.orders.test. A Z1H1FL5HABSF5',
      'app.orders.test. AAAA Z1H1FL5HABSF5',
      'app.orders.test. HTTPS ',
    ]);
  });
});

describe('a holder of the lease', () => {
  it.each([
    ['sync', 'unattended'],
    ['promotion', 'attended'],
  ] as const)('runs beside a machine %s-dev of the service', async (runbook, kind) => {
    const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await cloud.call('iam', 'CreateRole', { RoleName: 'own', AssumeRolePolicyDocument });
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
    await cloud.call('states', 'CreateStateMachine', { name: `${runbook}-dev`, roleArn: Role?.Arn, definition });

    const holder = await startHolder(cloud, kind);

    const { status } = await cloud.call('states', 'DescribeExecution', { executionArn: holder.execution });
    expect([holder.runbook, status]).toEqual([runbook, 'RUNNING']);
    expect(holder.execution).toMatch(/:execution:[a-z-]+-dev:/);
  });
});

describe('an estate whose application is asked elsewhere', () => {
  it('is asked there by load balancers and distributions alike', async () => {
    const world = await found('says: a world', { ...ESTATE, application: { health: '/healthz', heartbeat: '/beat' } });

    const { TargetGroups = [] } = await cloud.call('elasticloadbalancing', 'DescribeTargetGroups', {});
    const { DistributionConfig } = await cloud.call('cloudfront', 'GetDistributionConfig', { Id: 'E1MAINORDERS00' });
    const health = await fetch(`${world.primary.application.url}/healthz`);
    expect(TargetGroups.map(({ HealthCheckPath }) => HealthCheckPath)).toEqual(['/healthz', '/healthz']);
    expect(DistributionConfig?.CacheBehaviors?.Items?.map(({ PathPattern }) => PathPattern)).toEqual([
      '/api/*',
      '/healthz',
      '/beat',
    ]);
    expect(await health.json()).toMatchObject({ status: 'ok', environment: 'main' });
  });
});

describe('a world file', () => {
  it.each(listWorlds())('%s is one', (name) => {
    expect(loadWorld(name).says).not.toBe('');
  });

  it.each([
    ['', /rehearsal\/worlds\/made-up\.yml:/],
    ['says: x\nsurprise: 1', /surprise/],
    ['says: [', /rehearsal\/worlds\/made-up\.yml: /],
    ['says: x\nenvironments: { main: { database: sideways } }', /environments/],
    ['says: x\nenvironments: { spare: { copied: false, locale: POSIX } }', /a language, or a language and a country/],
  ])('%j is refused by name', (text, said) => {
    expect(() => parseWorld(text, 'made-up')).toThrow(said);
  });

  it('that speaks of what the estate does not have is refused before anything is founded', async () => {
    await expect(found('says: x\nenvironments: { third: {} }')).rejects.toThrow('speaks of third; the estate has main, spare');
    expect(cloud.inventory()['rds']).toEqual({});
  });
});

describe('a locale', () => {
  it('of a copy is refused before anything is founded: it has that of its original', async () => {
    await expect(found('says: x\nenvironments: { spare: { locale: C } }')).rejects.toThrow('gives spare a locale');
    expect(cloud.inventory()['rds']).toEqual({});
  });
});

describe('a zone', () => {
  it.each([
    [['app.orders.test.', 'api.orders.test.'], 'orders.test.'],
    [['app.orders.test.'], 'orders.test.'],
    [['orders.test.', 'www.orders.test.'], 'orders.test.'],
    [['orders.test.'], 'orders.test.'],
  ])('of %j is %s', (names, zone) => {
    expect(zoneNameOf(names)).toBe(zone);
  });
});

describe('the client’s count', () => {
  const probe = (at: number, trouble: string | null) => ({ at: at * 1000, wallAt: at, trouble });

  it('an outage lasts from the first failure to the success that ends it, and one that goes on counts as far as it is seen', () => {
    const probes = [probe(0, 'before'), probe(5, null), probe(10, 'x'), probe(15, 'x'), probe(25, null), probe(30, 'x')];

    expect(countProbes(probes, 5000)).toEqual({ total: 5, failed: 3, longestOutageMs: 15, longestOutageSeconds: 15 });
  });

  it('refuses to account for a writer that is neither side', async () => {
    const world = await found();
    const book = (id: 'main' | 'spare') => {
      const cluster = world.environments.get(id)?.cluster;
      if (!cluster) throw new Error('no cluster');
      return { environment: id, cluster, database: 'orders' };
    };

    const books = { primary: book('main'), standby: book('spare'), shelves: [], writer: 'third' };

    await expect(accountFor([], books)).rejects.toThrow('third is neither main nor spare');
  });
});
