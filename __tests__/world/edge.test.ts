import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, request as askHttp, type Server } from 'node:http';
import { request as askHttps } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTimeline, type Timeline } from '../../rehearsal/time/timeline.ts';
import { createAuthority } from '../../rehearsal/world/authority.ts';
import type { Authority, KeyPair } from '../../rehearsal/world/contract.ts';
import { type Edge, type EdgeOptions, serveEdge, writeAnswer } from '../../rehearsal/world/edge/edge.ts';
import { forwarded } from '../../rehearsal/world/edge/headers.ts';
import { passOn, type Upstream } from '../../rehearsal/world/edge/proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'edge-'));
const timeline: Timeline = createTimeline({ pace: { kind: 'virtual' }, startsAt: Date.parse('2026-05-01T00:00:00Z') });
let authority: Authority;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  authority = await createAuthority(folder, timeline.now);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => {
  timeline.stop();
  rmSync(folder, { recursive: true });
});

async function edge(options: Partial<EdgeOptions>): Promise<Edge> {
  const served = await serveEdge({
    timeline,
    server: 'edge',
    onRequest: (_request, response) => void response.end('edge'),
    ...options,
  });
  closing.push(served.close);
  return served;
}

async function origin(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const proxy = (upstream: string, more: Partial<Upstream> = {}): EdgeOptions['onRequest'] => {
  return async (request, response) => {
    const headers = forwarded(request, { protocol: 'http', port: 80 });
    const outcome = await passOn(request, response, { timeline, origin: upstream, headers, idleMilliseconds: 5_000, ...more });
    const status = { answered: 0, refused: 502, 'timed out': 504 }[outcome];
    if (status > 0) writeAnswer(response, timeline, { status, headers: { server: 'edge' }, body: outcome });
  };
};

/** The alternative names of the certificate that is shown to whoever asks for `servername`, or for nobody. */
const shownTo = (port: number, servername?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca: authority.pem, ...(servername !== undefined && { servername }) };
    const socket = connect({ ...options, checkServerIdentity: () => undefined }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });

describe('an HTTPS edge', () => {
  it('shows the certificate of the name that is asked for: exact, then wildcard of one label, then the first', async () => {
    const pairs = await Promise.all(
      [['first.test'], ['*.orders.test'], ['app.orders.test']].map((names) => authority.issue(names)),
    );
    const { port } = await edge({ certificates: () => pairs });

    const shown = await Promise.all(
      ['app.orders.test', 'APP.orders.test', 'api.orders.test', 'a.b.orders.test', 'orders.test', undefined].map((name) =>
        shownTo(port, name),
      ),
    );

    expect(shown).toEqual([
      'DNS:app.orders.test',
      'DNS:app.orders.test',
      'DNS:*.orders.test',
      'DNS:first.test',
      'DNS:first.test',
      'DNS:first.test',
    ]);
  });

  it('is believed by whoever trusts the authority, for the names of its certificate alone', async () => {
    const pair = await authority.issue(['app.orders.test']);
    const { port } = await edge({ certificates: () => [pair] });
    const ask = (servername: string, ca?: string): Promise<number | string> =>
      new Promise((resolve) => {
        askHttps({ host: '127.0.0.1', port, servername, ca, agent: false }, (answer) => resolve(answer.resume().statusCode ?? 0))
          .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
          .end();
      });

    const answers = await Promise.all([
      ask('app.orders.test', authority.pem),
      ask('api.orders.test', authority.pem),
      ask('app.orders.test'),
    ]);

    expect(answers).toEqual([200, 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']);
  });

  it('shows a certificate that took the place of another from the next handshake on', async () => {
    let pairs: KeyPair[] = [await authority.issue(['before.test'])];
    const { port } = await edge({ certificates: () => pairs });
    const before = await Promise.all([shownTo(port), shownTo(port, 'x.test')]);

    pairs = [await authority.issue(['after.test'])];

    expect(before).toEqual(['DNS:before.test', 'DNS:before.test']);
    expect(await Promise.all([shownTo(port), shownTo(port, 'x.test')])).toEqual(['DNS:after.test', 'DNS:after.test']);
  });

  it('without a certificate shakes nobody by the hand', async () => {
    const { port } = await edge({ certificates: () => [] });

    await expect(shownTo(port, 'app.orders.test')).rejects.toThrow();
    await expect(shownTo(port)).rejects.toThrow();
  });
});

describe('an edge', () => {
  it('refuses connections once it is closed, those that were open included', async () => {
    const served = await edge({});
    const open = connectTcp(served.port, '127.0.0.1');
    await new Promise((resolve) => open.once('connect', resolve));
    const ended = new Promise((resolve) => open.once('close', resolve));

    await served.close();

    await ended;
    await expect(fetch(served.origin)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('holds the timeline while it answers, and no longer', async () => {
    const { origin: at } = await edge({
      onRequest: async (_request, response) => {
        const later = timeline.now() + 3_600_000;
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.end(String(timeline.now() < later));
      },
    });

    const answer = fetch(at).then((response) => response.text());
    await new Promise((resolve) => setTimeout(resolve, 5));
    await timeline.passTo(timeline.now() + 1);

    expect(await answer).toBe('true');
    await timeline.passTo(timeline.now() + 7_200_000);
  });

  it('answers 500 when the one behind it throws, and 501 to a WebSocket, and passes over an offer of HTTP/2', async () => {
    const broken = await edge({ onRequest: () => Promise.reject(new Error('no')) });
    const plain = await edge({});
    const upgrade = (port: number, to: string): Promise<number> =>
      new Promise((resolve, reject) => {
        askHttp({ host: '127.0.0.1', port, headers: { connection: 'Upgrade', upgrade: to } }, (answer) =>
          resolve(answer.resume().statusCode ?? 0),
        )
          .on('error', reject)
          .end();
      });

    const answer = await fetch(broken.origin);
    const upgrades = await Promise.all([upgrade(plain.port, 'websocket'), upgrade(plain.port, 'h2c')]);

    expect([answer.status, answer.headers.get('server'), upgrades]).toEqual([500, 'edge', [501, 200]]);
  });
});

describe('a request that is passed on', () => {
  it('keeps its method, path, body and headers, says who asked, and drops what concerns one connection', async () => {
    const behind = await origin((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () =>
        response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body })),
      );
    });
    const { port } = await edge({ onRequest: proxy(behind.url) });

    const text = await new Promise<string>((resolve, reject) => {
      const headers = {
        host: 'app.orders.test',
        connection: 'close, x-hop',
        'x-hop': 'gone',
        'keep-alive': 'timeout=1',
        'x-twice': ['a', 'b'],
        'x-forwarded-for': '192.0.2.1',
      };
      const asked = askHttp({ host: '127.0.0.1', port, method: 'PUT', path: '/a%20b?c=d', headers }, (answer) => {
        let all = '';
        answer.on('data', (chunk: Buffer) => (all += chunk.toString())).on('end', () => resolve(all));
      });
      asked.on('error', reject).end('ü');
    });

    const seen = JSON.parse(text) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'PUT', url: '/a%20b?c=d', body: 'ü' });
    expect(seen.headers).toMatchObject({
      host: 'app.orders.test',
      'x-twice': 'a, b',
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
    });
    expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(['x-hop']));
    expect(seen.headers['keep-alive']).toBeUndefined();
  });

  it('streams: the first half of an answer is there before the second is written', async () => {
    let finish: () => void = () => undefined;
    const behind = await origin((_request, response) => {
      response.write('first');
      finish = () => void response.end(' second');
    });
    const { origin: at } = await edge({ onRequest: proxy(behind.url) });

    const { body } = await fetch(at);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    finish();
    const second = await reader.read();

    expect([first, second].map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(['first', ' second']);
  });

  it('comes back with the status, every cookie and the date of the origin, or of the timeline where it has none', async () => {
    const behind = await origin((request, response) => {
      if (request.url === '/undated') response.sendDate = false;
      response.writeHead(418, { 'set-cookie': ['a=1', 'b=2'], 'x-taken': 'away' }).end();
    });
    const { origin: at } = await edge({ onRequest: proxy(behind.url, { answerHeaders: { 'x-taken': undefined, via: 'edge' } }) });

    const [dated, undated] = await Promise.all([fetch(at), fetch(`${at}/undated`)]);

    expect([dated.status, dated.headers.getSetCookie(), dated.headers.get('via'), dated.headers.get('x-taken')]).toEqual([
      418,
      ['a=1', 'b=2'],
      'edge',
      null,
    ]);
    expect([dated, undated].map(({ headers }) => new Date(headers.get('date') ?? '').getUTCFullYear())).toEqual([
      new Date().getUTCFullYear(),
      2026,
    ]);
    expect(Math.abs(Date.parse(undated.headers.get('date') ?? '') - timeline.now())).toBeLessThan(60_000);
  });

  it('is refused when nobody listens, and timed out when nothing comes', async () => {
    const gone = await origin(() => undefined);
    gone.server.close();
    const silent = await origin(() => undefined);
    const refused = await edge({ onRequest: proxy(gone.url) });
    const late = await edge({ onRequest: proxy(silent.url, { idleMilliseconds: 30 }) });

    const answers = await Promise.all([fetch(refused.origin, { method: 'POST', body: 'x' }), fetch(late.origin)]);

    expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]))).toEqual([
      [502, 'refused'],
      [504, 'timed out'],
    ]);
  });

  it('ends where the origin ended in the middle of its answer', async () => {
    const behind = await origin((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.destroy());
    });
    const { origin: at } = await edge({ onRequest: proxy(behind.url) });

    const body = fetch(at).then((answer) => answer.text());

    await expect(body).rejects.toThrow('terminated');
  });

  it('reaches an https origin only under the name of its certificate', async () => {
    const pair = await authority.issue(['origin.orders.test']);
    const behind = await edge({ certificates: () => [pair] });
    const named = (servername: string) => proxy(behind.origin, { tls: { servername, ca: authority.pem } });
    const [right, wrong] = [
      await edge({ onRequest: named('origin.orders.test') }),
      await edge({ onRequest: named('other.test') }),
    ];

    const answers = await Promise.all([fetch(right.origin), fetch(wrong.origin)]);

    expect(answers.map(({ status }) => status)).toEqual([200, 502]);
  });
});
