// Founds a world on an empty cloud and lets it live up to the moment the story begins: databases, applications, doors, names, and a
// client that writes all the while.
import type { Environment, Estate } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import { foundAside, type Used } from './aside.ts';
import { startApplication, type Application } from '../app/app.ts';
import type { DatabaseAccess } from '../app/database.ts';
import type { UploadStore } from '../app/routes.ts';
import { NEXT_MIGRATION } from '../app/schema.ts';
import { createChat, type Chat } from '../chat/chat.ts';
import type { ChatMessage } from '../chat/message.ts';
import { accountFor, createClient, type Account, type Book, type WorldClient } from '../client.ts';
import type { Cluster } from '../contract.ts';
import { startReader, type Reader } from '../reader.ts';
import {
  applyMigration,
  cutSessions,
  foundDatabase,
  instantOf,
  marksOf,
  runSql,
  setPasswords,
  writeAsOwner,
  type Passwords,
  type Roles,
} from './database.ts';
import { plantLedger, type MadeCopy } from './ledger.ts';
import { foundNames } from './names.ts';
import { accessAt, clusterNow, findAccess, foundPointers, shelvesOf } from './pointers.ts';
import { createSessions, type Idle, type Place } from './sessions.ts';
import { copyFiles, foundChannels, foundParameters, foundUploads, putSecret, removeFiles } from './surroundings.ts';
import { foundWeb, type Doors } from './web.ts';
import {
  environmentOf,
  isCopied,
  requireEstate,
  WRITING_BEFORE_COPY_SECONDS,
  type Deed,
  type EnvironmentWorld,
  type WorldFile,
} from './world-file.ts';

/** One environment as it stands. */
export interface Standing {
  readonly id: string;
  readonly environment: Environment;
  readonly world: EnvironmentWorld;
  /** The public name of its database. */
  readonly endpoint: string;
  readonly roles: Roles;
  readonly application: Application;
  readonly doors: Doors;
  /** Undefined while it waits for the copy it is to be. */
  cluster: Cluster | undefined;
}

export interface World {
  readonly file: WorldFile;
  readonly estate: Estate;
  readonly environments: ReadonlyMap<string, Standing>;
  readonly client: WorldClient;
  readonly chat: Chat;
  /** When each deed of the file was begun, in its order. */
  readonly deedsAt: readonly number[];
  /** `host:port` of the authoritative name server. */
  readonly dns: string;
  readonly primary: Standing;
  readonly standby: Standing | undefined;
  /** What only a deployed service has a place for: the ledger's entries. */
  plant(): Promise<void>;
  /** The instant since which the client's probes count; it goes on writing. */
  begin(): number;
  /** An environment's application and PostgreSQL go away, as far as `what` says. */
  lose(id: string, what: Pick<EnvironmentWorld, 'database' | 'application' | 'loadBalancer'>): Promise<void>;
  /** Whatever of it was lost stands again. */
  mend(id: string): Promise<void>;
  /** What an environment's database stands on by now. */
  clusterOf(id: string): Promise<Cluster | undefined>;
  /** SQL as the owner of its database, past the application and whatever fence. */
  write(id: string, sql: string, into?: Cluster): Promise<void>;
  /** Through its application, by whatever door. */
  upload(id: string, count: number): Promise<void>;
  /** Files vanish from its bucket. */
  remove(id: string, count: number | 'all'): Promise<void>;
  /** Somebody's session in its database stands open from now on. */
  enter(id: string, how: Idle): Promise<void>;
  /** SQL as the owner of its database, in a transaction that is open for so long. */
  migrate(id: string, sql: string, seconds: number): Promise<void>;
  /** Somebody reads its database from now on. */
  read(id: string): Promise<Reader>;
  /** Where each acknowledged write is, from the databases themselves. */
  account(writer: string): Promise<Account>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly onMessage?: (message: ChatMessage) => void;
  readonly dnsPort?: number;
}

const MASTER = 'postgres';
const BUILD = '2026.01.12-1';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const UPLOADS_BEFORE_COPY = 2;
const UPLOADS_AFTER_COPY = 3;

export async function buildWorld(cloud: Cloud, estate: Estate, file: WorldFile, options: WorldOptions = {}): Promise<World> {
  requireEstate(file, estate);
  const { ground, timeline } = cloud;
  const postgres = cloud.services.rds.own.host;
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  cloud.whenEnding(stop);

  const roleOf = (role: Environment['role']): string | undefined =>
    Object.entries(estate.environments).find(([, environment]) => environment.role === role)?.[0];
  const apiName = estate.names.find(({ needs }) => needs.api) ?? estate.names[0];
  const primaryId = roleOf('primary');
  if (primaryId === undefined || !apiName) throw new Error('a world needs a primary and a public name');

  const dns = await cloud.services.route53.own.dns({
    resolvers: estate.resolvers,
    ...(options.dnsPort !== undefined && { port: options.dnsPort }),
  });
  const chat = await createChat(ground, (message) => options.onMessage?.(message));
  started.push(() => chat.stop());
  await foundChannels(cloud, estate, chat);

  const passwords = new Map<string, Passwords & { readonly master: string }>();
  const accesses = new Map<string, DatabaseAccess>();
  for (const [id, { database }] of Object.entries(estate.environments)) {
    const own = { owner: secretText(cloud), application: secretText(cloud), master: secretText(cloud) };
    const endpoint = cloud.services.rds.own.endpointOf(database.instance);
    passwords.set(id, own);
    accesses.set(id, accessAt(endpoint, database, own.application, cloud));
    const where = { engine: 'postgres', host: endpoint, port: 5432, dbname: database.name };
    const identifier = { dbInstanceIdentifier: database.instance };
    await putSecret(cloud, database.secrets.master, { username: MASTER, password: own.master, ...where, ...identifier });
    await foundPointers(cloud, database, endpoint);
    await putSecret(cloud, database.secrets.application, { username: database.application, password: own.application, ...where });
  }

  const environments = new Map<string, Standing>();
  for (const [id, environment] of Object.entries(estate.environments)) {
    const world = environmentOf(file, id);
    const database = accesses.get(world.appDatabase ?? id);
    const own = accesses.get(id);
    if (!database || !own) throw new Error(`${id} has no database`);
    const reads = estate.environments[world.appDatabase ?? id]?.database ?? environment.database;
    const find = (): Promise<DatabaseAccess> => findAccess(cloud, reads);
    const application = await startEnvironment({ cloud, estate, id, environment, world, database, find });
    started.push(() => application.stop());
    const doors = await foundWeb(cloud, estate, { id, world, application });
    const roles = { master: MASTER, owner: environment.database.owner, application: environment.database.application };
    environments.set(id, { id, environment, world, endpoint: own.endpoint, roles, application, doors, cluster: undefined });
  }
  const standing = (id: string): Standing => {
    const found = environments.get(id);
    if (!found) throw new Error(`there is no environment ${id}`);
    return found;
  };
  foundNames(cloud, estate, file, new Map([...environments].map(([id, { doors }]) => [id, doors])));

  const rise = async (id: string, copyOf?: Cluster): Promise<Cluster> => {
    const own = standing(id);
    const { database } = own.environment;
    const secrets = passwords.get(id) ?? { owner: '', application: '', master: '' };
    const given = { name: database.instance, endpoint: own.endpoint, master: { username: MASTER, password: secrets.master } };
    const cluster = await (copyOf ? postgres.copy(copyOf, given) : postgres.create(given));
    if (copyOf) await setPasswords(cluster, own.roles, secrets);
    else {
      const at = new Date(timeline.now());
      const { locale } = own.world;
      await foundDatabase(cluster, { name: database.name, roles: own.roles, passwords: secrets, rows: file.rows, at, locale });
    }
    const { subnets, securityGroups } = own.environment.network;
    const { storageGigabytes: allocatedStorageGigabytes } = own.world;
    await cloud.services.rds.own.found({
      identifier: database.instance,
      cluster,
      databaseName: database.name,
      masterUsername: MASTER,
      subnets,
      securityGroups,
      ...(allocatedStorageGigabytes !== undefined && { allocatedStorageGigabytes }),
    });
    own.cluster = cluster;
    return cluster;
  };

  const client = createClient({ ground, authority: cloud.authorities.public.pem, name: apiName.name });
  started.push(() => Promise.resolve(client.rest()));
  const sessions = createSessions(timeline);
  started.push(() => sessions.end());
  const beganAt = timeline.now();
  const copies: MadeCopy[] = [];
  const primary = standing(primaryId);
  const source = await timeline.busy(() => rise(primaryId));
  const visit = (most?: number): void => {
    if (file.visitors === 'writing') client.begin(most);
  };
  visit(LIVED_THROUGH_BEFORE);
  await timeline.leapTo(beganAt + WRITING_BEFORE_COPY_SECONDS * 1000);
  await timeline.busy(async () => {
    await upload(primary, UPLOADS_BEFORE_COPY);
    for (const id of environments.keys()) {
      if (id === primaryId) continue;
      const copied = isCopied(estate, id, file.environments);
      const at = timeline.now();
      const { name } = primary.environment.database;
      const since = await instantOf(source, name);
      const cluster = await rise(id, copied ? source : undefined);
      if (copied) await copyFiles(cloud, primary.environment.buckets.uploads, standing(id).environment.buckets.uploads);
      if (copied) copies.push({ from: primaryId, to: id, at, since, tables: await marksOf(cluster, name) });
    }
    await upload(primary, UPLOADS_AFTER_COPY);
    for (const { world, cluster, environment, roles } of environments.values())
      if (world.migratedSinceCopy && cluster)
        await applyMigration(cluster, environment.database.name, roles, NEXT_MIGRATION, new Date(timeline.now()));
    for (const { world, cluster, environment, roles } of environments.values())
      if (cluster) await runSql(cluster, environment.database.name, roles, world.sql);
  });

  async function lose(id: string, what: Pick<EnvironmentWorld, 'database' | 'application' | 'loadBalancer'>): Promise<void> {
    const { application, environment, endpoint, cluster } = standing(id);
    const { rds, elasticloadbalancing } = cloud.services;
    // What is known of targets until now was found out before.
    await elasticloadbalancing.own.settle();
    if (what.application === 'down') await application.stop();
    if (what.database === 'down') await rds.own.lose(environment.database.instance);
    if (what.database === 'unreachable') {
      ground.unpublish(`postgres://${endpoint}:5432`);
      // No packet gets through on the connections that stand, either.
      if (cluster) await cutSessions(cluster);
    }
    if (what.loadBalancer === 'lost') await elasticloadbalancing.own.lose(environment.web.loadBalancer);
  }

  const used = (id: string): Used => {
    const { cluster, environment } = standing(id);
    if (!cluster) throw new Error(`${id} has no cluster`);
    const { database, network } = environment;
    return { cluster, databaseName: database.name, masterUsername: MASTER, master: passwords.get(id)?.master ?? '', ...network };
  };
  const storyAt = beganAt + (WRITING_BEFORE_COPY_SECONDS + Math.max(file.copy.ageSeconds, file.outageSeconds)) * 1000;
  const deedsAt: number[] = [];
  for (const deed of file.deeds.toSorted((one, other) => other.secondsAgo - one.secondsAgo)) {
    await timeline.leapTo(storyAt - deed.secondsAgo * 1000);
    deedsAt[file.deeds.indexOf(deed)] = timeline.now();
    await timeline.busy(() => doBefore(cloud, standing(deed.of), deed));
  }
  await timeline.leapTo(Math.max(timeline.now(), storyAt - file.outageSeconds * 1000));
  await timeline.busy(() => foundAside(cloud, estate, file, postgres, used));
  for (const { id, world } of environments.values()) await timeline.busy(() => lose(id, world));
  for (const service of file.silent) chat.silence(service, 'refused');
  if (file.rds.snapshots === 'never') cloud.services.rds.own.stallSnapshots();
  if (file.names.insync !== undefined) cloud.services.route53.own.insyncSeconds(file.names.insync);
  await timeline.leapTo(storyAt);

  /** What its database stands on by now: another instance may have taken the place of the one that was founded. */
  const now = async ({ id, environment }: Standing): Promise<Cluster> => {
    const cluster = await clusterNow(cloud, environment.database);
    if (cluster) return cluster;
    throw new Error(`${id} has no cluster`);
  };
  const bookOf = async (own: Standing): Promise<Book> => ({
    environment: own.id,
    cluster: await now(own),
    database: own.environment.database.name,
  });
  /** Who comes by its public door: the application, unless the owner is named. */
  const doorOf = (id: string, as: 'application' | 'owner' = 'application'): Place => {
    const { cluster, roles } = standing(id);
    const [access, password] = [accesses.get(id), passwords.get(id)?.[as]];
    if (!cluster || !access || password === undefined) throw new Error(`${id} has no database`);
    return { cluster, access: { ...access, username: roles[as], password } };
  };
  const standbyId = roleOf('standby');
  const standby = standbyId === undefined ? undefined : standing(standbyId);
  return {
    file,
    estate,
    environments,
    client,
    chat,
    deedsAt,
    dns: `${dns.authority.host}:${dns.authority.port}`,
    primary,
    standby,
    plant: () => plantLedger(cloud, estate, file, copies),
    begin() {
      visit();
      return timeline.now();
    },
    lose,
    async mend(id) {
      const { application, environment, cluster } = standing(id);
      if (cluster && !cluster.running) await cloud.services.rds.own.regain(environment.database.instance);
      await application.start();
    },
    clusterOf: (id) => clusterNow(cloud, standing(id).environment.database),
    async write(id, sql, into) {
      const { environment, roles } = standing(id);
      await writeAsOwner(into ?? (await now(standing(id))), environment.database.name, roles, sql);
    },
    upload: (id, count) => upload(standing(id), count),
    remove: (id, count) => removeFiles(cloud, standing(id).environment.buckets.uploads, count),
    enter: (id, how) => sessions.open(doorOf(id), how),
    migrate: (id, sql, seconds) => sessions.migrate(doorOf(id, 'owner'), sql, seconds),
    async read(id) {
      const reader = await startReader(doorOf(id).access, id, primaryId);
      started.push(() => reader.rest().then(() => undefined));
      return reader;
    },
    async account(writer) {
      if (!standby) throw new Error('the estate has no standby: there is nowhere else for a write to be');
      const books = {
        primary: await bookOf(primary),
        standby: await bookOf(standby),
        shelves: await shelvesOf(cloud, primary),
        writer,
      };
      return timeline.busy(() => accountFor(client.acknowledged, books));
    },
    stop,
  };
}

/** Before the story a few tries at the end of each wait are enough. */
const LIVED_THROUGH_BEFORE = 4;

const secretText = (cloud: Cloud): string => cloud.ground.token(30, LETTERS);

interface EnvironmentGiven {
  readonly cloud: Cloud;
  readonly estate: Estate;
  readonly id: string;
  readonly environment: Environment;
  readonly world: EnvironmentWorld;
  readonly database: DatabaseAccess;
  readonly find: () => Promise<DatabaseAccess>;
}

async function startEnvironment({
  cloud,
  estate,
  id,
  environment,
  world,
  database,
  find,
}: EnvironmentGiven): Promise<Application> {
  const origin = (name: string): string => `https://${name.replace(/\.$/, '')}`;
  const corsOrigins = estate.names.filter(({ needs }) => needs.frontEnd).map(({ name }) => origin(name));
  const apiUrl = origin((estate.names.find(({ needs }) => needs.api && !needs.frontEnd) ?? estate.names[0])?.name ?? '');
  const uploads: UploadStore = await foundUploads(cloud, environment.buckets.uploads);
  await foundParameters(cloud, environment.parameters, {
    'api-url': apiUrl,
    'cors-origins': corsOrigins.join(',') || 'none',
    'uploads-bucket': environment.buckets.uploads,
  });
  return startApplication({
    environment: id,
    build: BUILD,
    timeline: cloud.timeline,
    database,
    find,
    uploads,
    apiUrl,
    corsOrigins,
    frontEnd: world.frontEnd,
    paths: estate.application,
    uuid: cloud.ground.uuid,
  });
}

/** A database that is away takes no deed: what is down went down last of all. */
async function doBefore(cloud: Cloud, { environment, cluster, roles }: Standing, deed: Deed): Promise<void> {
  const { instance, name } = environment.database;
  if ('snapshot' in deed) {
    await cloud.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: instance, DBSnapshotIdentifier: deed.snapshot });
    return;
  }
  if (!cluster) throw new Error(`${deed.of} has no cluster`);
  await writeAsOwner(cluster, name, roles, deed.sql);
}

async function upload({ application }: Standing, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    const answer = await fetch(`${application.url}/api/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: `what somebody uploaded, number ${n}`,
    });
    if (answer.status !== 201) throw new Error(`the application did not take an upload: ${answer.status} ${await answer.text()}`);
  }
}
