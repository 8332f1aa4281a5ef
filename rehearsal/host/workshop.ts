// What one cloud leaves to the next in the same process: unpacked code, and processes that are nobody's yet. Neither knows whose
// function it will be; making them anew at every reset would be the longest part of one.
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createFolders } from '../folders.ts';
import { unpack } from './archive.ts';
import { createSpares, type Spares } from './spares.ts';
import { createWarden } from './warden.ts';

export interface Workshop {
  readonly spares: Spares;
  /** Unpacks a package once, verifying every byte, and answers its unpacked size. Throws BadArchive. */
  prepare(zip: Buffer, sha256: string): Promise<number>;
  /** Where it lies unpacked. */
  rootOf(sha256: string): string;
}

/** It stays as long as anybody has a hold on it. */
export interface Hold {
  workshop(): Workshop;
  release(): Promise<void>;
}

interface Standing extends Workshop {
  remove(): Promise<void>;
}

let standing: Standing | undefined;
let holds = 0;

export function holdWorkshop(): Hold {
  holds++;
  let released = false;
  return {
    workshop() {
      if (released) throw new Error('the Lambda host was stopped');
      return (standing ??= make());
    },
    async release() {
      if (released) return;
      released = true;
      if (--holds > 0) return;
      const last = standing;
      standing = undefined;
      await last?.remove();
    },
  };
}

function make(): Standing {
  const folders = createFolders();
  const spares = createSpares(createWarden());
  const unpacked = new Map<string, Promise<number>>();
  const rootOf = (sha256: string): string => join(folders.folder('code'), Buffer.from(sha256, 'base64').toString('hex'));
  return {
    spares,
    rootOf,
    prepare(zip, sha256) {
      const known = unpacked.get(sha256);
      if (known) return known;
      const root = rootOf(sha256);
      const made = unpack(zip, `${root}.part`).then((bytes) => {
        if (!existsSync(root)) renameSync(`${root}.part`, root);
        return bytes;
      });
      unpacked.set(sha256, made);
      made.catch(() => unpacked.delete(sha256));
      return made;
    },
    async remove() {
      await spares.stop();
      folders.remove();
    },
  };
}
