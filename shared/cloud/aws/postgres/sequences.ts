// Sequences: how far each is, and how it is moved ahead of another writer's.
import type { Database } from '../../../estate.ts';
import type { SequenceFact, SequenceTarget } from '../../../runbooks/sequences.ts';
import { inSession, type Login, type Session } from './session.ts';
import { labelOf, quoted, type TableName } from './tables.ts';

/** The largest number is the sequence's own or its column's, whichever is less. */
const SEQUENCES = `
  SELECT s.schemaname AS schema, s.sequencename AS name, coalesce(s.last_value, s.start_value - s.increment_by)::text AS last,
    CASE WHEN s.increment_by > 0
      THEN least(s.max_value, coalesce(o.most, s.max_value)) ELSE greatest(s.min_value, -coalesce(o.most, -s.min_value)) END::text AS most,
    s.increment_by < 0 AS falling
  FROM pg_sequences s
  LEFT JOIN LATERAL (
    SELECT CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END::bigint AS most
    FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass
      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LIMIT 1
  ) o ON true
  WHERE NOT s.cycle AND s.schemaname !~ '^pg_'
  ORDER BY 1, 2`;

type Row = TableName & { readonly last: string; readonly most: string; readonly falling: boolean };

export const readSequences = async (session: Session): Promise<SequenceFact[]> =>
  (await session.query<Row>(SEQUENCES)).map((row) => ({
    sequence: labelOf(row),
    last: row.last,
    most: row.most,
    falling: row.falling,
  }));

/** Answers the transaction before which everything in this database was written: what parts two writers' rows. */
export const readInstant = (login: Login, { name }: Database): Promise<string> =>
  inSession(login, name, { readOnly: true }, async (session) => {
    const [row] = await session.query<{ xid: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid');
    return row?.xid ?? '';
  });

/** Never backwards: one that is farther already stays. */
export const moveSequences = (login: Login, { name }: Database, targets: readonly SequenceTarget[]): Promise<void> =>
  inSession(login, name, {}, async (session) => {
    const found = await session.query<Row>(SEQUENCES);
    for (const { sequence, to } of targets) {
      const row = found.find((one) => labelOf(one) === sequence);
      if (!row) continue;
      const ahead = row.falling ? BigInt(row.last) <= BigInt(to) : BigInt(row.last) >= BigInt(to);
      if (!ahead) await session.query('SELECT setval($1::regclass, $2::bigint)', [quoted(row), to]);
    }
  });
