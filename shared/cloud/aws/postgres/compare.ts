// Two databases held against each other, row by row where they differ: tables in a thousand parts each, and only parts whose sums are
// not the same are read. Both are read as they stand at one instant each.
import {
  classify,
  noCounts,
  type Counts,
  type Divergence,
  type RowDifference,
  type Seen,
  type TableDivergence,
} from '../../../runbooks/divergence.ts';
import { inSession, sqlState, type Login, type Session } from './session.ts';
import { labelOf, PLAIN_TEXT, quoted, readShapes, recordOf, type Shape } from './tables.ts';

const PARTS = 1024;
/** Rows that differ are kept in the ledger and written in one transaction: more of them is a copy, and no merge. */
const MOST_ROWS = 20_000;
const MOST_LETTERS = 16_000_000;
/** A sum of a part that differs is looked into; so many rows of both sides fit in memory. */
const MOST_SEEN = 400_000;

export interface Compared {
  readonly environment: string;
  readonly login: Login;
  readonly database: string;
  /** The transaction since which what is written counts as written after they parted; null where nobody noted it. */
  readonly since: string | null;
}

interface Pair {
  readonly here: Session;
  readonly there: Session;
}

/** Nothing is begun after that time; what is left is told as not compared. */
export async function compareDatabases(
  here: Compared,
  there: Compared,
  seconds: number,
  only?: readonly string[],
): Promise<Divergence> {
  const limit = { startedAt: performance.now(), milliseconds: seconds * 1000 };
  return atOneInstant(here, limit, (ours) =>
    atOneInstant(there, limit, (theirs) => compareWithin({ here: ours, there: theirs }, here, there, { ...limit, only })),
  );
}

interface TimeLimit {
  readonly startedAt: number;
  readonly milliseconds: number;
}
interface Scope extends TimeLimit {
  /** These tables, or all where nothing is said. */
  readonly only: readonly string[] | undefined;
}

/** One table may take half of the time. */
const atOneInstant = <T>(
  { login, database }: Compared,
  { milliseconds }: TimeLimit,
  work: (session: Session) => Promise<T>,
): Promise<T> =>
  inSession(login, database, { readOnly: true, statementMilliseconds: Math.round(milliseconds / 2) }, async (session) => {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await session.query(PLAIN_TEXT);
    return work(session);
  });

async function compareWithin(pair: Pair, here: Compared, there: Compared, limit: Scope): Promise<Divergence> {
  const within = (shape: Shape): boolean => limit.only?.includes(labelOf(shape)) !== false;
  const shapes = await Promise.all([readShapes(pair.here), readShapes(pair.there)]);
  const [ours = [], theirs = []] = shapes.map((all) => all.filter(within));
  const { alike, schema } = matchShapes(ours, theirs, here.environment, there.environment);
  const divergence = { tables: [] as TableDivergence[], rows: [] as RowDifference[], uncompared: [] as string[] };
  const columns: Record<string, string[]> = {};
  const collisions: Divergence['collisions'] = [];
  for (const shape of alike) {
    const table = labelOf(shape);
    if (performance.now() - limit.startedAt > limit.milliseconds) {
      divergence.uncompared.push(`${table}: no time was left`);
      continue;
    }
    try {
      const found = await compareTable(pair, shape, here.since, there.since);
      divergence.tables.push(found.table);
      divergence.rows.push(...found.rows);
      if (found.rows.length > 0) columns[table] = [...shape.columns];
      collisions.push(...(await collisionsOf(pair.here, shape, found.rows)));
    } catch (error) {
      const [why] = error instanceof TooMany ? [error.message] : sqlState(error) === '57014' ? ['it took too long'] : [];
      if (why === undefined) throw error;
      divergence.uncompared.push(`${table}: ${why}`);
      await Promise.all([recover(pair.here), recover(pair.there)]);
    }
    if (lettersOf(divergence.rows) > MOST_LETTERS || divergence.rows.length > MOST_ROWS) {
      divergence.uncompared.push(`${table} and what comes after it: more than ${MOST_ROWS} rows differ`);
      break;
    }
  }
  const milliseconds = Math.round(performance.now() - limit.startedAt);
  return { here: here.environment, there: there.environment, ...divergence, columns, collisions, schema, milliseconds };
}

class TooMany extends Error {}

const lettersOf = (rows: readonly RowDifference[]): number =>
  rows.reduce((sum, { here, there }) => sum + (here?.length ?? 0) + there.length, 0);

/** A statement that ran out of time has ended its transaction. */
async function recover(session: Session): Promise<void> {
  await session.query('ROLLBACK');
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await session.query(PLAIN_TEXT);
}

function matchShapes(
  here: readonly Shape[],
  there: readonly Shape[],
  ours: string,
  theirs: string,
): { alike: Shape[]; schema: string[] } {
  const schema: string[] = [];
  const alike: Shape[] = [];
  for (const shape of here) {
    const twin = there.find((one) => labelOf(one) === labelOf(shape));
    if (!twin) schema.push(`${labelOf(shape)} is only on ${ours}`);
    else if (twin.types.join() !== shape.types.join() || twin.key.join() !== shape.key.join())
      schema.push(`${labelOf(shape)} has other columns or another key on ${theirs}`);
    else alike.push(shape);
  }
  const strange = there.filter((one) => !here.some((shape) => labelOf(shape) === labelOf(one)));
  schema.push(...strange.map((one) => `${labelOf(one)} is only on ${theirs}`));
  return { alike, schema };
}

interface Part {
  readonly part: number;
  readonly rows: string;
  readonly sum: string;
}

/** By key, so that one row is in one part on both sides; a table without a key is one part. */
function readParts(session: Session, shape: Shape): Promise<Part[]> {
  const part = shape.key.length === 0 ? '0' : partOf(shape);
  return session.query<Part>(
    `SELECT ${part} AS part, count(*)::text AS rows, sum(hashtextextended(t::text, 0))::text AS sum FROM ${quoted(shape)} t GROUP BY 1`,
  );
}
const partOf = ({ key }: Shape): string => `(hashtextextended(${recordOf('t', key)}::text, 0) & ${PARTS - 1})::integer`;

async function compareTable(
  { here, there }: Pair,
  shape: Shape,
  sinceHere: string | null,
  sinceThere: string | null,
): Promise<{ table: TableDivergence; rows: RowDifference[] }> {
  const [ours, theirs] = await Promise.all([readParts(here, shape), readParts(there, shape)]);
  const count = (parts: readonly Part[]): number => parts.reduce((sum, { rows }) => sum + Number(rows), 0);
  const parts = differing(ours, theirs);
  const base = {
    table: labelOf(shape),
    keyed: shape.key.length > 0,
    same: parts.length === 0,
    rows: { here: count(ours), there: count(theirs) },
  };
  if (parts.length === 0 || !base.keyed) return { table: { ...base, ...noCounts() }, rows: [] };
  const concerned = [...ours, ...theirs].filter(({ part }) => parts.includes(part));
  if (count(concerned) > MOST_SEEN)
    throw new TooMany(`rows differ in ${parts.length} of its ${PARTS} parts, too many to be merged`);
  const [seenHere, seenThere] = await Promise.all([see(here, shape, parts, sinceHere), see(there, shape, parts, sinceThere)]);
  const { counts, wanted } = sort(seenHere, seenThere);
  if (wanted.size > MOST_ROWS) throw new TooMany(`more than ${MOST_ROWS} rows of it differ`);
  const keys = [...wanted.keys()];
  const [textsHere, textsThere] = await Promise.all([readRows(here, shape, parts, keys), readRows(there, shape, parts, keys)]);
  const rows = keys.map((key): RowDifference => {
    const how = wanted.get(key) ?? 'changedBoth';
    return { table: base.table, key, how, there: textsThere.get(key) ?? '', here: textsHere.get(key) ?? null };
  });
  return { table: { ...base, ...counts }, rows };
}

const differing = (ours: readonly Part[], theirs: readonly Part[]): number[] => {
  const text = ({ rows, sum }: Part): string => `${rows} ${sum}`;
  const known = new Map(ours.map((part) => [part.part, text(part)]));
  const other = new Map(theirs.map((part) => [part.part, text(part)]));
  return [...new Set([...known.keys(), ...other.keys()])].filter((part) => known.get(part) !== other.get(part));
};

function sort(
  here: ReadonlyMap<string, Seen>,
  there: ReadonlyMap<string, Seen>,
): { counts: Counts; wanted: Map<string, RowDifference['how']> } {
  const counts = noCounts();
  const wanted = new Map<string, RowDifference['how']>();
  for (const key of new Set([...here.keys(), ...there.keys()])) {
    const kind = classify(here.get(key), there.get(key));
    if (kind === undefined) continue;
    counts[kind]++;
    if (kind === 'onlyThere' || kind === 'changedThere' || kind === 'changedBoth') wanted.set(key, kind);
  }
  return { counts, wanted };
}

/** A row's own transaction tells whether it was written since; age() knows that such numbers go round. */
async function see(session: Session, shape: Shape, parts: readonly number[], since: string | null): Promise<Map<string, Seen>> {
  const fresh = since === null ? 'NULL::boolean' : 'age(t.xmin) <= age($2::xid8::xid)';
  const rows = await session.query<Seen & { key: string }>(
    `SELECT ${recordOf('t', shape.key)}::text AS key, hashtextextended(t::text, 0)::text AS digest, ${fresh} AS fresh
     FROM ${quoted(shape)} t WHERE ${partOf(shape)} = ANY ($1::integer[])`,
    [parts, ...(since === null ? [] : [since])],
  );
  return new Map(rows.map(({ key, digest, fresh: is }) => [key, { digest, fresh: is }]));
}

async function readRows(
  session: Session,
  shape: Shape,
  parts: readonly number[],
  keys: readonly string[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await session.query<{ key: string; row: string }>(
    `SELECT ${recordOf('t', shape.key)}::text AS key, t::text AS row FROM ${quoted(shape)} t
     WHERE ${partOf(shape)} = ANY ($1::integer[]) AND ${recordOf('t', shape.key)}::text = ANY ($2::text[])`,
    [parts, keys],
  );
  return new Map(rows.map(({ key, row }) => [key, row]));
}

/** A person who registered on both sides has two keys and one address: no merge can decide that. */
async function collisionsOf(here: Session, shape: Shape, rows: readonly RowDifference[]): Promise<Divergence['collisions']> {
  if (rows.length === 0) return [];
  const found = await Promise.all(
    shape.unique.map(({ columns }) =>
      here.query<{ key: string; other: string }>(
        `SELECT ${recordOf('(r.v)', shape.key)}::text AS key, ${recordOf('t', shape.key)}::text AS other
         FROM (SELECT x::${quoted(shape)} AS v FROM unnest($1::text[]) x) r
         JOIN ${quoted(shape)} t ON ${recordOf('t', columns)} = ${recordOf('(r.v)', columns)}
         WHERE ${recordOf('t', shape.key)}::text <> ALL ($2::text[])`,
        [rows.map(({ there }) => there), rows.map(({ key }) => key)],
      ),
    ),
  );
  return found.flatMap((pairs, at) =>
    pairs.map(({ key, other }) => ({ table: labelOf(shape), index: shape.unique[at]?.index ?? '', key, other })),
  );
}
