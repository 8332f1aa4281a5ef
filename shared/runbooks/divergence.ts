// What two databases have each written since they parted: rows of one table, told apart by their primary key.
import * as z from 'zod';
import { countOf, listOf } from './words.ts';

/** One side of a comparison: `here` is the side that is to serve again, `there` the one that has served meanwhile. */
export type Side = 'here' | 'there';

export type TableDivergence = z.infer<typeof TableDivergence>;
export const TableDivergence = z.strictObject({
  table: z.string(),
  /** Without a primary key rows cannot be told apart: only count and checksum are compared. */
  keyed: z.boolean(),
  same: z.boolean(),
  rows: z.strictObject({ here: z.int().nonnegative(), there: z.int().nonnegative() }),
  onlyHere: z.int().nonnegative(),
  onlyThere: z.int().nonnegative(),
  changedHere: z.int().nonnegative(),
  changedThere: z.int().nonnegative(),
  /** Other content under one key, and not plain that only one side wrote it. */
  changedBoth: z.int().nonnegative(),
  /** There since before they parted, and no longer here: deleted here. */
  goneHere: z.int().nonnegative(),
  goneThere: z.int().nonnegative(),
});

/** A row that a merge would bring here, or that somebody must decide about; rows as PostgreSQL writes a record. */
export type RowDifference = z.infer<typeof RowDifference>;
export const RowDifference = z.strictObject({
  table: z.string(),
  key: z.string(),
  how: z.enum(['onlyThere', 'changedThere', 'changedBoth']),
  there: z.string(),
  /** What stands here under that key; null where nothing does. */
  here: z.string().nullable(),
});

/** A row that would be brought here, and another row here that has its place under a second unique index. */
export type Collision = z.infer<typeof Collision>;
export const Collision = z.strictObject({ table: z.string(), index: z.string(), key: z.string(), other: z.string() });

export type Divergence = z.infer<typeof Divergence>;
export const Divergence = z.strictObject({
  here: z.string(),
  there: z.string(),
  tables: z.array(TableDivergence),
  rows: z.array(RowDifference),
  /** The columns of every table that a row of `rows` is of, in the order of the record. */
  columns: z.record(z.string(), z.array(z.string())),
  collisions: z.array(Collision),
  /** What the two schemas do not have alike. */
  schema: z.array(z.string()),
  /** What was not compared, and why; empty when everything was. */
  uncompared: z.array(z.string()),
  milliseconds: z.number().nonnegative(),
});

export interface Seen {
  readonly digest: string;
  /** Written since the two parted; null where nobody noted when that was. */
  readonly fresh: boolean | null;
}

export type Kind = 'onlyHere' | 'onlyThere' | 'changedHere' | 'changedThere' | 'changedBoth' | 'goneHere' | 'goneThere';

/** One key, as each side has it; undefined where they agree. What nobody can tell apart counts as written by both. */
export function classify(here: Seen | undefined, there: Seen | undefined): Kind | undefined {
  if (here && there) {
    if (here.digest === there.digest) return undefined;
    if (there.fresh === true && here.fresh === false) return 'changedThere';
    return here.fresh === true && there.fresh === false ? 'changedHere' : 'changedBoth';
  }
  // A row that stood when they parted and is gone on one side was deleted there; a newer one was never anywhere else.
  if (there) return there.fresh === false ? 'goneHere' : 'onlyThere';
  if (here) return here.fresh === false ? 'goneThere' : 'onlyHere';
  return undefined;
}

export type Counts = Record<Kind, number>;
export const noCounts = (): Counts => ({
  onlyHere: 0,
  onlyThere: 0,
  changedHere: 0,
  changedThere: 0,
  changedBoth: 0,
  goneHere: 0,
  goneThere: 0,
});

/** Whose row stands in the end where both were changed. */
export type Winner = Side | 'nobody';

/** The rows that a merge writes here. What only here was written stays, and nothing is deleted. */
export const patchOf = ({ rows }: Divergence, winner: Winner): RowDifference[] =>
  rows.filter(({ how }) => how !== 'changedBoth' || winner === 'there');

const sum = (divergence: Divergence, ...kinds: readonly Kind[]): number =>
  divergence.tables.reduce((total, table) => total + kinds.reduce((count, kind) => count + table[kind], 0), 0);

/** Rows written there that are not here. */
export const strangersOf = (divergence: Divergence): number => sum(divergence, 'onlyThere', 'changedThere');
export const conflictsOf = (divergence: Divergence): number => sum(divergence, 'changedBoth');

/** Tables that differ and that no key can bring together. */
export const keylessOf = ({ tables }: Divergence): readonly TableDivergence[] =>
  tables.filter(({ keyed, same }) => !keyed && !same);

/** `customers: 3 only on spare, 1 changed on both`; of tables that are alike nothing. */
export function tableSays({ here, there }: Pick<Divergence, 'here' | 'there'>, table: TableDivergence): string {
  const { rows } = table;
  if (!table.keyed)
    return table.same ? '' : `${table.table}: ${rows.here} rows on ${here}, ${rows.there} on ${there}, no key to tell them apart`;
  const parts = [
    [table.onlyThere, `only on ${there}`],
    [table.changedThere, `changed on ${there}`],
    [table.changedBoth, 'changed on both'],
    [table.onlyHere, `only on ${here}`],
    [table.changedHere, `changed on ${here}`],
    [table.goneThere, `deleted on ${there}`],
    [table.goneHere, `deleted on ${here}`],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return told.length === 0 ? '' : `${table.table}: ${told.join(', ')}`;
}

export function divergenceSays(divergence: Divergence): string {
  const told = divergence.tables.map((table) => tableSays(divergence, table)).filter((line) => line !== '');
  return told.length === 0 ? `${divergence.here} and ${divergence.there} hold the same rows` : told.join('; ');
}

export interface Conflict {
  readonly table: string;
  readonly key: string;
  /** The columns that differ; what a secret may be in is not shown. */
  readonly columns: readonly { readonly name: string; readonly here: string; readonly there: string }[];
}

const MOST_CONFLICTS = 20;
const MOST_LETTERS = 80;
const SECRET = /pass|secret|token|hash|salt|key$|card|iban/i;

/** Side by side, as many as a person reads. */
export function conflictsBeside({ rows, columns }: Divergence): Conflict[] {
  return rows
    .filter(({ how }) => how === 'changedBoth')
    .slice(0, MOST_CONFLICTS)
    .map(({ table, key, here, there }) => {
      const [ours, theirs] = [fieldsOf(here ?? '()'), fieldsOf(there)];
      const differing = (columns[table] ?? []).flatMap((name, at) =>
        ours[at] === theirs[at] ? [] : [{ name, here: shown(name, ours[at]), there: shown(name, theirs[at]) }],
      );
      return { table, key, columns: differing };
    });
}

function shown(name: string, value: string | null | undefined): string {
  if (value == null) return 'nothing';
  if (SECRET.test(name)) return '(not shown)';
  return value.length > MOST_LETTERS ? `${value.slice(0, MOST_LETTERS)}…` : value;
}

/** The fields of a record as PostgreSQL writes it: `(1,"a ""b""",)`; null where a field is. */
export function fieldsOf(record: string): (string | null)[] {
  const fields: (string | null)[] = [];
  let field: string | null = null;
  let quoted = false;
  for (let at = 1; at < record.length; at++) {
    const letter = record.charAt(at);
    const next = record.charAt(at + 1);
    if (quoted && letter === '"' && next !== '"') quoted = false;
    else if (quoted || !/[",()]/.test(letter) || letter === '(') {
      const escaped = letter === '\\' || (letter === '"' && quoted);
      field = `${field ?? ''}${escaped ? next : letter}`;
      if (escaped) at++;
    } else if (letter === '"') {
      quoted = true;
      field ??= '';
    } else {
      fields.push(field);
      field = null;
    }
  }
  return fields;
}

export const rowsSay = (count: number): string => countOf(count, 'row');
export const tablesSay = (tables: readonly { readonly table: string }[]): string => listOf(tables.map(({ table }) => table));
