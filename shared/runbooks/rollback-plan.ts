// A rollback's plan: the move that is taken back, what each side has written since, and what becomes of it. Decides, changes nothing.
import {
  conflictsBeside,
  conflictsOf,
  keylessOf,
  rowsSay,
  strangersOf,
  tableSays,
  type Divergence,
  type Winner,
} from './divergence.ts';
import { factsOf } from './failover-facts.ts';
import type { RecordSet } from './journal.ts';
import { draftLeaving, fenceChanges, fencesSkipped, headOf, writerChange } from './leaving.ts';
import { bandOf } from './loss.ts';
import type { Change, Fact, Loss, Plan } from './plan.ts';
import { priceOf, secondsOf } from './predictions.ts';
import { ALIAS_TTL_SECONDS, tellBack } from './records.ts';
import { shapeOf } from './record-sets.ts';
import { judgeReturn } from './rollback-limits.ts';
import { winnerOf, type ReturnScene, type ReturnSetting, type RollbackDetail } from './rollback.ts';
import { layOut } from './scene.ts';
import { gapChange } from './sequences.ts';
import { broughtOf, onBoth, onlyThere, type UploadDivergence } from './uploads.ts';
import { countOf } from './words.ts';

/** One that exceeds its limits is drafted all the same, for the report and for a run that only plans. */
export function draftRollback(setting: ReturnSetting): Omit<Plan, 'id' | 'hash'> {
  const scene: ReturnScene = { ...setting, ...layOut(setting) };
  const detail = draftDetail(scene);
  const limits = judgeReturn(scene);
  return {
    ...headOf(scene, 'Rollback'),
    changes: draftChanges(scene, detail),
    facts: [...factsOf(scene, limits), ...rowFacts(scene), ...uploadFacts(scene)],
    limits,
    loss: draftReturnLoss(scene),
    predictedSeconds: secondsOf(detail) + comparingSeconds(scene),
    costUsd: priceOf(),
    skipped: [...fencesSkipped(detail.fence), ...liftsSkipped(detail), ...mergeSkipped(scene)],
    detail,
  };
}

function draftDetail(scene: ReturnScene): RollbackDetail {
  const { names, sides, departure, request } = scene;
  const zones = [...new Set(names.map(({ name }) => name.zone))].flatMap((zone) => {
    const flights = names.flatMap(({ name }) => (name.zone === zone ? (departure?.flights[name.name] ?? []) : []));
    const changes = flights.flatMap(({ inverse }) => inverse);
    if (changes.length === 0) return [];
    // A name of the zone that was not moved stays as it is, and is part of what must not change meanwhile.
    const still = names.flatMap(({ name, facts: { records } }) =>
      name.zone === zone && !departure?.flights[name.name] ? records : [],
    );
    const all = (read: (flight: (typeof flights)[number]) => readonly RecordSet[]): RecordSet[] => [
      ...flights.flatMap(read),
      ...still,
    ];
    return {
      zone,
      before: all(({ after }) => after),
      after: all(({ before }) => before),
      changes,
      inverse: flights.flatMap((flight) => flight.changes),
    };
  });
  return {
    ...draftLeaving(scene),
    zones,
    ttlSeconds: Math.max(ALIAS_TTL_SECONDS, ...zones.flatMap(({ before }) => before.map((record) => shapeOf(record).TTL ?? 0))),
    departure: departure?.run ?? '',
    since: { here: scene.copied?.since ?? null, there: departure?.since ?? null },
    uploadsSince: scene.uploads.found ? (departure?.openedAt ?? null) : null,
    doors: Object.fromEntries(names.flatMap(({ name, to }) => (to ? [[name.name, to.dnsName.replace(/\.$/, '')]] : []))),
    divergence: request.divergence,
    winner: winnerOf(request, sides),
    lift: { web: draftWebLift(scene), database: draftDatabaseLift(scene) },
  };
}

function draftWebLift({ departure, facts, sides }: ReturnScene): RollbackDetail['lift']['web'] {
  const standing = (facts.doors.to.loadBalancer?.listeners ?? []).filter(({ fencedBy }) => fencedBy !== null);
  const run = departure?.webFence?.run ?? standing[0]?.fencedBy ?? '';
  const ours = standing.filter(({ fencedBy }) => fencedBy === run);
  if (ours.length > 0) return { run, listeners: ours.map(({ arn }) => arn), skipped: null };
  return { run, listeners: [], skipped: `the load balancer of ${sides.to} takes requests already` };
}

function draftDatabaseLift({ departure, facts, sides }: ReturnScene): RollbackDetail['lift']['database'] {
  if (!facts.databases.to.fenced) return { connect: [], skipped: `the database of ${sides.to} is open already` };
  const connect = departure?.databaseFence?.connect ?? [];
  if (connect.length > 0) return { connect: [...connect], skipped: null };
  return { connect: [], skipped: `nobody noted who could connect to the database of ${sides.to}` };
}

const liftsSkipped = ({ lift }: RollbackDetail): Plan['skipped'] => [
  ...(lift.database.skipped === null ? [] : [{ act: 'LiftDatabase', why: lift.database.skipped }]),
  ...(lift.web.skipped === null ? [] : [{ act: 'LiftWeb', why: lift.web.skipped }]),
];

function mergeSkipped({ request: { divergence }, sides, uploads: { found } }: ReturnScene): Plan['skipped'] {
  const why = (what: string): string =>
    divergence === 'discard'
      ? `the request leaves the ${what}s of ${sides.from} behind`
      : `${sides.from} is to have no ${what} that ${sides.to} has not`;
  if (divergence !== 'merge')
    return [
      { act: 'MergeData', why: why('row') },
      { act: 'MergeUploads', why: why('file') },
    ];
  return found ? [] : [{ act: 'MergeUploads', why: 'the buckets could not be compared' }];
}

function draftChanges(scene: ReturnScene, { fence, lift, zones, divergence, winner }: RollbackDetail): Change[] {
  const { estate, sides } = scene;
  const instance = estate.environments[sides.to]?.database.instance ?? '';
  const whose = {
    here: `where both changed a row, that of ${sides.to} stands`,
    there: `where both changed a row, that of ${sides.from} stands`,
    nobody: 'no row was changed on both',
  }[winner];
  return [
    ...fenceChanges(scene, fence),
    ...(divergence === 'merge'
      ? [
          {
            act: 'MergeData',
            target: instance,
            says: `${sides.to} is given what was written on ${sides.from}`,
            before: 'as it was left',
            after: `with the rows that only ${sides.from} wrote; ${whose}`,
          },
          ...uploadChanges(scene),
        ]
      : []),
    gapChange(sides.to),
    ...(lift.database.skipped === null
      ? [
          {
            act: 'LiftDatabase',
            target: instance,
            says: `The application connects to the database of ${sides.to} again`,
            before: 'CONNECT for nobody',
            after: `CONNECT for ${lift.database.connect.join(', ')}`,
          },
        ]
      : []),
    ...(lift.web.skipped === null
      ? [
          {
            act: 'LiftWeb',
            target: scene.facts.doors.to.loadBalancer?.arn ?? '',
            says: `The load balancer of ${sides.to} takes requests again`,
            before: '503 with Retry-After',
            after: 'takes requests',
          },
        ]
      : []),
    ...zones.flatMap(({ before, changes }) => changes.map((change) => ({ act: 'SwapNames', ...tellBack(change, before) }))),
    writerChange(scene),
  ];
}

/** The tables that differ, and what was changed on both sides, side by side. */
function rowFacts({ compared: { divergence, readAt }, sides }: ReturnScene): Fact[] {
  if (!divergence) return [];
  const source = 'both databases, compared row by row';
  const tables = divergence.tables.flatMap((table) => {
    const says = tableSays(divergence, table);
    return says === '' ? [] : [{ name: `rows of ${table.table}`, value: says.slice(table.table.length + 2), source, readAt }];
  });
  const conflicts = conflictsBeside(divergence).map(({ table, key, columns }) => ({
    name: `${table} ${key}, changed on both`,
    value: columns
      .map((column) => `${column.name}: ${sides.to} has ${column.here}, ${sides.from} has ${column.there}`)
      .join('; '),
    source,
    readAt,
  }));
  return [...tables, ...conflicts];
}

function uploadChanges({ uploads: { found }, request, sides, estate }: ReturnScene): Change[] {
  if (!found) return [];
  const brought = broughtOf(found, winnerOf(request, sides));
  return [
    {
      act: 'MergeUploads',
      target: estate.environments[sides.to]?.buckets.uploads ?? '',
      says: `${sides.to} is given what was uploaded on ${sides.from}`,
      before: 'as it was left',
      after: brought.length === 0 ? 'the same: nothing was uploaded' : `with ${countOf(brought.length, 'file')} more`,
    },
  ];
}

function uploadFacts({ uploads: { found, readAt }, sides }: ReturnScene): Fact[] {
  if (!found) return [];
  const value = [
    `${countOf(onlyThere(found).length, 'file')} that only ${sides.from} has`,
    ...(onBoth(found).length > 0 ? [`${onBoth(found).length} under names that both have`] : []),
  ].join(', ');
  return [{ name: 'uploaded files', value, source: 'the listings of both buckets', readAt }];
}

/** The databases are compared once more behind the fence, and once after a merge. */
const comparingSeconds = ({ compared: { divergence } }: ReturnScene): number =>
  Math.ceil((2 * (divergence?.milliseconds ?? 0)) / 1000);

function draftReturnLoss({ compared: { divergence }, uploads: { found }, request, sides }: ReturnScene): Loss {
  const files = found && filesLeftBehind(found, request.divergence === 'merge', winnerOf(request, sides));
  const base = { since: null, seconds: null, tables: [], uploads: files };
  if (!divergence) {
    const says = `nobody could compare what ${sides.from} has written since`;
    return { ...base, how: 'unknown', rows: null, band: 'unknown', says };
  }
  const left = leftBehind(divergence, request.divergence === 'merge', winnerOf(request, sides) === 'there');
  const rows = left.reduce((sum, table) => sum + table.rows, 0);
  if (rows === 0)
    return {
      ...base,
      how: files === 0 ? 'none' : 'measured',
      rows: 0,
      band: bandOf(0, files ?? 0),
      says: `${files === 0 ? 'nothing' : 'no row'}: ${sides.to} will have every row that ${sides.from} has${filesSay(files)}`,
    };
  const list = left.map(({ table, rows: count }) => `${count} of ${table}`).join(', ');
  const says = `${rowsSay(rows)} that only ${sides.from} has will not be with the writer (${list}); they stay in the fenced database of ${sides.from} until it is rebuilt${filesSay(files)}`;
  return { ...base, how: 'measured', tables: left, rows, band: bandOf(rows, files ?? 0), says };
}

function filesSay(leftBehind: number | null): string {
  if (leftBehind === null) return '; nobody could list the uploaded files';
  return leftBehind === 0 ? '' : `; ${countOf(leftBehind, 'uploaded file')} stay there as well`;
}

const filesLeftBehind = (found: UploadDivergence, merges: boolean, winner: Winner): number =>
  (merges ? 0 : onlyThere(found).length) + (merges && winner === 'there' ? 0 : onBoth(found).length);

function leftBehind(divergence: Divergence, merges: boolean, theirsWin: boolean): Loss['tables'] {
  const keyless = keylessOf(divergence);
  return divergence.tables.flatMap((table) => {
    const own = merges ? 0 : table.onlyThere + table.changedThere;
    const both = merges && theirsWin ? 0 : table.changedBoth;
    const without = keyless.includes(table) ? Math.max(1, table.rows.there - table.rows.here) : 0;
    const rows = own + both + without;
    return rows === 0 ? [] : [{ table: table.table, rows, by: without > 0 ? ('count' as const) : ('key' as const) }];
  });
}

/** For the state machine's variable and a chat's headline. */
export function summariseRollback(
  { title, changes, loss, predictedSeconds }: Omit<Plan, 'id' | 'hash'>,
  divergence: Divergence | null,
): string {
  const rows = divergence
    ? `${strangersOf(divergence)} rows only there, ${conflictsOf(divergence)} in conflict`
    : 'rows not compared';
  return `${title}: ${changes.length} changes, about ${predictedSeconds} s, ${rows}, loss ${loss.band}`;
}
