// How snapshots and automated backups come and go, and how an instance's PostgreSQL is made of them again.
import type { Archive, Cluster, Image, Place } from '../../world/contract.ts';
import { secondsOf } from '../../world/latencies.ts';
import type { Instance, Rds, Snapshots } from './instance.ts';
import { arnOf } from './naming.ts';
import { tellOfSnapshot } from './journal.ts';
import {
  type Backup,
  type Data,
  DAY,
  discard,
  letGo,
  MINUTE,
  requireRoom,
  type Snapshot,
  type Source,
  type Storage,
  vaultAt,
} from './vault.ts';

const logged = (base: Image, archive: Archive): Storage => ({
  holders: 1,
  async remove() {
    await Promise.all([base.remove(), archive.remove()]);
  },
});

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Nobody keeps automated snapshots for longer. */
const MOST_DAYS = 35;

export function createKeeping(rds: Rds): Snapshots {
  return {
    requireRoom: (region, identifier) => requireRoom(rds, region, identifier),
    async take(instance, identifier) {
      await takeSnapshot(rds, instance, identifier);
    },
    backUp: (instance) => backUp(rds, instance, rds.ground.timeline.now()),
    adopt: (instance) => backUp(rds, instance, instance.createdAt),
    forget(instance, { keepBackups }) {
      const vault = vaultAt(rds, instance.region, rds.ground.timeline.now());
      const backup = vault.backups.get(instance.resourceId);
      if (!backup) return instance.cluster?.archive.remove() ?? Promise.resolve();
      backup.rest();
      if (keepBackups) backup.endedAt = rds.ground.timeline.now();
      else discard(rds, vault, backup);
      return Promise.resolve();
    },
  };
}

/** A manual one. It resolves when its data is safe, which is of this instant; RDS goes on `creating` it for a while. */
export async function takeSnapshot(
  rds: Rds,
  instance: Instance,
  identifier: string,
  tags: ReadonlyMap<string, string> = new Map(),
): Promise<Snapshot> {
  const { cluster, settings } = instance;
  if (!cluster) throw new Error(`${instance.identifier} has no storage`);
  const begunAt = rds.ground.timeline.now();
  const inherited = settings.copyTagsToSnapshot ? instance.tags : [];
  const image = await rds.host().image(cluster);
  try {
    // Another may have got the name meanwhile.
    requireRoom(rds, rds.in(instance.region), identifier);
  } catch (error) {
    await image.remove();
    throw error;
  }
  return keep(rds, instance, {
    ...{ identifier, type: 'manual', of: sourceOf(instance), dataAt: begunAt, begunAt, copiedFrom: undefined },
    tags: new Map([...inherited, ...tags]),
    data: stored(image),
  });
}

/** Files it, and tells when it is done. */
export function keep(
  rds: Rds,
  { region }: { readonly region: string },
  snapshot: Omit<Snapshot, 'arn' | 'region' | 'readyAt' | 'sharedWith'>,
): Snapshot {
  const { timeline, account, random } = rds.ground;
  const milliseconds = rds.stalled.snapshots ? Infinity : secondsOf('rds:SnapshotCreating', random) * 1000;
  const arn = arnOf(region, account, 'snapshot', snapshot.identifier);
  const kept: Snapshot = { ...snapshot, arn, region, sharedWith: new Set(), readyAt: timeline.now() + milliseconds };
  rds.vault(region).snapshots.set(kept.identifier, kept);
  tellOfSnapshot(rds, kept, kept.type === 'manual' ? 'creatingManual' : 'creatingAutomated');
  const done = kept.type === 'manual' ? 'createdManual' : 'createdAutomated';
  if (Number.isFinite(kept.readyAt)) timeline.at(kept.readyAt, () => tellOfSnapshot(rds, kept, done));
  return kept;
}

export const sourceOf = ({ identifier, resourceId, createdAt, engineVersion, settings }: Instance): Source => ({
  ...{ identifier, resourceId, createdAt, engineVersion, settings },
});

/** The first one begins the automated backup, which has a snapshot of its own every day from then on. */
async function backUp(rds: Rds, instance: Instance, earliest: number): Promise<void> {
  const { cluster, resourceId, settings, region } = instance;
  if (!cluster || settings.backupRetentionDays === 0) return;
  const { timeline, account, token } = rds.ground;
  const vault = vaultAt(rds, region, timeline.now());
  const known = vault.backups.get(resourceId);
  // Of another cluster under the same name nothing is known yet.
  if (known?.archive !== cluster.archive) {
    if (known) discard(rds, vault, known);
    const base = cluster.origin ?? (await rds.host().image(cluster));
    const id = `ab-${token(26, LOWER)}`;
    const from = nextWindow(timeline.now(), settings.backupWindow);
    const rest = timeline.every(DAY, () => daily(rds, instance), { most: MOST_DAYS + 1, from });
    const of = { id, arn: arnOf(region, account, 'auto-backup', id), of: instance };
    const { archive } = cluster;
    const kept = { base, archive, storage: logged(base, archive), since: timeline.now(), earliest, endedAt: undefined, rest };
    vault.backups.set(resourceId, { ...of, ...kept });
  }
  addAutomated(rds, instance);
}

/** Nothing is backed up of an instance that does not stand as it should. */
function daily(rds: Rds, instance: Instance): void {
  if (instance.status === 'available' && instance.settings.backupRetentionDays > 0) addAutomated(rds, instance);
}

function addAutomated(rds: Rds, instance: Instance): void {
  const at = rds.ground.timeline.now();
  const { backups, snapshots } = vaultAt(rds, instance.region, at);
  const backup = backups.get(instance.resourceId);
  const minute = new Date(at).toISOString().slice(0, 16).replaceAll(/[T:]/g, '-');
  const identifier = `rds:${instance.identifier}-${minute}`;
  if (!backup || snapshots.has(identifier)) return;
  const tags = new Map(instance.settings.copyTagsToSnapshot ? instance.tags : []);
  const of = { type: 'automated', of: sourceOf(instance), dataAt: at, begunAt: at, copiedFrom: undefined } as const;
  keep(rds, instance, { identifier, ...of, tags, data: { kind: 'instant', backup } });
}

/** The next time its backup window begins. */
function nextWindow(now: number, window: string): number {
  const [hours = 0, minutes = 0] = window.split('-')[0]?.split(':').map(Number) ?? [];
  const today = now - (now % DAY) + (hours * 60 + minutes) * MINUTE;
  return today > now ? today : today + DAY;
}

/** PostgreSQL as it was at an instant that a backup reaches. */
export const clusterAt = (rds: Rds, { base, archive, since }: Backup, at: number, place: Place): Promise<Cluster> =>
  rds.host().restore(base, { ...place, replay: { archive, to: Math.max(at, since) } });

export const clusterFrom = (rds: Rds, { data, dataAt }: Snapshot, place: Place): Promise<Cluster> =>
  data.kind === 'image' ? rds.host().restore(data.image, place) : clusterAt(rds, data.backup, dataAt, place);

/** The data of a copy: what is stored is shared, and what is only an instant of a log is stored now. */
export async function dataForCopy(rds: Rds, original: Snapshot): Promise<Data> {
  if (original.data.kind === 'image') {
    original.data.storage.holders++;
    return original.data;
  }
  const cluster = await clusterFrom(rds, original, { name: original.identifier, endpoint: 'localhost' });
  try {
    return stored(await rds.host().image(cluster));
  } finally {
    await cluster.remove();
    await cluster.archive.remove();
  }
}

export const stored = (image: Image): Data => ({ kind: 'image', image, storage: { holders: 1, remove: () => image.remove() } });

/** Made only later, of what is held until then: whoever deletes it meanwhile does not take it away. */
export function later(storage: Storage, make: (place: Place) => Promise<Cluster>): (place: Place) => Promise<Cluster> {
  storage.holders++;
  return (place) => make(place).finally(() => letGo(storage));
}
