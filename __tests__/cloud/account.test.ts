import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFrontClient, ListDistributionsCommand, ListTagsForResourceCommand } from '@aws-sdk/client-cloudfront';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { draftEstate } from '../../commands/drafting/draft.ts';
import { plainOf } from '../../commands/drafting/sheet.ts';
import { estateText } from '../../commands/drafting/writing.ts';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { buildWorld } from '../../rehearsal/world/builder/builder.ts';
import { loadWorld } from '../../rehearsal/world/builder/world-file.ts';
import type { Cluster } from '../../rehearsal/world/contract.ts';
import { awsAccounts } from '../../shared/cloud/aws/account.ts';
import { PublicName } from '../../shared/estate.ts';
import { readEstateFile } from '../../shared/estate-file.ts';
import { standOn } from './on-aws.ts';

const ESTATE = readEstateFile('estate.yml');
const PAGE = join(__dirname, '..', '..', 'docs', 'estate.md');
const ZONE = 'Z0ORDERSTEST0001';

let cloud: Cloud;
let restore: () => void;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
beforeEach(() => {
  restore = standOn(cloud);
});
afterEach(async () => {
  restore();
  await cloud.reset();
});
afterAll(() => cloud.stop());

/** What RDS asks a cluster before it believes in it; nothing here asks more. */
const cluster = {
  name: 'any',
  port: 1,
  running: true,
  open: () =>
    Promise.resolve({
      query: () => Promise.resolve({ rows: [{ version: '18.0', database: true, master: true }] }),
      end: () => Promise.resolve(),
    }),
} as unknown as Cluster;
const numbered = (many: number, prefix: string): string[] =>
  Array.from({ length: many }, (_, nth) => `${prefix}${String(nth).padStart(3, '0')}`);

const foundInstance = (identifier: string, more: object = {}) =>
  cloud.services.rds.own.found({ identifier, cluster, databaseName: 'orders', masterUsername: 'boss', ...more });
const foundBalancer = (name: string, more: object = {}) =>
  cloud.services.elasticloadbalancing.own.found({ name, listeners: [], targetGroups: [], ...more });
const foundDistribution = (id: string, more: object = {}) =>
  cloud.services.cloudfront.own.found({
    id,
    aliases: [],
    origins: [{ id: 'one', domainName: 'Origin.Orders.test', url: 'http://127.0.0.1:1' }],
    defaultBehavior: { target: 'one' },
    ...more,
  });
const foundBucket = (Bucket: string, region = cloud.region) =>
  cloud.call(
    's3',
    'CreateBucket',
    { Bucket, ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region as never } }) },
    region,
  );

describe('an account', () => {
  it('is what stands in one Region, with its tags, and where names lead', async () => {
    await foundInstance('orders-main', {
      tags: { environment: 'main' },
      multiAz: true,
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
    });
    const { dnsName } = await foundBalancer('orders-main', { tags: { environment: 'main' } });
    await foundBalancer('orders-hidden', { scheme: 'internal' });
    const { domainName } = await foundDistribution('E1MAINORDERS00', { tags: { a: 'b' }, comment: 'orders', enabled: false });
    await foundBucket('orders-main-uploads');
    await foundBucket('orders-elsewhere', 'us-east-1');
    await cloud.call('s3', 'PutBucketTagging', {
      Bucket: 'orders-main-uploads',
      Tagging: { TagSet: [{ Key: 'env', Value: 'main' }] },
    });
    cloud.services.route53.own.found({ id: ZONE, name: 'orders.test.' }, [
      {
        Name: 'App.orders.test.',
        Type: 'A',
        AliasTarget: { DNSName: `dualstack.${dnsName}.`, HostedZoneId: 'Z32O12XQLNTSW2', EvaluateTargetHealth: true },
      },
      { Name: '*.orders.test.', Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: 'app.orders.test' }] },
      { Name: 'app.orders.test.', Type: 'HTTPS', TTL: 60, ResourceRecords: [{ Value: '1 . alpn="h2"' }] },
      { Name: 'old.orders.test.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] },
      { Name: 'orders.test.', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"words"' }] },
    ] as never);

    const { zones, ...account } = await awsAccounts().read(undefined);

    expect(account).toEqual({
      id: cloud.ground.account,
      region: 'eu-west-1',
      instances: [
        {
          ...{ name: 'orders-main', tags: { environment: 'main' }, engine: 'postgres', status: 'available', database: 'orders' },
          ...{ multiAz: true, keepsBackups: true, subnets: ['subnet-1'], securityGroups: ['sg-1'] },
        },
      ],
      loadBalancers: [
        expect.objectContaining({ name: 'orders-hidden', tags: {}, internal: true }),
        {
          ...{ name: 'orders-main', tags: { environment: 'main' }, type: 'application', internal: false },
          dnsName: `${dnsName.toLowerCase()}.`,
        },
      ],
      distributions: [
        {
          ...{ name: 'E1MAINORDERS00', tags: { a: 'b' }, comment: 'orders', enabled: false, aliases: [] },
          ...{ dnsName: `${domainName}.`, origins: ['origin.orders.test.'] },
        },
      ],
      buckets: [{ name: 'orders-main-uploads', tags: { env: 'main' } }],
    });
    expect(zones).toEqual([
      {
        ...{ id: ZONE, name: 'orders.test.', isPrivate: false },
        records: expect.arrayContaining([
          { name: 'app.orders.test.', type: 'A', targets: [`${dnsName.toLowerCase()}.`] },
          { name: '*.orders.test.', type: 'CNAME', targets: ['app.orders.test.'] },
          { name: 'app.orders.test.', type: 'HTTPS', targets: [] },
          { name: 'old.orders.test.', type: 'A', targets: [] },
        ]) as unknown,
      },
    ]);
    expect(zones[0]?.records).toHaveLength(4);
  });

  it('is read to its last page', async () => {
    for (const name of numbered(101, 'db')) await foundInstance(name);
    for (const name of numbered(41, 'lb')) await foundBalancer(name, { tags: { is: name } });
    for (const name of numbered(101, 'bucket')) await foundBucket(name);
    for (const id of numbered(101, 'Z0AAAA')) cloud.services.route53.own.found({ id, name: `${id.toLowerCase()}.test.` }, []);
    const records = numbered(301, 'n').map((name) => ({
      Name: `${name}.orders.test.`,
      Type: 'A',
      TTL: 60,
      ResourceRecords: [{ Value: '192.0.2.1' }],
    }));
    cloud.services.route53.own.found({ id: ZONE, name: 'orders.test.' }, records as never);

    const { instances, loadBalancers, buckets, zones } = await awsAccounts().read('eu-west-1');

    expect([instances, buckets].map(({ length }) => length)).toEqual([101, 101]);
    expect(loadBalancers.map(({ tags }) => tags['is'])).toEqual(numbered(41, 'lb'));
    expect(zones).toHaveLength(102);
    expect(zones.find(({ id }) => id === ZONE)?.records).toHaveLength(301);
  });

  it('has the distributions of every page', async () => {
    // The embedded cloud has no addresses for as many as fill one.
    const cloudfront = mockClient(CloudFrontClient);
    const pageOf = (ids: readonly string[], NextMarker?: string) => ({
      DistributionList: {
        ...{ Marker: '', MaxItems: 100, Quantity: ids.length, IsTruncated: NextMarker !== undefined, NextMarker },
        Items: ids.map((Id) => ({ Id, ARN: `arn:aws:cloudfront::123456789012:distribution/${Id}` })) as never,
      },
    });
    cloudfront.on(ListDistributionsCommand, { Marker: undefined }).resolves(pageOf(numbered(100, 'E1AAAA'), 'next'));
    cloudfront.on(ListDistributionsCommand, { Marker: 'next' }).resolves(pageOf(['E2BBBBBBB']));
    cloudfront
      .on(ListTagsForResourceCommand)
      .callsFake(({ Resource }) => ({ Tags: { Items: [{ Key: 'arn', Value: Resource as string }] } }));

    const { distributions } = await awsAccounts().read('eu-west-1');
    cloudfront.restore();

    expect(distributions.map(({ name }) => name)).toEqual([...numbered(100, 'E1AAAA'), 'E2BBBBBBB']);
    expect(distributions[100]?.tags).toEqual({ arn: 'arn:aws:cloudfront::123456789012:distribution/E2BBBBBBB' });
  });

  it('needs no more rights than docs/estate.md lists, and none that changes anything', async () => {
    const page = readFileSync(PAGE, 'utf8');
    const [, PolicyDocument = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const { Statement } = JSON.parse(PolicyDocument) as { Statement: { Action: string[] }[] };
    const trust = { Effect: 'Allow', Principal: { AWS: cloud.ground.account }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await cloud.call('iam', 'CreateRole', { RoleName: 'drafter', AssumeRolePolicyDocument });
    await cloud.call('iam', 'PutRolePolicy', { RoleName: 'drafter', PolicyName: 'reads', PolicyDocument });
    const { Credentials } = await cloud.call('sts', 'AssumeRole', { RoleArn: Role?.Arn, RoleSessionName: 'drafter' });
    await foundBalancer('orders-main');
    await foundDistribution('E1MAINORDERS00');
    await foundBucket('orders-main-uploads');
    cloud.services.route53.own.found({ id: ZONE, name: 'orders.test.' }, []);
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials?.SessionToken,
    });

    const account = await awsAccounts().read('eu-west-1');
    await cloud.call('iam', 'PutRolePolicy', {
      RoleName: 'drafter',
      PolicyName: 'reads',
      PolicyDocument: PolicyDocument.replace('"cloudfront:ListDistributions",', ''),
    });

    expect(account.buckets).toHaveLength(1);
    expect(Statement.flatMap(({ Action }) => Action).filter((action) => !/:(Describe|List|Get)/.test(action))).toEqual([]);
    await expect(awsAccounts().read('eu-west-1')).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('reading the distributions') as unknown,
    });
  });

  it('is refused where no Region is said', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) Reflect.deleteProperty(process.env, name);
    process.env['AWS_CONFIG_FILE'] = '/nowhere';

    await expect(awsAccounts().read(undefined)).rejects.toThrow('region: found none, expected one; say --region eu-west-1');
  });
});

/** The draft that docs/estate.md shows. */
const documentedDraft = (): string =>
  /<!-- a draft of the ordinary world -->\n\n```\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8'))?.[1] ?? 'no draft';

describe('the draft of the ordinary world', () => {
  it('is what estate.yml says, as far as an account can tell', async () => {
    await buildWorld(cloud, ESTATE, loadWorld('ordinary'));

    const { sheet, leftOut } = draftEstate(await awsAccounts().read(undefined));
    const text = estateText({ sheet, leftOut, file: 'e.yml', schema: 'estate.schema.json' });

    const { app, region, strategy, environments, names } = plainOf(sheet) as typeof ESTATE;
    const seen = ({ role, database: { instance, name }, web, buckets, network }: (typeof environments)[string]) => ({
      ...{ role, instance, name, web, buckets, network },
    });
    const each = (all: typeof environments) => Object.fromEntries(Object.entries(all).map(([name, one]) => [name, seen(one)]));
    const led = (all: typeof names) =>
      new Map(all.map((one) => PublicName.parse(one)).map(({ name, zone, types, via }) => [name, { zone, types, via }]));
    expect({ app, region, strategy }).toEqual({ app: ESTATE.app, region: ESTATE.region, strategy: ESTATE.strategy });
    expect(each(environments)).toEqual(each(ESTATE.environments));
    expect(led(names)).toEqual(led(ESTATE.names));
    expect(leftOut).toEqual([]);
    expect(text).toContain(documentedDraft());
  });
});
