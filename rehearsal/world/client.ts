// Somebody who uses the application: writes through its public name all the while, remembers what was acknowledged, and can say
// afterwards, from the databases themselves, where each of these writes is.
import { request } from 'node:https';
import type { Ground } from '../services/ground.ts';
import type { Cluster } from './contract.ts';
import { DEFAULT_RESOLVER } from './dns/servers.ts';
import { placeOf, resolveThrough } from './dns/places.ts';

export interface ClientOptions {
  readonly ground: Ground;
  /** The authority that public certificates chain to, as PEM. */
  readonly authority: string;
  /** The estate's public API name, with its final dot. */
  readonly name: string;
}

/** A write that the application said it has. */
export interface Acknowledged {
  readonly number: string;
  /** Instant of the timeline. */
  readonly at: number;
  /** The environment that said so. */
  readonly by: string;
}

/** One try, successful or not. */
export interface Probe {
  readonly at: number;
  /** The same instant by the laptop's clock. */
  readonly wallAt: number;
  readonly trouble: string | null;
}

export interface ProbeCount {
  readonly total: number;
  readonly failed: number;
  /** By the laptop's clock: real work only, no skipped waiting. */
  readonly longestOutageMs: number;
  /** By the timeline: as the people there lived through it. */
  readonly longestOutageSeconds: number;
}

export interface WorldClient {
  readonly acknowledged: readonly Acknowledged[];
  readonly probes: readonly Probe[];
  /** One write now. */
  probe(): Promise<Probe>;
  /** Begins writing every five seconds of timeline; of a long wait only the last tries are lived through. */
  begin(most?: number): void;
  rest(): void;
}

const PERIOD_MILLISECONDS = 5000;
/** Of a long wait the last five minutes. */
const MOST_PROBES = 60;
/** As long as a person waits before the page is called broken. */
const PATIENCE_MILLISECONDS = 10_000;
const PREFIX = 'client-';

export function createClient({ ground, authority, name }: ClientOptions): WorldClient {
  const acknowledged: Acknowledged[] = [];
  const probes: Probe[] = [];
  const host = name.replace(/\.$/, '');
  let written = 0;
  let rest: () => void = () => undefined;

  async function write(number: string): Promise<string> {
    const [address] = await addressesOf(ground, host);
    if (address === undefined) throw new Error(`${host} has no address`);
    const place = placeOf(ground, address, 443);
    if (!place) throw new Error(`nobody listens at ${address}:443`);
    return post({ host, place, authority, body: JSON.stringify({ number }) });
  }

  const probe = (): Promise<Probe> =>
    ground.timeline.busy(async () => {
      const number = `${PREFIX}${String(++written).padStart(6, '0')}`;
      const moment = { at: ground.timeline.now(), wallAt: Date.now() };
      let trouble: string | null = null;
      try {
        const by = await write(number);
        acknowledged.push({ number, at: ground.timeline.now(), by });
      } catch (error) {
        trouble = (error as Error).message;
      }
      const seen = { ...moment, trouble };
      probes.push(seen);
      return seen;
    });

  return {
    acknowledged,
    probes,
    probe,
    begin(most = MOST_PROBES) {
      rest();
      rest = ground.timeline.every(PERIOD_MILLISECONDS, () => probe().then(() => undefined), { most });
    },
    rest: () => rest(),
  };
}

/** IPv4 first, as most resolvers' callers do where both are there. */
async function addressesOf(ground: Ground, host: string): Promise<string[]> {
  const four = await resolveThrough(ground, DEFAULT_RESOLVER, host, 'A');
  return four.length > 0 ? four : resolveThrough(ground, DEFAULT_RESOLVER, host, 'AAAA');
}

interface Post {
  readonly host: string;
  readonly place: { readonly host: string; readonly port: number };
  readonly authority: string;
  readonly body: string;
}

/** A connection of its own each time: one kept alive would go on to an address that DNS no longer gives. */
function post({ host, place, authority, body }: Post): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: place.host,
        port: place.port,
        servername: host,
        ca: authority,
        agent: false,
        method: 'POST',
        path: '/api/orders',
        headers: { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        timeout: PATIENCE_MILLISECONDS,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode !== 201) return reject(new Error(`answered ${answer.statusCode ?? '?'}`));
          const { environment } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { environment: string };
          resolve(environment);
        });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error(`no answer within ${PATIENCE_MILLISECONDS / 1000} s`)));
    asked.once('error', reject);
    asked.end(body);
  });
}

/** What was tried since that instant. An outage lasts from the last success before it to the first one after. */
export function countProbes(probes: readonly Probe[], since: number): ProbeCount {
  let longestOutageMs = 0;
  let longestOutageSeconds = 0;
  let failed = 0;
  let down: Probe | undefined;
  const told = probes.filter(({ at }) => at >= since);
  for (const probe of told) {
    if (probe.trouble !== null) {
      failed++;
      down ??= probe;
    }
    if (down) {
      longestOutageMs = Math.max(longestOutageMs, probe.wallAt - down.wallAt);
      longestOutageSeconds = Math.max(longestOutageSeconds, (probe.at - down.at) / 1000);
    }
    if (probe.trouble === null) down = undefined;
  }
  return { total: told.length, failed, longestOutageMs, longestOutageSeconds };
}

export interface Book {
  readonly environment: string;
  readonly cluster: Cluster;
  readonly database: string;
}

export interface Missing extends Acknowledged {
  /** The environments whose database has it. */
  readonly stillOn: readonly string[];
}

export interface Account {
  readonly acknowledged: number;
  readonly onPrimary: number;
  readonly onStandby: number;
  /** Acknowledged, and not in the writer's database. */
  readonly lost: readonly Missing[];
  /** Numbers that one database has twice. */
  readonly doubled: readonly string[];
}

/** From the databases themselves, as their superuser: a fence does not hide what is behind it, nor does a server that is down. */
export async function accountFor(
  acknowledged: readonly Acknowledged[],
  books: { readonly primary: Book; readonly standby: Book; readonly shelves: readonly Book[]; readonly writer: string },
): Promise<Account> {
  const count = async (book: Book): Promise<Counted> => ({ ...book, numbers: await numbersIn(book) });
  const [primary, standby] = await Promise.all([count(books.primary), count(books.standby)]);
  const shelves = await Promise.all(books.shelves.map(count));
  const both = [primary, standby];
  const has = ({ numbers }: Counted, { number }: Acknowledged): boolean => numbers.has(number);
  const writer = both.find(({ environment }) => environment === books.writer);
  if (!writer) throw new Error(`${books.writer} is neither ${primary.environment} nor ${standby.environment}`);
  return {
    acknowledged: acknowledged.length,
    onPrimary: acknowledged.filter((one) => has(primary, one)).length,
    onStandby: acknowledged.filter((one) => has(standby, one)).length,
    lost: acknowledged
      .filter((one) => !has(writer, one))
      .map((one) => ({
        ...one,
        stillOn: [...both, ...shelves].filter((side) => has(side, one)).map(({ environment }) => environment),
      })),
    doubled: [...new Set(both.flatMap(({ numbers }) => [...numbers].flatMap(([number, times]) => (times > 1 ? [number] : []))))],
  };
}

interface Counted extends Book {
  readonly numbers: ReadonlyMap<string, number>;
}

async function numbersIn({ cluster, database }: Book): Promise<Map<string, number>> {
  const asleep = !cluster.running;
  if (asleep) await cluster.start();
  try {
    const session = await cluster.open(database);
    try {
      const { rows } = await session.query<{ number: string; times: number }>(
        'SELECT number, count(*)::integer AS times FROM orders WHERE starts_with(number, $1) GROUP BY number',
        [PREFIX],
      );
      return new Map(rows.map(({ number, times }) => [number, times]));
    } finally {
      await session.end();
    }
  } finally {
    if (asleep) await cluster.stop();
  }
}
