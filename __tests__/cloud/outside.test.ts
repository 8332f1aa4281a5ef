import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { serveEdge, type Edge } from '../../rehearsal/world/edge/edge.ts';
import { OWN_RESOLVER, type OutsideAnswer, type OutsideRequest } from '../../shared/cloud/ports.ts';
import { lambdaCloud } from '../services/lambda-ground.ts';
import { inLambda } from './in-lambda.ts';

let ground: Awaited<ReturnType<typeof lambdaCloud>>;
let call: Awaited<ReturnType<typeof inLambda>>;
let edges: Edge[] = [];

beforeAll(async () => {
  ground = await lambdaCloud();
  call = await inLambda(ground, { file: 'outside.ts', make: 'adapters.awsOutside()' });
});
afterEach(async () => {
  for (const origin of [...ground.cloud.ground.published().keys()]) ground.cloud.ground.unpublish(origin);
  await Promise.all(edges.map((edge) => edge.close()));
  edges = [];
});
afterAll(() => ground.cloud.stop());

/** Serves a public origin; with names, under a certificate for them. */
async function serve(origin: string, onRequest: RequestListener, names?: string[], notAfter?: number): Promise<void> {
  const { timeline, authorities } = ground.cloud;
  const pair =
    names && (await authorities.public.issue(names, notAfter === undefined ? {} : { notBefore: notAfter - 9e6, notAfter }));
  const edge = await serveEdge({ timeline, server: 'edge', onRequest, ...(pair && { certificates: () => [pair] }) });
  edges.push(edge);
  ground.cloud.ground.publish(origin, edge.origin);
}
const ask = (request: OutsideRequest) => call('ask', request) as Promise<OutsideAnswer>;
const hello: RequestListener = ({ method, url, headers }, response) =>
  void response.end(JSON.stringify({ method, url, host: headers.host }));

describe('a request from outside', () => {
  it('carries the public name, over TLS that is believed', async () => {
    await serve('https://app.orders.test', hello, ['app.orders.test']);

    const answer = await ask({ scheme: 'https', name: 'app.orders.test.', path: '/api/health' });

    expect(answer).toMatchObject({ status: 200, trouble: null });
    expect(JSON.parse(answer.body)).toEqual({ method: 'GET', url: '/api/health', host: 'app.orders.test' });
  });

  it('goes to another host under the same name, and takes a body along', async () => {
    await serve('https://main-1.eu-west-1.elb.amazonaws.com', hello, ['app.orders.test']);

    const answer = await ask({
      scheme: 'https',
      name: 'app.orders.test.',
      at: 'main-1.eu-west-1.elb.amazonaws.com.',
      path: '/api/heartbeat',
      method: 'POST',
      body: '{"note":"x"}',
    });

    expect(JSON.parse(answer.body)).toEqual({ method: 'POST', url: '/api/heartbeat', host: 'app.orders.test' });
  });

  it('follows no redirect, and keeps what it was told', async () => {
    await serve(
      'http://app.orders.test',
      (_, response) => void response.writeHead(301, { location: 'https://elsewhere.test/' }).end(),
    );

    const answer = await ask({ scheme: 'http', name: 'app.orders.test.', path: '/' });

    expect(answer).toMatchObject({ status: 301, headers: { location: 'https://elsewhere.test/' } });
  });

  it('says whose certificate it was shown instead', async () => {
    await serve('https://app.orders.test', hello, ['*.other.test', 'other.test']);

    const answer = await ask({ scheme: 'https', name: 'app.orders.test.', path: '/' });

    expect(answer).toMatchObject({
      status: null,
      trouble: 'the certificate covers *.other.test, other.test, not app.orders.test',
    });
  });

  it('says that a certificate has expired', async () => {
    await serve('https://app.orders.test', hello, ['app.orders.test'], Date.now() - 1_000);

    const answer = await ask({ scheme: 'https', name: 'app.orders.test.', path: '/' });

    expect(answer).toMatchObject({ status: null, trouble: 'the certificate has expired' });
  });

  it('takes any certificate where that is asked for', async () => {
    await serve('https://app.orders.test', hello, ['other.test'], Date.now() - 1_000);

    const answer = await ask({ scheme: 'https', name: 'app.orders.test.', path: '/', anyCertificate: true });

    expect(answer).toMatchObject({ status: 200, trouble: null });
  });

  it('says that nobody listens', async () => {
    ground.cloud.ground.publish('https://app.orders.test', 'https://127.0.0.1:1');

    const answer = await ask({ scheme: 'https', name: 'app.orders.test.', path: '/' });

    expect(answer).toMatchObject({ status: null, trouble: 'the connection is refused' });
  });

  it('reads no more than it needs of an answer without end', async () => {
    await serve('http://app.orders.test', (_, response) => {
      const more = setInterval(() => response.write('x'.repeat(30_000)), 1);
      response.on('close', () => clearInterval(more));
    });

    const answer = await ask({ scheme: 'http', name: 'app.orders.test.', path: '/' });

    expect(answer).toMatchObject({ status: 200, trouble: null });
    expect(answer.body).toHaveLength(64 * 1024);
  });
});

describe('a look-up', () => {
  it('asks one server: its own authority at its name, or a resolver at its address, and follows a CNAME out of the zone', async () => {
    const { route53 } = ground.cloud.services;
    const records = ['192.0.2.7', '192.0.2.5'].map((Value) => ({ Value }));
    route53.own.found(
      { id: 'Z0ORDERSTEST0001', name: 'orders.test.', nameServers: ['ns-1.awsdns-01.com', 'ns-2.awsdns-02.net'] },
      [
        { Name: 'app.orders.test.', Type: 'A', TTL: 60, ResourceRecords: records },
        { Name: 'old.orders.test.', Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: 'ns-2.awsdns-02.net.' }] },
      ],
    );
    await route53.own.dns();

    const ask = async (server: string, name: string, type: string) =>
      (await call('lookUp', server, name, type)) as readonly { address: string; keepsSeconds: number }[];
    const elsewhere = await ask('9.9.9.9', 'ns-2.awsdns-02.net.', 'A');
    const answers = await Promise.all([
      ask('ns-1.awsdns-01.com', 'app.orders.test.', 'A'),
      ask('9.9.9.9', 'app.orders.test.', 'A'),
      ask(OWN_RESOLVER, 'app.orders.test.', 'A'),
      ask('9.9.9.9', 'app.orders.test.', 'AAAA'),
      ask('9.9.9.9', 'nothing.orders.test.', 'A'),
      ask('ns-1.awsdns-01.com', 'old.orders.test.', 'A'),
      ask('ns-1.awsdns-01.com', 'old.orders.test.', 'AAAA'),
    ]);

    const both = ['192.0.2.5', '192.0.2.7'];
    const addresses = answers.map((given) => given.map(({ address }) => address));
    expect(addresses).toEqual([both, both, both, [], [], elsewhere.map(({ address }) => address), []]);
    expect(elsewhere).toHaveLength(1);
    // A resolver counts down what it remembers, ours as well.
    for (const { keepsSeconds } of answers.slice(1, 3).flat()) expect(keepsSeconds).toBeGreaterThan(50);
  });

  it('of a server that does not answer is worth another try', async () => {
    await expect(call('lookUp', '192.0.2.53', 'app.orders.test.', 'A')).rejects.toMatchObject({
      name: 'CloudTransient',
      message: expect.stringContaining('192.0.2.53') as unknown,
    });
  });
});
