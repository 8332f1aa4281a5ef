// A copy in its acts, once the database aside is there: the rows, what stands upon them, the proof.
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import type { CopyOrder } from '../../../ports.ts';
import type { Built, Laid, PouredPart } from '../../../../runbooks/copying.ts';
import type { Proof } from '../../../../runbooks/proof.ts';
import { draftRights, type Rights } from '../../../../runbooks/rights.ts';
import type { DumpSink } from '../../dump-file.ts';
import { analyseAll, buildAfter, fillViews, inTarget, readPopulated, readSearchPath } from './build.ts';
import { compareCounters, copyCounters } from './counters.ts';
import { fileOf, headerOf, type Ground } from './ground.ts';
import { newestHeartbeat, newestMigration } from './heartbeat.ts';
import { compareLargeObjects, copyLargeObjects } from './large-objects.ts';
import { pourTable, type Poured } from './pour.ts';
import { compareItems, plainly, proveTable } from './prove.ts';
import { compareRights, giveRights, readRights } from './rights.ts';
import { onSnapshot, stillAsItWas } from './snapshot.ts';
import { columnsOf, readFilled, type Filled } from './tables.ts';

type Heed = () => Promise<void>;

const AT_ONCE = 2;

export async function pourPart(
  ground: Ground,
  order: CopyOrder,
  part: number,
  names: readonly string[],
  heed: Heed,
): Promise<Omit<PouredPart, 'attempt'>> {
  const startedAt = performance.now();
  const { from, to, incoming, snapshot, dump } = order;
  const file = await fileOf(ground, order, `10-rows-${String(part).padStart(2, '0')}`);
  const tables: Poured[] = [];
  const [all, path] = await onSnapshot(ground.source, from.database.name, snapshot, async (source) => [
    await readFilled(source),
    await readSearchPath(source),
  ]);
  await file.write(headerOf(path));
  const queue = names.flatMap((name) => all.filter(({ quoted }) => quoted === name));
  const worker = (): Promise<void> =>
    onSnapshot(ground.source, from.database.name, snapshot, (source) =>
      inTarget(ground.target, incoming, to.database.owner, async (target) => {
        await target.query(`SET search_path = ${path}`);
        for (let table = queue.shift(); table; table = queue.shift())
          tables.push(await pourOne(source, target, table, dump === null ? null : file, heed));
      }),
    );
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Math.max(1, queue.length)) }, worker));
  await stillAsItWas(ground, from.database.name, snapshot);
  return { tables, file: await file.end(), milliseconds: Math.round(performance.now() - startedAt) };
}

const END_OF_ROWS = Buffer.from('\\.\n\n');

/**
 * In one transaction with its emptying: whoever died before left nothing of it. The server's own vacuum would find work there and lock
 * out whoever builds upon it: it is let in again when all stands.
 */
async function pourOne(source: Client, target: Client, table: Filled, file: DumpSink | null, heed: Heed): Promise<Poured> {
  const head = `COPY ${table.quoted}${columnsOf(table)} FROM stdin;\n`;
  await target.query('BEGIN');
  await target.query(`TRUNCATE ONLY ${table.quoted}; ALTER TABLE ${table.quoted} SET (autovacuum_enabled = off)`);
  const keep = file && ((lines: readonly Buffer[]) => file.write(Buffer.concat([Buffer.from(head), ...lines, END_OF_ROWS])));
  const poured = await pourTable(source, target, table, keep, heed);
  await target.query('COMMIT');
  // COPY has no way to write rows without a column.
  for (let n = 0; table.columns.length === 0 && n < poured.rows; n++)
    await file?.write(`INSERT INTO ${table.quoted} DEFAULT VALUES;\n`);
  return poured;
}

export async function buildCopy(
  ground: Ground,
  order: CopyOrder,
  after: Laid['after'],
  heed: Heed,
): Promise<Omit<Built, 'attempt'>> {
  const { from, to, incoming, snapshot } = order;
  const { owner } = to.database;
  const file = await fileOf(ground, order, '90-indexes');
  const made = await onSnapshot(ground.source, from.database.name, snapshot, async (source) => {
    const tables = await readFilled(source);
    const path = await readSearchPath(source);
    await file.write(headerOf(path));
    for (const { sql } of after) await file.write(`${sql}\n\n`);
    const upon = { login: ground.target, database: incoming, owner, path };
    const out = await buildAfter(upon, after, tables, heed);
    const filled = await inTarget(ground.target, incoming, owner, async (target) => {
      await target.query(`SET search_path = ${path}`);
      const counters = await fillRest(source, target, file);
      await target.query(`SET search_path = ''; SET ROLE ${escapeIdentifier(owner)}`);
      const rights = await rightsFor(ground, order, source);
      const lost = await giveRights(target, incoming, { ...rights, owner });
      return { counters, left: [...out, ...lost, ...rights.missing.map((role) => `${to.environment} has no role ${role}`)] };
    });
    await analyseAll(upon);
    return filled;
  });
  return { file: await file.end(), ...made };
}

/** What is neither a table's row nor stands upon one. */
async function fillRest(source: Client, target: Client, file: DumpSink): Promise<Built['counters']> {
  const counters = await copyCounters(source, target);
  for (const { name, value, called } of counters)
    await file.write(`SELECT pg_catalog.setval('${name.replaceAll("'", "''")}', ${value}, ${called});\n`);
  await copyLargeObjects(source, target, (sql) => file.write(sql));
  await source.query('RESET ROLE');
  await fillViews(target, await readPopulated(source), (sql) => file.write(sql));
  await target.query('RESET ROLE');
  return counters;
}

/** What the source's roles may, by the names they have here, and what only the target's own roles could until now. */
async function rightsFor({ target }: Ground, { from, to }: CopyOrder, source: Client): Promise<Rights> {
  await source.query("SET LOCAL search_path = ''");
  const here = await readRights(source);
  const there = await inTarget(target, to.database.name, to.database.owner, async (client) => {
    await client.query('RESET ROLE');
    return readRights(client);
  });
  return draftRights(here, there, from.database, to.database);
}

export async function proveCopy(
  ground: Ground,
  order: CopyOrder,
  { left, counters }: Pick<Built, 'left' | 'counters'>,
  heed: Heed,
): Promise<Proof> {
  const { from, to, incoming, snapshot } = order;
  const inCopy = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    inTarget(ground.target, incoming, to.database.owner, async (client) => {
      await plainly(client);
      return work(client);
    });
  const pair = <T>(work: (source: Client, target: Client) => Promise<T>): Promise<T> =>
    onSnapshot(ground.source, from.database.name, snapshot, (source) => inCopy((target) => work(source, target)));
  const tables: Proof['tables'] = [];
  const queue = await onSnapshot(ground.source, from.database.name, snapshot, readFilled);
  const worker = (): Promise<void> =>
    pair(async (source, target) => {
      for (let table = queue.shift(); table; table = queue.shift()) {
        await heed();
        tables.push(await proveTable(source, target, table));
      }
    });
  const rest = pair(async (source, target) => {
    await source.query("SET LOCAL search_path = ''");
    await target.query("SET LOCAL search_path = ''");
    const items = await compareItems(source, target);
    const objects = await compareLargeObjects(source, target);
    await source.query('RESET ROLE');
    const counted = await compareCounters(counters, target);
    await target.query('RESET ROLE');
    const given = compareRights(await rightsFor(ground, order, source), await readRights(target), incoming, left);
    const { rows } = await target.query<{ count: number }>('SELECT count(*)::int AS count FROM pg_largeobject_metadata');
    return {
      ...sortOut(items, left),
      objects: [...objects, ...counted, ...given],
      migration: { source: await newestMigration(source), copy: await newestMigration(target) },
      largeObjects: rows[0]?.count ?? 0,
      heartbeat: await newestHeartbeat(target, from.environment),
    };
  });
  const [found] = await Promise.all([rest, ...Array.from({ length: AT_ONCE }, worker)]);
  const { differences, told, objects, ...more } = found;
  return { tables, differences: [...differences, ...objects], told: [...told, ...left], ...more };
}

/** What could not be made was told when it was not; that it is not there is no news. */
function sortOut(items: readonly string[], left: readonly string[]): { differences: string[]; told: string[] } {
  const isKnown = (item: string): boolean =>
    left.some((line) => item.startsWith(line.split(' (')[0] ?? line)) || item.startsWith('database locale');
  return { differences: items.filter((item) => !isKnown(item)), told: items.filter(isKnown) };
}
