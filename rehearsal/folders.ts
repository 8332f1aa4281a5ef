// The cloud's own temporary folder: gone when the process is, however it ends.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface Folders {
  folder(name: string): string;
  empty(): void;
  remove(): void;
}

export function createFolders(): Folders {
  const root = mkdtempSync(join(traversable(tmpdir()), 'changeover-'));
  // Servers that refuse to run as root run as somebody else, and must be able to get here.
  chmodSync(root, 0o755);
  const dismiss = removeAfterUs(root);
  let removed = false;
  const remove = (): void => {
    removed = true;
    rmSync(root, { recursive: true, force: true });
    dismiss();
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

/** A root's own temporary folder may be closed to everybody else; then it is the one that is everybody's. */
function traversable(folder: string): string {
  if (process.getuid?.() !== 0) return folder;
  for (let path = resolve(folder); path !== dirname(path); path = dirname(path))
    if ((statSync(path).mode & 0o001) === 0) return '/tmp';
  return folder;
}

/** A signal nobody hears leaves no time to tidy up: a shell waits at the other end of a pipe until this process is gone. */
function removeAfterUs(folder: string): () => void {
  // A server that is ended at the same moment may write its last: what that left is removed when it is gone.
  const script = 'while read -r line; do :; done; rm -rf -- "$0" 2>/dev/null || { sleep 1; rm -rf -- "$0"; }';
  // In a session of its own, so that Ctrl-C at the terminal does not end it before its work.
  const shell = spawn('/bin/sh', ['-c', script, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
    cwd: '/',
  });
  shell.unref();
  shell.on('error', () => undefined);
  const { stdin } = shell;
  stdin.on('error', () => undefined);
  (stdin as unknown as Socket).unref();
  return () => void stdin.end();
}
