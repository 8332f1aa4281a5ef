import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as packet from 'dns-packet';
import fc from 'fast-check';
import { createSocket } from 'node:dgram';
import { createServer as createHttps } from 'node:https';
import { createServer as createHttp } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { type Cloud, startCloud } from '../../rehearsal/cloud.ts';
import { createHost } from '../../rehearsal/host/host.ts';
import type { Program } from '../../rehearsal/host/program.ts';
import type { RecordSet } from '../../rehearsal/services/route53/room.ts';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import { placeOf, resolveThrough } from '../../rehearsal/world/dns/places.ts';
import type { DnsServers } from '../../rehearsal/world/dns/servers.ts';
import { sha256Of, zipOf } from '../host/zip.ts';

const BALANCER = 'orders-main-123.eu-west-1.elb.amazonaws.com.';
const DISTRIBUTION = 'd111111abcdef8.cloudfront.net.';

const plain = (Name: string, Type: string, TTL: number, ...values: string[]): RecordSet => ({
  Name,
  Type: Type as 'A',
  TTL,
  ResourceRecords: values.map((Value) => ({ Value })),
});
const alias = (Name: string, Type: string, DNSName: string, EvaluateTargetHealth = false): RecordSet => ({
  Name,
  Type: Type as 'A',
  AliasTarget: { HostedZoneId: DNSName === BALANCER ? 'Z32O12XQLNTSW2' : 'Z2FDTNDATAQYW2', DNSName, EvaluateTargetHealth },
});

const RECORDS: readonly RecordSet[] = [
  alias('app.orders.test', 'A', DISTRIBUTION),
  alias('app.orders.test', 'AAAA', DISTRIBUTION),
  alias('app.orders.test', 'HTTPS', DISTRIBUTION),
  plain('two.orders.test', 'A', 300, '192.0.2.1', '192.0.2.2'),
  plain('www.orders.test', 'CNAME', 300, 'app.orders.test'),
  plain('out.orders.test', 'CNAME', 300, BALANCER),
  plain('*.wild.orders.test', 'A', 120, '192.0.2.3'),
  plain('deep.below.orders.test', 'TXT', 60, '"a" "b\\"c"'),
  plain('orders.test', 'MX', 60, '10 mail.orders.test'),
  plain('orders.test', 'CAA', 60, '0 issue "ca.test"'),
  plain('_sip._tcp.orders.test', 'SRV', 60, '1 2 5060 sip.orders.test'),
  plain('svc.orders.test', 'HTTPS', 60, '1 . alpn="h3,h2" port=8443 ipv4hint=192.0.2.9 ipv6hint=2001:db8::9'),
  plain('child.orders.test', 'NS', 3600, 'ns1.elsewhere.test'),
  plain('large.orders.test', 'TXT', 60, ...Array.from({ length: 12 }, (_, i) => `"${String(i).repeat(100).slice(0, 100)}"`)),
];

let cloud: Cloud;
let servers: DnsServers;
let healthy: boolean;
let front: { a: string[]; aaaa: string[] };
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  const { own } = cloud.services.route53;
  healthy = true;
  front = { a: ['198.51.100.1'], aaaa: ['2001:db8::1'] };
  own.aliasTarget({
    dnsName: BALANCER,
    zoneId: 'Z32O12XQLNTSW2',
    addresses: () => ({ a: ['192.0.2.10'], aaaa: [] }),
    healthy: () => healthy,
  });
  own.aliasTarget({ dnsName: DISTRIBUTION, zoneId: 'Z2FDTNDATAQYW2', addresses: () => front, https: () => '1 . alpn="h2"' });
  servers = await own.dns();
});
afterEach(() => cloud.stop());
const found = (...records: RecordSet[]) =>
  cloud.services.route53.own.found({ id: 'Z0ORDERSTEST0001', name: 'orders.test.' }, records);

interface Asking {
  readonly port?: number;
  readonly tcp?: boolean;
  readonly udpPayloadSize?: number;
}

const queryOf = (name: string, type: string, udpPayloadSize?: number): Buffer =>
  packet.encode({
    type: 'query',
    id: 4711,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type: type as 'A' }],
    additionals: udpPayloadSize === undefined ? [] : [{ type: 'OPT', name: '.', udpPayloadSize, flags: 0, options: [] } as never],
  });

function send(bytes: Buffer, port: number): Promise<Buffer> {
  const socket = createSocket('udp4');
  return new Promise<Buffer>((resolve, reject) => {
    socket.on('message', resolve);
    socket.on('error', reject);
    socket.send(bytes, port, '127.0.0.1');
  }).finally(() => socket.close());
}

function sendByTcp(messages: readonly Buffer[], port: number): Promise<Buffer[]> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<Buffer[]>((resolve, reject) => {
    let heard: Buffer = Buffer.alloc(0);
    const answers: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      while (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0)) {
        answers.push(heard.subarray(2, 2 + heard.readUInt16BE(0)));
        heard = heard.subarray(2 + heard.readUInt16BE(0));
      }
      if (answers.length === messages.length) resolve(answers);
    });
    for (const message of messages) {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(message.length);
      // In pieces, as a network may deliver it.
      socket.write(Buffer.concat([head, message.subarray(0, 5)]));
      socket.write(message.subarray(5));
    }
  }).finally(() => socket.destroy());
}

async function ask(name: string, type: string, { port = servers.authority.port, tcp, udpPayloadSize }: Asking = {}) {
  const query = queryOf(name, type, udpPayloadSize);
  const [bytes = Buffer.alloc(12)] = tcp === true ? await sendByTcp([query], port) : [await send(query, port)];
  const answer = packet.decode(bytes);
  const rows = (section: readonly packet.Answer[] = []) =>
    section.flatMap((one) =>
      'data' in one ? [{ name: one.name, type: one.type, ttl: 'ttl' in one ? one.ttl : 0, data: one.data }] : [],
    );
  return {
    id: answer.id,
    rcode: ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'][bytes.readUInt8(3) & 15],
    authoritative: answer.flag_aa,
    recursive: answer.flag_ra,
    truncated: answer.flag_tc,
    answers: rows(answer.answers),
    authorities: rows(answer.authorities),
    edns: (answer.additionals ?? []).some(({ type: one }) => one === 'OPT'),
  };
}
const valuesOf = ({ answers }: Awaited<ReturnType<typeof ask>>) => answers.map(({ data }) => data);

describe('the authoritative server', () => {
  beforeEach(() => found(...RECORDS));

  it.each([
    ['app.orders.test', 'A', ['198.51.100.1']],
    ['APP.Orders.TEST', 'A', ['198.51.100.1']],
    ['app.orders.test', 'AAAA', ['2001:db8::1']],
    ['x.y.wild.orders.test', 'A', ['192.0.2.3']],
    ['deep.below.orders.test', 'TXT', [[Buffer.from('a'), Buffer.from('b"c')]]],
    ['orders.test', 'MX', [{ preference: 10, exchange: 'mail.orders.test' }]],
    ['_sip._tcp.orders.test', 'SRV', [{ priority: 1, weight: 2, port: 5060, target: 'sip.orders.test' }]],
    ['out.orders.test', 'A', ['orders-main-123.eu-west-1.elb.amazonaws.com']],
    ['dualstack.orders-main-123.eu-west-1.elb.amazonaws.com', 'A', ['192.0.2.10']],
  ])('answers %s %s, as the authority and without recursion', async (name, type, values) => {
    const answer = await ask(name, type);

    expect(answer).toMatchObject({ id: 4711, rcode: 'NOERROR', authoritative: true, recursive: false, truncated: false });
    expect(valuesOf(answer)).toEqual(values);
    expect(answer.answers[0]?.name).toBe(name);
  });

  it('gives an alias a TTL of 60 and any other record its own', async () => {
    const [aliased, own] = [await ask('app.orders.test', 'A'), await ask('two.orders.test', 'A')];

    expect(aliased.answers).toEqual([{ name: 'app.orders.test', type: 'A', ttl: 60, data: '198.51.100.1' }]);
    expect(own.answers.map(({ ttl }) => ttl)).toEqual([300, 300]);
    expect(valuesOf(own).sort()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('follows a CNAME inside its zones', async () => {
    const answer = await ask('www.orders.test', 'A');

    expect(answer.answers.map(({ name, type, data }) => [name, type, data])).toEqual([
      ['www.orders.test', 'CNAME', 'app.orders.test'],
      ['app.orders.test', 'A', '198.51.100.1'],
    ]);
  });

  it('encodes HTTPS records, aliased and written out', async () => {
    const [aliased, written] = [await ask('app.orders.test', 'UNKNOWN_65'), await ask('svc.orders.test', 'UNKNOWN_65')];

    expect(valuesOf(aliased)).toEqual([Buffer.from('000100' + '00010003' + '026832', 'hex')]);
    expect(valuesOf(written)).toEqual([
      Buffer.from(
        '000100' +
          '00010006' +
          '026833026832' +
          '00030002' +
          '20fb' +
          '00040004' +
          'c0000209' +
          '00060010' +
          '20010db8000000000000000000000009',
        'hex',
      ),
    ]);
  });

  it('says that a name is not, that it has no such record, and that it is not his', async () => {
    const [missing, empty, between, foreign] = [
      await ask('none.orders.test', 'A'),
      await ask('app.orders.test', 'MX'),
      await ask('below.orders.test', 'A'),
      await ask('example.com', 'A'),
    ];

    expect(missing).toMatchObject({ rcode: 'NXDOMAIN', authoritative: true, answers: [] });
    expect(missing.authorities).toMatchObject([{ name: 'orders.test', type: 'SOA', ttl: 900, data: { minimum: 86_400 } }]);
    expect(empty).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA' }] });
    expect(between).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA' }] });
    expect(foreign).toMatchObject({ rcode: 'REFUSED', authoritative: false, answers: [] });
  });

  it('refers to the servers of a delegated name without being its authority', async () => {
    const answer = await ask('www.child.orders.test', 'A');

    expect(answer).toMatchObject({ rcode: 'NOERROR', authoritative: false, answers: [] });
    expect(answer.authorities).toMatchObject([{ name: 'child.orders.test', type: 'NS', data: 'ns1.elsewhere.test' }]);
  });

  it('cuts what does not fit into a datagram, and gives it whole by TCP or to whom takes more', async () => {
    const [small, whole, larger] = [
      await ask('large.orders.test', 'TXT'),
      await ask('large.orders.test', 'TXT', { tcp: true }),
      await ask('large.orders.test', 'TXT', { udpPayloadSize: 4096 }),
    ];

    expect(small).toMatchObject({ truncated: true, answers: [], edns: false });
    expect([whole.answers.length, whole.truncated]).toEqual([12, false]);
    expect([larger.answers.length, larger.truncated, larger.edns]).toEqual([12, false, true]);
  });

  it('answers several questions on one connection', async () => {
    const queries = ['two.orders.test', 'app.orders.test', 'none.orders.test'].map((name) => queryOf(name, 'A'));

    const answers = await sendByTcp(queries, servers.authority.port);

    expect(answers.map((bytes) => packet.decode(bytes).answers?.length)).toEqual([2, 1, 0]);
  });

  it('answers FORMERR to what it cannot read, and goes on', async () => {
    const broken = Buffer.concat([queryOf('app.orders.test', 'A').subarray(0, 12), Buffer.from([0x3f, 0x41])]);
    const transfer = await ask('orders.test', 'AXFR');
    const anything = await ask('orders.test', 'ANY');

    const answer = await send(broken, servers.authority.port);

    expect([answer.readUInt16BE(0), answer.readUInt8(3) & 15]).toEqual([4711, 1]);
    expect([transfer.rcode, anything.rcode]).toEqual(['NOTIMP', 'NOTIMP']);
    expect(valuesOf(await ask('app.orders.test', 'A'))).toEqual(['198.51.100.1']);
  });

  it('survives any bytes', async () => {
    const socket = createSocket('udp4');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        const asQuery = Buffer.concat([queryOf('app.orders.test', 'A').subarray(0, 12), bytes]);
        for (const message of [Buffer.from(bytes), asQuery])
          await new Promise((resolve) => socket.send(message, servers.authority.port, '127.0.0.1', resolve));
      }),
    );
    socket.close();

    expect(valuesOf(await ask('app.orders.test', 'A'))).toEqual(['198.51.100.1']);
  });
});

describe('several records of one name and type', () => {
  const tally = async (name: string, times: number) => {
    const counts = new Map<unknown, number>();
    for (let i = 0; i < times; i++)
      for (const value of valuesOf(await ask(name, 'A'))) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  };
  const share = (SetIdentifier: string, Weight: number, address: string): RecordSet => ({
    ...plain('w.orders.test', 'A', 60, address),
    SetIdentifier,
    Weight,
  });

  it('are answered one at a time by weight, and never at weight 0', async () => {
    found(share('a', 30, '192.0.2.1'), share('b', 10, '192.0.2.2'), share('c', 0, '192.0.2.3'));

    const counts = await tally('w.orders.test', 200);

    expect([...counts.keys()].sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(counts.get('192.0.2.1')).toBeGreaterThan(110);
    expect(counts.get('192.0.2.2')).toBeGreaterThan(20);
  });

  it('are equals when every weight is 0', async () => {
    found(share('a', 0, '192.0.2.1'), share('b', 0, '192.0.2.2'));

    expect((await tally('w.orders.test', 60)).size).toBe(2);
  });

  it('fail over from an unhealthy primary, and back to it when both are unhealthy', async () => {
    const primary = { ...alias('f.orders.test', 'A', BALANCER, true), SetIdentifier: 'p', Failover: 'PRIMARY' as const };
    const backup = { ...plain('f.orders.test', 'A', 60, '192.0.2.99'), SetIdentifier: 's', Failover: 'SECONDARY' as const };
    found(primary, backup);

    const well = valuesOf(await ask('f.orders.test', 'A'));
    healthy = false;
    const ill = valuesOf(await ask('f.orders.test', 'A'));
    found(primary, { ...alias('f.orders.test', 'A', BALANCER, true), SetIdentifier: 's', Failover: 'SECONDARY' as const });

    expect([well, ill, valuesOf(await ask('f.orders.test', 'A'))]).toEqual([['192.0.2.10'], ['192.0.2.99'], ['192.0.2.10']]);
  });

  it('are answered up to eight at once when they are multivalue', async () => {
    found(
      ...Array.from({ length: 10 }, (_, i) => ({
        ...plain('m.orders.test', 'A', 60, `192.0.2.${i + 1}`),
        SetIdentifier: `m${i}`,
        MultiValueAnswer: true,
      })),
    );

    const first = valuesOf(await ask('m.orders.test', 'A'));

    expect([first.length, new Set(first).size]).toEqual([8, 8]);
    expect((await tally('m.orders.test', 12)).size).toBe(10);
  });

  it('does not silence the only record when its target is unhealthy', async () => {
    found(alias('app.orders.test', 'A', BALANCER, true));
    healthy = false;

    expect(valuesOf(await ask('app.orders.test', 'A'))).toEqual(['192.0.2.10']);
  });
});

describe('a public resolver', () => {
  const passSeconds = (seconds: number) => cloud.timeline.passTo(cloud.timeline.now() + seconds * 1_000);
  const at = (address: string) => ({ port: servers.resolvers.get(address)?.port ?? 0 });
  const look = (address: string) => resolveThrough(cloud.ground, address, 'app.orders.test.', 'A');
  beforeEach(() => found(...RECORDS));

  it('recurses, through zones and names of AWS', async () => {
    const answer = await ask('out.orders.test', 'A', at('1.1.1.1'));

    expect(answer).toMatchObject({ rcode: 'NOERROR', authoritative: false, recursive: true });
    expect(valuesOf(answer)).toEqual(['orders-main-123.eu-west-1.elb.amazonaws.com', '192.0.2.10']);
    expect((await ask('example.com', 'A', at('1.1.1.1'))).rcode).toBe('NXDOMAIN');
  });

  it('goes on answering what it heard until the TTL has passed on the timeline', async () => {
    await look('1.1.1.1');
    front = { a: ['198.51.100.2'], aaaa: [] };
    await passSeconds(45);

    const later = await ask('app.orders.test', 'A', at('1.1.1.1'));
    const elsewhere = await look('8.8.8.8');
    await passSeconds(16);

    expect(valuesOf(later)).toEqual(['198.51.100.1']);
    expect(later.answers[0]?.ttl).toBeLessThanOrEqual(15);
    expect(elsewhere).toEqual(['198.51.100.2']);
    expect(await look('1.1.1.1')).toEqual(['198.51.100.2']);
    expect(valuesOf(await ask('app.orders.test', 'A'))).toEqual(['198.51.100.2']);
  });

  it('does not take a name that is no alias for one that has nothing', async () => {
    const alias = await ask('two.orders.test', 'CNAME', at('1.1.1.1'));
    const addresses = await ask('two.orders.test', 'A', at('1.1.1.1'));

    expect(valuesOf(alias)).toEqual([]);
    expect(valuesOf(addresses)).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('keeps hearing that there is nothing for as long as the SOA says', async () => {
    const ask9 = () => resolveThrough(cloud.ground, '9.9.9.9', 'late.orders.test', 'A');
    const before = await ask9();
    found(plain('late.orders.test', 'A', 60, '192.0.2.5'));

    await passSeconds(890);
    const still = await ask9();
    await passSeconds(11);

    expect([before, still, await ask9()]).toEqual([[], [], ['192.0.2.5']]);
  });

  it('can be added, and every server is published under its address', async () => {
    await servers.addResolver('2001:db8:53::1');
    const [server = ''] = await resolveThrough(cloud.ground, '2001:db8:53::1', 'orders.test', 'NS');
    const [address = ''] = await resolveThrough(cloud.ground, 'resolver', server, 'A');

    expect(placeOf(cloud.ground, address, 53)).toEqual({ ...hostAndPort(servers.authority), scheme: 'dns' });
    expect(placeOf(cloud.ground, '203.0.113.1', 53)).toBeUndefined();
    await expect(look('4.4.4.4')).rejects.toThrow('no name server is published at 4.4.4.4');
  });

  it('is gone when the cloud is', async () => {
    const { port } = servers.authority;

    await cloud.reset();

    expect([...cloud.ground.published()]).toEqual([]);
    const again = await cloud.services.route53.own.dns({ port });
    expect(again.authority.port).toBe(port);
  });

  const hostAndPort = ({ host, port }: { host: string; port: number }) => ({ host, port });
});

describe('a function', () => {
  const code = `
    const dns = require('node:dns'); const https = require('node:https'); const http = require('node:http');
    const get = (lib, url, more = {}) => new Promise((done, failed) => lib.get(url, { agent: false, ...more }, (r) => r.setEncoding('utf8').once('data', done)).on('error', failed));
    exports.handler = async ({ how, what, server }) => {
      try {
        if (how === 'resolver') { const r = new dns.promises.Resolver({ timeout: 1000, tries: 1 }); r.setServers([server]); return await r.resolve4(what); }
        if (how === 'resolve') return await dns.promises.resolve6(what);
        if (how === 'lookup') return await dns.promises.lookup(what, { all: true });
        if (how === 'http') return await get(http, what);
        if (how === 'https') return await get(https, what, { rejectUnauthorized: false });
        if (how === 'at') return await get(https, what, { rejectUnauthorized: false, lookup: (_, options, done) => dns.lookup(server, options, done) });
        if (how === 'fetch') return await (await fetch(what)).text();
      } catch (error) { const e = error.cause ?? error; return e.code; }
    };`;
  const zip = zipOf({ 'index.js': code });
  const program: Program = {
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:probe',
    name: 'probe',
    version: '$LATEST',
    region: 'eu-west-1',
    role: 'arn:aws:iam::123456789012:role/probe',
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    memorySize: 256,
    timeout: 10,
    variables: {},
    logging: { format: 'Text', group: '/aws/lambda/probe', applicationLevel: 'INFO', systemLevel: 'INFO' },
    zip,
    sha256: sha256Of(zip),
    revision: '1',
    inNetwork: false,
  };
  const trust = { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
  let stop: (() => Promise<void>)[] = [];
  let run: (how: string, what: string, server?: string) => Promise<unknown>;

  const listen = async (server: ReturnType<typeof createHttp>, publicOrigin: string): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    cloud.ground.publish(publicOrigin, `${publicOrigin.split(':')[0] ?? ''}://127.0.0.1:${port}`);
    stop.push(() => new Promise((resolve) => void server.close(() => resolve())));
  };
  beforeEach(async () => {
    stop = [];
    found(...RECORDS);
    await cloud.call('iam', 'CreateRole', { RoleName: 'probe', AssumeRolePolicyDocument: JSON.stringify(trust) });
    const { certificate, key } = await (
      await createAuthority(cloud.ground.folder('ca'), cloud.timeline.now)
    ).issue(['app.orders.test']);
    const tls = (name: string) =>
      createHttps({ cert: certificate, key }, (request, response) => {
        const { servername } = request.socket as unknown as { servername: string };
        response.end(`${name} ${servername} ${request.headers.host ?? ''}`);
      });
    await listen(tls('one'), 'https://198.51.100.1:443');
    await listen(tls('two'), 'https://198.51.100.2');
    await listen(
      createHttp((request, response) => void response.end(`plain ${request.headers.host ?? ''}`)),
      'http://192.0.2.1:80',
    );
    const host = createHost(cloud.ground);
    stop.push(() => host.stop());
    run = async (how, what, server = '') => {
      const answer = await host.invoke(program, {
        requestId: cloud.ground.uuid(),
        invokedArn: program.functionArn,
        event: JSON.stringify({ how, what, server }),
      });
      return JSON.parse(answer.payload) as unknown;
    };
  });
  afterEach(async () => {
    for (const end of stop.reverse()) await end();
  });

  it('asks the servers it names, by the addresses everybody knows', async () => {
    const { DelegationSet } = await cloud.call('route53', 'GetHostedZone', { Id: 'Z0ORDERSTEST0001' });
    const [address = ''] = (await run('resolver', DelegationSet?.NameServers?.[0] ?? '', '1.1.1.1')) as string[];

    expect(await run('resolver', 'app.orders.test', address)).toEqual(['198.51.100.1']);
    expect(await run('resolver', 'app.orders.test', '8.8.8.8')).toEqual(['198.51.100.1']);
    expect(await run('resolver', 'example.com', address)).toBe('EREFUSED');
    expect(await run('resolver', 'app.orders.test', '8.8.4.4')).toMatch(/ECONNREFUSED|ETIMEOUT/);
    expect(await run('resolve', 'app.orders.test')).toEqual(['2001:db8::1']);
    expect(await run('resolve', 'example.com')).toBe('ENOTFOUND');
  });

  it('looks a name up as its own resolver answers', async () => {
    expect(await run('lookup', 'app.orders.test')).toEqual([
      { address: '198.51.100.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
    expect(await run('lookup', 'none.orders.test')).toBe('ENOTFOUND');
  });

  it('reaches a name where DNS says it is now, with the name as SNI and Host', async () => {
    const before = await run('https', 'https://app.orders.test/');
    front = { a: ['198.51.100.2'], aaaa: [] };
    const cached = await run('https', 'https://app.orders.test/');
    await cloud.timeline.passTo(cloud.timeline.now() + 61_000);

    const after = await run('https', 'https://app.orders.test/');

    expect([before, cached, after]).toEqual([
      'one app.orders.test app.orders.test',
      'one app.orders.test app.orders.test',
      'two app.orders.test app.orders.test',
    ]);
    expect(await run('fetch', 'http://two.orders.test/')).toBe('plain two.orders.test');
  });

  it('sends a shadow request to another host under the name', async () => {
    front = { a: ['198.51.100.2'], aaaa: [] };

    expect(await run('at', 'https://shadow.orders.test/', DISTRIBUTION)).toBe('two shadow.orders.test shadow.orders.test');
  });

  it('meets what a network has for an address without a listener, without anybody, or over IPv6', async () => {
    found(
      plain('closed.orders.test', 'A', 60, '198.51.100.1'),
      plain('nobody.orders.test', 'A', 60, '203.0.113.7'),
      plain('six.orders.test', 'AAAA', 60, '2001:db8::1'),
    );

    expect(await run('http', 'http://closed.orders.test/')).toBe('ECONNREFUSED');
    expect(await run('http', 'http://nobody.orders.test/')).toBe('EHOSTUNREACH');
    expect(await run('http', 'http://six.orders.test/')).toBe('ENETUNREACH');
    expect(await run('http', 'http://none.orders.test/')).toBe('ENOTFOUND');
  });
});
