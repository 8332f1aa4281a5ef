// The rows: out of the source as of its snapshot, into the database aside, and past on the way into the file that is kept. Text, because
// every server writes and reads the same. Memory is a few chunks, whatever the table.
import { once } from 'node:events';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { actAs } from './acting.ts';
import { rowsOut } from './rows-out.ts';
import { columnsOf, type Filled } from './tables.ts';

/** Takes whole lines of the table's text, in pieces; resolves when it has room for more. */
export type KeepRows = (lines: readonly Buffer[]) => Promise<void>;

export interface Poured {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

const NEWLINE = 10;

/** A server sends eight kilobytes at a time: each would be encrypted and compressed by itself. */
const LARGE_BYTES = 256 * 1024;

async function* inLarge(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.length;
    if (size < LARGE_BYTES) continue;
    yield Buffer.concat(held);
    [held, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(held);
}

/** The target's table was emptied in the same transaction. Where nobody keeps the text, the servers need not write and read it. `heed` is asked now and then, and throws when the copy is nobody's any more. */
export async function pourTable(
  source: Client,
  target: Client,
  table: Filled,
  keep: KeepRows | null,
  heed: () => Promise<void>,
): Promise<Poured> {
  await actAs(source, table.reader);
  // A table with no column has rows all the same, and COPY has no way to write one that has no column.
  if (table.columns.length === 0) return pourEmpty(source, target, table);
  const format = keep === null && table.isBinary ? 'binary' : 'text';
  const out = rowsOut(source, `COPY ${table.quoted}${columnsOf(table)} TO STDOUT (FORMAT ${format})`);
  // Nobody sees the rows before they are committed: they are written as old ones, and whoever reads them first need not mark them.
  const into = target.query(copyFrom(`COPY ${table.quoted}${columnsOf(table)} FROM STDIN (FORMAT ${format}, FREEZE)`));
  // An error may come while nobody writes; whoever writes after it finds no connection any more.
  let refused: Error | undefined;
  const broken = new Promise<never>((_resolve, reject) => into.on('error', (error) => reject((refused ??= error))));
  broken.catch(() => undefined);
  const finished = new Promise<void>((resolve) => into.once('finish', resolve));
  let bytes = 0;
  const rest: Buffer[] = [];
  const give = async (chunk: Buffer): Promise<void> => {
    if (!into.write(chunk)) await Promise.race([once(into, 'drain'), broken]);
  };
  const keepLines = async (chunk: Buffer): Promise<void> => {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const whole = end > 0 ? [...rest.splice(0), chunk.subarray(0, end)] : [];
    rest.push(chunk.subarray(end));
    if (whole.length > 0) await keep?.(whole);
  };
  try {
    for await (const chunk of inLarge(out as AsyncIterable<Buffer>)) {
      bytes += chunk.length;
      if (refused !== undefined) throw refused;
      await Promise.all([give(chunk), keep && keepLines(chunk)]);
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
