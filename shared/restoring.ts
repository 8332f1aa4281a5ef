// Everything that the plan of a restore rests on, read from the world in one go, and what its steps have in common.
import type { Cloud, ComparedDatabase } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import { environmentIn } from './estate-lookup.ts';
import { findResumed } from './ledger/adoption.ts';
import { DataFacts, DoorsFacts, readFacts, readMark } from './ledger/facts.ts';
import { findJournal } from './ledger/journal.ts';
import { readLease } from './ledger/lease.ts';
import type { InstanceFacts, SnapshotFacts } from './runbooks/instances.ts';
import type { RestoreScene } from './runbooks/restore-limits.ts';
import { RestoredProof } from './runbooks/restored.ts';
import {
  chooseSnapshot,
  connectBefore,
  decideRestore,
  instanceAt,
  namesOf,
  settleWanted,
  type RestoreDetail,
  type Source,
  type Wanted,
} from './runbooks/restoring.ts';
import { Compared } from './runbooks/rollback.ts';
import type { Run } from './runbooks/run.ts';

/** Where in the ledger lies what other functions read; null before there is something beside to be read. */
export interface Read {
  readonly live: string;
  readonly doors: string;
  readonly proof: string | null;
  readonly rows: string | null;
}

export type Eyes = Pick<Cloud, 'ledger' | 'instances' | 'uploads' | 'estate' | 'clock'>;

export async function gatherRestore(run: Run, read: Read, eyes: Eyes): Promise<RestoreScene> {
  const { ledger, instances, estate, clock } = eyes;
  const [{ lease }, own, left] = await Promise.all([
    readLease(ledger, run.app),
    findJournal(ledger, run.id),
    findResumed(ledger, run),
  ]);
  const wanted = settleWanted(decideRestore(run, estate, lease), own, left);
  const { database, buckets } = environmentIn(estate, wanted.environment);
  const [{ databases }, { doors }, proof, compared] = await Promise.all([
    readFacts(ledger, read.live, DataFacts),
    readFacts(ledger, read.doors, DoorsFacts),
    read.proof === null ? null : readFacts(ledger, read.proof, RestoredProof),
    read.rows === null ? null : readFacts(ledger, read.rows, Compared),
  ]);
  const live = databases.find((one) => one.environment === wanted.environment);
  if (!live) throw new RunbookError('CloudRefused', `${read.live} says nothing of ${wanted.environment}; start the run again`);
  const instance = await instances.find(instanceAt(live.endpoint) || database.instance);
  const names = namesOf(run, database.instance, wanted, left);
  const [kept, beside, window, copy] = await Promise.all([
    readSource(wanted, names.snapshot, instance, database.instance, eyes),
    instances.find(names.beside),
    wanted.moment === null || instance === null ? null : instances.window(instance.resourceId),
    readCopy(wanted.environment, eyes),
  ]);
  const since = kept.source?.at ?? null;
  const uploads = since === null ? null : await countUploads(buckets.uploads, since, eyes);
  const readAt = clock.now().toISOString();
  const before = connectBefore(left, wanted.environment);
  const found = { live, instance, connectBefore: before, ...kept, window, beside, proof, compared, copy, uploads };
  return {
    run,
    estate,
    lease,
    wanted,
    names,
    ...found,
    doors: doors[wanted.environment] ?? { loadBalancer: null },
    readAt,
    now: clock.now(),
  };
}

interface Kept {
  readonly source: Source | null;
  readonly snapshot: SnapshotFacts | null;
  readonly standing: readonly SnapshotFacts[];
}

async function readSource(
  { snapshot: asked, moment }: Wanted,
  own: string,
  instance: InstanceFacts | null,
  name: string,
  { instances }: Eyes,
): Promise<Kept> {
  if (moment !== null && instance !== null) {
    const source = {
      kind: 'point',
      resourceId: instance.resourceId,
      instance: instance.id,
      at: moment.at,
      says: moment.says,
    } as const;
    return { source, snapshot: null, standing: [] };
  }
  if (asked === null) return { source: null, snapshot: null, standing: [] };
  const standing = await instances.snapshots(instance === null ? { instance: name } : { resourceId: instance.resourceId });
  const byName = asked === 'newest' || asked === 'now' ? null : await instances.snapshot(asked);
  const source = chooseSnapshot(asked, standing, byName, own);
  const snapshot = [...(byName === null ? [] : [byName]), ...standing].find(({ id }) => id === source?.snapshot) ?? null;
  return { source, snapshot, standing };
}

/** By the rates of any copy of it, where the database itself does not answer. */
async function readCopy(environment: string, { ledger, estate }: Eyes): Promise<RestoreScene['copy']> {
  const copy = estate.copies.find(({ from }) => from === environment);
  return copy ? readMark(ledger, copy.from, copy.to) : null;
}

/** Null where the bucket cannot be listed: a count must not stop a restore. */
async function countUploads(bucket: string, since: string, { uploads }: Eyes): Promise<RestoreScene['uploads']> {
  try {
    return await uploads.countSince(bucket, new Date(since));
  } catch (error) {
    if (error instanceof RunbookError) return null;
    throw error;
  }
}

/** Which of the two is to have the other's rows: the restored one the writes that would be lost, the one people use the rows that come back. */
export function sidesOf(
  { environment, next, place, beside, origin }: Pick<RestoreDetail, 'environment' | 'next' | 'place' | 'beside' | 'origin'>,
  estate: Cloud['estate'],
): { readonly here: ComparedDatabase; readonly there: ComparedDatabase } {
  const { database } = environmentIn(estate, environment);
  const { environment: source, since } = origin ?? { environment, since: null };
  const live = { environment: source, database: environmentIn(estate, source).database, since };
  const restored = { environment: beside, database, since, ...(place && { place }) };
  return next === 'rows' ? { here: live, there: restored } : { here: restored, there: live };
}
