// A cloud with one load balancer as it stood: two machines behind HTTPS, and plain HTTP that redirects.
import { createServer, request as askHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { request as askHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createElasticLoadBalancing, type Founded } from '../../rehearsal/services/elasticloadbalancing/elasticloadbalancing.ts';
import type { InputOf, OperationName, OutputOf, Sdks } from '../../rehearsal/services/service.ts';
import { operatorOf } from '../../rehearsal/iam/operator.ts';
import { createTimeline } from '../../rehearsal/time/timeline.ts';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import type { KeyPair } from '../../rehearsal/world/contract.ts';
import { smallGround } from '../host/ground.ts';

type Elb = Sdks['elasticloadbalancing'];
type Op = OperationName<Elb>;

export const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/one';
export const OTHER = 'arn:aws:acm:eu-west-1:123456789012:certificate/two';
const SECOND = 1_000;

export async function loadBalanced() {
  const small = smallGround();
  small.ground.timeline.stop();
  const timeline = createTimeline({ pace: { kind: 'virtual' }, startsAt: Date.parse('2026-05-01T00:00:00Z') });
  const ground = { ...small.ground, timeline };
  const authority = await createAuthority(ground.folder('authority'), timeline.now);
  const pairs = new Map<string, KeyPair>([
    [CERTIFICATE, await authority.issue(['app.orders.test'])],
    [OTHER, await authority.issue(['*.other.test'])],
  ]);
  const aliases: { dnsName: string; zoneId: string; addresses: () => unknown }[] = [];
  const service = createElasticLoadBalancing(ground, {
    names: { aliasTarget: (target) => aliases.push(target) },
    keyPairOf: (arn) => pairs.get(arn),
  });
  const closing: (() => void)[] = [];

  const machine = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const call = async <O extends Op>(operation: O, input: InputOf<Elb, O>): Promise<OutputOf<Elb, O>> => {
    const scene = {
      service: 'elasticloadbalancing' as const,
      operation,
      region: 'eu-west-1',
      account: ground.account,
      caller: operatorOf(ground.account),
      requestId: 'request',
      at: timeline.now(),
      allows: () => true,
      require: () => undefined,
    };
    const handler = service.operations[operation] as { run(input: unknown, call: unknown): unknown };
    return (await handler.run(input, scene)) as OutputOf<Elb, O>;
  };

  /** A request as anybody outside makes it, at one of the public addresses. */
  const visit = (
    at: string,
    options: { host?: string; path?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
  ) => {
    const place = ground.published().get(at);
    if (place === undefined) throw new Error(`nobody serves ${at}`);
    const { host = 'app.orders.test', path = '/', method = 'GET', headers = {}, body } = options;
    const { port, protocol } = new URL(place);
    const asked = { host: '127.0.0.1', port, path, method, agent: false as const, headers: { host, ...headers } };
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: string }>((resolve, reject) => {
      const onAnswer = (answer: IncomingMessage): void => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
      };
      const request =
        protocol === 'https:' ? askHttps({ ...asked, servername: host, ca: authority.pem }, onAnswer) : askHttp(asked, onAnswer);
      request.on('error', reject).end(body);
    });
  };

  return {
    ground,
    timeline,
    aliases,
    pairs,
    authority,
    calls: small.calls,
    service,
    own: service.own,
    call,
    visit,
    machine,
    pass: (seconds: number) => timeline.passTo(timeline.now() + seconds * SECOND),
    stop: async () => {
      await service.stop?.();
      closing.forEach((close) => close());
      timeline.stop();
      small.close();
    },
  };
}
export type LoadBalanced = Awaited<ReturnType<typeof loadBalanced>>;

/** `orders`: two machines that say their name and whether they are well. */
export async function orders(scene: LoadBalanced) {
  const well = { one: 200, two: 200 };
  const machineOf = (name: 'one' | 'two') =>
    scene.machine((request, response) => {
      response.writeHead(request.url === '/healthz' ? well[name] : 200, { 'x-machine': name });
      response.end(request.url === '/echo' ? JSON.stringify(request.headers) : name);
    });
  const [one, two] = [await machineOf('one'), await machineOf('two')];
  const founded: Founded = await scene.own.found({
    name: 'orders',
    dualstack: true,
    tags: { app: 'orders' },
    listeners: [
      { port: 80, protocol: 'HTTP' },
      { port: 443, protocol: 'HTTPS', certificates: [CERTIFICATE, OTHER], defaultTargetGroup: 'web' },
    ],
    targetGroups: [
      {
        name: 'web',
        port: 3000,
        healthPath: '/healthz',
        targets: [
          { id: 'i-0000000000000001', origin: one },
          { id: 'i-0000000000000002', origin: two },
        ],
      },
    ],
  });
  const [address = ''] = founded.addresses.a;
  return {
    ...founded,
    well,
    https: `https://${address}:443`,
    http: `http://${address}:80`,
    listener: founded.listeners.get(443) ?? '',
    group: founded.targetGroups.get('web') ?? '',
  };
}
