// What the world says after a run: asked of name servers, load balancers, databases and the ledger, never of the run.
import { promises as dns } from 'node:dns';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import type { Client } from 'pg';
import * as z from 'zod';
import type { Cloud } from '../cloud.ts';
import { readEntry } from '../world/builder/ledger.ts';
import type { Standing, World } from '../world/builder/builder.ts';
import { filesIn } from '../world/builder/surroundings.ts';
import { placeOf, resolveThrough } from '../world/dns/places.ts';
import { ADMIN } from '../world/postgres/settings.ts';
import { countProbes, type Account, type ProbeCount } from '../world/client.ts';
import type { Reading } from '../world/reader.ts';
import { judgeInstances, lookAtInstances, type Instances } from './afterwards-instances.ts';
import type { Afterwards } from './happening.ts';

/** Where a name points, by an authoritative server. */
export interface Pointed {
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
  /** The environment whose door that is; `mixed` when the two types disagree, null when it is nobody's. */
  readonly to: string | null;
}
export type Pointing = Readonly<Record<string, Pointed>>;

export interface Loss {
  readonly rows: number | null;
  readonly seconds: number | null;
  readonly how: string;
}

/** What an environment's server holds. */
export interface Holdings {
  /** The databases that stand there beside those that every server has. */
  readonly databases: readonly string[];
  /** The newest heartbeat of the primary's environment in the one that the application uses; null where there is none. */
  readonly heartbeat: number | null;
}

export interface Seen {
  /** When the first run of what is told began. */
  readonly since: number;
  readonly dns: Pointing;
  readonly probes: ProbeCount;
  /** Who acknowledged the last write; null when it failed. */
  readonly answeredBy: string | null;
  readonly lease: { readonly writer: string; readonly epoch: number; readonly holder: unknown } | null;
  readonly fenced: readonly string[];
  readonly account: Account | null;
  /** Files that the writer's database has a row of and its bucket has not. */
  readonly missingFiles: readonly string[] | null;
  readonly recoverySeconds: number | null;
  /** The instant at which the run said who the writer is; null when it did not. */
  readonly declaredAt: number | null;
  readonly loss: Loss | null;
  /** By environment; null where PostgreSQL does not run. */
  readonly holdings: Readonly<Record<string, Holdings | null>>;
  readonly instances: Readonly<Record<string, Instances>>;
  /** Manual ones, by name. */
  readonly snapshots: readonly string[];
  /** By name, what RDS says of each. */
  readonly statuses: Readonly<Record<string, string>>;
}

const Lease = z.looseObject({ writer: z.string(), epoch: z.int(), holder: z.unknown() });
const RunEntry = z.looseObject({
  run: z.looseObject({ openedAt: z.string() }),
  plan: z.string().nullable(),
  marks: z.array(z.looseObject({ name: z.string(), at: z.string() })),
});
const Plan = z.looseObject({
  loss: z.looseObject({ how: z.string(), rows: z.number().nullable(), seconds: z.number().nullable() }),
});

const NOTHING = ['ENODATA', 'ENOTFOUND'];

async function answersOf(cloud: Cloud, server: string, name: string, type: 'A' | 'AAAA'): Promise<string[]> {
  const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([server]);
  return cloud.timeline.busy(async () => {
    try {
      return (await (type === 'A' ? resolver.resolve4(name) : resolver.resolve6(name))).sort();
    } catch (error) {
      if (NOTHING.includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  });
}

/** Every public name of the estate, as an authoritative server answers now. */
export async function lookUpNames(cloud: Cloud, world: World): Promise<Pointing> {
  const ask = (name: string, type: 'A' | 'AAAA') => answersOf(cloud, world.dns, name.replace(/\.$/, ''), type);
  const owners = new Map<string, string>();
  for (const { id, doors } of world.environments.values()) {
    for (const door of [doors.loadBalancer, doors.distribution]) {
      if (!door) continue;
      for (const type of ['A', 'AAAA'] as const) for (const address of await ask(door.dnsName, type)) owners.set(address, id);
    }
  }
  const pointed = async (name: string): Promise<[string, Pointed]> => {
    const [A, AAAA] = [await ask(name, 'A'), await ask(name, 'AAAA')];
    const to = new Set([...A, ...AAAA].map((address) => owners.get(address) ?? null));
    return [name, { A, AAAA, to: to.size > 1 ? 'mixed' : ([...to][0] ?? null) }];
  };
  return Object.fromEntries(await Promise.all(world.estate.names.map(({ name }) => pointed(name))));
}

/** How the client and the databases lived through a run that began at `since`. */
export async function lookAfterwards(cloud: Cloud, world: World, run: string, since: number): Promise<Seen> {
  const lease = Lease.safeParse(await readEntry(cloud, `lease/${world.estate.app}.json`));
  const entry = RunEntry.safeParse(await readEntry(cloud, `runs/${run}.json`));
  const marked = (name: string): number | null => {
    const at = entry.data?.marks.find((mark) => mark.name === name)?.at;
    return at === undefined ? null : Date.parse(at);
  };
  const verifiedAt = marked('verified');
  const last = world.client.probes.at(-1);
  const writer = lease.data?.writer ?? world.primary.id;
  const plan = entry.data?.plan == null ? undefined : Plan.safeParse(await readEntry(cloud, `plans/${entry.data.plan}.json`));
  const holdings = [...world.environments.values()].map(async (one) => [
    one.id,
    await holdingsOf(await asItStands(world, one), world.primary.id),
  ]);
  return {
    since,
    dns: await lookUpNames(cloud, world),
    probes: countProbes(world.client.probes, since),
    answeredBy: last?.trouble === null ? (world.client.acknowledged.at(-1)?.by ?? null) : null,
    lease: lease.success ? lease.data : null,
    fenced: await fencedOf(cloud, world),
    account: world.standby ? await world.account(writer) : null,
    missingFiles: await missingFilesOf(cloud, await asItStands(world, world.environments.get(writer) ?? world.primary)),
    recoverySeconds: verifiedAt === null || !entry.success ? null : (verifiedAt - Date.parse(entry.data.run.openedAt)) / 1000,
    declaredAt: marked('writer'),
    loss: plan?.success ? plan.data.loss : null,
    holdings: Object.fromEntries(await Promise.all(holdings)) as Seen['holdings'],
    instances: await lookAtInstances(cloud, world),
    ...(await keptBy(cloud)),
  };
}

async function keptBy(cloud: Cloud): Promise<Pick<Seen, 'snapshots' | 'statuses'>> {
  const { DBSnapshots = [] } = await cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual', MaxRecords: 100 });
  const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', { MaxRecords: 100 });
  return {
    snapshots: DBSnapshots.map(({ DBSnapshotIdentifier: name = '' }) => name),
    statuses: Object.fromEntries(
      DBInstances.map(({ DBInstanceIdentifier: name = '', DBInstanceStatus: status = '' }) => [name, status]),
    ),
  };
}

/** Another instance may have taken the place of the one that was founded. */
const asItStands = async (world: World, standing: Standing): Promise<Standing> => ({
  ...standing,
  cluster: await world.clusterOf(standing.id),
});

/** An environment is fenced when nothing of it that stands takes a write: neither its load balancer nor its database. */
async function fencedOf(cloud: Cloud, world: World): Promise<string[]> {
  const fenced: string[] = [];
  for (const standing of world.environments.values()) {
    const doors = [await isFencedDoor(cloud, standing), await isFencedDatabase(await asItStands(world, standing))].filter(
      (is) => is !== undefined,
    );
    if (doors.length > 0 && doors.every(Boolean)) fenced.push(standing.id);
  }
  return fenced;
}

/** Undefined when its load balancer answers nobody. */
async function isFencedDoor(cloud: Cloud, { environment }: Standing): Promise<boolean | undefined> {
  const { LoadBalancers = [] } = await cloud.call('elasticloadbalancing', 'DescribeLoadBalancers', {
    Names: [environment.web.loadBalancer],
  });
  const [loadBalancer] = LoadBalancers;
  const { Listeners = [] } = await cloud.call('elasticloadbalancing', 'DescribeListeners', {
    LoadBalancerArn: loadBalancer?.LoadBalancerArn,
  });
  const rules = Listeners.map(async ({ ListenerArn }) => {
    const { Rules = [] } = await cloud.call('elasticloadbalancing', 'DescribeRules', { ListenerArn });
    const { TagDescriptions = [] } = await cloud.call('elasticloadbalancing', 'DescribeTags', {
      ResourceArns: Rules.flatMap(({ RuleArn }) => RuleArn ?? []),
    });
    return TagDescriptions.some(({ Tags = [] }) => Tags.some(({ Key }) => Key === 'changeover:fence'));
  });
  const standing = await Promise.all(rules);
  if (standing.length === 0) return undefined;
  const [address = ''] = await resolveThrough(cloud.ground, 'resolver', loadBalancer?.DNSName ?? '', 'A');
  const answers = await Promise.all(Listeners.map(({ Port, Protocol }) => knock(cloud, address, Port ?? 0, Protocol)));
  if (answers.every((status) => status === undefined)) return undefined;
  return standing.every(Boolean) && answers.every((status) => status === 503);
}

/** What a listener answers to anybody; undefined when nobody listens. */
function knock(cloud: Cloud, address: string, port: number, protocol: string | undefined): Promise<number | undefined> {
  const place = placeOf(cloud.ground, address, port);
  if (!place) return Promise.resolve(undefined);
  return cloud.timeline.busy(
    () =>
      new Promise((resolve) => {
        // Whether its certificate is good is not what is asked here.
        const options = { host: place.host, port: place.port, path: '/', agent: false, rejectUnauthorized: false };
        const asked = (protocol === 'HTTPS' ? https : http)(options, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.once('error', () => resolve(undefined));
        asked.end();
      }),
  );
}

/** Undefined when its PostgreSQL does not run: it takes nothing, fenced or not. */
async function isFencedDatabase({ cluster, environment, roles }: Standing): Promise<boolean | undefined> {
  if (!cluster?.running) return undefined;
  const session = await cluster.open();
  try {
    const { rows } = await session.query<{ may: boolean }>("SELECT has_database_privilege($1, $2, 'CONNECT') AS may", [
      roles.application,
      environment.database.name,
    ]);
    return rows[0]?.may === false;
  } finally {
    await session.end();
  }
}

/** Null when its PostgreSQL does not run: nobody can say which files there should be. */
async function missingFilesOf(cloud: Cloud, { cluster, environment }: Standing): Promise<string[] | null> {
  if (!cluster?.running) return null;
  const session = await cluster.open(environment.database.name);
  try {
    const { rows } = await session.query<{ key: string }>('SELECT object_key AS key FROM uploads ORDER BY 1');
    const listed = new Set(await filesIn(cloud, environment.buckets.uploads));
    return rows.flatMap(({ key }) => (listed.has(key) ? [] : [key]));
  } finally {
    await session.end();
  }
}

async function holdingsOf({ cluster, environment }: Standing, primary: string): Promise<Holdings | null> {
  if (!cluster?.running) return null;
  const session = await cluster.open();
  try {
    const { rows } = await session.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', $1) ORDER BY 1`,
      [ADMIN],
    );
    const databases = rows.map(({ name }) => name);
    const { name } = environment.database;
    return { databases, heartbeat: databases.includes(name) ? await newestBeat(await cluster.open(name), primary) : null };
  } finally {
    await session.end();
  }
}

async function newestBeat(session: Client, environment: string): Promise<number | null> {
  try {
    const sql = 'SELECT max(written_at) AS at FROM changeover_heartbeat WHERE environment = $1';
    const { rows } = await session.query<{ at: Date | null }>(sql, [environment]);
    return rows[0]?.at?.getTime() ?? null;
  } finally {
    await session.end();
  }
}

export function judgeAfterwards(expected: Afterwards, seen: Seen, succeeded: boolean): string[] {
  const red: string[] = [];
  const { writer, dns: names = {}, fenced, lease, acknowledged, files } = expected;
  if (writer !== undefined && seen.lease !== null && seen.lease.writer !== writer)
    red.push(`the lease says that ${seen.lease.writer} is the writer, expected ${writer}`);
  if (writer !== undefined && succeeded && seen.answeredBy !== writer)
    red.push(`a write through the public name was answered by ${seen.answeredBy ?? 'nobody'}, expected ${writer}`);
  for (const [name, to] of Object.entries(names)) {
    const found = seen.dns[name]?.to ?? null;
    if (found !== to) red.push(`${name} points to ${found ?? 'nobody'}, expected ${to}`);
  }
  if (fenced && [...fenced].sort().join() !== [...seen.fenced].sort().join())
    red.push(`fenced: ${seen.fenced.join(', ') || 'nobody'}, expected ${fenced.join(', ') || 'nobody'}`);
  if (lease && (seen.lease?.holder !== lease.holder || seen.lease.epoch !== lease.epoch))
    red.push(`the lease is ${JSON.stringify(seen.lease)}, expected epoch ${lease.epoch} and nobody holding it`);
  if (acknowledged === 'accounted') red.push(...judgeAccount(seen));
  if (files === 'present' && seen.missingFiles === null)
    red.push('the database of the writer does not run, so its files are unknown');
  if (files === 'present' && seen.missingFiles && seen.missingFiles.length > 0)
    red.push(`rows of the writer name files that its bucket has not: ${seen.missingFiles.join(', ')}`);
  if (expected.kept) red.push(...judgeAtRest(seen));
  return [
    ...red,
    ...judgeHoldings(expected, seen),
    ...judgeInstances(expected.instances ?? {}, seen.instances),
    ...judgeKept(expected, seen),
  ];
}

/** An application beats every ten seconds: a copy that was made since has a beat that is hardly older than its run. */
const NEWEST_BEAT_SECONDS = 60;

function judgeHoldings({ copy, databases = {} }: Afterwards, { holdings, since }: Seen): string[] {
  const red: string[] = [];
  const held = copy && holdings[copy.to];
  if (copy && !held) red.push(`the database of ${copy.to} does not run, so nobody knows what copy it has`);
  if (copy && held) {
    const { heartbeat } = held;
    const is = heartbeat !== null && heartbeat >= since - NEWEST_BEAT_SECONDS * 1000 ? 'new' : 'old';
    const newest = heartbeat === null ? 'none' : new Date(heartbeat).toISOString();
    if (is !== copy.is) red.push(`the copy on ${copy.to} is ${is} (newest heartbeat: ${newest}), expected ${copy.is}`);
  }
  for (const [environment, expected] of Object.entries(databases)) {
    const found = holdings[environment]?.databases;
    if (!found || !areThese(found, expected))
      red.push(`databases of ${environment}: ${found?.join(', ') ?? 'unknown'}, expected ${expected.join(', ') || 'none'}`);
  }
  return red;
}

function judgeKept({ snapshots, aside = {} }: Afterwards, seen: Pick<Seen, 'snapshots' | 'statuses'>): string[] {
  const red: string[] = [];
  if (snapshots && !areThese(seen.snapshots, snapshots, /^[0-9a-f]+$/))
    red.push(`snapshots: ${seen.snapshots.join(', ') || 'none'}, expected ${snapshots.join(', ') || 'none'}`);
  for (const [name, expected] of Object.entries(aside)) {
    const found = seen.statuses[name] ?? 'gone';
    if (found !== expected) red.push(`${name} is ${found}, expected ${expected}`);
  }
  return red;
}

/** One by one, the names that are said whole first. */
function areThese(found: readonly string[], expected: readonly string[], ending = /^\d+$/): boolean {
  const left = new Set(found);
  for (const said of expected.toSorted((one, other) => Number(one.endsWith('*')) - Number(other.endsWith('*')))) {
    const begins = said.endsWith('*') ? said.slice(0, -1) : undefined;
    const met = [...left].find((name) =>
      begins === undefined ? name === said : name.startsWith(begins) && ending.test(name.slice(begins.length)),
    );
    if (met === undefined) return false;
    left.delete(met);
  }
  return left.size === 0;
}

/** As long as a connection may take to be opened again. */
const LONGEST_OUTAGE_MILLISECONDS = 1000;

/** What somebody read all the while, held against what the situation says they see. */
export function judgeReading({ reader }: Afterwards, reading: Reading | null): string[] {
  if (!reader) return [];
  if (!reading) return ['nobody read'];
  const { of, halves, longestOutageMs, states } = reading;
  const red: string[] = [];
  const seen = states.map(({ name }) => name);
  if (seen.join() !== reader.sees.join())
    red.push(`who read ${of} saw ${seen.join(', ') || 'nothing'}, expected ${reader.sees.join(', ')}`);
  if (halves.length > 0)
    red.push(`who read ${of} saw ${halves.length} times what nobody committed: ${[...new Set(halves)].join('; ')}`);
  if (longestOutageMs > LONGEST_OUTAGE_MILLISECONDS) red.push(`who read ${of} was not answered for ${longestOutageMs} ms`);
  return red;
}

function judgeAccount({ account, lease, declaredAt, loss }: Seen): string[] {
  if (!account) return ['there is no standby to account with'];
  const red: string[] = [];
  const nowhere = account.lost.filter(({ stillOn }) => stillOn.length === 0);
  if (nowhere.length > 0) red.push(`acknowledged and in no database: ${numbersOf(nowhere)}`);
  if (account.doubled.length > 0) red.push(`written twice: ${account.doubled.join(', ')}`);
  const late = account.lost.filter(({ at, by }) => by === lease?.writer || (declaredAt !== null && at > declaredAt));
  if (late.length > 0) red.push(`acknowledged and not where it belongs, after the writer was declared: ${numbersOf(late)}`);
  if (account.lost.length > 0 && (loss === null || loss.how === 'none'))
    red.push(`${account.lost.length} acknowledged writes are not with the writer, and the plan told of no loss`);
  if (loss?.how === 'measured' && (loss.rows ?? 0) < account.lost.length)
    red.push(`${account.lost.length} acknowledged writes are not with the writer, and the plan told of ${loss.rows ?? 0}`);
  return red;
}

/** What comes back is older than what people wrote: of that nothing is gone, and the approver was told how much it is. */
function judgeAtRest({ account, loss }: Seen): string[] {
  if (!account) return ['there is no standby to account with'];
  const gone = account.lost.filter(({ stillOn }) => stillOn.length === 0);
  return [
    ...(gone.length > 0 ? [`acknowledged, and neither with the writer nor on a shelf: ${numbersOf(gone)}`] : []),
    ...(account.doubled.length > 0 ? [`written twice: ${account.doubled.join(', ')}`] : []),
    ...(account.lost.length > 0 && loss?.how === 'none'
      ? [`${account.lost.length} writes went on the shelf, and the plan told of none`]
      : []),
  ];
}

const numbersOf = (writes: readonly { readonly number: string }[]): string => writes.map(({ number }) => number).join(', ');
