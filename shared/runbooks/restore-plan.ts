// The plan of a restore: first of what is made beside, then, when that stands and is proven, of what it does to those who use the
// database. Decides, changes nothing.
import { shelfUsdPerMonth } from './copy-predictions.ts';
import { tableSays, type Divergence } from './divergence.ts';
import { isOwnTag, settingsApart, settingsSay, snapshotSays } from './instances.ts';
import { writerOf } from './lease.ts';
import { judgeLimits } from './limits.ts';
import { bandOf } from './loss.ts';
import type { Change, Fact, Plan } from './plan.ts';
import { priceOf } from './predictions.ts';
import { RESTORE_LIMITS, type RestoreScene } from './restore-limits.ts';
import { lossOf } from './restore-loss.ts';
import { rowsOf } from './restored-rows.ts';
import type { Origin, RestoreDetail, Source } from './restoring.ts';
import { doorOf } from './sides.ts';
import { clockOf, countOf, listOf, spanOf } from './words.ts';

export function draftRestore(scene: RestoreScene): Omit<Plan, 'id' | 'hash'> {
  const { run, estate, lease, wanted, now } = scene;
  const detail = draftDetail(scene);
  const built = scene.proof !== null;
  return {
    run: run.id,
    runbook: run.runbook,
    app: run.app,
    draftedAt: now.toISOString(),
    epoch: writerOf(lease, estate).epoch,
    fencing: lease?.fencing ?? 0,
    title: titleOf(scene),
    changes: [...(built ? [] : buildingChanges(scene)), ...usingChanges(scene, detail)],
    facts: factsOf(scene),
    limits: judgeLimits(RESTORE_LIMITS, scene, run.override),
    loss: lossOf(scene),
    predictedSeconds:
      (built ? 0 : buildingSeconds(scene)) + outageSeconds(scene) + (wanted.next === 'swap' ? SHELVING_SECONDS : 0),
    costUsd: priceWithShelf(scene),
    skipped: skippedOf(scene, detail),
    detail,
  };
}

/** RDS for small instances, as its users tell: a snapshot in minutes, a restore in ten to fifteen, a renaming with its reboot in two. */
export const SNAPSHOT_SECONDS = 300;
export const RESTORE_SECONDS = 900;
const RENAME_SECONDS = 120;
const POINTING_SECONDS = 20;
export const SHELVING_SECONDS = 420;
const ROWS_SECONDS = 15;

const buildingSeconds = ({ source }: RestoreScene): number =>
  RESTORE_SECONDS + (source?.kind === 'snapshot' && source.taken ? SNAPSHOT_SECONDS : 0);

/** How long nobody can write. */
function outageSeconds({ wanted, estate }: RestoreScene): number {
  if (wanted.next === 'rows') return ROWS_SECONDS;
  return estate.environments[wanted.environment]?.database.swap.by === 'rename' ? 2 * RENAME_SECONDS : POINTING_SECONDS;
}

const shelfPrice = ({ instance, wanted }: Pick<RestoreScene, 'instance' | 'wanted'>): number =>
  wanted.next === 'swap' ? Number(shelfUsdPerMonth((instance?.storageGigabytes ?? 0) * 1024 ** 3).toFixed(2)) : 0;

/** The run's own, and the shelf's for as long as it stands at least. */
export const priceWithShelf = (scene: Pick<RestoreScene, 'instance' | 'wanted' | 'estate'>): number =>
  Number((priceOf() + (shelfPrice(scene) * scene.estate.retention.shelfDays) / 30).toFixed(6));

const sourceSays = (source: Source | null): string => {
  if (source === null) return 'nothing';
  if (source.kind === 'point') return `${source.instance} as of ${source.says}`;
  return source.taken ? `the snapshot ${source.snapshot}, taken first` : `the snapshot ${source.snapshot}`;
};

function titleOf({ wanted, source, estate }: RestoreScene): string {
  const what =
    wanted.tables === null ? `the database of ${wanted.environment}` : `${listOf([...wanted.tables])} of ${wanted.environment}`;
  return `${estate.app}: ${what} from ${sourceSays(source)}`;
}

/** What leads people from one instance to another, whatever it is restored from. */
export type Exchange = Pick<
  RestoreScene,
  'estate' | 'lease' | 'names' | 'source' | 'instance' | 'beside' | 'doors' | 'connectBefore' | 'wanted'
> & {
  readonly live: Pick<RestoreScene['live'], 'endpoint' | 'identity' | 'fenced' | 'connect' | 'trouble'>;
};

export function draftDetail(scene: Exchange, origin: Origin | null = null): RestoreDetail {
  const { wanted, estate, lease, names, source, instance, live, beside, doors } = scene;
  const { environment } = wanted;
  const database = estate.environments[environment]?.database;
  const place = beside?.host == null ? null : { instance: beside.id, host: beside.host, port: beside.port };
  return {
    from: environment,
    to: environment,
    zones: [],
    fence: { web: { listeners: [], skipped: 'the same doors go on' }, database: draftFence(scene) },
    gap: [],
    invert: 'yes',
    asked: {},
    ttlSeconds: 0,
    environment,
    next: wanted.next,
    source,
    origin,
    live:
      instance === null
        ? null
        : {
            place: { instance: instance.id, host: instance.host ?? hostOf(live.endpoint), port: instance.port },
            resourceId: instance.resourceId,
          },
    settings: instance?.settings ?? null,
    tags: Object.fromEntries(Object.entries(instance?.tags ?? {}).filter(([key]) => !isOwnTag(key))),
    beside: names.beside,
    place,
    by: database?.swap.by ?? 'connection',
    shelf: names.shelf,
    lastSnapshot: names.last,
    shelfUsdPerMonth: shelfPrice(scene),
    shelfDays: estate.retention.shelfDays,
    tables: wanted.tables === null ? null : [...wanted.tables],
    rows: Object.fromEntries(Object.entries(wanted.rows).map(([table, keys]) => [table, [...keys]])),
    doors: Object.fromEntries(
      estate.names.flatMap((name) => {
        const door = doors[doorOf(environment, name, estate)];
        return door ? [[name.name, door.dnsName.replace(/\.$/, '')]] : [];
      }),
    ),
    writes: writerOf(lease, estate).writer === environment,
  };
}

const hostOf = (endpoint: string | null): string => endpoint?.split('/')[0] ?? '';

function draftFence({ wanted, live, connectBefore }: Exchange): RestoreDetail['fence']['database'] {
  if (wanted.next !== 'swap') return { connect: [], skipped: 'the database that people use stays' };
  // One that is fenced already as well: whoever revoked there may have died before the sessions ended.
  if (live.identity !== null)
    return { connect: [...(live.fenced ? (connectBefore ?? live.connect) : live.connect)].sort(), skipped: null };
  return { connect: [], skipped: `it cannot be reached: ${live.trouble ?? 'no reason given'}` };
}

export function buildingChanges({ source, names, instance }: Exchange, of = instance?.id ?? ''): Change[] {
  if (source === null) return [];
  const snapshot: Change = {
    act: 'Snapshot',
    target: names.snapshot,
    says: `${of} is kept as it is now`,
    before: 'not there',
    after: 'a snapshot by hand, which never expires by itself',
  };
  const restore: Change = {
    act: 'Restore',
    target: names.beside,
    says: `A second instance beside, from ${sourceSays(source)}, set up as ${instance?.id ?? 'the one there is'}; nobody is led to it`,
    before: 'not there',
    after: `there from ${sourceSays(source)}, proven, read once`,
  };
  return [...(source.kind === 'snapshot' && source.taken ? [snapshot] : []), restore];
}

function usingChanges(scene: RestoreScene, detail: RestoreDetail): Change[] {
  return scene.wanted.next === 'swap' ? swapChanges(scene, detail) : [rowsChange(scene)];
}

export function swapChanges({ estate, instance, names, wanted, source }: Exchange, { by, fence }: RestoreDetail): Change[] {
  const { environment } = wanted;
  const live = instance?.id ?? estate.environments[environment]?.database.instance ?? '';
  const database = estate.environments[environment]?.database;
  const pointers = [database?.swap.name?.name, database?.swap.parameter, database?.secrets.application, database?.secrets.master];
  const fenced: Change = {
    act: 'FenceDatabase',
    target: live,
    says: `Nobody writes to ${live} any more`,
    before: `CONNECT for ${fence.database.connect.join(', ') || 'nobody'}`,
    after: 'CONNECT for nobody, sessions ended',
  };
  const pointed: Change = {
    act: 'Swap',
    target: listOf(pointers.filter((one) => one !== undefined)),
    says: `What leads to the database of ${environment} leads to the restored one, and the application is told`,
    before: live,
    after: `${names.beside}, from ${sourceSays(source)}`,
  };
  const renamed: Change = {
    act: 'Swap',
    target: live,
    says: `The restored one gets the name; nobody reaches either for about ${spanOf(2 * RENAME_SECONDS)}`,
    before: `${live}, and ${names.beside} beside`,
    after: `${live} is what ${names.beside} was, from ${sourceSays(source)}; what it was is ${names.shelf}`,
  };
  const shelved: Change = {
    act: 'Shelve',
    target: names.shelf,
    says: `What people used until now stands still on the shelf, after a last snapshot of it`,
    before: `${live}, running`,
    after: `stopped; ${names.last} has its last state`,
  };
  return [
    ...(fence.database.skipped === null ? [fenced] : []),
    by === 'rename' ? renamed : pointed,
    ...(instance ? [shelved] : []),
  ];
}

function rowsChange(scene: RestoreScene): Change {
  const { wanted, compared, instance } = scene;
  const rows = compared?.divergence ? rowsOf(compared.divergence, wanted) : null;
  const told = (wanted.tables ?? []).map((table) => {
    const own = rows?.filter((row) => row.table === table) ?? [];
    const gone = own.filter(({ here }) => here === null).length;
    return `${table}: ${countOf(gone, 'row')} that are gone, ${countOf(own.length - gone, 'row')} that were changed since`;
  });
  return {
    act: 'BringBack',
    target: instance?.id ?? '',
    says:
      rows === null
        ? `Rows of ${listOf([...(wanted.tables ?? [])])} come back, in one transaction`
        : `${listOf(told)} come back, in one transaction; what was added since stays`,
    before: 'as people have them now',
    after: rows === null ? `as of ${wanted.moment?.says ?? ''}` : `as of ${wanted.moment?.says ?? ''}: ${bandOf(rows.length, 0)}`,
  };
}

function skippedOf({ live, instance, wanted }: RestoreScene, { fence }: RestoreDetail): Plan['skipped'] {
  if (wanted.next !== 'swap') return [];
  return [
    ...(fence.database.skipped === null ? [] : [{ act: 'FenceDatabase', why: fence.database.skipped }]),
    ...(instance === null ? [{ act: 'Shelve', why: `there is no ${live.endpoint ?? 'instance'} to keep` }] : []),
  ];
}

function factsOf(scene: RestoreScene): Fact[] {
  const { live, instance, snapshot, window, beside, proof, compared, readAt, now } = scene;
  const source = 'the database itself';
  const rows = live.tables.reduce((sum, table) => sum + table.rows, 0);
  const state = live.reachable
    ? `${countOf(live.tables.length, 'table')}, about ${countOf(rows, 'row')}, migration ${live.migration ?? 'none'}`
    : `does not answer: ${live.trouble ?? 'no reason given'}`;
  return [
    { name: 'the database that people use', value: state, source, readAt },
    ...(instance === null
      ? []
      : [
          {
            name: instance.id,
            value: `${instance.status}, ${instance.settings.instanceClass}, ${instance.storageGigabytes} GB, PostgreSQL ${instance.engineVersion}`,
            source: 'RDS',
            readAt,
          },
        ]),
    ...(snapshot === null
      ? []
      : [
          {
            name: 'the snapshot',
            value: `${snapshotSays(snapshot)}, ${snapshot.gigabytes} GB, ${snapshot.status}`,
            source: 'RDS',
            readAt,
          },
        ]),
    ...(window === null
      ? []
      : [
          {
            name: 'can be rewound to',
            value: `${clockOf(window.earliest, now)} to ${clockOf(window.latest, now)}`,
            source: 'RDS',
            readAt,
          },
        ]),
    ...(beside === null
      ? []
      : [
          {
            name: beside.id,
            value: `${beside.status}; ${settingsSay(instance === null ? [] : settingsApart(instance.settings, beside.settings))}`,
            source: 'RDS',
            readAt,
          },
        ]),
    ...(proof === null
      ? []
      : [
          {
            name: 'what was restored',
            value: proofSays(proof.examined.rows, proof.examined.facts.migration),
            source: `every row of ${proof.instance}`,
            readAt: proof.readAt,
          },
        ]),
    ...(compared?.divergence ? divergenceFacts(compared.divergence, compared.readAt) : []),
  ];
}

const proofSays = (rows: Readonly<Record<string, number>>, migration: string | null): string =>
  `${countOf(
    Object.values(rows).reduce((sum, count) => sum + count, 0),
    'row',
  )} in ${countOf(Object.keys(rows).length, 'table')}, migration ${migration ?? 'none'}; the application's role reads and writes`;

const divergenceFacts = (divergence: Divergence, readAt: string): Fact[] =>
  divergence.tables.flatMap((table) => {
    const value = tableSays(divergence, table);
    return value === '' ? [] : [{ name: `differences in ${table.table}`, value, source: 'both databases, row by row', readAt }];
  });
