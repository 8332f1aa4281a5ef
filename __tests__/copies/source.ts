// Loads the menagerie into a new database: as its owner what an owner can make, as the superuser the rest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { type CopyServer, quoted } from '../../rehearsal/world/postgres/servers.ts';

const BY_OWNER = ['1-types', '2-tables', '3-code', '4-rows', '5-after', '6-rights'];
const PIECES = {
  /** Event triggers, publications of everything, what others own, settings of roles in the database. */
  superuser: ['superuser', 'root'],
  /** A table whose row security holds for its owner too. */
  forced: ['forced', 'owner'],
  /** A foreign table with a wrapper of its own. */
  foreign: ['foreign', 'root'],
} as const;
export type Piece = keyof typeof PIECES;

export interface MenagerieOptions {
  readonly database: string;
  readonly owner?: string;
  readonly application?: string;
  /** A second role with rights; made when it is not there. */
  readonly reader?: string;
  /** Beside what the owner makes: what takes a superuser, unless told otherwise. */
  readonly pieces?: readonly Piece[];
}

export async function makeMenagerie(server: CopyServer, options: MenagerieOptions): Promise<void> {
  const { database, owner = server.owner, application = server.application, reader = 'app_reader' } = options;
  const names = { database, owner, application, reader };
  await within(server.root('postgres'), async (root) => {
    const known = await root.query('SELECT FROM pg_roles WHERE rolname = $1', [reader]);
    if (known.rowCount === 0) await root.query(`CREATE ROLE ${quoted(reader)}`);
    await root.query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(owner)} TEMPLATE template0`);
  });
  await within(server.open(owner, database), async (session) => {
    for (const file of BY_OWNER) await load(session, file, names);
  });
  for (const piece of options.pieces ?? ['superuser']) {
    const [file, who] = PIECES[piece];
    await within(who === 'root' ? server.root(database) : server.open(owner, database), (session) => load(session, file, names));
  }
}

/** A file is one transaction; a mistake in it is told by its line. */
async function load(session: Client, file: string, names: Record<string, string>): Promise<void> {
  const sql = readFileSync(join(__dirname, 'menagerie', `${file}.sql`), 'utf8')
    .replaceAll(/:"(owner|application|reader|database)"/g, (_, name: string) => quoted(names[name] ?? ''))
    .replaceAll(/:'(application)'/g, (_, name: string) => `'${(names[name] ?? '').replaceAll("'", "''")}'`);
  await session.query(sql).catch((error: unknown) => {
    const { message, position } = error as { message: string; position?: string };
    const place = position === undefined ? '' : `:${sql.slice(0, Number(position)).split('\n').length}`;
    throw new Error(`menagerie/${file}.sql${place}: ${message}`, { cause: error });
  });
}

export async function within<T>(opening: Promise<Client>, work: (session: Client) => Promise<T>): Promise<T> {
  const session = await opening;
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}
