// Rules of tables that call functions of the database's own: such a function may read a table whose rows are not there yet, so these
// rules are made when all of them are.
import type { Client } from 'pg';
import type { Entry, Schema } from './entries.ts';

interface Check {
  readonly table: string;
  readonly relation: string;
  readonly name: string;
  readonly is: string;
  /** False where it is only there because a parent has it. */
  readonly local: boolean;
}

/** What the system brings is not told in pg_depend. Parents last: they take the rules of their children for theirs. */
const CHECKS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS table, quote_ident(c.relname) AS relation, quote_ident(k.conname) AS name,
         pg_get_constraintdef(k.oid) AS is, k.conislocal AS local
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE k.contype = 'c' AND k.convalidated AND EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_proc'::regclass)
  ORDER BY k.coninhcount DESC, 1, 3`;

/** As pg_dump writes them: with no search path. */
export async function readChecks(client: Client): Promise<Check[]> {
  await client.query("SET LOCAL search_path = ''");
  return (await client.query<Check>(CHECKS)).rows;
}

/** A rule that is not written as expected stays where it is. */
export function deferChecks({ before, after }: Schema, checks: readonly Check[]): Schema {
  const later: Entry[] = [];
  let kept = [...before];
  for (const { table, relation, name, is, local } of checks) {
    const line = `,\n    CONSTRAINT ${name} ${is}`;
    const at = kept.findIndex(
      ({ type, sql }) =>
        type === 'TABLE' && sql.includes(`TABLE ${table} (`) && (sql.includes(`${line},\n`) || sql.includes(`${line}\n`)),
    );
    const found = kept[at];
    if (!found) continue;
    kept[at] = { ...found, sql: found.sql.replace(line, () => '') };
    const sql = `ALTER TABLE ${table}\n    ADD CONSTRAINT ${name} ${is};`;
    if (local) later.push({ name: `${relation} ${name}`, type: 'CHECK CONSTRAINT', sql });
    const isComment = ({ type, sql: written }: Entry): boolean =>
      type === 'COMMENT' && written.startsWith(`COMMENT ON CONSTRAINT ${name} ON ${table} IS`);
    later.push(...kept.filter(isComment));
    kept = kept.filter((entry) => !isComment(entry));
  }
  return { before: kept, after: [...after, ...later] };
}
