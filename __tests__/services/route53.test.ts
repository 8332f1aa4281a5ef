import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type Change,
} from '@aws-sdk/client-route-53';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import type { RecordSet } from '../../rehearsal/services/route53/room.ts';
import { resolveThrough } from '../../rehearsal/world/dns/places.ts';

const ZONE = 'Z0ORDERSTEST0001';
const BALANCER = 'orders-main-123.eu-west-1.elb.amazonaws.com.';
const BALANCER_ZONE = 'Z32O12XQLNTSW2';
const DISTRIBUTION = 'd111111abcdef8.cloudfront.net.';
const DISTRIBUTION_ZONE = 'Z2FDTNDATAQYW2';

const plain = (Name: string, Type: string, TTL: number, ...values: string[]): RecordSet => ({
  Name,
  Type: Type as 'A',
  TTL,
  ResourceRecords: values.map((Value) => ({ Value })),
});
const alias = (Name: string, Type: string, DNSName: string, HostedZoneId: string, EvaluateTargetHealth = false): RecordSet => ({
  Name,
  Type: Type as 'A',
  AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth },
});
const weighted = (set: RecordSet, SetIdentifier: string, Weight: number): RecordSet => ({ ...set, SetIdentifier, Weight });
const create = (set: RecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet: set });
const upsert = (set: RecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet: set });
const remove = (set: RecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: set });

const APP = alias('app.orders.test.', 'A', DISTRIBUTION, DISTRIBUTION_ZONE);
const OLD = plain('old.orders.test.', 'A', 300, '192.0.2.7', '192.0.2.8');
const DOCS = plain('docs.orders.test.', 'CNAME', 300, 'app.orders.test.');
const SHARED = plain('shared.orders.test.', 'A', 60, '192.0.2.20');

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  const { own } = cloud.services.route53;
  own.aliasTarget({ dnsName: BALANCER, zoneId: BALANCER_ZONE, addresses: () => ({ a: ['192.0.2.10'], aaaa: [] }) });
  own.aliasTarget({
    dnsName: DISTRIBUTION,
    zoneId: DISTRIBUTION_ZONE,
    addresses: () => ({ a: ['198.51.100.1'], aaaa: ['2001:db8::1'] }),
    https: () => '1 . alpn="h2"',
  });
  own.found({ id: ZONE, name: 'orders.test.' }, [APP, OLD, DOCS, weighted(SHARED, 'one', 1)]);
});
afterEach(() => cloud.stop());

const change = (...Changes: Change[]) =>
  cloud.call('route53', 'ChangeResourceRecordSets', { HostedZoneId: ZONE, ChangeBatch: { Changes } });
const records = async () => {
  const { ResourceRecordSets: sets = [] } = await cloud.call('route53', 'ListResourceRecordSets', { HostedZoneId: ZONE });
  return sets;
};
const statusOf = async (id: string | undefined) => (await cloud.call('route53', 'GetChange', { Id: id })).ChangeInfo?.Status;
const passSeconds = (seconds: number) => cloud.timeline.passTo(cloud.timeline.now() + seconds * 1_000);

describe('a hosted zone', () => {
  it('has four name servers of its own and says so over the wire', async () => {
    const client = new Route53Client({ region: 'us-east-1', endpoint: cloud.endpoint, credentials: cloud.operator });

    const { HostedZone, DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: `/hostedzone/${ZONE}` }));

    expect(HostedZone).toMatchObject({ Id: `/hostedzone/${ZONE}`, Name: 'orders.test.', ResourceRecordSetCount: 6 });
    expect(DelegationSet?.NameServers?.map((name) => name.replace(/\d+/g, '#'))).toEqual([
      'ns-#.awsdns-#.com',
      'ns-#.awsdns-#.net',
      'ns-#.awsdns-#.org',
      'ns-#.awsdns-#.co.uk',
    ]);
    await expect(client.send(new GetHostedZoneCommand({ Id: 'ZNONE' }))).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
      message: 'No hosted zone found with ID: ZNONE',
      $metadata: { httpStatusCode: 404 },
    });
    client.destroy();
  });

  it('answers a DNS question only when its creation is in sync, and is made once for a caller reference', async () => {
    const { HostedZone, ChangeInfo, DelegationSet } = await cloud.call('route53', 'CreateHostedZone', {
      Name: 'New.Test',
      CallerReference: 'once',
    });
    const [server = ''] = DelegationSet?.NameServers ?? [];
    const [address = ''] = await resolveThrough(cloud.ground, 'resolver', server, 'A');
    const ask = () => resolveThrough(cloud.ground, address, 'new.test', 'NS');

    await expect(ask()).rejects.toMatchObject({ code: 'EREFUSED' });
    await passSeconds(60);

    expect(HostedZone).toMatchObject({ Name: 'new.test.', ResourceRecordSetCount: 2 });
    expect(await statusOf(ChangeInfo?.Id)).toBe('INSYNC');
    expect(await ask()).toEqual([...(DelegationSet?.NameServers ?? [])].sort());
    await expect(cloud.call('route53', 'CreateHostedZone', { Name: 'new.test', CallerReference: 'once' })).rejects.toMatchObject({
      code: 'HostedZoneAlreadyExists',
      status: 409,
    });
  });

  it('is removed only when nothing but its own records is left in it', async () => {
    const { HostedZone } = await cloud.call('route53', 'CreateHostedZone', { Name: 'gone.test', CallerReference: 'gone' });

    await cloud.call('route53', 'DeleteHostedZone', { Id: HostedZone?.Id });

    await expect(cloud.call('route53', 'DeleteHostedZone', { Id: ZONE })).rejects.toMatchObject({ code: 'HostedZoneNotEmpty' });
    await expect(cloud.call('route53', 'GetHostedZone', { Id: HostedZone?.Id })).rejects.toMatchObject({
      code: 'NoSuchHostedZone',
    });
    expect(await cloud.call('route53', 'GetHostedZoneCount', {})).toMatchObject({ HostedZoneCount: 1 });
  });

  it('is found by name in the order of labels from the right', async () => {
    for (const Name of ['b.test', 'a.b.test', 'a.org'])
      await cloud.call('route53', 'CreateHostedZone', { Name, CallerReference: Name });

    const first = await cloud.call('route53', 'ListHostedZonesByName', { MaxItems: 2 });
    const rest = await cloud.call('route53', 'ListHostedZonesByName', {
      DNSName: first.NextDNSName,
      HostedZoneId: first.NextHostedZoneId,
    });

    const names = [...(first.HostedZones ?? []), ...(rest.HostedZones ?? [])].map(({ Name }) => Name);
    expect(names).toEqual(['a.org.', 'b.test.', 'a.b.test.', 'orders.test.']);
    expect(rest.IsTruncated).toBe(false);
  });

  it('keeps tags', async () => {
    const about = { ResourceType: 'hostedzone', ResourceId: ZONE } as const;

    await cloud.call('route53', 'ChangeTagsForResource', {
      ...about,
      AddTags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await cloud.call('route53', 'ChangeTagsForResource', { ...about, RemoveTagKeys: ['a'] });

    const { ResourceTagSet } = await cloud.call('route53', 'ListTagsForResource', about);
    expect(ResourceTagSet).toEqual({ ...about, Tags: [{ Key: 'b', Value: '2' }] });
  });
});

describe('the list of records', () => {
  it('goes from the zone down, by label from the right, then type, then identifier, whatever the page', async () => {
    await change(
      create(plain('*.orders.test', 'TXT', 60, '"any"')),
      create(plain('B.orders.test', 'TXT', 60, '"b"')),
      create(plain('b.orders.test', 'A', 60, '192.0.2.1')),
      create(plain('a.b.orders.test', 'A', 60, '192.0.2.1')),
      create(weighted(SHARED, 'another', 0)),
    );
    const client = new Route53Client({ region: 'us-east-1', endpoint: cloud.endpoint, credentials: cloud.operator });
    const seen: string[] = [];

    for (let start: object | undefined = {}; start;) {
      const page: Awaited<ReturnType<typeof list>> = await list(start);
      seen.push(
        ...(page.ResourceRecordSets ?? []).map(({ Name, Type, SetIdentifier = '' }) => `${Type} ${Name} ${SetIdentifier}`.trim()),
      );
      start = page.IsTruncated
        ? {
            StartRecordName: page.NextRecordName,
            StartRecordType: page.NextRecordType,
            StartRecordIdentifier: page.NextRecordIdentifier,
          }
        : undefined;
    }
    function list(start: object) {
      return client.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, MaxItems: 2, ...start }));
    }
    client.destroy();

    expect(seen).toEqual([
      'NS orders.test.',
      'SOA orders.test.',
      'TXT \\052.orders.test.',
      'A app.orders.test.',
      'A b.orders.test.',
      'TXT b.orders.test.',
      'A a.b.orders.test.',
      'CNAME docs.orders.test.',
      'A old.orders.test.',
      'A shared.orders.test. another',
      'A shared.orders.test. one',
    ]);
  });

  it('begins at the first record at or after the one that is named', async () => {
    const { ResourceRecordSets: sets } = await cloud.call('route53', 'ListResourceRecordSets', {
      HostedZoneId: ZONE,
      StartRecordName: 'ba.orders.test',
      MaxItems: 1,
    });

    expect(sets).toEqual([DOCS]);
    await expect(
      cloud.call('route53', 'ListResourceRecordSets', { HostedZoneId: ZONE, StartRecordType: 'A' }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

describe('a batch of changes', () => {
  it.each<[string, Change[], string[]]>([
    ['a CNAME beside another type', [create(plain('old.orders.test', 'CNAME', 60, 'x.test'))], [
      'RRSet of type CNAME with DNS name old.orders.test. is not permitted as it conflicts with other records with the same DNS name in zone orders.test.',
    ]],
    ['another type beside a CNAME', [create(plain('docs.orders.test', 'A', 60, '192.0.2.1'))], [
      'RRSet of type A with DNS name docs.orders.test. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone orders.test.',
    ]],
    ['a CNAME at the apex', [create(plain('orders.test', 'CNAME', 60, 'x.test'))], [
      'RRSet of type CNAME with DNS name orders.test. is not permitted at apex in zone orders.test.',
      'RRSet of type CNAME with DNS name orders.test. is not permitted as it conflicts with other records with the same DNS name in zone orders.test.',
    ]],
    ['a name outside the zone', [create(plain('app.other.test', 'A', 60, '192.0.2.1'))], [
      'RRSet with DNS name app.other.test. is not permitted in zone orders.test.',
    ]],
    ['creating what is there', [create(OLD)], [
      "Tried to create resource record set [name='old.orders.test.', type='A'] but it already exists",
    ]],
    ['deleting what is not', [remove(plain('none.orders.test', 'A', 60, '192.0.2.1'))], [
      "Tried to delete resource record set [name='none.orders.test.', type='A'] but it was not found",
    ]],
    ['deleting with another TTL', [remove({ ...OLD, TTL: 60 })], [
      "Tried to delete resource record set [name='old.orders.test.', type='A'] but the values provided do not match the current values",
    ]],
    ['deleting with other values', [remove(plain('old.orders.test.', 'A', 300, '192.0.2.7'))], [
      "Tried to delete resource record set [name='old.orders.test.', type='A'] but the values provided do not match the current values",
    ]],
    ['deleting with another alias target', [remove(alias('app.orders.test.', 'A', BALANCER, BALANCER_ZONE))], [
      "Tried to delete resource record set [name='app.orders.test.', type='A'] but the values provided do not match the current values",
    ]],
    ['deleting with another weight', [remove(weighted(SHARED, 'one', 2))], [
      "Tried to delete resource record set [name='shared.orders.test.', type='A', set-identifier='one'] but the values provided do not match the current values",
    ]],
    ['a simple record over a weighted one', [upsert(SHARED)], [
      'RRSet with DNS name shared.orders.test., type A cannot be created as other RRSets exist with the same name and type.',
    ]],
    ['a weighted record over a simple one', [upsert(weighted(OLD, 'w', 1))], [
      'RRSet with DNS name old.orders.test., type A, SetIdentifier w cannot be created as a non-weighted set exists with the same name and type.',
    ]],
    ['weighted records with two TTLs', [create(weighted({ ...SHARED, TTL: 61 }, 'two', 1))], [
      'RRSet with DNS name shared.orders.test. and type A, SetIdentifier two cannot be created as weighted sets must contain the same TTL.',
    ]],
    ["a load balancer with CloudFront's zone id", [upsert(alias('app.orders.test', 'A', BALANCER, DISTRIBUTION_ZONE))], [
      `Tried to create an alias that targets ${BALANCER}, type A in zone ${DISTRIBUTION_ZONE}, but the alias target name does not lie within the target zone`,
      `Tried to create an alias that targets ${BALANCER}, type A in zone ${DISTRIBUTION_ZONE}, but that target was not found`,
    ]],
    ['a load balancer that is not there', [upsert(alias('app.orders.test', 'A', `x-${BALANCER}`, BALANCER_ZONE))], [
      `Tried to create an alias that targets x-${BALANCER}, type A in zone ${BALANCER_ZONE}, but that target was not found`,
    ]],
    ['an HTTPS alias to a load balancer', [create(alias('app.orders.test', 'HTTPS', BALANCER, BALANCER_ZONE))], [
      `Tried to create an alias that targets ${BALANCER}, type HTTPS in zone ${BALANCER_ZONE}, but that target was not found`,
    ]],
    ['an alias to a record of another type', [create(alias('x.orders.test', 'AAAA', 'old.orders.test', ZONE))], [
      `Tried to create an alias that targets old.orders.test., type AAAA in zone ${ZONE}, but that target was not found`,
    ]],
    ['no IPv4 address', [upsert(plain('old.orders.test', 'A', 60, 'localhost'))], [
      "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'localhost''",
    ]],
    ['the same value twice', [upsert(plain('old.orders.test', 'A', 60, '192.0.2.1', '192.0.2.1'))], [
      "Duplicate Resource Record: '192.0.2.1'",
    ]],
    ['text without quotation marks', [create(plain('t.orders.test', 'TXT', 60, 'v=spf1'))], [
      "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'v=spf1''",
    ]],
    ['an empty label', [create(plain('a..orders.test', 'A', 60, '192.0.2.1'))], [
      "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..orders.test'",
    ]],
    ['one set named twice', [upsert(OLD), upsert({ ...OLD, TTL: 60 })], [
      "The request contains an invalid set of changes for a resource record set 'A old.orders.test.'",
    ]],
  ])('refuses %s', async (_, changes, problems) => {
    const before = await records();

    await expect(change(...changes)).rejects.toMatchObject({ code: 'InvalidChangeBatch', message: `[${problems.join(', ')}]` });

    expect(await records()).toEqual(before);
  }); // prettier-ignore

  it.each<[string, Change, string, RegExp]>([
    ['an alias with a TTL', upsert({ ...APP, TTL: 60 }), 'InvalidInput', /Expected exactly one of \[AliasTarget, all of \[TTL, and ResourceRecords\], or TrafficPolicyInstanceId\], but found more than one in Change with \[Action=UPSERT, Name=app\.orders\.test\., Type=A, SetIdentifier=null\]/],
    ['values without a TTL', upsert({ Name: 'a.orders.test', Type: 'A', ResourceRecords: [{ Value: '192.0.2.1' }] }), 'InvalidInput', /but found none in/],
    ['a weight without an identifier', upsert({ ...OLD, Weight: 1 }), 'InvalidInput', /Missing field 'SetIdentifier'/],
    ['an identifier without a policy', upsert({ ...OLD, SetIdentifier: 'x' }), 'InvalidInput', /Expected exactly one of \[Weight,/],
    ['a weight over 255', upsert(weighted(SHARED, 'one', 256)), 'InvalidInput', /weight/],
    ['an unknown action', { ...upsert(OLD), Action: 'PATCH' as 'UPSERT' }, 'InvalidInput', /\[CREATE, DELETE, UPSERT\]/],
    ['an unknown type', upsert({ ...OLD, Type: 'AXFR' as 'A' }), 'InvalidInput', /resourceRecordSet\.type/],
    ['an alias that does not say whether health counts', upsert({ Name: 'a.orders.test', Type: 'A', AliasTarget: { HostedZoneId: BALANCER_ZONE, DNSName: BALANCER } as never }), 'InvalidInput', /EvaluateTargetHealth/],
    ['a health check that is not there', upsert({ ...weighted(SHARED, 'one', 1), HealthCheckId: 'abc' }), 'NoSuchHealthCheck', /abc/],
    ['latency routing, which is not imitated', upsert({ ...OLD, SetIdentifier: 'eu', Region: 'eu-west-1' }), 'NotImplemented', /records with Region/],
    ['a type that is not imitated', upsert(plain('a.orders.test', 'NAPTR', 60, 'x')), 'NotImplemented', /NAPTR/],
  ])('does not read %s', async (_, wrong, code, message) => {
    await expect(change(wrong)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  }); // prettier-ignore

  it('refuses to let CloudFront be judged by its health, and the zone to lose its own records', async () => {
    const apex = (await records()).slice(0, 2) as RecordSet[];

    await expect(change(upsert(alias('app.orders.test', 'A', DISTRIBUTION, DISTRIBUTION_ZONE, true)))).rejects.toMatchObject({
      code: 'InvalidChangeBatch',
      message: expect.stringContaining('EvaluateTargetHealth') as unknown,
    });
    await expect(change(...apex.map(remove))).rejects.toMatchObject({
      message:
        '[A HostedZone must contain exactly one SOA record., A HostedZone must contain at least one NS record for the zone itself.]',
    });
  });

  it('changes nothing when one of its changes is refused, and tells every problem', async () => {
    const before = await records();

    const refused = change(upsert(plain('new.orders.test', 'A', 60, '192.0.2.1')), create(OLD), remove({ ...DOCS, TTL: 1 }));

    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(/^\[Tried to create .* exists, Tried to delete .* current values\]$/) as unknown,
    });
    expect(await records()).toEqual(before);
  });

  it('is refused over the wire with its message, and throttled under the name Route 53 has for that', async () => {
    const client = new Route53Client({
      region: 'us-east-1',
      endpoint: cloud.endpoint,
      credentials: cloud.operator,
      maxAttempts: 1,
    });
    const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE, ChangeBatch: { Changes: [create(OLD)] } });

    const refused = client.send(command);

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: "[Tried to create resource record set [name='old.orders.test.', type='A'] but it already exists]",
      $metadata: { httpStatusCode: 400 },
    });
    cloud.faults.set([{ kind: 'throttled', operation: 'route53:ChangeResourceRecordSets' }]);
    await expect(client.send(command)).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
    client.destroy();
  });

  it('replaces a CNAME by an address when the DELETE comes first, and not the other way round', async () => {
    const address = plain('docs.orders.test.', 'A', 60, '192.0.2.1');

    await expect(change(create(address), remove(DOCS))).rejects.toMatchObject({ code: 'InvalidChangeBatch' });
    await change(remove(DOCS), create(address));

    expect((await records()).filter(({ Name }) => Name === 'docs.orders.test.')).toEqual([address]);
  });

  it('keeps names in lower case with a final dot, and values as they were written', async () => {
    await change(upsert(alias('App.Orders.Test', 'A', `DualStack.${BALANCER.slice(0, -1).toUpperCase()}`, BALANCER_ZONE, true)));
    await change(create(plain('MiXed_1.orders.test', 'TXT', 0, '"A b\\"c" "d"')));

    expect(await records()).toEqual(
      expect.arrayContaining([
        alias('app.orders.test.', 'A', `dualstack.${BALANCER}`, BALANCER_ZONE, true),
        plain('mixed_1.orders.test.', 'TXT', 0, '"A b\\"c" "d"'),
      ]),
    );
  });

  it('is undone by its inverse, to the last value', async () => {
    const before = await records();
    const there = alias('app.orders.test.', 'A', BALANCER, BALANCER_ZONE, true);
    const v6 = alias('app.orders.test.', 'AAAA', BALANCER, BALANCER_ZONE, true);

    await change(upsert(there), create(v6), remove(OLD));
    await change(upsert(APP), remove(v6), create({ ...OLD, ResourceRecords: [...(OLD.ResourceRecords ?? [])] }));

    expect(await records()).toEqual(before);
  });
});

describe('a change on its way', () => {
  const moved = upsert(alias('app.orders.test', 'A', BALANCER, BALANCER_ZONE));
  const atAuthority = async () => {
    const { NameServers: [server = ''] = [] } = (await cloud.call('route53', 'GetHostedZone', { Id: ZONE })).DelegationSet ?? {};
    const [address = ''] = await resolveThrough(cloud.ground, 'resolver', server, 'A');
    return resolveThrough(cloud.ground, address, 'app.orders.test', 'A');
  };
  beforeEach(async () => {
    await cloud.services.route53.own.dns();
  });

  it('is PENDING, and the servers answer as before, until it is INSYNC', async () => {
    cloud.services.route53.own.insyncSeconds(40);

    const { ChangeInfo } = await change(moved);
    await passSeconds(39);
    const during = [await statusOf(ChangeInfo?.Id), ...(await atAuthority())];
    await passSeconds(2);

    expect(during).toEqual(['PENDING', '198.51.100.1']);
    expect([await statusOf(ChangeInfo?.Id), ...(await atAuthority())]).toEqual(['INSYNC', '192.0.2.10']);
    expect(await records()).toEqual(expect.arrayContaining([alias('app.orders.test.', 'A', BALANCER, BALANCER_ZONE)]));
  });

  it('takes between the two ends that latencies.yml gives', async () => {
    const { ChangeInfo } = await change(moved);

    await passSeconds(9);
    const early = await statusOf(ChangeInfo?.Id);
    await passSeconds(52);

    expect([early, await statusOf(ChangeInfo?.Id)]).toEqual(['PENDING', 'INSYNC']);
  });

  it('may never arrive, and is carried along by a later one that does', async () => {
    const { own } = cloud.services.route53;
    own.insyncSeconds('never');
    const { ChangeInfo: lost } = await change(moved);
    await passSeconds(86_400);
    const after = [await statusOf(lost?.Id), ...(await atAuthority())];

    own.insyncSeconds(undefined);
    await change(upsert({ ...OLD, TTL: 60 }));
    await passSeconds(60);

    expect(after).toEqual(['PENDING', '198.51.100.1']);
    expect([await statusOf(lost?.Id), ...(await atAuthority())]).toEqual(['INSYNC', '192.0.2.10']);
  });

  it('never overtakes an earlier one of its zone', async () => {
    const { own } = cloud.services.route53;
    own.insyncSeconds(50);
    const first = await change(moved);
    own.insyncSeconds(1);
    const second = await change(upsert({ ...OLD, TTL: 60 }));

    await passSeconds(10);
    const early = await statusOf(second.ChangeInfo?.Id);
    await passSeconds(41);

    expect(early).toBe('PENDING');
    expect([await statusOf(first.ChangeInfo?.Id), await statusOf(second.ChangeInfo?.Id)]).toEqual(['INSYNC', 'INSYNC']);
  });

  it('shows in a test answer what the servers say, not what is planned', async () => {
    const ask = { HostedZoneId: ZONE, RecordName: 'app.orders.test', RecordType: 'A' } as const;
    await change(moved);

    const before = await cloud.call('route53', 'TestDNSAnswer', ask);
    await passSeconds(60);

    expect(before).toMatchObject({ RecordData: ['198.51.100.1'], ResponseCode: 'NOERROR', Protocol: 'UDP' });
    expect(await cloud.call('route53', 'TestDNSAnswer', ask)).toMatchObject({ RecordData: ['192.0.2.10'] });
  });

  it('is unknown under any other id', async () => {
    await expect(cloud.call('route53', 'GetChange', { Id: '/change/CNONE' })).rejects.toMatchObject({
      code: 'NoSuchChange',
      status: 404,
    });
  });
});

describe('who may change a record', () => {
  const permit = async (condition: object): Promise<Caller> => {
    const trust = { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'route53:ChangeResourceRecordSets',
          Resource: `arn:aws:route53:::hostedzone/${ZONE}`,
          Condition: condition,
        },
      ],
    };
    await cloud.call('iam', 'CreateRole', { RoleName: 'mover', AssumeRolePolicyDocument: JSON.stringify(trust) });
    await cloud.call('iam', 'PutRolePolicy', { RoleName: 'mover', PolicyName: 'p', PolicyDocument: JSON.stringify(policy) });
    return cloud.ground.assume(`arn:aws:iam::${cloud.account}:role/mover`, 'lambda.amazonaws.com', 'test');
  };

  it('is judged by normalized names, types and actions of the whole batch', async () => {
    const mover = await permit({
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['app.orders.test', '\\052.orders.test'],
        'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA'],
        'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
      },
    });
    const attempt = (...Changes: Change[]) =>
      cloud.ground.call(
        mover,
        'route53',
        'ChangeResourceRecordSets',
        { HostedZoneId: ZONE, ChangeBatch: { Changes } },
        'us-east-1',
      );
    const app = upsert(alias('APP.orders.test.', 'A', BALANCER, BALANCER_ZONE));
    const wild = upsert(plain('*.orders.test', 'A', 60, '192.0.2.1'));
    const denied = { code: 'AccessDenied', status: 403 };

    await expect(attempt(app, wild)).resolves.toMatchObject({ ChangeInfo: { Status: 'PENDING' } });
    await expect(attempt(app, upsert(OLD))).rejects.toMatchObject(denied);
    await expect(attempt(remove(APP))).rejects.toMatchObject(denied);
    await expect(attempt(upsert(plain('app.orders.test', 'TXT', 60, '"x"')))).rejects.toMatchObject(denied);
  });
});
