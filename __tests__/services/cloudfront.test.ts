import { createServer, request as askHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { request as askHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CloudFrontClient,
  GetDistributionCommand,
  GetDistributionConfigCommand,
  ListConflictingAliasesCommand,
  ListDistributionsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudfront';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import type { DistributionOptions, Founded } from '../../rehearsal/services/cloudfront/cloudfront.ts';

let cloud: Cloud;
let cloudfront: CloudFrontClient;
let servers: Server[];
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  cloudfront = new CloudFrontClient({
    endpoint: cloud.endpoint,
    region: 'eu-west-1',
    credentials: cloud.operator,
    maxAttempts: 1,
  });
  servers = [];
});
afterEach(async () => {
  cloudfront.destroy();
  await cloud.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A machine behind the edge. */
async function openOrigin(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const saying =
  (word: string): RequestListener =>
  ({ method, url, headers }, response) =>
    response.end(JSON.stringify({ word, method, url, headers }));

const certificateOf = (...names: string[]) => cloud.services.acm.own.found({ region: 'us-east-1', names });

async function found(options: Partial<DistributionOptions> & { url?: string } = {}): Promise<Founded> {
  const { id = 'E1MAINORDERS00', aliases = ['app.orders.test'], url = await openOrigin(saying('bucket')), ...more } = options;
  return cloud.services.cloudfront.own.found({
    id,
    aliases,
    ...(aliases.length > 0 && { certificate: await certificateOf(...aliases) }),
    origins: [{ id: 'bucket', domainName: `${id.toLowerCase()}.s3-website-eu-west-1.amazonaws.com`, url }],
    defaultBehavior: { target: 'bucket' },
    ...more,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
interface Visit {
  readonly scheme?: 'http' | 'https';
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** As a browser would: the address that was looked up, the name in the handshake and in the Host. */
function visit(address: string | undefined, name: string, path = '/', options: Visit = {}): Promise<Answer> {
  const { scheme = 'https', method = 'GET', headers = {}, body } = options;
  const place = cloud.ground.published().get(`${scheme}://${address ?? ''}:${scheme === 'https' ? 443 : 80}`) ?? '';
  const { port } = new URL(place);
  const asked = { host: '127.0.0.1', port, path, method, headers: { host: name, ...headers }, agent: false as const };
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    };
    const trust = { servername: name, ca: cloud.authorities.public.pem };
    const asking = scheme === 'https' ? askHttps({ ...asked, ...trust }, take) : askHttp(asked, take);
    asking.on('error', reject);
    asking.end(body);
  });
}
const seen = ({ body }: Answer) => JSON.parse(body) as { word: string; url: string; headers: Record<string, string> };

describe('a distribution', () => {
  it('is described with its configuration and a mark of its version', async () => {
    const { arn, domainName } = await found({ comment: 'orders' });

    const { Distribution, ETag } = await cloudfront.send(new GetDistributionCommand({ Id: 'E1MAINORDERS00' }));
    const config = await cloudfront.send(new GetDistributionConfigCommand({ Id: 'E1MAINORDERS00' }));

    expect(Distribution).toMatchObject({ ARN: arn, DomainName: domainName, Status: 'Deployed' });
    expect(domainName).toMatch(/^d[a-z0-9]{13}\.cloudfront\.net$/);
    expect(Distribution?.DistributionConfig).toMatchObject({
      Aliases: { Quantity: 1, Items: ['app.orders.test'] },
      IsIPV6Enabled: true,
      Enabled: true,
      DefaultCacheBehavior: { AllowedMethods: { Quantity: 2, Items: ['HEAD', 'GET'] } },
      ViewerCertificate: { SSLSupportMethod: 'sni-only' },
    });
    expect(config.DistributionConfig).toEqual(Distribution?.DistributionConfig);
    expect([ETag, config.ETag]).toEqual([expect.stringMatching(/^E[A-Z0-9]{13}$/), ETag]);
  });

  it('that does not exist is refused', async () => {
    const asking = cloudfront.send(new GetDistributionCommand({ Id: 'ENONE000000000' }));

    await expect(asking).rejects.toMatchObject({ name: 'NoSuchDistribution', $metadata: { httpStatusCode: 404 } });
  });

  it('is listed, page by page', async () => {
    const before = await cloudfront.send(new ListDistributionsCommand({}));
    await found();
    await found({ id: 'E2SPAREORDERS0', aliases: [] });

    const first = await cloudfront.send(new ListDistributionsCommand({ MaxItems: 1 }));
    const second = await cloudfront.send(new ListDistributionsCommand({ Marker: first.DistributionList?.NextMarker }));

    expect(before.DistributionList).toMatchObject({ Quantity: 0, IsTruncated: false });
    expect(first.DistributionList).toMatchObject({ Quantity: 1, IsTruncated: true, Items: [{ Id: 'E1MAINORDERS00' }] });
    expect(second.DistributionList).toMatchObject({ IsTruncated: false, Items: [{ Id: 'E2SPAREORDERS0' }] });
  });

  it('owns its alternate names alone', async () => {
    await found();

    const twice = found({ id: 'E2SPAREORDERS0' });
    const abroad = found({
      id: 'E3',
      aliases: ['x.orders.test'],
      certificate: await cloud.services.acm.own.found({ region: 'eu-west-1', names: ['x.orders.test'] }),
    });

    await expect(twice).rejects.toThrow('app.orders.test belongs to E1MAINORDERS00');
    await expect(abroad).rejects.toThrow('certificates of us-east-1 only');
  });

  it('tells whom a name belongs to, half hidden, if its certificate covers that name', async () => {
    await found();
    await found({ id: 'E2SPAREORDERS0', aliases: ['*.orders.test'], certificate: await certificateOf('*.orders.test') });
    const ask = (DistributionId: string, Alias: string) =>
      cloudfront.send(new ListConflictingAliasesCommand({ DistributionId, Alias }));

    const { ConflictingAliasesList } = await ask('E2SPAREORDERS0', 'app.orders.test');

    expect(ConflictingAliasesList?.Items).toEqual([
      { Alias: 'app.orders.test', DistributionId: '*******RDERS00', AccountId: '******789012' },
      { Alias: '*.orders.test', DistributionId: '*******ORDERS0', AccountId: '******789012' },
    ]);
    await expect(ask('E1MAINORDERS00', 'api.orders.test')).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  it('is tagged', async () => {
    const { arn: Resource } = await found();
    const Items = [
      { Key: 'team', Value: 'orders' },
      { Key: 'tier', Value: '1' },
    ];
    await cloudfront.send(new TagResourceCommand({ Resource, Tags: { Items } }));

    await cloudfront.send(new UntagResourceCommand({ Resource, TagKeys: { Items: ['tier'] } }));

    const { Tags } = await cloudfront.send(new ListTagsForResourceCommand({ Resource }));
    expect(Tags?.Items).toEqual([{ Key: 'team', Value: 'orders' }]);
  });

  it('answers only whom IAM lets', async () => {
    const nobody = { kind: 'anonymous', account: cloud.account } as const;

    const asking = cloud.ground.call(nobody, 'cloudfront', 'ListDistributions', {});

    await expect(asking).rejects.toMatchObject({ code: 'AccessDenied', status: 403 });
  });
});

describe('the edge', () => {
  it('shows the certificate of the name and passes the request on, marked', async () => {
    const { addresses } = await found();

    const answer = await visit(addresses.a[0], 'app.orders.test', '/a?b=c', { headers: { cookie: 'session=1' } });

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-cache': 'Miss from cloudfront',
      via: expect.stringMatching(/^1\.1 [0-9a-f]{32}\.cloudfront\.net \(CloudFront\)$/) as unknown,
    });
    expect(seen(answer)).toMatchObject({
      url: '/a?b=c',
      headers: { host: 'app.orders.test', cookie: 'session=1', 'x-forwarded-for': '127.0.0.1' },
    });
  });

  it('goes by the name and not by the address, and by the most specific name', async () => {
    const one = await found({ aliases: ['*.orders.test'], url: await openOrigin(saying('wide')) });
    const two = await found({ id: 'E2', aliases: ['app.orders.test'], url: await openOrigin(saying('narrow')) });

    const answers = [
      await visit(one.addresses.a[0], 'app.orders.test'),
      await visit(two.addresses.a[0], 'api.orders.test'),
      await visit(one.addresses.a[0], two.domainName),
      await visit(`[${one.addresses.aaaa[0] ?? ''}]`, 'app.orders.test'),
    ];

    expect(answers.map((answer) => seen(answer).word)).toEqual(['narrow', 'wide', 'narrow', 'narrow']);
  });

  it('is no home for a name that no distribution has', async () => {
    const { addresses } = await found({ certificate: await certificateOf('*.orders.test') });

    const handshake = visit(addresses.a[0], 'api.orders.test');
    const plain = await visit(addresses.a[0], 'api.orders.test', '/', { scheme: 'http' });

    await expect(handshake).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect([plain.status, plain.headers['x-cache']]).toEqual([403, 'Error from cloudfront']);
  });

  it('serves nothing of a distribution that is switched off', async () => {
    const { addresses } = await found({ enabled: false });

    const answer = await visit(addresses.a[0], 'app.orders.test');

    expect(answer.status).toBe(403);
  });

  it('chooses the origin by the path, in the order of the behaviours', async () => {
    const { addresses } = await found({
      origins: [
        { id: 'bucket', domainName: 'site.test', url: await openOrigin(saying('bucket')) },
        { id: 'api', domainName: 'api.test', url: await openOrigin(saying('api')) },
      ],
      behaviors: [
        { pathPattern: '/api/*', target: 'api', allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'] },
      ],
      defaultRootObject: 'index.html',
    });

    const paths = ['/', '/api/health?deep=1', '/api', '/API/x'];
    const answers = await Promise.all(paths.map((path) => visit(addresses.a[0], 'app.orders.test', path)));
    const posted = await visit(addresses.a[0], 'app.orders.test', '/api/orders', { method: 'POST', body: '{}' });

    expect(answers.map((answer) => [seen(answer).word, seen(answer).url])).toEqual([
      ['bucket', '/index.html'],
      ['api', '/api/health?deep=1'],
      ['bucket', '/api'],
      ['bucket', '/API/x'],
    ]);
    expect(seen(posted)).toMatchObject({ word: 'api', method: 'POST' });
  });

  it.each([
    ['a method that was not allowed', 403, { method: 'POST', body: '{}' }],
    ['a method nobody can allow', 405, { method: 'PROPFIND' }],
    ['a GET with a body', 403, { method: 'GET', body: '{}', headers: { 'content-length': '2' } }],
  ])('refuses %s', async (_what, status, options) => {
    const { addresses } = await found();

    const answer = await visit(addresses.a[0], 'app.orders.test', '/', options);

    expect([answer.status, answer.headers.server]).toEqual([status, 'CloudFront']);
    expect(answer.body).toContain('The request could not be satisfied.');
  });

  it('leads plain HTTP to HTTPS as each behaviour wants it', async () => {
    const { addresses } = await found({
      behaviors: [
        { pathPattern: 'open/*', target: 'bucket', viewerProtocolPolicy: 'allow-all' },
        { pathPattern: 'strict/*', target: 'bucket', viewerProtocolPolicy: 'https-only' },
      ],
    });
    const plain = (path: string, method = 'GET') => visit(addresses.a[0], 'app.orders.test', path, { scheme: 'http', method });

    const answers = [await plain('/x?y=1'), await plain('/x', 'DELETE'), await plain('/open/x'), await plain('/strict/x')];

    expect(answers.map(({ status }) => status)).toEqual([301, 307, 200, 403]);
    expect(answers[0]?.headers.location).toBe('https://app.orders.test/x?y=1');
  });

  it('hides from the origin what nobody chose to forward', async () => {
    const { addresses } = await found({ defaultBehavior: { target: 'bucket', originRequestPolicy: 'none' } });

    const answer = await visit(addresses.a[0], 'app.orders.test', '/a?b=c', {
      headers: { cookie: 'session=1', authorization: 'Bearer x' },
    });

    const { url, headers } = seen(answer);
    expect(url).toBe('/a');
    expect(headers).toMatchObject({
      host: 'e1mainorders00.s3-website-eu-west-1.amazonaws.com',
      'user-agent': 'Amazon CloudFront',
    });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['cookie']));
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['authorization']));
  });

  it('passes an origin’s error on, and says so where there is no origin at all', async () => {
    const { addresses } = await found({
      origins: [
        {
          id: 'bucket',
          domainName: 'broken.test',
          url: await openOrigin((_request, response) => response.writeHead(503).end('no')),
        },
        { id: 'gone', domainName: 'gone.test', url: 'http://127.0.0.1:1' },
        { id: 'silent', domainName: 'silent.test', url: await openOrigin(() => undefined), readTimeoutSeconds: 1 },
        { id: 'secure', domainName: 'plain.test', url: 'http://127.0.0.1:1', protocolPolicy: 'https-only' },
      ],
      behaviors: ['gone', 'silent', 'secure'].map((target) => ({ pathPattern: `/${target}`, target })),
    });

    const answers = await Promise.all(
      ['/', '/gone', '/silent', '/secure'].map((path) => visit(addresses.a[0], 'app.orders.test', path)),
    );

    expect(answers.map(({ status }) => status)).toEqual([503, 502, 504, 502]);
    expect(answers.map(({ headers }) => headers['x-cache'])).toEqual(Array(4).fill('Error from cloudfront'));
    expect(answers[0]?.body).toBe('no');
  });

  it('is what an alias record of Route 53 leads to', async () => {
    const { domainName, zoneId, addresses } = await found({ ipv6: false });
    const HostedZoneId = 'Z0ORDERSTEST0001';
    cloud.services.route53.own.found({ id: HostedZoneId, name: 'orders.test.' }, []);
    const AliasTarget = { DNSName: domainName, HostedZoneId: zoneId, EvaluateTargetHealth: false };
    const upsert = (target: typeof AliasTarget) =>
      cloud.call('route53', 'ChangeResourceRecordSets', {
        HostedZoneId,
        ChangeBatch: {
          Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name: 'app.orders.test', Type: 'A', AliasTarget: target } }],
        },
      });

    const wrong = upsert({ ...AliasTarget, HostedZoneId: 'Z32O12XQLNTSW2' });
    await expect(wrong).rejects.toMatchObject({ code: 'InvalidChangeBatch' });
    await expect(upsert(AliasTarget)).resolves.toMatchObject({ ChangeInfo: { Status: 'PENDING' } });
    expect(addresses.aaaa).toEqual([]);
  });
});
