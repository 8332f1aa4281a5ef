import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareDatabases, type Difference, KINDS } from './comparison/compare.ts';
import { type CopyServer, createServers, lackOf, MAJORS, quoted } from '../../rehearsal/world/postgres/servers.ts';
import { makeMenagerie, within } from './source.ts';

const MINUTES = 120_000;
const servers = createServers();
let server: CopyServer;
let made = 0;

beforeAll(async () => {
  server = await servers.start({ major: 18 });
  await makeMenagerie(server, { database: 'zoo', pieces: ['superuser', 'forced', 'foreign'] });
  await makeMenagerie(server, { database: 'shop' });
}, MINUTES);
afterAll(() => servers.stop());

/** A twin of the zoo's, file by file, with the settings that no template hands on; then changed. */
async function twin(...changes: readonly string[]): Promise<string> {
  const database = `twin_${++made}`;
  await within(server.root('postgres'), async (root) => {
    await root.query(`CREATE DATABASE ${database} TEMPLATE shop OWNER ${quoted(server.owner)}`);
    const { rows } = await root.query<{ sql: string }>(
      `SELECT format('ALTER %s %I %s SET %I = %s', CASE s.setrole WHEN 0 THEN 'DATABASE' ELSE 'ROLE' END,
                CASE s.setrole WHEN 0 THEN $1 ELSE pg_get_userbyid(s.setrole) END,
                CASE s.setrole WHEN 0 THEN '' ELSE format('IN DATABASE %I', $1::text) END, split_part(c, '=', 1),
                CASE split_part(c, '=', 1) WHEN 'search_path' THEN split_part(c, '=', 2) ELSE quote_literal(split_part(c, '=', 2)) END) AS sql
         FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase CROSS JOIN unnest(s.setconfig) c WHERE d.datname = 'shop'
        UNION ALL SELECT format('COMMENT ON DATABASE %I IS %L', $1::text, shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname = 'shop'
        UNION ALL SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', $1::text, datconnlimit) FROM pg_database WHERE datname = 'shop'`,
      [database],
    );
    for (const { sql } of rows) await root.query(sql);
    await root.query(
      `UPDATE pg_database SET datacl = (SELECT datacl FROM pg_database WHERE datname = 'shop') WHERE datname = $1`,
      [database],
    );
  });
  await within(server.root(database), async (root) => {
    for (const change of changes) await root.query(change.replace(':here', database));
  });
  return database;
}

const compare = (right: string, options = {}): Promise<Difference[]> =>
  compareDatabases(server.rootConfigOf('shop'), server.rootConfigOf(right), options);

describe('two databases that are the same', () => {
  it(
    'differ in nothing',
    async () => {
      expect(await compare(await twin())).toEqual([]);
    },
    MINUTES,
  );

  it(
    'may be loaded one after the other',
    async () => {
      await makeMenagerie(server, { database: 'shop again' });
      expect(await compare('shop again')).toEqual([]);
    },
    MINUTES,
  );

  it(
    'may have other roles',
    async () => {
      const [owner, reader] = ['other owner', 'other "reader"'];
      await within(server.root('postgres'), (root) =>
        root.query(`CREATE ROLE ${quoted(owner)} LOGIN PASSWORD $$${server.password}$$`),
      );
      await makeMenagerie(server, { database: 'others', owner, reader });
      const roles = { app_owner: owner, app_reader: reader };
      expect(await compare('others', { roles })).toEqual([]);
      expect((await compare('others')).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['owners', 'grants', 'policies']));
    },
    MINUTES,
  );
});

type Expected = { readonly [name in keyof Difference]?: unknown };
const EACH: readonly [string, string, Expected][] = [
  [
    'a row among a hundred thousand',
    `UPDATE ledger SET amount = amount + 0.01 WHERE id = 77777`,
    { kind: 'rows', item: 'public.ledger' },
  ],
  [
    'a NULL that became an empty text',
    `UPDATE by_mood_sad SET what = '' WHERE what IS NULL`,
    { kind: 'rows', left: ['2 rows', '(sad,)'], right: ['2 rows', '(sad,"")'] },
  ],
  [
    'a twin too few and another too many',
    `DELETE FROM keyless WHERE ctid = (SELECT max(ctid) FROM keyless WHERE b = 'twin'); INSERT INTO keyless VALUES (NULL, '')`,
    { kind: 'rows', left: ['8 rows', '(1,twin)'], right: ['8 rows', '(,"")'] },
  ],
  [
    'minus zero that became zero',
    `UPDATE numbers_and_texts SET float = 0 WHERE id = 1`,
    { kind: 'rows', item: 'public.numbers_and_texts' },
  ],
  ['1.1 in place of 1.10', `UPDATE rates SET rate = 1.1 WHERE currency = 'USD'`, { left: ['2 rows', '(USD,1.10)'] }],
  [
    'a row without columns',
    'DELETE FROM nothing WHERE ctid = (SELECT max(ctid) FROM nothing)',
    { left: ['2 rows', '()'], right: ['1 rows'] },
  ],
  ['a lost index', 'DROP INDEX events_by_payload', { kind: 'indexes', item: 'public.events_by_payload', right: [] }],
  [
    'an index that is not valid',
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_by_at'::regclass`,
    { kind: 'indexes', item: 'public.events_by_at' },
  ],
  ['a lost grant', 'REVOKE SELECT ON accounts FROM app_reader CASCADE', { kind: 'grants', item: 'r public.accounts', right: [] }],
  [
    'a grant not to be handed on',
    'REVOKE GRANT OPTION FOR SELECT ON rich FROM app_reader',
    { kind: 'grants', item: 'v public.rich' },
  ],
  [
    'a column nobody may see',
    'REVOKE SELECT (id) ON protected FROM app_reader',
    { kind: 'grants', item: 'column public.protected.id' },
  ],
  [
    'a function that everybody may call',
    'GRANT EXECUTE ON FUNCTION secret_of(int) TO PUBLIC',
    { kind: 'grants', item: 'function public.secret_of(integer)', left: [], right: ['EXECUTE · PUBLIC · app_owner'] },
  ],
  [
    'a sequence that is behind',
    `SELECT setval('orders_id', 1)`,
    { kind: 'sequence values', item: 'public.orders_id', right: ['1, given'] },
  ],
  ['a sequence one value behind', `SELECT setval('tiny', 32767, false)`, { kind: 'sequence values', item: 'public.tiny' }],
  ['a large object', `SELECT lo_put(700002, 2, 'x')`, { kind: 'large objects', item: '700002' }],
  ['what is said of one', `COMMENT ON LARGE OBJECT 700001 IS NULL`, { kind: 'large objects', item: '700001' }],
  ['a view no longer empty', 'REFRESH MATERIALIZED VIEW shop.not_yet', { kind: 'materialized views', item: 'shop.not_yet' }],
  ['rows of a view', 'REFRESH MATERIALIZED VIEW stale', { kind: 'rows of materialized views', item: 'public.stale' }],
  [
    'a rule that holds',
    'ALTER TABLE empty_table VALIDATE CONSTRAINT "not valid and empty"',
    { kind: 'constraints', right: ['CHECK ((id > 0)) | c'] },
  ],
  ['a trigger that fires', 'ALTER TABLE events ENABLE TRIGGER marked', { kind: 'triggers', item: 'public.events marked' }],
  ['keys that nobody keeps', 'ALTER TABLE books DISABLE TRIGGER ALL', { kind: 'triggers', item: 'public.books written_by' }],
  ['a label between others', `ALTER TYPE mood ADD VALUE 'new' AFTER 'sad'`, { kind: 'enums', item: 'public.mood' }],
  ['a policy', 'ALTER POLICY own_rows ON protected TO app_reader', { kind: 'policies', item: 'public.protected own_rows' }],
  [
    'row security',
    'ALTER TABLE protected DISABLE ROW LEVEL SECURITY',
    { kind: 'row security', item: 'public.protected', right: [] },
  ],
  [
    'a comment',
    `COMMENT ON COLUMN accounts.balance IS 'in cents'`,
    { kind: 'comments', item: 'table column public.accounts.balance' },
  ],
  ['an owner', `ALTER VIEW poorest OWNER TO app_user`, { kind: 'owners', item: 'v public.poorest' }],
  [
    'a default right',
    `ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE SELECT ON TABLES FROM app_reader`,
    { kind: 'default grants' },
  ],
  ['a setting', 'ALTER ROLE app_user IN DATABASE :here RESET statement_timeout', { kind: 'settings', item: 'statement_timeout' }],
  ['a storage', 'ALTER TABLE ledger ALTER note SET STORAGE EXTENDED', { kind: 'columns', item: 'public.ledger.note' }],
  ['an event trigger', 'ALTER EVENT TRIGGER keeps_the_ledger DISABLE', { kind: 'event triggers', item: 'keeps_the_ledger' }],
  ['a publication', 'ALTER PUBLICATION some_tables DROP TABLE events', { kind: 'publications', item: 'some_tables' }],
  ['statistics', 'ALTER STATISTICS some_statistics SET STATISTICS 5', { kind: 'statistics', item: 'public.some_statistics' }],
  ['a body', `CREATE OR REPLACE PROCEDURE shop.tidy() LANGUAGE sql AS ''`, { kind: 'functions', item: 'shop.tidy()' }],
  ['an extension', 'DROP EXTENSION pgcrypto', { kind: 'extensions', item: 'pgcrypto', right: [] }],
];

describe('what differs', () => {
  let differences: Difference[];
  beforeAll(async () => {
    const database = await twin(...EACH.map(([, change]) => change));
    differences = await compare(database);
  }, MINUTES);

  it.each(EACH)('is told: %s', (_, __, expected) => {
    expect(differences).toContainEqual(expect.objectContaining(expected));
  });

  it(
    'is told alone: one row among a hundred thousand, as many as before',
    async () => {
      const database = await twin(`UPDATE ledger SET note = note || ' ' WHERE id = 77777`);
      const row = (end: string): unknown => expect.stringMatching(new RegExp(`^\\(77777,.*,"entry [0-9a-f]{32}${end}",`));
      expect(await compare(database)).toEqual([
        { kind: 'rows', item: 'public.ledger', left: ['100000 rows', row('')], right: ['100000 rows', row(' ')] },
      ]);
    },
    MINUTES,
  );

  it(
    'is not told when its kind is left out, and a kind that is none is refused',
    async () => {
      const database = await twin('DROP INDEX events_by_payload', `UPDATE keyless SET b = '' WHERE a = 2`);
      const told = (await compare(database)).map(({ kind }) => kind);
      expect(told.sort()).toEqual(['comments', 'indexes', 'rows']);
      expect(await compare(database, { leaveOut: told })).toEqual([]);
      await expect(compare(database, { leaveOut: ['row'] })).rejects.toThrow(
        'no kinds that could be left out: row; there are rows',
      );
    },
    MINUTES,
  );
});

describe('the menagerie', () => {
  it(
    'has something of every kind to lose',
    async () => {
      await within(server.root('postgres'), (root) => root.query('CREATE DATABASE empty TEMPLATE template0'));
      const found = await compareDatabases(server.rootConfigOf('zoo'), server.rootConfigOf('empty'));
      // Rows of a table that is not there are told by the table.
      const kinds = KINDS.filter((name) => !name.startsWith('rows'));
      expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(kinds));
    },
    MINUTES,
  );
});

for (const major of MAJORS.filter((one) => one !== 18)) {
  const lack = lackOf(major);
  const where = lack === undefined ? describe : describe.skip;
  where(lack ?? `PostgreSQL ${major}`, () => {
    it(
      'loads the menagerie, which differs from that of 18 in what it cannot have',
      async () => {
        const older = await servers.start({ major });
        await makeMenagerie(older, { database: 'shop' });
        const differences = await compareDatabases(older.rootConfigOf('shop'), server.rootConfigOf('shop'), {
          leaveOut: ['extensions'],
        });
        const newer = /\b(coins|computed|reigns|unenforced|excluding|numbered)|times_and_places$/;
        expect(differences.filter(({ item }) => !newer.test(item))).toEqual([]);
        await older.stop('immediate');
      },
      MINUTES,
    );
  });
}

describe('the command', () => {
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, 'compare-databases.ts'), ...args], { encoding: 'utf8' });
  const urlOf = (database: string): string => {
    const { host = '', port = 0, user = '' } = server.rootConfigOf(database);
    return `postgresql:///${encodeURIComponent(database)}?host=${host}&port=${port}&user=${user}`;
  };

  it(
    'ends with 1 and what differs, with 0 and nothing, with 2 and why not',
    async () => {
      const database = await twin('DROP INDEX events_by_kind');
      expect(run(urlOf('shop'), urlOf(database))).toMatchObject({
        status: 1,
        stdout: expect.stringContaining('indexes: public.events_by_kind'),
      });
      expect(run(urlOf('shop'), urlOf(database), '--leave-out', 'indexes')).toMatchObject({ status: 0, stdout: '' });
      expect(run(urlOf('shop'))).toMatchObject({ status: 2, stdout: '' });
    },
    MINUTES,
  );
});
