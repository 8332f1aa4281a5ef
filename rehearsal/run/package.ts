// Packages the service as a deploy would, once for each state of its sources.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ESTATE_FILE, readEstateFile } from '../../shared/estate-file.ts';
import { signalGroup } from '../host/kin.ts';
import { createWarden } from '../host/warden.ts';

const ROOT = join(__dirname, '..', '..');
/** What a package is made of; a change to anything else leaves it as it is. */
const SOURCES = [
  'functions',
  'shared',
  'statemachines',
  'resources',
  'serverless.yml',
  'estate.serverless.cjs',
  'esbuild.config.ts',
  'esbuild.config.cjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

const TEMPORARY = '.tmp';
const TEMPLATE = 'cloudformation-template-update-stack.json';

export interface PackageOptions {
  /** The estate it is packaged for, from the repository's root; else the one that CHANGEOVER_ESTATE names, else estate.yml. */
  readonly estate?: string;
  readonly onStart?: () => void;
}

/** The folder that `sls package` filled: the template and one zip a function. */
export async function packageService({ estate: asked, onStart }: PackageOptions = {}): Promise<string> {
  const chosen = asked ?? process.env['CHANGEOVER_ESTATE'] ?? ESTATE_FILE;
  const estate = resolve(ROOT, chosen);
  // Before the packager starts: it would say the same, half a minute later.
  readEstateFile(estate, chosen);
  const folder = join(ROOT, '.rehearsal', 'packages', fingerprint(estate));
  if (existsSync(join(folder, TEMPLATE))) return folder;
  onStart?.();
  const workshop = `${folder}-${process.pid}`;
  const close = (): void => rmSync(workshop, { recursive: true, force: true });
  process.once('exit', close);
  try {
    openWorkshop(workshop, estate);
    await runServerless(['package'], workshop);
    renameSync(join(workshop, '.serverless'), folder);
  } catch (error) {
    // Another process may have packaged the same meanwhile: its package is as good.
    if (!existsSync(join(folder, TEMPLATE))) throw error;
  } finally {
    close();
    process.removeListener('exit', close);
  }
  return folder;
}

/** Serverless and its plugins build in fixed folders beside the sources: two processes at once would take each other's zips away. */
function openWorkshop(path: string, estate: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(join(path, TEMPORARY), { recursive: true });
  for (const name of SOURCES) cpSync(join(ROOT, name), join(path, name), { recursive: true });
  cpSync(estate, join(path, ESTATE_FILE));
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
}

function fingerprint(estate: string): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (statSync(path).isDirectory())
      return readdirSync(path)
        .sort()
        .forEach((name) => add(join(path, name)));
    hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
  };
  SOURCES.forEach((name) => add(join(ROOT, name)));
  // By what it says: the same estate under another name is the same package.
  hash.update(readFileSync(estate));
  return hash.digest('hex').slice(0, 16);
}

function runServerless(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: Buffer[] = [];
    const child = spawn(process.execPath, [require.resolve('serverless/bin/serverless.js'), ...args], {
      cwd,
      // Its bundler leaves a folder a function in the temporary one: it goes with the workshop.
      env: {
        ...process.env,
        CHANGEOVER_ESTATE: ESTATE_FILE,
        TMPDIR: join(cwd, TEMPORARY),
        SLS_NOTIFICATIONS_MODE: 'off',
        SLS_TELEMETRY_DISABLED: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C at the terminal is for this process to answer.
      detached: true,
    });
    const pid = child.pid ?? -1;
    const warden = createWarden();
    warden.watch(pid);
    const onExit = (): void => signalGroup(pid, 'SIGKILL');
    // Before the folder it writes is removed.
    process.prependOnceListener('exit', onExit);
    child.stdout.on('data', (chunk: Buffer) => void said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void said.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', onExit);
      warden.forget(pid);
      warden.dismiss();
      if (code === 0) return resolve();
      reject(new Error(`sls package failed with code ${code}:\n${Buffer.concat(said).toString('utf8').trim()}`));
    });
  });
}
