// Packages the service as a deploy would, once for each state of its sources.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

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
  'package-lock.json',
];

export interface PackageOptions {
  readonly onStart?: () => void;
}

/** The folder that `sls package` filled: the template and one zip a function. */
export async function packageService({ onStart }: PackageOptions = {}): Promise<string> {
  const folder = join(ROOT, '.rehearsal', 'packages', fingerprint());
  if (existsSync(join(folder, 'cloudformation-template-update-stack.json'))) return folder;
  onStart?.();
  // Two processes may package at once: each into its own folder, and the first to finish gives its place.
  const mine = `${folder}-${process.pid}`;
  await runServerless(['package', '--package', relative(ROOT, mine)]);
  try {
    renameSync(mine, folder);
  } catch {
    rmSync(mine, { recursive: true, force: true });
  }
  return folder;
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

function runServerless(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: Buffer[] = [];
    const child = spawn(process.execPath, [require.resolve('serverless/bin/serverless.js'), ...args], {
      cwd: ROOT,
      env: { ...process.env, SLS_NOTIFICATIONS_MODE: 'off', SLS_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const onExit = (): void => void child.kill('SIGKILL');
    process.once('exit', onExit);
    child.stdout.on('data', (chunk: Buffer) => void said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void said.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', onExit);
      if (code === 0) return resolve();
      reject(new Error(`sls package failed with code ${code}:\n${Buffer.concat(said).toString('utf8').trim()}`));
    });
  });
}
