// What is compared, kind by kind: each a query of our own that answers (item, value, roles). One item may have several rows.

export interface Kind {
  readonly name: string;
  /** Asked of both sides alike: of nothing that the older one cannot know. */
  readonly sql: (older: number, newer: number) => string;
}

/** Neither the system's nor an extension's. Everything named is qualified, for search_path is pg_catalog alone. */
export const own = (catalog: string, alias: string, schema: string): string => `
  ${schema}.nspname !~ '^pg_' AND ${schema}.nspname <> 'information_schema' AND NOT EXISTS (
    SELECT FROM pg_depend part WHERE part.classid = '${catalog}'::regclass AND part.objid = ${alias}.oid AND part.deptype = 'e')`;

/** Made here, where there is no schema that says so. */
export const madeHere = (catalog: string, alias: string): string => `
  ${alias}.oid >= 16384 AND NOT EXISTS (
    SELECT FROM pg_depend part WHERE part.classid = '${catalog}'::regclass AND part.objid = ${alias}.oid AND part.deptype = 'e')`;

/** The relations of this database, and their schemas. */
export const relations = (kinds: string): string => `
  pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND ${own('pg_class', 'c', 'n')} AND c.relkind IN (${kinds})`;

export const NAME = `format('%I.%I', n.nspname, c.relname)`;
