// The log that a cluster hands on: PostgreSQL's own archiving, by links instead of copies, so that it costs a name for each
// segment and no bytes. A segment is never written again once it is finished, because none is recycled.
import { chown, copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from '../contract.ts';
import type { Account } from './account.ts';
import { quoted } from './settings.ts';

export interface OwnArchive extends Archive {
  readonly folder: string;
  /** Lines of the configuration of the cluster that fills it. */
  readonly settings: readonly string[];
  /** The line for a cluster that replays it while it grows. */
  readonly source: string;
  /** All there is of the log by now, finished or not, up to a segment: nothing written later shows in what was handed out. */
  handOut(to: string, last?: string): Promise<void>;
  /** Its cluster is gone, or about to go: the rest is taken over from the cluster's own folder. */
  close(): Promise<void>;
}

const PART = /^([0-9A-F]{24}|[0-9A-F]{8}\.history)$/;

export async function createArchive(folder: string, data: string, account: Account | undefined): Promise<OwnArchive> {
  await makeFolder(folder, account);
  const wal = join(data, 'pg_wal');
  const archived = (): Promise<string[]> => partsOf(folder);
  const waiting = async (): Promise<string[]> => {
    const known = new Set(await archived());
    return (await partsOf(wal)).filter((name) => !known.has(name));
  };
  const place = shellQuoted(folder);
  let removed = false;
  // An archive that was removed takes everything and keeps nothing.
  const command = `test ! -d ${place} || test -e ${place}/%f || ln %p ${place}/%f`;

  return {
    folder,
    settings: ['archive_mode = on', `archive_command = ${quoted(command)}`, 'wal_recycle = off'],
    source: restoreFrom(folder),
    async handOut(to, last = 'Z') {
      if (removed) throw new Error('its archive was removed');
      const isMeant = (name: string): boolean => name <= last;
      for (const name of (await waiting()).filter(isMeant)) {
        // Finished and put away meanwhile: then it was archived.
        await copyFile(join(wal, name), join(to, name)).catch(ignoreMissing);
        if (account) await chown(join(to, name), account.uid, account.gid).catch(ignoreMissing);
      }
      for (const name of (await archived()).filter(isMeant)) {
        await rm(join(to, name), { force: true });
        await link(join(folder, name), join(to, name));
      }
    },
    async close() {
      if (removed) return;
      for (const name of await waiting()) await link(join(wal, name), join(folder, name)).catch(ignoreMissing);
    },
    remove() {
      removed = true;
      return rm(folder, { recursive: true, force: true });
    },
  };
}

export const restoreFrom = (folder: string): string => `restore_command = ${quoted(`cp ${shellQuoted(folder)}/%f %p`)}`;

/** A folder of PostgreSQL's own: its sockets let anybody in who gets as far. */
export async function makeFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (account) await chown(folder, account.uid, account.gid);
}

async function partsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(ignoreMissing);
  return (names ?? []).filter((name) => PART.test(name)).sort();
}

function ignoreMissing(error: unknown): undefined {
  if ((error as { code?: string }).code !== 'ENOENT') throw error;
}

/** PostgreSQL reads `%` for itself. */
const shellQuoted = (path: string): string => `'${path.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'`;
