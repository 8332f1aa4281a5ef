// Rows that were brought into a database are taken back: all of them as they were before, or none. On real PostgreSQL.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compareDatabases } from '../../shared/cloud/aws/postgres/compare.ts';
import { mergeRows, revertRows } from '../../shared/cloud/aws/postgres/merge.ts';
import type { Divergence, RowDifference } from '../../shared/runbooks/divergence.ts';
import { ORDERS, useTwins, type Twins } from './twins.ts';

const SCHEMA = `
  CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mail text UNIQUE, boss bigint REFERENCES people);
  CREATE TABLE prices (area text, sort text, cents int, PRIMARY KEY (area, sort));
  CREATE TABLE log (says text);
  INSERT INTO people (mail) SELECT n || '@people.test' FROM generate_series(1, 20) n;
  INSERT INTO prices VALUES ('EU', 'tea', 300), ('EU', 'two words', 400)`;

const makeTwins = useTwins(SCHEMA);
let twins: Twins;
/** What is brought back into main: two that were deleted there, and two that were changed. */
let brought: readonly RowDifference[];
beforeEach(async () => {
  twins = await makeTwins();
  await onMain(
    'DELETE FROM people WHERE id IN (4, 5)',
    `UPDATE people SET mail = 'now@people.test' WHERE id = 6`,
    `UPDATE prices SET cents = 999 WHERE sort = 'two words'`,
    `INSERT INTO people (mail) VALUES ('since@people.test')`,
  );
  brought = (await compare()).rows;
});
afterEach(() => twins.stop());

const onMain = (...statements: string[]) => twins.main.on(...statements);
function compare(only?: readonly string[]): Promise<Divergence> {
  const side = ({ environment, login }: Twins['main']) => ({ environment, login, database: ORDERS.name, since: null });
  return compareDatabases(side(twins.main), side(twins.spare), 60, only);
}
const standing = () =>
  onMain(`SELECT t::text AS row FROM people t UNION ALL SELECT t::text FROM prices t ORDER BY 1`) as Promise<{ row: string }[]>;
const merge = () => mergeRows(twins.main.login, ORDERS.name, brought);
const revert = () => revertRows(twins.main.login, ORDERS.name, brought);

describe('rows that were brought back', () => {
  it('are taken back, every one: those that came go, those that changed say again what they said', async () => {
    const before = await standing();
    await merge();
    const between = await standing();

    await revert();

    expect(brought.map(({ table, key, here }) => `${table} ${key} ${here === null}`).sort()).toEqual([
      'people (4) true',
      'people (5) true',
      'people (6) false',
      'prices (EU,"two words") false',
    ]);
    expect(between).not.toEqual(before);
    expect(await standing()).toEqual(before);
  });

  it('are taken back once, and those that never came not at all', async () => {
    const before = await standing();
    await revert();
    expect(await standing()).toEqual(before);

    await merge();
    await revert();
    await revert();

    expect(await standing()).toEqual(before);
  });

  it.each([
    ['one that came was changed', [`UPDATE people SET mail = 'mine' WHERE id = 4`]],
    ['all that came were changed', [`UPDATE people SET mail = 'mine' || id WHERE id IN (4, 5, 6)`]],
    ['one that changed was changed again', [`UPDATE prices SET cents = 1 WHERE sort = 'two words'`]],
    ['one that came was deleted again', ['DELETE FROM people WHERE id = 5']],
  ])('are left, all of them, where %s since', async (_what, statements) => {
    await merge();
    await onMain(...statements);
    const since = await standing();

    await expect(revert()).rejects.toMatchObject({
      name: 'VerifyFailed',
      message: expect.stringMatching(/^\d+ rows? of (people|prices) were changed since/) as unknown,
    });
    expect(await standing()).toEqual(since);
  });

  it('that nothing else changed are left where each of them was changed, though none was there before', async () => {
    brought = brought.filter(({ here }) => here === null);
    await merge();
    await onMain(`UPDATE people SET mail = 'mine' || id WHERE id IN (4, 5)`);
    const since = await standing();

    await expect(revert()).rejects.toMatchObject({ name: 'VerifyFailed' });
    expect(await standing()).toEqual(since);
  });

  it('are left where somebody leans on them by now', async () => {
    await merge();
    await onMain('UPDATE people SET boss = 4 WHERE id = 7');
    const since = await standing();

    await expect(revert()).rejects.toMatchObject({ name: 'VerifyFailed' });
    expect(await standing()).toEqual(since);
  });
});

describe('a comparison of named tables', () => {
  it('tells of them and of no other, not even of what is no longer alike', async () => {
    await onMain('ALTER TABLE log ADD COLUMN at date', 'CREATE TABLE fresh (id int)');

    const found = await compare(['prices']);

    expect(found.tables.map(({ table }) => table)).toEqual(['prices']);
    expect([found.schema, found.rows.map(({ table }) => table)]).toEqual([[], ['prices']]);
    expect((await compare(['log'])).schema).toEqual(['log has other columns or another key on spare']);
  });
});
