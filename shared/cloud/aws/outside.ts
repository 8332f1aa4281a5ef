// The world as anybody outside sees it: DNS as one server answers it, and HTTP requests under a public name.
import { lookup, Resolver } from 'node:dns/promises';
import type { RecordWithTtl } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import { RunbookError } from '../../errors.ts';
import { OWN_RESOLVER, type Given, type Outside, type OutsideAnswer, type OutsideRequest } from '../ports.ts';
import { troubleOf } from './trouble.ts';

const DNS_TIMEOUT_MILLISECONDS = 2_000;
const DNS_TRIES = 2;
/** From the first packet to the last; a person would have given up. */
const DEADLINE_MILLISECONDS = 10_000;
const MOST_BODY_BYTES = 64 * 1024;

/** A server that says there is nothing has answered. */
const NOTHING_THERE = ['ENODATA', 'ENOTFOUND'];

export function awsOutside(): Outside {
  return {
    async lookUp(server, name, type) {
      try {
        const resolver = await resolverAt(server);
        const found = await addressesOf(resolver, name, type);
        if (found.length > 0) return found;
        // A zone's own server says where a CNAME leads, and leaves what is there to whoever asks.
        const [target] = await orNothing(resolver.resolveCname(plain(name)));
        return target === undefined ? [] : await addressesOf(newResolver(), target, type);
      } catch (error) {
        if (error instanceof RunbookError) throw error;
        throw silent(server, `${type} of ${name}: ${codeOf(error)}`, error);
      }
    },
    ask: (request) => ask(request),
  };
}

const newResolver = (): Resolver => new Resolver({ timeout: DNS_TIMEOUT_MILLISECONDS, tries: DNS_TRIES });

async function resolverAt(server: string): Promise<Resolver> {
  const resolver = newResolver();
  if (server !== OWN_RESOLVER) resolver.setServers([await addressOf(server)]);
  return resolver;
}

async function addressesOf(resolver: Resolver, name: string, type: 'A' | 'AAAA'): Promise<Given[]> {
  const asked = type === 'A' ? resolver.resolve4(plain(name), { ttl: true }) : resolver.resolve6(plain(name), { ttl: true });
  return (
    (await orNothing<RecordWithTtl>(asked))
      // What is left is told in whole seconds, rounded down.
      .map(({ address, ttl }) => ({ address, keepsSeconds: ttl + 1 }))
      .sort((one, other) => (one.address < other.address ? -1 : 1))
  );
}

async function orNothing<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    if (NOTHING_THERE.includes(codeOf(error))) return [];
    throw error;
  }
}

/** A name server is known by its name; what is asked is an address. */
async function addressOf(server: string): Promise<string> {
  if (isIP(server) !== 0) return server;
  try {
    return (await lookup(plain(server), { family: 4 })).address;
  } catch (error) {
    throw silent(server, `its own name does not resolve: ${codeOf(error)}`, error);
  }
}

const silent = (server: string, why: string, cause: unknown): RunbookError =>
  new RunbookError(
    'CloudTransient',
    `the name server ${server} did not answer (${why}); it is asked again`,
    { server },
    { cause },
  );

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

const plain = (name: string): string => name.replace(/\.$/, '');

/** Never throws: that nobody answered is what was to be found out. */
function ask({ scheme, name, at, path, method = 'GET', body, anyCertificate = false }: OutsideRequest): Promise<OutsideAnswer> {
  const host = plain(name);
  const signal = AbortSignal.timeout(DEADLINE_MILLISECONDS);
  const options = {
    host: plain(at ?? name),
    path,
    method,
    signal,
    // A connection of its own: a kept one would ask the address of before.
    agent: false,
    headers: {
      host,
      'user-agent': 'changeover',
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  };
  return new Promise((resolve) => {
    const fail = (error: unknown): void =>
      resolve({ status: null, body: '', headers: {}, trouble: troubleOf(error, host, signal.aborted) });
    try {
      const request =
        scheme === 'https'
          ? https.request({ ...options, port: 443, servername: host, rejectUnauthorized: !anyCertificate })
          : http.request({ ...options, port: 80 });
      request.on('error', fail);
      request.on('response', (response) => void collect(response, host, signal).then(resolve));
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

/** The status stands even where the body breaks off. */
async function collect(response: http.IncomingMessage, host: string, signal: AbortSignal): Promise<OutsideAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let trouble: string | null = null;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MOST_BODY_BYTES) break;
    }
  } catch (error) {
    trouble = `the answer broke off: ${troubleOf(error, host, signal.aborted)}`;
  }
  return {
    status: response.statusCode ?? null,
    body: Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString('utf8'),
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
    ),
    trouble,
  };
}
