// A copy by snapshot: what is too large to be carried row by row is restored beside the target from a snapshot of the source, proven, and
// takes the target's place. Decides, changes nothing.
import { RunbookError } from '../errors.ts';
import type { Copy } from '../estate.ts';
import type { HeldCopy, SyncDetail } from './copying.ts';
import { restoredName, shelfInstanceName, lastSnapshotName, snapshotName, type InstanceFacts } from './instances.ts';
import type { Finding, LimitRule } from './limits.ts';
import type { Change } from './plan.ts';
import { judgeName, judgeReplicas, judgeTold } from './restore-limits.ts';
import {
  buildingChanges,
  draftDetail,
  priceWithShelf,
  RESTORE_SECONDS,
  SHELVING_SECONDS,
  SNAPSHOT_SECONDS,
  swapChanges,
  type Exchange,
} from './restore-plan.ts';
import { detailOf, type RestoreDetail } from './restoring.ts';
import type { DoorFacts } from './scene.ts';
import type { SyncScene } from './sync-limits.ts';

/** The servers of both sides, as RDS tells of them; null where it knows none. */
export interface CopyServers {
  readonly from: InstanceFacts | null;
  readonly to: InstanceFacts | null;
  /** What this run has restored, when it stands. */
  readonly beside: InstanceFacts | null;
  /** The instant of what is in this run's snapshot; null before it is there. */
  readonly takenAt: string | null;
  /** By which the target's application is told. */
  readonly doors: DoorFacts;
}
export const NO_SERVERS: CopyServers = { from: null, to: null, beside: null, takenAt: null, doors: { loadBalancer: null } };

const GIGABYTE = 1024 ** 3;

export const isLarge = ({ dumpLimitGigabytes }: Pick<Copy, 'dumpLimitGigabytes'>, bytes: number): boolean =>
  bytes > dumpLimitGigabytes * GIGABYTE;

/** Row by row up to the estate's limit, and by snapshot beyond it, or where the estate wants it so. */
export const engineOf = (copy: Pick<Copy, 'engine' | 'dumpLimitGigabytes'>, bytes: number): 'copy' | 'snapshot' =>
  copy.engine === 'snapshot' || isLarge(copy, bytes) ? 'snapshot' : 'copy';

/** By the run: a retry finds its own, and no two runs have one. */
export const snapshotNames = (run: string, from: string, to: string): Exchange['names'] => ({
  snapshot: snapshotName(from, run),
  beside: restoredName(to, run),
  shelf: shelfInstanceName(to, run),
  last: lastSnapshotName(to, run),
});

function exchangeOf({ run, estate, lease, copy, survey, servers }: SyncScene): Exchange {
  const instanceOf = (name: string): string => estate.environments[name]?.database.instance ?? name;
  const names = snapshotNames(run.id, instanceOf(copy.from), instanceOf(copy.to));
  const { endpoint, identity, connect, trouble, master } = survey.to;
  return {
    estate,
    lease,
    names,
    source: { kind: 'snapshot', snapshot: names.snapshot, taken: true, at: servers.takenAt },
    instance: servers.to,
    beside: servers.beside,
    doors: servers.doors,
    connectBefore: null,
    wanted: { environment: copy.to, next: 'swap', snapshot: 'now', moment: null, tables: null, rows: {} },
    live: { endpoint, identity, connect, trouble, fenced: connect.every((role) => role === master) },
  };
}

export function draftBySnapshot(scene: SyncScene): RestoreDetail {
  const { copy, servers, survey } = scene;
  const { from } = servers;
  const origin = from && {
    environment: copy.from,
    instance: from.id,
    resourceId: from.resourceId,
    since: survey.from.instant,
  };
  return draftDetail(exchangeOf(scene), origin);
}

export function snapshotChanges(scene: SyncScene, { restore }: Pick<SyncDetail, 'restore'>, uploads: Change): Change[] {
  const exchange = exchangeOf(scene);
  const source = scene.servers.from?.id ?? scene.copy.from;
  return [...buildingChanges(exchange, source), uploads, ...(restore ? swapChanges(exchange, restore) : [])];
}

export const predictSnapshot = (scene: SyncScene): { readonly seconds: number; readonly usd: number } => ({
  seconds: SNAPSHOT_SECONDS + RESTORE_SECONDS + SHELVING_SECONDS,
  usd: priceWithShelf(exchangeOf(scene)),
});

/** The instant of the snapshot, as the acts of a copy hand it on to each other. */
export function heldBySnapshot(plan: { readonly detail: unknown }): HeldCopy {
  const { source, origin } = detailOf(plan);
  if (source?.kind === 'snapshot' && source.at !== null && origin !== null)
    return { attempt: source.snapshot, snapshot: source.snapshot, since: origin.since ?? '0', at: source.at };
  throw new RunbookError('PlanStale', 'the plan was made before the snapshot was there; start the run again');
}

function judgeServers({ servers, copy, estate }: SyncScene): Finding {
  const missing = ([copy.from, copy.to] as const).filter((_, side) => (side === 0 ? servers.from : servers.to) === null);
  return {
    breaches: missing.map((name) => `RDS knows no instance of ${name} (${estate.environments[name]?.database.instance ?? name})`),
    otherwise: `${servers.from?.id ?? ''} and ${servers.to?.id ?? ''}`,
    expected: 'instances of RDS: one to take a snapshot of, one whose class, groups and backups the restored one gets',
    wayOut: 'look at database.instance of both environments in estate.yml, or copy row by row: raise dumpLimitGigabytes',
  };
}

function judgeSourceReady({ servers: { from, beside } }: SyncScene): Finding {
  const busy = beside === null && from !== null && from.status !== 'available';
  return {
    breaches: busy ? [`${from.id} is ${from.status}`] : [],
    otherwise: `${from?.id ?? 'it'} is ${from?.status ?? 'not there'}`,
    expected: 'an instance that is available, for RDS takes a snapshot of no other',
    wayOut: 'wait until RDS is done with it; a scheduled copy comes again by itself',
  };
}

/** A snapshot brings everything along: its names, its roles, its key. */
function judgeAlike({ survey, servers, copy, estate }: SyncScene): Finding {
  const [source, target] = [copy.from, copy.to].map((name) => estate.environments[name]?.database);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['the database is called', source?.name, target?.name],
    ['it belongs to', source?.owner, target?.owner],
    ['the application logs in as', source?.application, target?.application],
    ['the master is', survey.from.master, survey.to.master],
    ['PostgreSQL is', survey.from.major, survey.to.major],
    ['encrypted:', keyOf(servers.from), keyOf(servers.to)],
  ];
  const apart = pairs.filter(([, here, there]) => here !== there);
  return {
    breaches: apart.map(([what, here, there]) => `${what} ${String(here)} on ${copy.from}, ${String(there)} on ${copy.to}`),
    otherwise: 'names, roles, version and key are alike',
    expected: 'both sides alike in what a snapshot brings along',
    wayOut: `make them alike, or copy row by row: raise dumpLimitGigabytes of the copy in estate.yml`,
  };
}
const keyOf = (instance: InstanceFacts | null): string => {
  if (instance === null) return 'unknown';
  return instance.settings.encrypted ? (instance.settings.kmsKey ?? 'by a key of RDS') : 'no';
};

const exchanged = (scene: SyncScene) => ({ ...exchangeOf(scene), run: scene.run });

/** Those of a restore have the same names, for they ask the same of the instance whose place is taken. */
export const SNAPSHOT_LIMITS: readonly LimitRule<SyncScene>[] = [
  { name: 'no-instance', firm: 'there is nothing to take a snapshot of, or nothing to restore beside', judge: judgeServers },
  { name: 'not-available', firm: 'RDS would refuse it', judge: judgeSourceReady },
  { name: 'unlike', firm: 'nobody could log in to what is restored, or RDS would refuse it', judge: judgeAlike },
  { name: 'name-taken', firm: 'it is somebody else’s', judge: (scene) => judgeName(exchanged(scene)) },
  { name: 'replicas', firm: null, judge: (scene) => judgeReplicas(exchanged(scene)) },
  { name: 'untold', firm: null, judge: (scene) => judgeTold(exchanged(scene)) },
];

export const engineSays = ({ copy, survey }: SyncScene, rate: string): string => {
  const size = `${(survey.from.bytes / GIGABYTE).toFixed(survey.from.bytes < GIGABYTE ? 2 : 1)} GB`;
  if (isLarge(copy, survey.from.bytes))
    return `snapshot: ${size} are more than the ${copy.dumpLimitGigabytes} GB that are copied row by row`;
  return copy.engine === 'snapshot' ? `snapshot, as the estate wants it: ${size}` : rate;
};
