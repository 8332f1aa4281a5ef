// What pg_dump wrote, taken apart into its entries, each with whoever must make it and when.

export interface Entry {
  readonly name: string;
  readonly type: string;
  readonly sql: string;
}

export interface Schema {
  /** What stands before the rows come: tables and everything that rows go through. */
  readonly before: readonly Entry[];
  /** What is made when the rows are there. */
  readonly after: readonly Entry[];
}

const HEAD = /^--\n-- (?:Data for )?Name: (.*); Type: ([A-Z ]+); Schema: .*; Owner: .*\n--\n/m;

/** pg_dump writes everything that goes before the rows first; from the first of these on it is what comes after them. */
const AFTER: ReadonlySet<string> = new Set([
  'CHECK CONSTRAINT',
  'CONSTRAINT',
  'EVENT TRIGGER',
  'FK CONSTRAINT',
  'INDEX',
  'INDEX ATTACH',
  'MATERIALIZED VIEW DATA',
  'POLICY',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'ROW SECURITY',
  'RULE',
  'STATISTICS',
  'STATISTICS DATA',
  'TRIGGER',
]);

/** What a table's owner may not make on any server: the master may, on RDS, where it is let. */
const MASTERS: ReadonlySet<string> = new Set([
  'CAST',
  'EVENT TRIGGER',
  'EXTENSION',
  'FOREIGN DATA WRAPPER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'SERVER',
  'TRANSFORM',
  'USER MAPPING',
]);
/** What the copy can be without, told by name where the target's master may not make it. */
const LENIENT: ReadonlySet<string> = new Set([
  'EVENT TRIGGER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
]);

/** What is said of a thing is said by whoever made it. */
const isAboutMasters = ({ type, name }: Entry): boolean =>
  type === 'COMMENT' && /^(EXTENSION|EVENT TRIGGER|PUBLICATION) /.test(name);
export const isMasters = (entry: Entry): boolean => MASTERS.has(entry.type) || isAboutMasters(entry);
export const isLenient = (entry: Entry): boolean => LENIENT.has(entry.type) || isAboutMasters(entry);

/** Of the last entry: the words may stand in what it makes as well. */
function withoutEnd(text: string): string {
  const at = text.lastIndexOf('\n--\n-- PostgreSQL database dump complete');
  return at < 0 ? text : text.slice(0, at);
}

export function readEntries(dump: string): Schema {
  const entries: Entry[] = [];
  let rest = dump;
  for (let head = HEAD.exec(rest); head; head = HEAD.exec(rest)) {
    const from = head.index + head[0].length;
    const end = HEAD.exec(rest.slice(from));
    const sql = (end ? rest.slice(from, from + end.index) : withoutEnd(rest.slice(from))).trim();
    if (sql !== '') entries.push({ name: head[1] ?? '', type: head[2] ?? '', sql });
    rest = rest.slice(from + (end?.index ?? rest.length));
  }
  const at = entries.findIndex(({ type }) => AFTER.has(type));
  return at < 0 ? { before: entries, after: [] } : { before: entries.slice(0, at), after: entries.slice(at) };
}

const TABLE_OF = / ON (?:ONLY )?(\S+)|^ALTER TABLE (?:ONLY )?(\S+)/m;

export interface Building {
  /** In their order, before all others: indexes that those of partitions are attached to. */
  readonly parents: readonly Entry[];
  /** In any order, several at once. */
  readonly free: readonly Entry[];
  /** In their order, when the free ones stand. */
  readonly rest: readonly Entry[];
}

/**
 * Indexes and the constraints upon them are most of the work, and know nothing of each other. A constraint locks its table for itself:
 * each table's first come first, so that several at once are at different tables; indexes do not mind each other. `sizeOf` is a table's.
 */
export function orderBuilding(after: readonly Entry[], sizeOf: (table: string) => number): Building {
  const isIndex = ({ type }: Entry): boolean => type === 'INDEX' || type === 'CONSTRAINT';
  // pg_dump writes ONLY for tables of every kind: what matters is whether something is attached to the index later.
  const attachedTo = attachmentsIn(after).map(({ parent }) => parent);
  const isParent = ({ sql }: Entry): boolean =>
    (/ ON ONLY /.test(sql) || /^ALTER TABLE ONLY \S+\n\s+ADD CONSTRAINT/.test(sql)) &&
    attachedTo.some((name) => sql.includes(name));
  const [indexes, rest] = [after.filter(isIndex), after.filter((entry) => !isIndex(entry))];
  return {
    parents: indexes.filter(isParent),
    free: inTurns(
      indexes.filter((entry) => !isParent(entry)),
      sizeOf,
    ),
    rest,
  };
}

function inTurns(entries: readonly Entry[], sizeOf: (table: string) => number): Entry[] {
  const seen = new Map<string, number>();
  const turnOf = ({ type }: Entry, table: string): number => {
    if (type === 'INDEX') return Number.POSITIVE_INFINITY;
    const turn = seen.get(table) ?? 0;
    seen.set(table, turn + 1);
    return turn;
  };
  const turns = entries.map((entry) => ({ entry, size: sizeOf(tableOf(entry)), turn: turnOf(entry, tableOf(entry)) }));
  return turns
    .sort((one, other) => (one.turn === other.turn ? other.size - one.size : one.turn - other.turn))
    .map(({ entry }) => entry);
}

const NAME = '(?:"(?:[^"]|"")+"|[^\\s"(])+';
/** Without ONLY it is one of a partitioned table, which has no halves. */
const KEY = new RegExp(`^ALTER TABLE ONLY (${NAME})\\n\\s+ADD CONSTRAINT (${NAME}) FOREIGN KEY .* REFERENCES (${NAME})\\(.*;$`);

/** Nobody ever looked at their rows. */
const UNCHECKED = / NOT (VALID|ENFORCED);$/;

export interface ForeignKey {
  readonly table: string;
  readonly referenced: string;
  /** The constraint without a look at the rows, and the look. */
  readonly unchecked: Entry;
  readonly check: Entry;
}

/** A foreign key in its two halves: the second keeps nobody out, so that several tables' go on at once. */
export function foreignKeyOf(entry: Entry): ForeignKey | undefined {
  const [, table, name, referenced] = (UNCHECKED.test(entry.sql) ? null : KEY.exec(entry.sql)) ?? [];
  if (table === undefined || name === undefined || referenced === undefined) return undefined;
  const unchecked = { ...entry, sql: entry.sql.replace(/;$/, ' NOT VALID;') };
  return { table, referenced, unchecked, check: { ...entry, sql: `ALTER TABLE ONLY ${table} VALIDATE CONSTRAINT ${name};` } };
}

/** One form for a table's name, however much of it is quoted. */
export const tableKey = (name: string): string =>
  JSON.stringify(
    [...name.matchAll(/"((?:[^"]|"")+)"|([^".]+)/g)].map(([, inQuotes, bare]) => inQuotes?.replaceAll('""', '"') ?? bare),
  );

const ATTACHED = /^ALTER INDEX (\S.*) ATTACH PARTITION (\S.*);$/m;
const bare = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** Which index becomes part of which, without their schemas. */
const attachmentsIn = (after: readonly Entry[]) =>
  after.flatMap((entry) => {
    const [, parent, part] = ATTACHED.exec(entry.sql) ?? [];
    return parent === undefined || part === undefined ? [] : [{ entry, parent: bare(parent), part: bare(part) }];
  });

/** The table an index or a constraint is upon, as pg_dump writes it. */
export const tableOf = ({ sql }: Entry): string => {
  const found = TABLE_OF.exec(sql);
  return (found?.[2] ?? found?.[1] ?? '').replace(/;$/, '');
};

/**
 * PostgreSQL attaches no index of an exclusion constraint to another, so what pg_dump writes for those of partitioned tables cannot be
 * read back: made for the parent with all its partitions, each gets its own by itself.
 */
export function joinExclusions({ before, after }: Schema): Schema {
  const pairs = attachmentsIn(after);
  const excludes = (entry: Entry, name: string): boolean =>
    entry.type === 'CONSTRAINT' && entry.sql.includes(`ADD CONSTRAINT ${name} EXCLUDE `);
  const joined = pairs.filter(({ parent }) => after.some((entry) => excludes(entry, parent)));
  const parts = new Set(joined.map(({ part }) => part));
  const gone = new Set(joined.map(({ entry }) => entry));
  return {
    before,
    after: after
      .filter((entry) => !gone.has(entry) && ![...parts].some((name) => excludes(entry, name)))
      .map((entry) =>
        joined.some(({ parent }) => excludes(entry, parent))
          ? { ...entry, sql: entry.sql.replace('ALTER TABLE ONLY ', 'ALTER TABLE ') }
          : entry,
      ),
  };
}
