// The files a cluster finds when its server starts, and the start itself, which for a restored one includes the replay.
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyPair } from '../contract.ts';
import type { Account } from './account.ts';
import type { OwnArchive } from './archive.ts';
import type { OwnCluster } from './cluster.ts';
import type { Installation } from './installation.ts';
import { pgHbaConf, postgresqlConf, quoted } from './settings.ts';

/** How a cluster begins, beside its contents. */
export interface Beginning {
  /** What a copy of a running cluster must be told: where to begin with the WAL. */
  readonly label?: string | undefined;
  readonly signal?: 'recovery.signal' | 'standby.signal';
  readonly settings?: readonly string[];
  /** Which commits a replay ends with. */
  readonly target?: readonly string[];
}

/** Everything committed before the wall's instant, in milliseconds with a fraction; nobody is let in before. */
export const replayTo = (wall: number, source: string): Beginning => ({
  signal: 'recovery.signal',
  settings: ['hot_standby = off', source, `recovery_target_action = 'promote'`],
  target: [`recovery_target_time = ${quoted(stampOf(wall))}`],
});

export async function layOut(data: string, pair: KeyPair, { label, signal }: Beginning, own: Installation): Promise<void> {
  const files: [string, string][] = [
    ['pg_hba.conf', pgHbaConf],
    ...(label === undefined ? [] : [['backup_label', label] as [string, string]]),
    ...(signal === undefined ? [] : [[signal, ''] as [string, string]]),
  ];
  for (const [name, text] of files) await put(join(data, name), text, own);
  await putPair(data, pair, own);
}

export async function putPair(data: string, { certificate, key }: KeyPair, own: Installation): Promise<void> {
  await put(join(data, 'server.crt'), certificate, own);
  await put(join(data, 'server.key'), key, own);
}

export interface Rising {
  readonly cluster: OwnCluster;
  readonly home: string;
  readonly archive: OwnArchive;
  readonly installation: Installation;
}

export async function rise({ cluster, home, archive, installation }: Rising, beginning: Beginning): Promise<void> {
  const { signal, settings = [], target = [] } = beginning;
  const configure = (lines: readonly string[]): Promise<void> => {
    const text = [postgresqlConf(home), ...archive.settings, ...lines, ''].join('\n');
    return put(join(cluster.data, 'postgresql.conf'), text, installation);
  };
  await configure([...settings, ...target]);
  try {
    await cluster.start();
  } catch (error) {
    if (!(error as Error).message.includes('recovery ended before configured recovery target was reached')) throw error;
    // Nothing at all was committed after the instant, so that the whole log is before it.
    await configure(settings);
    await cluster.start();
  }
  // For its next start; a replica goes on needing what it began with.
  if (signal === 'recovery.signal') await configure([]);
}

export async function put(path: string, text: string, { account }: { readonly account: Account | undefined }): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (account) await chown(path, account.uid, account.gid);
}

/** To the last microsecond before: commits have no finer time. */
function stampOf(wall: number): string {
  const microseconds = Math.ceil(wall * 1000) - 1;
  const fraction = String(microseconds % 1_000_000).padStart(6, '0');
  return `${new Date(microseconds / 1000).toISOString().slice(0, 19)}.${fraction}+00`;
}
