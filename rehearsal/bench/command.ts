// How long one of our own commands takes from its start to its end, as whoever types it waits for it.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createFolders } from '../folders.ts';
import { signalGroup } from '../host/kin.ts';
import { createWarden } from '../host/warden.ts';
import type { Ending } from '../run/ending.ts';

const ROOT = join(__dirname, '..', '..');
/** What a fresh clone does not have. */
const GROWN = ['node_modules', '.git', '.rehearsal', '.serverless', '.esbuild'];
const LAST_WORDS = 2000;

export interface CommandTime {
  readonly seconds: number;
}

/** In a copy of the working tree that was never packaged, with a temporary folder of its own: what an earlier run left helps nobody. */
export async function timeInFreshCopy(script: string, ending: Ending): Promise<CommandTime> {
  const folders = createFolders();
  const takeBack = ending.undo(folders.remove);
  try {
    const copy = folders.folder('clone');
    cpSync(ROOT, copy, { recursive: true, filter: (path) => !GROWN.includes(relative(ROOT, path)) });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    mkdirSync(join(copy, '.rehearsal'));
    return await timeCommand(script, { cwd: copy, temporary: folders.folder('tmp'), ending });
  } finally {
    takeBack();
    folders.remove();
  }
}

export const timeHere = (script: string, ending: Ending): Promise<CommandTime> => timeCommand(script, { cwd: ROOT, ending });

interface Where {
  readonly cwd: string;
  readonly temporary?: string;
  readonly ending: Ending;
}

/** A command that fails has no time: what it said last is told instead. */
function timeCommand(script: string, { cwd, temporary, ending }: Where): Promise<CommandTime> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn('npm', ['run', '--silent', script], {
      cwd,
      env: { ...process.env, ...(temporary !== undefined && { TMPDIR: temporary }) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const pid = child.pid ?? -1;
    const warden = createWarden();
    warden.watch(pid);
    const takeBack = ending.undo(() => signalGroup(pid, 'SIGTERM'));
    let said = '';
    const hear = (chunk: Buffer): void => void (said = `${said}${chunk.toString('utf8')}`.slice(-LAST_WORDS));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const over = (settle: () => void): void => {
      warden.forget(pid);
      warden.dismiss();
      takeBack();
      settle();
    };
    child.once('error', (error) => over(() => reject(error)));
    child.once('close', (code, signal) =>
      over(() => {
        if (code === 0) resolve({ seconds: (performance.now() - startedAt) / 1000 });
        else reject(new Error(`npm run ${script} ended with ${code ?? signal ?? '?'}: ${said}`));
      }),
    );
  });
}
