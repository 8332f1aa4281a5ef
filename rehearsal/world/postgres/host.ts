// The clusters of one cloud: made from the template or as physical copies of each other, all ended with their host.
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWarden, type Warden } from '../../host/warden.ts';
import type { Authority, Cluster, ClusterOptions, PostgresHost } from '../contract.ts';
import { createCluster, type OwnCluster } from './cluster.ts';
import { copyCluster, copyFolder } from './copying.ts';
import { identifierOf, restamp } from './identity.ts';
import { holdInstallation, type Installation } from './installation.ts';
import { ADMIN, masterSql, passwordSql, pgHbaConf, postgresqlConf } from './settings.ts';

export interface PostgresHostOptions {
  /** Of the caller's, short and traversable by everybody. */
  readonly folder: string;
  /** Issues the clusters' certificates. */
  readonly authority: Authority;
  readonly now?: () => number;
}

type Fill = (data: string, installation: Installation) => Promise<string | undefined>;

/** A socket's path has 104 bytes on macOS, four more on Linux. */
const LONGEST_SOCKET = 103;

export function createPostgresHost({ folder, authority, now = Date.now }: PostgresHostOptions): PostgresHost {
  const hold = holdInstallation();
  const clusters = new Map<Cluster, OwnCluster>();
  const underWay = new Set<Promise<unknown>>();
  const folders: string[] = [];
  let warden: Warden | undefined;
  let stopped = false;

  async function build(options: ClusterOptions, fill: Fill, master: readonly string[]): Promise<Cluster> {
    requireMaster(options.master.username);
    const installation = await hold.ready();
    requireStanding();
    const own = join(folder, String(folders.length + 1));
    folders.push(own);
    requireShort(own);
    try {
      const data = join(own, 'data');
      await makeOwn(own, installation);
      const label = await fill(data, installation).catch((error: unknown) => {
        throw new Error(`PostgreSQL of ${options.name} could not be laid out in ${own}: ${(error as Error).message}`, {
          cause: error,
        });
      });
      const pair = await authority.issue([options.endpoint]);
      const files: [string, string][] = [
        ['postgresql.conf', postgresqlConf(own)],
        ['pg_hba.conf', pgHbaConf],
        ['server.crt', pair.certificate],
        ['server.key', pair.key],
        ...(label === undefined ? [] : [['backup_label', label] as [string, string]]),
      ];
      for (const [name, text] of files) await put(join(data, name), text, installation);
      requireStanding();
      warden ??= createWarden('QUIT');
      const cluster = await createCluster({ name: options.name, folder: own, installation, warden });
      clusters.set(cluster, cluster);
      await cluster.start();
      await giveMaster(cluster, options, master);
      return cluster;
    } catch (error) {
      await rm(own, { recursive: true, force: true });
      throw error;
    }
  }
  const requireStanding = (): void => {
    if (stopped) throw new Error('the PostgreSQL host was stopped');
  };
  const counted = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    work.catch(() => undefined).finally(() => underWay.delete(work));
    return work;
  };

  return {
    create: (options) =>
      counted(
        build(
          options,
          async (data, { template, account }) => {
            await copyFolder(template, data, account);
            await restamp(data, identifierOf(options.endpoint, now()));
            return undefined;
          },
          masterSql,
        ),
      ),
    copy(from, options) {
      const source = clusters.get(from);
      if (!source) return Promise.reject(new Error(`${from.name} is no cluster of this host`));
      const fill: Fill = async (data, { account }) => (await copyCluster(source, data, account)).label;
      return counted(build(options, fill, passwordSql));
    },
    async stop() {
      stopped = true;
      await Promise.allSettled(underWay);
      await Promise.all([...clusters.values()].map((cluster) => cluster.stop('immediate')));
      clusters.clear();
      warden?.dismiss();
      await Promise.all(folders.splice(0).map((own) => rm(own, { recursive: true, force: true })));
      await hold.release();
    },
  };
}

/** A folder of PostgreSQL's own: its sockets let anybody in who gets as far. */
async function makeOwn(folder: string, { account }: Installation): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (account) await chown(folder, account.uid, account.gid);
}

async function put(path: string, text: string, { account }: Installation): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (account) await chown(path, account.uid, account.gid);
}

async function giveMaster(cluster: OwnCluster, { master, name }: ClusterOptions, statements: readonly string[]): Promise<void> {
  const session = await cluster.open();
  try {
    const known = await session.query('SELECT FROM pg_roles WHERE rolname = $1', [master.username]);
    if (statements === passwordSql && known.rowCount === 0)
      throw new Error(`${name}: a copy keeps the master of what it was copied from, and that is not ${master.username}`);
    for (const statement of statements) {
      const values = [statement, master.username, master.password, 'infinity'];
      const { rows } = await session.query<{ sql: string }>('SELECT format($1, $2::text, $3::text, $4::text) AS sql', values);
      await session.query(rows[0]?.sql ?? '');
    }
  } finally {
    await session.end();
  }
}

function requireMaster(username: string): void {
  if (!/^[a-z_][a-z0-9_]{0,62}$/i.test(username) || /^(pg_|rds|public$)/i.test(username))
    throw new Error(`a master is named by letters, digits and underscores, and by no name of RDS's own as ${ADMIN}: ${username}`);
}

function requireShort(folder: string): void {
  const longest = join(folder, '.s.PGSQL.65535');
  if (Buffer.byteLength(longest) > LONGEST_SOCKET)
    throw new Error(
      `PostgreSQL's socket would be ${longest}, longer than the ${LONGEST_SOCKET} bytes a socket's path may have: set TMPDIR to a shorter folder`,
    );
}
