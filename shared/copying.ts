// What the acts of a copy have in common: from the plan and the instant that is held to what the copy is told to do.
import type { Cloud, CopyOrder, Uploads } from './cloud/ports.ts';
import { environmentIn } from './estate-lookup.ts';
import type { Estate } from './estate.ts';
import { DoorsFacts, readFacts, readMark } from './ledger/facts.ts';
import { readLease } from './ledger/lease.ts';
import type { Against } from './runbooks/against-source.ts';
import { CopySurvey, decideCopy, SyncDetail, type HeldCopy } from './runbooks/copying.ts';
import type { Plan } from './runbooks/plan.ts';
import type { Run } from './runbooks/run.ts';
import { Compared } from './runbooks/rollback.ts';
import { RestoredProof } from './runbooks/restored.ts';
import { detailOf as restoreOf, instanceAt, placeOf } from './runbooks/restoring.ts';
import { incomingName } from './runbooks/shelf.ts';
import type { SyncSetting } from './runbooks/sync-plan.ts';
import { engineOf, heldBySnapshot, NO_SERVERS, snapshotNames, type CopyServers } from './runbooks/sync-snapshot.ts';

export const detailOf = (plan: Pick<Plan, 'detail'>): SyncDetail => SyncDetail.parse(plan.detail);

/** Under the run's own fencing number: what another run left, or still writes, has another name. */
export const incomingOf = (run: Run, live: string): string => incomingName(live, run.lease?.fencing ?? 0);

export const dumpFolder = (run: Run, { from, to }: Pick<SyncDetail, 'from' | 'to'>): string => `dumps/${from}-${to}/${run.id}`;

export function orderOf(run: Run, plan: Plan, estate: Estate, held: HeldCopy): CopyOrder {
  const detail = detailOf(plan);
  const side = (environment: string) => ({ environment, database: environmentIn(estate, environment).database });
  const to = side(detail.to);
  return {
    from: side(detail.from),
    to,
    incoming: incomingOf(run, to.database.name),
    mark: { run: run.id, kind: 'incoming', from: detail.from, at: held.at, epoch: plan.epoch, shelvedAt: null, comment: null },
    snapshot: held.snapshot,
    dump: detail.files === 'kept' ? dumpFolder(run, detail) : null,
  };
}

/** The restored instance as a copy that stands aside: under the name that it will be read by, on a server of its own. */
export function orderBeside(run: Run, plan: Plan, estate: Estate): CopyOrder {
  const order = orderOf(run, plan, estate, heldBySnapshot(plan));
  return { ...order, incoming: order.to.database.name, place: placeOf(restoreOf(plan)) };
}

export interface Surveyed {
  readonly survey: string;
  /** By which the target's application is told; null before anybody asked. */
  readonly doors: string | null;
}
type Eyes = Pick<Cloud, 'ledger' | 'instances' | 'estate' | 'clock'>;

/** Everything that the plan of a copy rests on. */
export async function gatherCopy(run: Run, read: Surveyed, { ledger, instances, estate, clock }: Eyes): Promise<SyncSetting> {
  const { copy } = decideCopy(run, estate);
  const [{ lease }, survey, mark, storageBytes] = await Promise.all([
    readLease(ledger, run.app),
    readFacts(ledger, read.survey, CopySurvey),
    readMark(ledger, copy.from, copy.to),
    instances.storageBytes(environmentIn(estate, copy.to).database.instance),
  ]);
  const bySnapshot = engineOf(copy, survey.from.bytes) === 'snapshot';
  const servers = bySnapshot ? await readServers(run, survey, read.doors, { ledger, instances, estate }) : NO_SERVERS;
  return { run, estate, lease, survey, mark, storageBytes, servers, now: clock.now() };
}

async function readServers(
  run: Run,
  survey: CopySurvey,
  doors: string | null,
  { ledger, instances, estate }: Omit<Eyes, 'clock'>,
): Promise<CopyServers> {
  const nameOf = ({ environment }: CopySurvey['from']): string => environmentIn(estate, environment).database.instance;
  const find = (side: CopySurvey['from']) => instances.find(instanceAt(side.endpoint) || nameOf(side));
  const names = snapshotNames(run.id, nameOf(survey.from), nameOf(survey.to));
  const [from, to, beside, snapshot, told] = await Promise.all([
    find(survey.from),
    find(survey.to),
    instances.find(names.beside),
    instances.snapshot(names.snapshot),
    doors === null ? null : readFacts(ledger, doors, DoorsFacts),
  ]);
  const door = told?.doors[survey.to.environment] ?? NO_SERVERS.doors;
  return { from, to, beside, takenAt: snapshot?.takenAt ?? null, doors: door };
}

/** What was read on the way, and the source as it is now. */
export async function gatherAgainst(
  run: Run,
  read: Readonly<Record<'survey' | 'proof' | 'rows', { readonly key: string }>>,
  { ledger, copying, estate, clock }: Pick<Cloud, 'ledger' | 'copying' | 'estate' | 'clock'>,
): Promise<Against> {
  const { copy } = decideCopy(run, estate);
  const [survey, restored, compared] = await Promise.all([
    readFacts(ledger, read.survey.key, CopySurvey),
    readFacts(ledger, read.proof.key, RestoredProof),
    readFacts(ledger, read.rows.key, Compared),
  ]);
  const now = await copying.survey(copy.from, environmentIn(estate, copy.from).database, copy.from);
  return { from: copy.from, before: survey.from, now, restored: restored.examined, compared, at: clock.now() };
}

/** Brings some and takes some away, for as long as the copy is ours; answers what was brought. */
export async function bringUploads(
  uploads: Pick<Uploads, 'copy' | 'remove'>,
  files: {
    readonly source: string;
    readonly target: string;
    readonly keys: readonly string[];
    readonly going: readonly string[];
  },
  heed: () => Promise<void>,
): Promise<string[]> {
  const { source, target, keys, going } = files;
  const gone = new Set(await uploads.copy(source, target, keys, heed));
  await heed();
  await uploads.remove(target, going);
  return keys.filter((key) => !gone.has(key));
}
