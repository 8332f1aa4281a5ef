// Rows brought from one database into another, in one transaction: all of them or none, and every rule of the database kept.
import { escapeIdentifier } from 'pg';
import type { RowDifference } from '../../../runbooks/divergence.ts';
import { RunbookError } from '../../../errors.ts';
import { inSession, saidBy, sqlState, type Login, type Session } from './session.ts';
import { labelOf, PLAIN_TEXT, quoted, readShapes, recordOf, type Shape } from './tables.ts';

const STATEMENT_MILLISECONDS = 60_000;
/** Rows in one statement: their texts are one message. */
const AT_ONCE = 500;

interface Batch {
  readonly shape: Shape;
  readonly rows: readonly RowDifference[];
}

/** Writes them as they are there: no trigger of the users' fires, keys keep their values, and foreign keys are judged at the end. */
export const mergeRows = (login: Login, database: string, rows: readonly RowDifference[]): Promise<void> =>
  inOneTransaction(login, database, rows, async (session, batch) => write(session, batch));

/** The other way round: what was written is what was there before, or is not there. A row that is not as it was written stops all of it. */
export const revertRows = (login: Login, database: string, rows: readonly RowDifference[]): Promise<void> =>
  inOneTransaction(login, database, rows, async (session, { shape, rows: brought }) => {
    const standing = await countStanding(session, shape, brought);
    // Never brought, or taken back already.
    if (standing.asBefore === brought.length) return;
    if (standing.asBrought < brought.length) throw changedSince(shape, brought.length - standing.asBrought);
    const fresh = brought.filter(({ here }) => here === null);
    const changed = brought.flatMap((row) => (row.here === null ? [] : [{ ...row, there: row.here, here: row.there }]));
    for (const some of inPieces(fresh)) await session.query(deletion(shape), [some.map(({ there }) => there)]);
    await write(session, { shape, rows: changed });
  });

async function inOneTransaction(
  login: Login,
  database: string,
  rows: readonly RowDifference[],
  work: (session: Session, batch: Batch) => Promise<void>,
): Promise<void> {
  if (rows.length === 0) return;
  await inSession(login, database, { statementMilliseconds: STATEMENT_MILLISECONDS }, async (session) => {
    await session.query('BEGIN');
    await session.query(PLAIN_TEXT);
    const batches = batchesOf(await readShapes(session), rows);
    const restore = await relax(session, batches);
    try {
      for (const batch of batches) await work(session, batch);
      await session.query('SET CONSTRAINTS ALL IMMEDIATE');
    } catch (error) {
      throw broken(error);
    }
    for (const statement of restore) await session.query(statement);
    await session.query('COMMIT');
  });
}

/** How many rows are as they were brought, and how many as they were before that. */
async function countStanding(
  session: Session,
  shape: Shape,
  rows: readonly RowDifference[],
): Promise<{ asBrought: number; asBefore: number }> {
  const count = async (texts: readonly string[], alike = 't::text = (r.v)::text'): Promise<number> => {
    let found = 0;
    for (let at = 0; at < texts.length; at += AT_ONCE) {
      const [row] = await session.query<{ found: string }>(
        `SELECT count(*)::text AS found FROM ${quoted(shape)} t JOIN ${given(shape)} ON ${recordOf('t', shape.key)} = ${recordOf('(r.v)', shape.key)}
         WHERE ${alike}`,
        [texts.slice(at, at + AT_ONCE)],
      );
      found += Number(row?.found ?? 0);
    }
    return found;
  };
  const [before, fresh] = [
    rows.flatMap(({ here }) => here ?? []),
    rows.flatMap(({ here, there }) => (here === null ? [there] : [])),
  ];
  const asBrought = await count(rows.map(({ there }) => there));
  // One that came and was changed since is there, whatever it says by now.
  const missing = fresh.length - (await count(fresh, 'true'));
  return { asBrought, asBefore: (await count(before)) + missing };
}

const changedSince = ({ schema, name }: Shape, count: number): RunbookError =>
  new RunbookError(
    'VerifyFailed',
    `${count} rows of ${labelOf({ schema, name })} were changed since they were brought back, so none was taken back; decide by hand which of them are right`,
    { count },
  );

function batchesOf(shapes: readonly Shape[], rows: readonly RowDifference[]): Batch[] {
  return [...new Set(rows.map(({ table }) => table))].map((table) => {
    const shape = shapes.find((one) => labelOf(one) === table);
    if (shape) return { shape, rows: rows.filter((row) => row.table === table) };
    throw new RunbookError('PlanStale', `table ${table} is gone since the plan was drafted; start the run again`, { table });
  });
}

/**
 * Triggers that would write more than was written, and foreign keys that would be judged row by row, wait until the end of the
 * transaction. Answers what puts each back exactly as it was.
 */
async function relax(session: Session, batches: readonly Batch[]): Promise<string[]> {
  const restore: string[] = [];
  for (const { shape } of batches) {
    const table = quoted(shape);
    const triggers = await session.query<{ name: string; enabled: string }>(
      `SELECT tgname AS name, tgenabled AS enabled FROM pg_trigger
       WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')`,
      [table],
    );
    for (const { name, enabled } of triggers) {
      await session.query(`ALTER TABLE ${table} DISABLE TRIGGER ${escapeIdentifier(name)}`);
      restore.push(`ALTER TABLE ${table} ENABLE ${enabled === 'A' ? 'ALWAYS ' : ''}TRIGGER ${escapeIdentifier(name)}`);
    }
    const keys = await session.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint
       WHERE conrelid = $1::regclass AND contype = 'f' AND NOT condeferrable AND conparentid = 0`,
      [table],
    );
    for (const { name } of keys) {
      await session.query(`ALTER TABLE ${table} ALTER CONSTRAINT ${escapeIdentifier(name)} DEFERRABLE INITIALLY DEFERRED`);
      restore.push(`ALTER TABLE ${table} ALTER CONSTRAINT ${escapeIdentifier(name)} NOT DEFERRABLE`);
    }
  }
  await session.query('SET CONSTRAINTS ALL DEFERRED');
  return restore;
}

async function write(session: Session, { shape, rows }: Batch): Promise<void> {
  const fresh = rows.filter(({ here }) => here === null);
  const changed = rows.filter(({ here }) => here !== null);
  for (const some of inPieces(fresh)) await session.query(insertInto(shape), [some.map(({ there }) => there)]);
  for (const some of inPieces(changed)) await session.query(update(shape), [some.map(({ there }) => there)]);
}

const inPieces = (rows: readonly RowDifference[]): (readonly RowDifference[])[] =>
  Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, at) => rows.slice(at * AT_ONCE, (at + 1) * AT_ONCE));

const given = (shape: Shape): string => `(SELECT x::${quoted(shape)} AS v FROM unnest($1::text[]) x) r`;
const fieldOf = (column: string): string => `(r.v).${escapeIdentifier(column)}`;

function insertInto(shape: Shape): string {
  const columns = shape.given.map((column) => escapeIdentifier(column)).join(', ');
  return `INSERT INTO ${quoted(shape)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${shape.given.map(fieldOf).join(', ')} FROM ${given(shape)}`;
}

function update(shape: Shape): string {
  const set = shape.settable
    .filter((column) => !shape.key.includes(column))
    .map((column) => `${escapeIdentifier(column)} = ${fieldOf(column)}`)
    .join(', ');
  return `UPDATE ${quoted(shape)} t SET ${set} FROM ${given(shape)} WHERE ${recordOf('t', shape.key)} = ${recordOf('(r.v)', shape.key)}`;
}

const deletion = (shape: Shape): string =>
  `DELETE FROM ${quoted(shape)} t USING ${given(shape)} WHERE ${recordOf('t', shape.key)} = ${recordOf('(r.v)', shape.key)}`;

/** What the database does not take is nobody's to force: the transaction ends without a trace. */
function broken(error: unknown): unknown {
  if (!/^2[23]/.test(sqlState(error) ?? '')) return error;
  const says = `the rows were not merged, because the database does not take them together (${saidBy(error)}); nothing of them was written. Change one of the two sides by hand, then start again`;
  return new RunbookError('VerifyFailed', says, { sqlState: sqlState(error) ?? null });
}
