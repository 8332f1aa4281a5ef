// A copy by snapshot held against its source, which people go on writing to: whatever is not alike must be something that the source
// itself counts as written since.
import { RunbookError } from '../errors.ts';
import type { SideSurvey } from './copying.ts';
import type { TableDivergence } from './divergence.ts';
import type { Proof } from './proof.ts';
import { shrunkOf, type Examined } from './restored.ts';
import type { Compared } from './rollback.ts';
import { countOf } from './words.ts';

export interface Against {
  readonly from: string;
  /** The source before its snapshot was taken, and after the comparison. */
  readonly before: SideSurvey;
  readonly now: SideSurvey;
  readonly restored: Examined;
  readonly compared: Compared;
  readonly at: Date;
}

/** A session of PostgreSQL tells what it has written when it has nothing to do, and once a minute at the latest. */
const COUNTING_MILLISECONDS = 70_000;

export function judgeAgainst(against: Against): { says: string; notes: string[]; proof: Proof } {
  const { from, now, restored, compared, at, before } = against;
  if (compared.divergence === null) throw wrong(from, [compared.trouble ?? 'it could not be compared']);
  if (!now.reachable) throw wrong(from, [`${from} does not answer any more: ${now.trouble ?? 'no reason given'}`]);
  const { tables, schema, uncompared } = compared.divergence;
  const heartbeat = restored.facts.heartbeats[from] ?? null;
  const stale = before.heartbeat !== null && (heartbeat === null || heartbeat < before.heartbeat);
  const troubles = [
    ...schema,
    ...(stale
      ? [`its newest heartbeat is of ${heartbeat ?? 'nobody'}, and ${from} had one of ${before.heartbeat ?? ''} before`]
      : []),
    ...tables.flatMap(lostOf),
    // Against what was there before the snapshot: a table that has grown fast since has lost nothing.
    ...shrunkOf(restored.rows, Object.fromEntries(before.tables.map(({ table, rows }) => [table, Math.round(rows)]))),
  ];
  if (troubles.length > 0) throw wrong(from, troubles);
  const unexplained = tables.flatMap((table) => unexplainedOf(table, against));
  if (unexplained.length > 0 && at.getTime() - Date.parse(compared.readAt) < COUNTING_MILLISECONDS) {
    const says = `${unexplained.join('; ')}: PostgreSQL may not have counted all yet; asked again until the deadline`;
    throw new RunbookError('NotYet', says, { from });
  }
  if (unexplained.length > 0) throw wrong(from, unexplained);
  const since = tables.reduce((sum, table) => sum + differingOf(table), 0);
  return {
    says: `${countOf(tables.length, 'table')} of ${from} are in it row by row; ${countOf(since, 'row')} differ, all of them written since, by their transactions or by ${from}'s own count`,
    notes: uncompared.map((what) => `not held against ${from} row by row, only counted: ${what}`),
    proof: proofOf(against, heartbeat),
  };
}

function wrong(from: string, troubles: readonly string[]): RunbookError {
  const says = `what was restored is not what ${from} was: ${troubles.slice(0, 5).join('; ')}; nobody was led to it. Look whether somebody changed the schema or emptied a table meanwhile, then start again`;
  return new RunbookError('VerifyFailed', says, { from, differences: troubles.length });
}

/** What the source had before the snapshot, and has as it was then, is in every snapshot of it. */
const lostOf = ({ table, goneHere, changedHere }: TableDivergence): string[] => [
  ...(goneHere === 0 ? [] : [`${countOf(goneHere, 'row')} of ${table} from before the snapshot are not in it`]),
  ...(changedHere === 0
    ? []
    : [`${countOf(changedHere, 'row')} of ${table} are otherwise in it, and nobody has changed them since`]),
];

const differingOf = ({ keyed, same, rows, ...counts }: TableDivergence): number => {
  if (same) return 0;
  if (!keyed) return Math.max(1, Math.abs(rows.here - rows.there));
  const { onlyHere, onlyThere, changedHere, changedThere, changedBoth, goneHere, goneThere } = counts;
  return onlyHere + onlyThere + changedHere + changedThere + changedBoth + goneHere + goneThere;
};

/** A row that is new or changed in the source says so itself, by the transaction that wrote it. A deleted one, and one without a key, cannot. */
const silentOf = (table: TableDivergence): number =>
  table.keyed ? table.onlyHere + table.goneThere + table.changedBoth : differingOf(table);

/** For those the server's own count of writes is the bound: a table that nobody wrote to is the same to the last byte. */
function unexplainedOf(table: TableDivergence, { from, before, now }: Against): string[] {
  const differing = silentOf(table);
  const written = Math.max(0, (now.writes[table.table] ?? 0) - (before.writes[table.table] ?? 0));
  if (differing <= written) return [];
  return [`${countOf(differing, 'row')} of ${table.table} differ, and ${from} counts ${written} written since`];
}

function proofOf({ restored, now, compared }: Against, heartbeat: string | null): Proof {
  const keys = new Map(restored.facts.tables.map(({ table, key }) => [table, key]));
  const sizes = new Map(now.tables.map(({ table, bytes }) => [table, bytes]));
  const there = new Map((compared.divergence?.tables ?? []).map(({ table, rows }) => [table, rows.there]));
  return {
    tables: Object.entries(restored.rows).map(([table, copy]) => ({
      table,
      rows: { source: there.get(table) ?? copy, copy },
      same: true,
      how: 'whole',
      bytes: sizes.get(table) ?? 0,
      key: keys.get(table) ?? null,
    })),
    differences: [],
    told: [],
    migration: { source: now.migration, copy: restored.facts.migration },
    largeObjects: 0,
    heartbeat,
  };
}
