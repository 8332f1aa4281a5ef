// What would be lost with a restore: counted row by row where both answer, by the rates of the last copy where only one does.
import { rowsOf } from './restored-rows.ts';
import { bandOf } from './loss.ts';
import type { Divergence } from './divergence.ts';
import type { Loss } from './plan.ts';
import type { RestoreScene } from './restore-limits.ts';
import { clockOf, countOf, listOf, spanOf } from './words.ts';

/** What people have written since the instant that comes back. Brought-back rows lose only what they say now. */
export function lossOf(scene: RestoreScene): Loss {
  const { source, compared, wanted, now, snapshot } = scene;
  const since = source === null ? null : source.kind === 'point' ? source.at : (source.at ?? snapshot?.takenAt ?? null);
  const seconds = since === null ? null : Math.max(0, (now.getTime() - Date.parse(since)) / 1000);
  if (source?.kind === 'snapshot' && source.taken && since === null)
    return {
      how: 'none',
      since: null,
      seconds: 0,
      tables: [],
      rows: 0,
      uploads: 0,
      band: 'none',
      says: 'nothing: it is taken now',
    };
  if (wanted.next === 'rows') return rowsLoss(scene, since, seconds);
  if (compared?.divergence) return measured(scene, compared.divergence, since, seconds);
  if (compared !== null || !scene.live.reachable) return estimated(scene, since, seconds);
  const says = `what was written since ${since === null ? 'then' : clockOf(since, now)} (${seconds === null ? 'unknown' : spanOf(seconds)} ago); counted when it stands beside`;
  return { how: 'unknown', since, seconds, tables: [], rows: null, uploads: null, band: 'uncounted', says };
}

function measured({ uploads, now }: RestoreScene, divergence: Divergence, since: string | null, seconds: number | null): Loss {
  const tables = divergence.tables
    .filter(({ table }) => !table.startsWith('changeover_'))
    .map((one) => ({
      table: one.table,
      rows: one.keyed ? one.onlyThere + one.changedThere + one.changedBoth : Math.max(0, one.rows.there - one.rows.here),
      by: one.keyed ? ('key' as const) : ('count' as const),
    }))
    .filter(({ rows }) => rows > 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const files = uploads?.count ?? null;
  const told = tables.map(({ table, rows: count }) => `${count} ${table}`);
  const unseen = divergence.uncompared.length === 0 ? '' : `; not compared: ${divergence.uncompared.join('; ')}`;
  const says = `written or changed since ${since === null ? 'then' : clockOf(since, now)}, and not in what comes back: ${told.length === 0 ? 'no row' : listOf(told)}; ${files === null ? 'nobody could count the uploaded files' : `${countOf(files, 'uploaded file')} will have no row`}${unseen}. All of it stays on the shelf`;
  return { how: 'measured', since, seconds, tables, rows, uploads: files, band: bandOf(rows, files ?? 0), says };
}

function estimated({ copy, uploads, live, now }: RestoreScene, since: string | null, seconds: number | null): Loss {
  const why = live.trouble ?? 'it does not answer';
  if (copy === null || seconds === null) {
    const says = `nobody can tell what was written since: ${why}, and no copy left its rates`;
    return { how: 'unknown', since, seconds, tables: [], rows: null, uploads: uploads?.count ?? null, band: 'unknown', says };
  }
  const tables = copy.tables
    .map(({ table, rowsPerHour }) => ({ table, rows: Math.ceil((rowsPerHour * seconds) / 3600), by: 'rate' as const }))
    .filter(({ table, rows }) => rows > 0 && !table.startsWith('changeover_'));
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const says = `since ${since === null ? 'then' : clockOf(since, now)}, by the rates of the last copy, at most about ${listOf(tables.map(({ table, rows: count }) => `${count} ${table}`)) || 'no row'}; the database itself does not answer (${why})`;
  return {
    how: 'estimated',
    since,
    seconds,
    tables,
    rows,
    uploads: uploads?.count ?? null,
    band: bandOf(rows, uploads?.count ?? 0),
    says,
  };
}

function rowsLoss({ compared, wanted }: RestoreScene, since: string | null, seconds: number | null): Loss {
  const rows = compared?.divergence ? rowsOf(compared.divergence, wanted) : [];
  const changed = rows.filter(({ here }) => here !== null).length;
  const says =
    compared === null
      ? 'what rows that come back say now; counted when it stands beside'
      : `${countOf(changed, 'row')} lose what they say now, which is kept in the ledger; nothing else is touched`;
  return {
    how: compared === null ? 'unknown' : 'measured',
    since,
    seconds,
    tables: [],
    rows: changed,
    uploads: 0,
    band: bandOf(changed, 0),
    says,
  };
}
