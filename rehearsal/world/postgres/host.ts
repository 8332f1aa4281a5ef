// The clusters of one cloud: made from the template or as physical copies of each other, all ended with their host.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createWarden, type Warden } from '../../host/warden.ts';
import type { Archive, Authority, Cluster, ClusterOptions, Image, Place, PostgresHost } from '../contract.ts';
import { createArchive, makeFolder, type OwnArchive, restoreFrom } from './archive.ts';
import { createCluster, type OwnCluster } from './cluster.ts';
import { copyCluster } from './copying.ts';
import { identifierOf } from './identity.ts';
import { layOrigin, originOf, type OwnImage, takeImage } from './images.ts';
import { holdInstallation, type Installation } from './installation.ts';
import { type Beginning, layOut, putPair, replayTo, rise } from './laying.ts';
import { following, promote, streams, untilItStreams } from './replica.ts';
import { ADMIN, masterSql, passwordSql } from './settings.ts';

export interface PostgresHostOptions {
  /** Of the caller's, short and traversable by everybody. */
  readonly folder: string;
  /** Issues the clusters' certificates. */
  readonly authority: Authority;
  readonly now?: () => number;
  /** The wall's instant until which the timeline was no later than this one. */
  readonly wallAt?: (instant: number) => number;
}

/** Fills the folder of the data and says how its server begins. */
type Fill = (data: string, installation: Installation, archive: OwnArchive) => Promise<Filled>;
interface Filled extends Beginning {
  /** Whose number a cluster has that can be made again from its archive alone. */
  readonly identifier?: bigint | undefined;
}

/** All a host knows of a cluster. */
interface Known {
  readonly own: OwnCluster;
  readonly cluster: Cluster;
  readonly archive: OwnArchive;
  readonly identifier: bigint | undefined;
}

/** A socket's path has 104 bytes on macOS, four more on Linux. */
const LONGEST_SOCKET = 103;

export function createPostgresHost(options: PostgresHostOptions): PostgresHost {
  const { folder, authority, now = Date.now, wallAt = (instant: number) => instant + 1 } = options;
  const hold = holdInstallation();
  const clusters = new Map<Cluster, Known>();
  const images = new Map<Image, OwnImage>();
  const archives = new Map<Archive, OwnArchive>();
  const underWay = new Set<Promise<unknown>>();
  const folders: string[] = [];
  let warden: Warden | undefined;
  let stopped = false;

  const requireStanding = (): void => {
    if (stopped) throw new Error('the PostgreSQL host was stopped');
  };
  const counted = <T>(work: () => Promise<T>): Promise<T> => {
    const begun = work();
    underWay.add(begun);
    begun.catch(() => undefined).finally(() => underWay.delete(begun));
    return begun;
  };
  function nextFolder(kind = ''): string {
    const next = join(folder, `${kind}${folders.length + 1}`);
    folders.push(next);
    return next;
  }
  function knownOf(cluster: Cluster): Known {
    const known = clusters.get(cluster);
    if (!known) throw new Error(`${cluster.name} is no cluster of this host`);
    return known;
  }

  async function build(place: Place, fill: Fill, settle: (own: OwnCluster) => Promise<void> = nothing): Promise<Known> {
    const installation = await hold.ready();
    requireStanding();
    const home = nextFolder();
    requireShort(home);
    const data = join(home, 'data');
    await makeFolder(home, installation.account);
    const archive = await createArchive(nextFolder('wal'), data, installation.account);
    warden ??= createWarden('QUIT');
    const own = await createCluster({ name: place.name, folder: home, installation, warden });
    try {
      const filled = await fill(data, installation, archive).catch((error: unknown) => {
        throw new Error(`PostgreSQL of ${place.name} could not be laid out in ${home}: ${(error as Error).message}`, {
          cause: error,
        });
      });
      await layOut(data, await authority.issue([place.endpoint]), filled, installation);
      requireStanding();
      await rise({ cluster: own, home, archive, installation }, filled);
      await settle(own);
      return know(own, home, archive, filled.identifier);
    } catch (error) {
      await own.stop('immediate');
      await Promise.all([rm(home, { recursive: true, force: true }), archive.remove()]);
      throw error;
    }
  }
  function know(own: OwnCluster, home: string, archive: OwnArchive, identifier: bigint | undefined): Known {
    const origin = identifier === undefined ? undefined : originOf(identifier, Date.now());
    if (origin) images.set(origin, origin);
    archives.set(archive, archive);
    const remove = async (): Promise<void> => {
      await own.stop('immediate');
      await own.still(() => archive.close());
      clusters.delete(cluster);
      await rm(home, { recursive: true, force: true });
    };
    const cluster: Cluster = Object.assign(own, { archive, origin, remove });
    const known: Known = { own, cluster, archive, identifier };
    clusters.set(cluster, known);
    return known;
  }

  /** What a copy archives goes on where its source's log was when it was taken. */
  const copyOf =
    (source: Known): Fill =>
    async (data, { account }, archive) => {
      const copied = await copyCluster(source.own, data, account);
      await source.archive.handOut(archive.folder, copied.last);
      return { label: copied.label, identifier: source.identifier };
    };

  return {
    create: (given) =>
      counted(async () => {
        requireMaster(given.master.username);
        const identifier = identifierOf(given.endpoint, now());
        const fill: Fill = async (data, installation) => {
          await layOrigin(identifier, data, installation);
          return { identifier };
        };
        return (await build(given, fill, (own) => giveMaster(own, given, masterSql))).cluster;
      }),
    copy: (from, given) =>
      counted(async () => {
        requireMaster(given.master.username);
        return (await build(given, copyOf(knownOf(from)), (own) => giveMaster(own, given, passwordSql))).cluster;
      }),
    certify: (cluster, endpoint) =>
      counted(async () => {
        const { own } = knownOf(cluster);
        await putPair(own.data, await authority.issue([endpoint]), await hold.ready());
      }),
    image: (from) =>
      counted(async () => {
        const { own } = knownOf(from);
        const image = await takeImage(own, nextFolder('image'), await hold.ready());
        images.set(image, image);
        return image;
      }),
    restore: (from, { replay, ...place }) =>
      counted(async () => {
        const image = images.get(from);
        if (!image) throw new Error(`what ${place.name} is to be restored from is no image of this host`);
        const log = replay && archives.get(replay.archive);
        if (replay && !log) throw new Error(`what ${place.name} is to replay is no archive of this host`);
        if (!replay && image.bytes === 0) throw new Error(`${place.name}: how a cluster began is nothing without its archive`);
        const wall = replay && wallAt(replay.to);
        if (wall !== undefined && wall < image.until)
          throw new Error(`${place.name} cannot be restored to an instant before the end of the image it is restored from`);
        const parts = log && nextFolder('replay');
        const fill: Fill = async (data, installation) => {
          await image.lay(data, installation);
          if (!log || parts === undefined || wall === undefined) return {};
          await makeFolder(parts, installation.account);
          await log.handOut(parts);
          return replayTo(wall, restoreFrom(parts));
        };
        try {
          return (await build(place, fill)).cluster;
        } finally {
          if (parts !== undefined) await rm(parts, { recursive: true, force: true });
        }
      }),
    replicate: (from, place) =>
      counted(async () => {
        const source = knownOf(from);
        if (!from.running) throw new Error(`${from.name} does not run: nothing streams from it`);
        const fill: Fill = async (data, { account }) => {
          const { label } = await copyCluster(source.own, data, account);
          return { label, ...following(source.own, source.archive.source) };
        };
        const { cluster, own } = await build(place, fill, untilItStreams);
        return Object.assign(cluster, { streams: () => streams(own), promote: () => promote(own) });
      }),
    async stop() {
      stopped = true;
      await Promise.allSettled(underWay);
      await Promise.all([...clusters.values()].map(({ own }) => own.stop('immediate')));
      clusters.clear();
      warden?.dismiss();
      await Promise.all(folders.splice(0).map((own) => rm(own, { recursive: true, force: true })));
      await hold.release();
    },
  };
}

const nothing = (): Promise<void> => Promise.resolve();

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
