// A physical copy of a cluster, taken while it runs or while it stands still, as a storage snapshot is.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { OwnCluster } from './cluster.ts';
import { run } from './commands.ts';

export interface Copied {
  /** What the copy must be told before it starts: where to begin with the WAL. Nothing for one taken at rest. */
  readonly label: string | undefined;
  /** The last segment it needs, of which nothing is left to be written; all there are of one taken at rest. */
  readonly last: string | undefined;
  /** The wall's instant by which all of it was committed. */
  readonly until: number;
}

export function copyFolder(from: string, to: string, account: Account | undefined): Promise<string> {
  return run({ program: 'cp', args: ['-R', from, to], account });
}

export function copyCluster(from: OwnCluster, to: string, account: Account | undefined): Promise<Copied> {
  return from.still(async () => {
    const copied = from.running ? await copyRunning(from, to, account) : await copyResting(from, to, account);
    await Promise.all(['postmaster.pid', 'postmaster.opts'].map((name) => rm(join(to, name), { force: true })));
    return copied;
  });
}

/** Also one that crashed: the copy recovers as the original would. */
async function copyResting({ data }: OwnCluster, to: string, account: Account | undefined): Promise<Copied> {
  await copyFolder(data, to, account);
  return { label: undefined, last: undefined, until: Date.now() + 1 };
}

async function copyRunning(from: OwnCluster, to: string, account: Account | undefined): Promise<Copied> {
  const session = await from.open();
  try {
    // Keeps the WAL of the meantime, and is gone with this session.
    await session.query(`SELECT pg_create_physical_replication_slot('copy_' || pg_backend_pid(), true, true)`);
    await session.query(`SELECT pg_backup_start('copy', true)`);
    // Files come and go while a server runs; its WAL makes up for them.
    const mayRemark = (line: string): boolean => /No such file or directory$/.test(line);
    await run({ program: 'cp', args: ['-R', from.data, to], account, mayRemark });
    const { rows } = await session.query<{ labelfile: string; last: string }>(
      'SELECT labelfile, pg_walfile_name(lsn) AS last FROM pg_backup_stop(false)',
    );
    const until = Date.now() + 1;
    const { labelfile: label = '', last = '' } = rows[0] ?? {};
    const [, first = ''] = /\(file ([0-9A-F]{24})\)/.exec(label) ?? [];
    await replaceSegments(from.data, to, first, last, account);
    await empty(join(to, 'pg_replslot'));
    return { label, last, until };
  } finally {
    await session.end();
  }
}

/** Exactly the WAL between the copy's beginning and its end: what was written later is not part of it. */
async function replaceSegments(
  from: string,
  to: string,
  first: string,
  last: string,
  account: Account | undefined,
): Promise<void> {
  const isSegment = (name: string): boolean => /^[0-9A-F]{24}$/.test(name);
  const copied = (await readdir(join(to, 'pg_wal'))).filter(isSegment);
  await Promise.all(copied.map((name) => rm(join(to, 'pg_wal', name))));
  const needed = (await readdir(join(from, 'pg_wal'))).filter((name) => isSegment(name) && name >= first && name <= last);
  const sources = needed.map((name) => join(from, 'pg_wal', name));
  await run({ program: 'cp', args: [...sources, join(to, 'pg_wal')], account });
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}
