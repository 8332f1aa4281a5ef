// Two databases of one origin that were both written to: what is told of them, and what a merge makes of it, on real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mergeRows } from '../../shared/cloud/aws/postgres/merge.ts';
import { moveSequences } from '../../shared/cloud/aws/postgres/sequences.ts';
import { conflictsBeside, divergenceSays, patchOf, type Divergence, type Winner } from '../../shared/runbooks/divergence.ts';
import { compareTwins, ORDERS, useTwins, type Twins } from './twins.ts';

const SCHEMA = `
  CREATE TYPE mood AS ENUM ('calm', 'cross');
  CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
  CREATE SCHEMA "odd Schema";
  CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mail email NOT NULL UNIQUE, mood mood, boss bigint REFERENCES people,
    weight double precision, born interval, tags text[], face bytea, more jsonb, shout text GENERATED ALWAYS AS (upper(mail)) STORED
  );
  CREATE TABLE "odd Schema"."Ordered Things" (
    person bigint NOT NULL REFERENCES people ON DELETE CASCADE, at timestamptz NOT NULL, what text, PRIMARY KEY (person, at)
  );
  CREATE TABLE audit (id serial PRIMARY KEY, says text);
  CREATE TABLE notes (says text);
  CREATE TABLE parts (id int, area text, says text, PRIMARY KEY (id, area)) PARTITION BY LIST (area);
  CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a');
  CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b');
  CREATE TABLE egg (id int PRIMARY KEY, hen int);
  CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg);
  ALTER TABLE egg ADD CONSTRAINT laid FOREIGN KEY (hen) REFERENCES hen;
  CREATE TABLE changeover_heartbeat (environment text NOT NULL, written_at timestamptz NOT NULL, note text);
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.audit (says) VALUES (TG_OP || ' ' || NEW.mail); RETURN NEW; END $$;
  CREATE TRIGGER told AFTER INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION tell();
  CREATE TRIGGER always AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION tell();
  ALTER TABLE people ENABLE ALWAYS TRIGGER always;
  INSERT INTO people (mail, mood) SELECT n || '@people.test', 'calm' FROM generate_series(1, 2000) n;
  INSERT INTO "odd Schema"."Ordered Things" SELECT id, '2026-01-01', 'old' FROM people WHERE id <= 100;
  INSERT INTO notes VALUES ('one'), ('one');
  INSERT INTO parts VALUES (1, 'a', 'x'), (2, 'b', 'y')`;

const makeTwins = useTwins(SCHEMA);
let twins: Twins;
beforeEach(async () => {
  twins = await makeTwins();
  await moveSequences(twins.spare.login, ORDERS, [{ sequence: 'audit_id_seq', to: '1004000' }]);
});
afterEach(() => twins.stop());

const onMain = (...statements: string[]) => twins.main.on(...statements);
const onSpare = (...statements: string[]) => twins.spare.on(...statements);
const compare = (since: { here?: string | null; there?: string | null } = {}): Promise<Divergence> =>
  compareTwins(twins.main, twins.spare, since);
const merge = async (winner: Winner = 'nobody') => mergeRows(twins.main.login, 'orders', patchOf(await compare(), winner));

describe('two databases that were both written to', () => {
  it('are alike where nobody wrote, whatever the types of their columns', async () => {
    const found = await compare();

    expect(found).toMatchObject({ rows: [], schema: [], uncompared: [], collisions: [] });
    expect(found.tables.map(({ table, same }) => [table, same])).toEqual(
      ['odd Schema.Ordered Things', 'audit', 'egg', 'hen', 'notes', 'parts', 'people'].map((table) => [table, true]),
    );
  });

  it('are told apart by table: only here, only there, changed here, there, on both, deleted', async () => {
    await onMain(
      `INSERT INTO people (id, mail) OVERRIDING SYSTEM VALUE VALUES (3001, 'here@people.test')`,
      `UPDATE people SET mood = 'cross' WHERE id IN (10, 12)`,
      `DELETE FROM people WHERE id = 1500`,
      `INSERT INTO changeover_heartbeat VALUES ('main', now())`,
    );
    await onSpare(
      `INSERT INTO people (id, mail) OVERRIDING SYSTEM VALUE VALUES (5001, 'there@people.test'), (5002, 'too@people.test')`,
      `UPDATE people SET weight = 0.1::float8 + 0.2::float8 WHERE id IN (11, 12)`,
      `DELETE FROM people WHERE id = 1600`,
      `INSERT INTO notes VALUES ('one')`,
      `UPDATE parts SET says = 'z' WHERE id = 2`,
    );

    const found = await compare();

    const people = found.tables.find(({ table }) => table === 'people');
    expect(people).toMatchObject({
      rows: { here: 2000, there: 2001 },
      onlyHere: 1,
      onlyThere: 2,
      changedHere: 1,
      changedThere: 1,
    });
    expect(people).toMatchObject({ changedBoth: 1, goneHere: 1, goneThere: 1, same: false, keyed: true });
    expect(divergenceSays(found)).toContain('notes: 2 rows on main, 3 on spare, no key to tell them apart');
    expect(divergenceSays(found)).toContain('parts: 1 changed on spare');
    expect(conflictsBeside(found)).toEqual([
      {
        table: 'people',
        key: '(12)',
        columns: [
          { name: 'mood', here: 'cross', there: 'calm' },
          { name: 'weight', here: 'nothing', there: '0.30000000000000004' },
        ],
      },
    ]);
  });

  it('are in conflict wherever nobody noted when they parted', async () => {
    await onSpare(`UPDATE people SET mood = 'cross' WHERE id = 11`);

    expect((await compare({ here: null })).tables.find(({ table }) => table === 'people')).toMatchObject({
      changedBoth: 1,
      changedThere: 0,
    });
  });

  it('are not compared where their tables are not alike', async () => {
    await onSpare('ALTER TABLE people ADD COLUMN remark text', 'CREATE TABLE fresh (id int PRIMARY KEY)');

    expect((await compare()).schema).toEqual(['people has other columns or another key on spare', 'fresh is only on spare']);
  });
});

describe('a merge', () => {
  it('brings what was written there, as it is there, and keeps what was written here', async () => {
    await onMain(`INSERT INTO people (id, mail) OVERRIDING SYSTEM VALUE VALUES (3001, 'here@people.test')`);
    await onSpare(
      `INSERT INTO people (id, mail, mood, boss, weight, born, tags, face, more) OVERRIDING SYSTEM VALUE VALUES
         (5001, 'a@people.test', 'cross', 5002, 'NaN', '1 mon -2 days 00:00:01.5', '{"a,b","c\\"d",NULL}', '\\xdeadbeef', '{"x": [1, 2.50]}'),
         (5002, 'b (c), "d"\\e@people.test', NULL, 5001, 1e-300, NULL, '[0:1]={x,y}', '', NULL)`,
      `UPDATE people SET mood = 'cross' WHERE id = 7`,
      `INSERT INTO "odd Schema"."Ordered Things" VALUES (5001, '2026-01-15T03:12:00.123456Z', E'two\\nlines')`,
      `INSERT INTO egg VALUES (1, NULL)`,
      `INSERT INTO hen VALUES (1, 1)`,
      `UPDATE egg SET hen = 1`,
      `INSERT INTO parts VALUES (3, 'b', 'new')`,
    );

    await merge();

    const after = await compare();
    expect(after.rows).toEqual([]);
    expect(after.tables.filter(({ same }) => !same)).toMatchObject([
      { table: 'audit', onlyHere: 2, onlyThere: 0 },
      { table: 'people', onlyHere: 1, onlyThere: 0, changedThere: 0 },
    ]);
    const text = `SELECT id, t::text AS row FROM people t WHERE id IN (7, 5001, 5002) ORDER BY id`;
    expect(await onMain(text)).toEqual(await onSpare(text));
  });

  it('fires no trigger, and leaves triggers and foreign keys as they were', async () => {
    const rules = `
      SELECT tgname::text AS name, tgenabled::text AS how FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT conname, concat(condeferrable, condeferred) FROM pg_constraint WHERE contype = 'f' ORDER BY 1`;
    const before = await onMain(rules);
    await onSpare(`INSERT INTO people (mail) VALUES ('new@people.test')`);
    const told = await onSpare('SELECT says FROM audit ORDER BY id');

    await merge();

    expect(await onMain(rules)).toEqual(before);
    expect(await onMain('SELECT says FROM audit ORDER BY id')).toEqual(told);
  });

  it('lets the one win that was chosen, and nobody where nobody was', async () => {
    await onMain(`UPDATE people SET mood = 'cross' WHERE id = 12`);
    await onSpare(`UPDATE people SET weight = 3 WHERE id = 12`);

    await merge('nobody');
    expect(await onMain('SELECT mood, weight FROM people WHERE id = 12')).toEqual([{ mood: 'cross', weight: null }]);
    await merge('there');
    expect(await onMain('SELECT mood, weight FROM people WHERE id = 12')).toEqual([{ mood: 'calm', weight: 3 }]);
  });

  it('is done whole or not at all, and says which rule it broke', async () => {
    await onMain('DELETE FROM people WHERE id = 1900');
    await onSpare(`INSERT INTO "odd Schema"."Ordered Things" VALUES (1900, now(), 'orphan'), (1, now(), 'fine')`);

    await expect(merge()).rejects.toMatchObject({ name: 'VerifyFailed', message: expect.stringContaining('23503') as unknown });
    expect(await onMain(`SELECT count(*)::int AS n FROM "odd Schema"."Ordered Things"`)).toEqual([{ n: 100 }]);
  });

  it('is told beforehand of a row that has its place under another key', async () => {
    await onMain(`INSERT INTO people (id, mail) OVERRIDING SYSTEM VALUE VALUES (3001, 'same@people.test')`);
    await onSpare(`INSERT INTO people (id, mail) OVERRIDING SYSTEM VALUE VALUES (5001, 'same@people.test')`);

    expect((await compare()).collisions).toEqual([{ table: 'people', index: 'people_mail_key', key: '(5001)', other: '(3001)' }]);
  });
});

describe('a gap', () => {
  it('moves sequences ahead, never back', async () => {
    await moveSequences(twins.main.login, ORDERS, [
      { sequence: 'people_id_seq', to: '1002000' },
      { sequence: 'audit_id_seq', to: '5' },
      { sequence: 'gone_seq', to: '5' },
    ]);

    const [audit, people] = await onMain(`SELECT last_value AS last FROM pg_sequences ORDER BY sequencename`);
    expect(people).toEqual({ last: '1002000' });
    expect(Number(audit?.['last'])).toBeGreaterThan(5);
  });
});
