// The rows: out of the source as of its snapshot, into the database aside, and past on the way into the file that is kept. Text, because
// every server writes and reads the same. Memory is a few chunks, whatever the table.
import { once } from 'node:events';
import type { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { actAs } from './acting.ts';
import { columnsOf, type Filled } from './tables.ts';

/** Takes whole lines of the table; resolves when it has room for more. */
export type KeepRows = (lines: Buffer) => Promise<void>;

export interface Poured {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

const NEWLINE = 10;

/** `heed` is asked now and then, and throws when the copy is nobody's any more. */
export async function pourTable(
  source: Client,
  target: Client,
  table: Filled,
  keep: KeepRows,
  heed: () => Promise<void>,
): Promise<Poured> {
  await actAs(source, table.reader);
  // A table with no column has rows all the same, and COPY has no way to write one that has no column.
  if (table.columns.length === 0) return pourEmpty(source, target, table);
  const out = source.query(copyTo(`COPY ${table.quoted}${columnsOf(table)} TO STDOUT`));
  const into = target.query(copyFrom(`COPY ${table.quoted}${columnsOf(table)} FROM STDIN`));
  let bytes = 0;
  let rest: Buffer[] = [];
  // An error may come while nobody writes; whoever writes after it finds no connection any more.
  let refused: Error | undefined;
  const broken = new Promise<never>((_resolve, reject) => into.on('error', (error) => reject((refused ??= error))));
  broken.catch(() => undefined);
  const finished = new Promise<void>((resolve) => into.once('finish', resolve));
  try {
    for await (const chunk of out as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (refused !== undefined) throw refused;
      if (!into.write(chunk)) await Promise.race([once(into, 'drain'), broken]);
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end > 0) {
        await keep(Buffer.concat([...rest, chunk.subarray(0, end)]));
        rest = [];
      }
      if (end < chunk.length) rest.push(chunk.subarray(end));
      await heed();
    }
    into.end();
    await Promise.race([finished, broken]);
  } catch (error) {
    if (refused === undefined) into.destroy(error as Error);
    out.destroy();
    // What the server said comes before what was seen of it on this side.
    throw refused ?? error;
  }
  return { table: table.label, rows: into.rowCount, bytes };
}

async function pourEmpty(source: Client, target: Client, table: Filled): Promise<Poured> {
  const { rows } = await source.query<{ rows: string }>(`SELECT count(*) AS rows FROM ONLY ${table.quoted}`);
  const count = Number(rows[0]?.rows ?? 0);
  for (let n = 0; n < count; n++) await target.query(`INSERT INTO ${table.quoted} DEFAULT VALUES`);
  return { table: table.label, rows: count, bytes: 0 };
}
