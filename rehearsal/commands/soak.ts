// npm run soak [-- kills | restore]: hundreds of whole runs. What every commit pays for is `npm test`.
import './quiet.ts';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roundsTable, type RoundLine } from '../soak/table.ts';
import { runCommand } from './command.ts';

const ROUNDS = ['__tests__/rehearsal/restore-rounds'];
const SITUATIONS = ['failover', 'rollback', 'sync', 'by-snapshot', 'restore.test', 'retention'];
const REST = [...SITUATIONS, 'kills', 'examples', 'permissions', 'week'].map((name) => `__tests__/rehearsal/${name}`);
const SOAKS: Readonly<Record<string, readonly string[]>> = {
  kills: ['__tests__/rehearsal/kills'],
  restore: ROUNDS,
  all: [...REST, 'interleavings', ...ROUNDS],
};

export async function main(argv: readonly string[]): Promise<number> {
  const [asked = 'all', ...more] = argv;
  const tests = Object.hasOwn(SOAKS, asked) ? SOAKS[asked] : undefined;
  if (!tests || more.length > 0) {
    process.stderr.write(`npm run soak: found ${argv.join(' ')}, expected nothing, or one of ${Object.keys(SOAKS).join(', ')}\n`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'changeover-soak-'));
  try {
    const lines = join(folder, 'lines');
    const code = await jest(tests, { CHANGEOVER_SOAK: '1', CHANGEOVER_SOAK_LINES: lines });
    if (existsSync(lines)) process.stdout.write(`\n${roundsTable(linesIn(lines))}\n`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const linesIn = (file: string): RoundLine[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RoundLine);

/** In this terminal's process group: Ctrl-C ends it, and what it came to until then is still told. */
function jest(tests: readonly string[], more: Readonly<Record<string, string>>): Promise<number> {
  const command = [require.resolve('jest/bin/jest'), '--maxWorkers', '2', ...tests];
  const wait = (): void => undefined;
  process.on('SIGINT', wait);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: 'inherit', env: { ...process.env, ...more } });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  }).finally(() => process.off('SIGINT', wait));
}

if (require.main === module) runCommand(main, process.argv.slice(2));
