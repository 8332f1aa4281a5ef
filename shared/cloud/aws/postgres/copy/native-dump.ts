// A database's schema as the distribution's own pg_dump writes it, where a container image brings one along.
import { spawn } from 'node:child_process';
import { RunbookError } from '../../../../errors.ts';
import { spanOf } from '../../../../runbooks/words.ts';
import type { Login } from '../session.ts';
import { DUMP_ARGUMENTS, dumpRefused } from './schema-dump.ts';

const DUMP_SECONDS = 300;
const MOST_SAID = 4_000;

/** Its name, where the function is one whose image has it. */
export const nativeDump = (): string | undefined => process.env['PG_DUMP'];

export function dumpNatively(program: string, login: Login, database: string, snapshot: string): Promise<string> {
  const { PATH, NODE_EXTRA_CA_CERTS } = process.env;
  const child = spawn(program, [...DUMP_ARGUMENTS, `--snapshot=${snapshot}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DUMP_SECONDS * 1000,
    env: {
      PATH,
      PGHOST: login.host,
      PGPORT: String(login.port),
      PGUSER: login.username,
      PGPASSWORD: login.password,
      PGDATABASE: database,
      PGAPPNAME: 'changeover',
      PGCONNECT_TIMEOUT: '5',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: NODE_EXTRA_CA_CERTS ?? 'system',
    },
  });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-MOST_SAID)));
    child.once('error', (error) =>
      reject(
        new RunbookError(
          'CloudRefused',
          `${program} could not be started (${error.message}); build the image of resources/native, and deploy it`,
          { program },
        ),
      ),
    );
    child.once('close', (code, signal) => {
      if (code === 0) resolve(withoutMeta(Buffer.concat(chunks).toString('utf8')));
      else if (signal === null) reject(dumpRefused(said));
      else
        reject(
          new RunbookError(
            'CloudTransient',
            `${program} was ended by ${signal} within ${spanOf(DUMP_SECONDS)}; it is tried again`,
            { program },
          ),
        );
    });
  });
}

/** Lines for psql alone. */
const withoutMeta = (sql: string): string => sql.replaceAll(/^\\(?:un)?restrict\b.*\n?/gm, '');
