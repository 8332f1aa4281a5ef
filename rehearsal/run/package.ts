// Packages the service as a deploy would, once for each state of its sources.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
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
  'esbuild.config.ts',
  'esbuild.config.cjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

const TEMPORARY = '.tmp';
const TEMPLATE = 'cloudformation-template-update-stack.json';

export interface PackageOptions {
  readonly onStart?: () => void;
}

/** The folder that `sls package` filled: the template and one zip a function. */
export async function packageService({ onStart }: PackageOptions = {}): Promise<string> {
  const folder = join(ROOT, '.rehearsal', 'packages', fingerprint());
  if (existsSync(join(folder, TEMPLATE))) return folder;
  onStart?.();
  const workshop = `${folder}-${process.pid}`;
  const close = (): void => rmSync(workshop, { recursive: true, force: true });
  process.once('exit', close);
  try {
    openWorkshop(workshop);
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
function openWorkshop(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(join(path, TEMPORARY), { recursive: true });
  for (const name of SOURCES) cpSync(join(ROOT, name), join(path, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (statSync(path).isDirectory())
      return readdirSync(path)
        .sort()
        .forEach((name) => add(join(path, name)));
    hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
  };
  SOURCES.forEach((name) => add(join(ROOT, name)));
  return hash.digest('hex').slice(0, 16);
}

function runServerless(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: Buffer[] = [];
    const child = spawn(process.execPath, [require.resolve('serverless/bin/serverless.js'), ...args], {
      cwd,
      // Its bundler leaves a folder a function in the temporary one: it goes with the workshop.
      env: { ...process.env, TMPDIR: join(cwd, TEMPORARY), SLS_NOTIFICATIONS_MODE: 'off', SLS_TELEMETRY_DISABLED: '1' },
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
