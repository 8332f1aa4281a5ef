// Large objects, which are in no table: bytes, and what is said of each.
import type { Client } from 'pg';
import { escapeLiteral } from 'pg';
import { actAs, mayActAs } from './acting.ts';
import type { Keep } from './build.ts';

const LARGE_OBJECT_BYTES = 4 * 1024 * 1024;
const LARGE_OBJECTS = `
  SELECT m.oid::text AS oid, CASE WHEN ${mayActAs('m.lomowner')} THEN m.lomowner::regrole::text END AS reader,
         obj_description(m.oid, 'pg_largeobject') AS comment
  FROM pg_largeobject_metadata m ORDER BY m.oid`;

export async function copyLargeObjects(source: Client, target: Client, keep: Keep): Promise<number> {
  const { rows } = await source.query<{ oid: string; reader: string | null; comment: string | null }>(LARGE_OBJECTS);
  for (const { oid, reader, comment } of rows) {
    await actAs(source, reader);
    await target.query('SELECT pg_catalog.lo_create($1::oid)', [oid]);
    await keep(`SELECT pg_catalog.lo_create(${oid});\n`);
    for (let at = 0; ; at += LARGE_OBJECT_BYTES) {
      const { rows: read } = await source.query<{ bytes: Buffer }>('SELECT lo_get($1::oid, $2, $3) AS bytes', [
        oid,
        at,
        LARGE_OBJECT_BYTES,
      ]);
      const bytes = read[0]?.bytes ?? Buffer.alloc(0);
      if (bytes.length > 0) {
        await target.query('SELECT pg_catalog.lo_put($1::oid, $2, $3)', [oid, at, bytes]);
        await keep(`SELECT pg_catalog.lo_put(${oid}, ${at}, '\\x${bytes.toString('hex')}');\n`);
      }
      if (bytes.length < LARGE_OBJECT_BYTES) break;
    }
    if (comment === null) continue;
    const said = `COMMENT ON LARGE OBJECT ${oid} IS ${escapeLiteral(comment)}`;
    await target.query(said);
    await keep(`${said};\n`);
  }
  return rows.length;
}

/** By what is in them: a digest each. */
export async function compareLargeObjects(source: Client, target: Client): Promise<string[]> {
  const sql = `SELECT m.oid::text AS oid, CASE WHEN ${mayActAs('m.lomowner')} THEN m.lomowner::regrole::text END AS reader FROM pg_largeobject_metadata m ORDER BY m.oid`;
  const { rows } = await source.query<{ oid: string; reader: string | null }>(sql);
  const different: string[] = [];
  for (const { oid, reader } of rows) {
    await actAs(source, reader);
    const digest = 'SELECT md5(lo_get($1::oid)) AS digest';
    const [here, there] = await Promise.all([
      source.query<{ digest: string }>(digest, [oid]),
      target.query<{ digest: string }>(digest, [oid]),
    ]);
    if (here.rows[0]?.digest !== there.rows[0]?.digest) different.push(`large object ${oid} has other bytes in the copy`);
  }
  return different;
}
