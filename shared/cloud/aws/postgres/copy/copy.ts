// A copy in its acts: the database aside with its schema, the rows, what stands upon them, the proof.
import type { S3Client } from '@aws-sdk/client-s3';
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import type { CopyOrder } from '../../../ports.ts';
import { dealTables, type Built, type Laid, type PouredPart } from '../../../../runbooks/copying.ts';
import type { Proof } from '../../../../runbooks/proof.ts';
import { draftRights, type Rights } from '../../../../runbooks/rights.ts';
import { leftoversOf, markText } from '../../../../runbooks/shelf.ts';
import { openDumpFile, type DumpSink } from '../../dump-file.ts';
import type { Login } from '../session.ts';
import {
  buildAfter,
  copyLargeObjects,
  copySequences,
  fillViews,
  inTarget,
  makeDatabase,
  makeEntry,
  readLocale,
  readPopulated,
} from './build.ts';
import { readEntries, type Schema } from './entries.ts';
import { pourTable, type Poured } from './pour.ts';
import { compareItems, compareLargeObjects, plainly, proveTable } from './prove.ts';
import { giveRights, readRights } from './rights.ts';
import { dumpSchema } from './schema-dump.ts';
import { onSnapshot } from './snapshot.ts';
import { newestHeartbeat, newestMigration } from './heartbeat.ts';
import { dropDatabase, onServer, readStanding } from './swap.ts';
import { columnsOf, readFilled, type Filled } from './tables.ts';

export interface Ground {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly source: Login;
  readonly target: Login;
}
type Heed = () => Promise<void>;

const schemaOf = async ({ source }: Ground, { from, snapshot }: CopyOrder): Promise<Schema> =>
  readEntries(await dumpSchema(source, from.database.name, snapshot));

/** Whatever an earlier try left under this name goes first: it bears our mark. */
export async function layCopy(ground: Ground, order: CopyOrder, parts: number): Promise<Omit<Laid, 'attempt'>> {
  const { from, to, incoming, mark, snapshot, dump } = order;
  const [schema, tables] = await Promise.all([
    schemaOf(ground, order),
    onSnapshot(ground.source, from.database.name, snapshot, readFilled),
  ]);
  const like = await onSnapshot(ground.source, from.database.name, snapshot, (client) => readLocale(client, from.database.name));
  await onServer(ground.target, async (client) => {
    const standing = await readStanding(client);
    for (const { name } of leftoversOf(standing, to.database.name)) await dropDatabase(client, name);
    await makeDatabase(client, incoming, to.database.owner, like, markText(mark));
  });
  const file = await openDumpFile(ground.s3, ground.bucket, `${dump}/00-schema.sql.gz`);
  await file.write(HEADER);
  const left = await inTarget(ground.target, incoming, to.database.owner, async (client) => {
    const out: string[] = [];
    for (const entry of schema.before) {
      await file.write(`${entry.sql}\n\n`);
      out.push(...(await makeEntry(client, entry, to.database.owner)));
    }
    return out;
  });
  return { parts: dealTables(tables, parts), file: await file.end(), left };
}

/** What a file of the trail needs to be read back by psql, in the order of their names. */
const HEADER = `SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = off;
SET xmloption = content;
SET row_security = off;
SELECT pg_catalog.set_config('search_path', '', false);

`;
const SESSION_HEADER = HEADER;

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
  const file = await openDumpFile(ground.s3, ground.bucket, `${dump}/10-rows-${String(part).padStart(2, '0')}.sql.gz`);
  await file.write(SESSION_HEADER);
  const tables: Poured[] = [];
  const all = await onSnapshot(ground.source, from.database.name, snapshot, readFilled);
  const queue = names.flatMap((name) => all.filter(({ quoted }) => quoted === name));
  const worker = (): Promise<void> =>
    onSnapshot(ground.source, from.database.name, snapshot, (source) =>
      inTarget(ground.target, incoming, to.database.owner, async (target) => {
        for (let table = queue.shift(); table; table = queue.shift())
          tables.push(await pourOne(source, target, table, file, heed));
      }),
    );
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Math.max(1, queue.length)) }, worker));
  return { tables, file: await file.end(), milliseconds: Math.round(performance.now() - startedAt) };
}

/** In one transaction with its emptying: whoever died before left nothing of it, and PostgreSQL need not log what is new. */
async function pourOne(source: Client, target: Client, table: Filled, file: DumpSink, heed: Heed): Promise<Poured> {
  const head = `COPY ${table.quoted}${columnsOf(table)} FROM stdin;\n`;
  await target.query('BEGIN');
  await target.query(`TRUNCATE ONLY ${table.quoted}`);
  const poured = await pourTable(
    source,
    target,
    table,
    (_, lines) => file.write(Buffer.concat([Buffer.from(head), lines, Buffer.from('\\.\n\n')])),
    heed,
  );
  await target.query('COMMIT');
  return poured;
}

export async function buildCopy(ground: Ground, order: CopyOrder, heed: Heed): Promise<Omit<Built, 'attempt'>> {
  const { from, to, incoming, snapshot, dump } = order;
  const { owner } = to.database;
  const file = await openDumpFile(ground.s3, ground.bucket, `${dump}/90-indexes.sql.gz`);
  await file.write(SESSION_HEADER);
  const schema = await schemaOf(ground, order);
  for (const { sql } of schema.after) await file.write(`${sql}\n\n`);
  const left = await onSnapshot(ground.source, from.database.name, snapshot, async (source) => {
    const tables = await readFilled(source);
    const out = await buildAfter(ground.target, incoming, owner, schema.after, tables, heed);
    const given = await inTarget(ground.target, incoming, owner, async (target) => {
      const sequences = await copySequences(source, target);
      for (const { name: sequence, value, called } of sequences)
        await file.write(`SELECT pg_catalog.setval('${sequence.replaceAll("'", "''")}', ${value}, ${called});\n`);
      await copyLargeObjects(source, target);
      await source.query('RESET ROLE');
      await fillViews(target, await readPopulated(source));
      await target.query('RESET ROLE');
      await target.query(`ANALYZE`);
      await target.query(`SET ROLE ${escapeIdentifier(owner)}`);
      const rights = await rightsFor(ground, order, source);
      const lost = await giveRights(target, incoming, rights);
      return [...lost, ...rights.missing.map((role) => `${to.environment} has no role ${role}`)];
    });
    return [...out, ...given];
  });
  return { file: await file.end(), left };
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

export async function proveCopy(ground: Ground, order: CopyOrder, left: readonly string[], heed: Heed): Promise<Proof> {
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
    const { rows } = await target.query<{ count: number }>('SELECT count(*)::int AS count FROM pg_largeobject_metadata');
    return {
      ...sortOut(items, left),
      objects,
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
