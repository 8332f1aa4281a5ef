// Sequences: where they stand in the source, and in the copy.
import type { Client } from 'pg';
import type { Counter } from '../../../../runbooks/copying.ts';

const NAMES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`;
const AT_ONCE = 200;

/** Of each its own row: the system's view forgets where one stands that was set and not asked since. */
export async function readCounters(client: Client): Promise<Counter[]> {
  const names = (await client.query<{ name: string }>(NAMES)).rows.map(({ name }) => name);
  const counters: Counter[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const asked = names.slice(at, at + AT_ONCE).map((name) => {
      const text = `'${name.replaceAll("'", "''")}'`;
      return `SELECT ${text} AS name, last_value::text AS value, is_called AS called FROM ${name}`;
    });
    counters.push(...(await client.query<Counter>(asked.join(' UNION ALL '))).rows);
  }
  return counters;
}

/** Sequences know no snapshot: read after the rows, they are at least as far as any row. */
export async function copyCounters(source: Client, target: Client): Promise<Counter[]> {
  const counters = await readCounters(source);
  for (const { name, value, called } of counters)
    await target.query('SELECT pg_catalog.setval($1::regclass, $2::bigint, $3)', [name, value, called]);
  return counters;
}

const said = ({ value, called }: Counter): string => `${value}${called ? '' : ', not given yet'}`;

/** The source goes on counting: what the copy was set to is what it must stand at. */
export async function compareCounters(set: readonly Counter[], copy: Client): Promise<string[]> {
  const found = new Map((await readCounters(copy)).map((one) => [one.name, said(one)]));
  return set.flatMap((one) =>
    found.get(one.name) === said(one)
      ? []
      : [`sequence ${one.name} was set to ${said(one)} and stands at ${found.get(one.name) ?? 'nothing'} in the copy`],
  );
}
