// The cloud's own temporary folder: gone when the process is, however it ends short of SIGKILL.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folders {
  folder(name: string): string;
  empty(): void;
  remove(): void;
}

export function createFolders(): Folders {
  const root = mkdtempSync(join(tmpdir(), 'changeover-'));
  // Servers that refuse to run as root run as somebody else, and must be able to get here.
  chmodSync(root, 0o755);
  let removed = false;
  const remove = (): void => {
    removed = true;
    rmSync(root, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return {
    folder: (name) => {
      // Made anew now, it would be there for ever.
      if (removed) throw new Error('the cloud was stopped');
      const path = join(root, name);
      mkdirSync(path, { recursive: true, mode: 0o755 });
      return path;
    },
    empty: () => readdirSync(root).forEach((name) => rmSync(join(root, name), { recursive: true, force: true })),
    remove: () => {
      process.removeListener('exit', remove);
      remove();
    },
  };
}
