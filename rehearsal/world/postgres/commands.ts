// Programs that run to their end: initdb, cp, a server in single-user mode. What went wrong is told in their own words.
import { spawn } from 'node:child_process';
import type { Account } from './account.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly account: Account | undefined;
  readonly input?: string;
  /** A line it may say without having failed. */
  readonly mayRemark?: (line: string) => boolean;
  /** Told the process's id, and its end: whoever ends it when we are killed. */
  readonly watch?: (pid: number) => () => void;
}

/** What PostgreSQL's programs find in their environment: nothing of the laptop's. */
export const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const MOST_SAID = 20_000;

/** Resolves with what it said on its error stream; rejects when it did not end well. */
export function run({ program, args, account, input, mayRemark, watch }: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: ENVIRONMENT,
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
      ...account,
    });
    const forget = child.pid === undefined ? undefined : watch?.(child.pid);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MOST_SAID)));
    child.once('error', (error) => reject(error));
    child.once('close', (code, signal) => {
      forget?.();
      const harmless = mayRemark !== undefined && linesOf(said).every(mayRemark);
      if (code === 0 || (code === 1 && harmless)) return resolve(said);
      const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `ended with ${code}`;
      reject(new Error(`${program} ${how}: ${gist(said)}`));
    });
    // A program that ended early does not read; its end says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

const EVERYDAY = /\bLOG: +(starting PostgreSQL|listening on|database system (is|was)|shutting down|checkpoint|redo)/;

/** The lines that say what is wrong, of a log that says much else: one for each reason. */
export function gist(said: string): string {
  // When it was said and by which process tells nobody anything here.
  const lines = linesOf(said)
    .filter((line) => !EVERYDAY.test(line))
    .map((line) => line.replace(/^[\d-]+ [\d:.]+ \w+ \[\d+\] /, '').trim());
  const reasons = new Map(lines.map((line) => [line.slice(line.lastIndexOf(': ')), line]));
  return [...reasons.values()].slice(-6).join('; ') || 'it said nothing';
}

const linesOf = (said: string): string[] => said.split('\n').filter((line) => line.trim() !== '');
