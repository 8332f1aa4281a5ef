// What storage keeps of a cluster: its files at one instant, in a folder of their own, or the knowledge of how it was made.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../contract.ts';
import { makeFolder } from './archive.ts';
import type { OwnCluster } from './cluster.ts';
import { copyCluster, copyFolder } from './copying.ts';
import { restamp } from './identity.ts';
import type { Installation } from './installation.ts';
import { put } from './laying.ts';

export interface OwnImage extends Image {
  /** The wall's instant of its last commit or later, in milliseconds: nothing earlier can be reached from it. */
  readonly until: number;
  /** Fills a folder that is not there yet. */
  lay(data: string, installation: Installation): Promise<void>;
}

export async function takeImage(from: OwnCluster, folder: string, installation: Installation): Promise<OwnImage> {
  const data = join(folder, 'data');
  let removed = false;
  const { until, bytes } = await fill(from, folder, data, installation).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    until,
    bytes,
    async lay(to, { account }) {
      if (removed) throw new Error(`the image of ${from.name} was removed`);
      await copyFolder(data, to, account);
    },
    remove() {
      removed = true;
      return rm(folder, { recursive: true, force: true });
    },
  };
}

async function fill(from: OwnCluster, folder: string, data: string, installation: Installation) {
  await makeFolder(folder, installation.account);
  const { label, until } = await copyCluster(from, data, installation.account);
  if (label !== undefined) await put(join(data, 'backup_label'), label, installation);
  return { until, bytes: await bytesIn(data) };
}

/** Made again from the template; all that ever happened since is in the archive. */
export const originOf = (identifier: bigint, until: number): OwnImage => ({
  until,
  bytes: 0,
  lay: (data, installation) => layOrigin(identifier, data, installation),
  remove: () => Promise.resolve(),
});

export async function layOrigin(identifier: bigint, data: string, { template, account }: Installation): Promise<void> {
  await copyFolder(template, data, account);
  await restamp(data, identifier);
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
