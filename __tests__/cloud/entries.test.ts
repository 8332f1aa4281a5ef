import { describe, expect, it } from '@jest/globals';
import {
  foreignKeyOf,
  isLenient,
  isMasters,
  orderBuilding,
  readEntries,
  tableKey,
  tableOf,
} from '../../shared/cloud/aws/postgres/copy/entries.ts';

const entry = (name: string, type: string, sql: string): string =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: -\n--\n\n${sql}\n\n\n`;
const ODD = `CREATE FUNCTION public.odd() RETURNS text
    LANGUAGE plpgsql
    AS $_$
--
-- Not a head; Type: TABLE
--
-- PostgreSQL database dump complete
begin
  execute 'CREATE INDEX a ON b (c);';
  return $$;$$ || E'\\n--\\n-- Name: x; Type: TABLE; Schema: public; Owner: -\\n--\\n';
end
$_$;`;
const LAST = `CREATE FUNCTION public.last() RETURNS trigger LANGUAGE plpgsql AS $$
--
-- PostgreSQL database dump complete
--
begin return new; end $$;`;
const HEAD = `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET row_security = off;\n\n`;
const END = `--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n`;
const read = (...entries: string[]) => readEntries(`${HEAD}${entries.join('')}${END}`);

describe('what pg_dump wrote', () => {
  const schema = read(
    entry('hstore', 'EXTENSION', 'CREATE EXTENSION hstore;'),
    entry('EXTENSION hstore', 'COMMENT', "COMMENT ON EXTENSION hstore IS 'x';"),
    entry('odd()', 'FUNCTION', ODD),
    entry('odd "name"; of', 'TABLE', 'CREATE TABLE public."odd ""name""; of" (\n    id integer\n);'),
    entry('orders orders_pkey', 'CONSTRAINT', 'ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);'),
    entry('seen', 'VIEW', 'CREATE OR REPLACE VIEW public.seen AS\n SELECT 1;'),
    entry('all', 'PUBLICATION', 'CREATE PUBLICATION "all" FOR ALL TABLES;'),
  );

  it('is taken apart at its heads alone, whatever functions say', () => {
    expect(schema.before.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'EXTENSION hstore',
      'COMMENT EXTENSION hstore',
      'FUNCTION odd()',
      'TABLE odd "name"; of',
    ]);
    expect(schema.before[2]?.sql).toBe(ODD);
  });

  it('goes in two, and what comes after the rows stays in its order', () => {
    expect(schema.after.map(({ type }) => type)).toEqual(['CONSTRAINT', 'VIEW', 'PUBLICATION']);
    expect(schema.after.at(-1)?.sql).toBe('CREATE PUBLICATION "all" FOR ALL TABLES;');
  });

  it('ends at its own end, and not where a function says so', () => {
    expect(read(entry('odd()', 'FUNCTION', ODD), entry('last()', 'FUNCTION', LAST)).before.map(({ sql }) => sql)).toEqual([
      ODD,
      LAST,
    ]);
  });

  it('may be nothing', () => {
    expect(read()).toEqual({ before: [], after: [] });
  });

  it('says who makes what, and what may be left out', () => {
    const [extension, comment, plain] = schema.before;
    const publication = schema.after.at(-1);

    expect([extension, comment, plain, publication].map((one) => one && [isMasters(one), isLenient(one)])).toEqual([
      [true, false],
      [true, true],
      [false, false],
      [true, true],
    ]);
  });
});

describe('what stands upon the rows', () => {
  const { after } = read(
    entry('parts parts_pkey', 'CONSTRAINT', 'ALTER TABLE ONLY public.parts\n    ADD CONSTRAINT parts_pkey PRIMARY KEY (id);'),
    entry(
      'parts_1 parts_1_pkey',
      'CONSTRAINT',
      'ALTER TABLE ONLY public.parts_1\n    ADD CONSTRAINT parts_1_pkey PRIMARY KEY (id);',
    ),
    entry('by_day', 'INDEX', 'CREATE INDEX by_day ON public.orders USING btree (day);'),
    entry('parts_1_pkey', 'INDEX ATTACH', 'ALTER INDEX public.parts_pkey ATTACH PARTITION public.parts_1_pkey;'),
    entry(
      'orders of',
      'FK CONSTRAINT',
      'ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT of FOREIGN KEY (c) REFERENCES public.customers(id);',
    ),
  );
  const { parents, free, rest } = orderBuilding(after, () => 0);

  it('is each built once: parents first, then what knows nothing of each other, then the rest', () => {
    expect([...parents, ...free, ...rest].map(({ name }) => name).sort()).toEqual(after.map(({ name }) => name).sort());
    expect(parents.map(({ name }) => name)).toContain('parts parts_pkey');
    expect(free.map(({ name }) => name)).toContain('by_day');
    expect(rest.map(({ type }) => type)).toEqual(['INDEX ATTACH', 'FK CONSTRAINT']);
  });

  it('is known by the table that it is upon', () => {
    expect(after.filter(({ type }) => type !== 'INDEX ATTACH').map(tableOf)).toEqual([
      'public.parts',
      'public.parts_1',
      'public.orders',
      'public.orders',
    ]);
  });
});

describe('the turns of what is built', () => {
  const made = (name: string, type: string, table: string) => ({
    ...{ name, type },
    sql:
      type === 'INDEX'
        ? `CREATE INDEX ${name} ON ${table} USING btree (a);`
        : `ALTER TABLE ONLY ${table}\n    ADD CONSTRAINT ${name} UNIQUE (a);`,
  });
  const sizes: Readonly<Record<string, number>> = { small: 1, large: 9 };
  const turns = (...entries: readonly ReturnType<typeof made>[]): string[] =>
    orderBuilding(entries, (table) => sizes[table] ?? 0).free.map(({ name }) => name);

  it('give the largest table the first, and no table two constraints in a row while another waits', () => {
    expect(
      turns(
        made('large_2', 'CONSTRAINT', 'large'),
        made('by_a', 'INDEX', 'small'),
        made('large_1', 'CONSTRAINT', 'large'),
        made('by_b', 'INDEX', 'large'),
        made('small_1', 'CONSTRAINT', 'small'),
      ),
    ).toEqual(['large_2', 'small_1', 'large_1', 'by_b', 'by_a']);
  });
});

describe('a foreign key', () => {
  const key = (table: string, more = '') => ({
    ...{ name: 'k', type: 'FK CONSTRAINT' },
    sql: `ALTER TABLE ${table}\n    ADD CONSTRAINT "of; it" FOREIGN KEY (a) REFERENCES public."odd ""one"""(id) ON DELETE CASCADE${more};`,
  });

  it('stands first, and is checked by itself', () => {
    const found = foreignKeyOf(key('ONLY public.orders'));

    expect([found?.table, found?.referenced]).toEqual(['public.orders', 'public."odd ""one"""']);
    expect(found?.unchecked.sql).toMatch(/ON DELETE CASCADE NOT VALID;$/);
    expect(found?.check.sql).toBe('ALTER TABLE ONLY public.orders VALIDATE CONSTRAINT "of; it";');
  });

  it.each([
    ['of a partitioned table', key('public.parts')],
    ['that the source never checked', key('ONLY public.orders', ' NOT VALID')],
    ['that nobody enforces', key('ONLY public.orders', ' NOT ENFORCED')],
    ['that is none', { name: 'k', type: 'CONSTRAINT', sql: 'ALTER TABLE ONLY a\n    ADD CONSTRAINT b UNIQUE (c);' }],
  ])('%s has no halves', (_what, entry) => {
    expect(foreignKeyOf(entry)).toBeUndefined();
  });

  it('names a table in one form, however it is quoted', () => {
    expect(tableKey('public.orders')).toBe(tableKey('"public"."orders"'));
    expect(tableKey('"a.b".c')).not.toBe(tableKey('a."b.c"'));
  });
});
