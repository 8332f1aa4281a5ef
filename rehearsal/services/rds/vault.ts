// What RDS keeps of instances beyond themselves, in one Region: snapshots, and automated backups with the log that goes on from
// them. The data of a snapshot is an image of its own, or an instant that the automated backup can be replayed to.
import type { Archive, Image } from '../../world/contract.ts';
import { AwsError } from '../error.ts';
import { invalidValue, noSnapshot } from './failures.ts';
import type { Instance, Rds, Region } from './instance.ts';
import { arnOf, requireIdentifier } from './naming.ts';

/** An instance as it was when a snapshot of it began. */
export type Source = Pick<Instance, 'identifier' | 'resourceId' | 'createdAt' | 'engineVersion' | 'settings'>;

export interface Snapshot {
  readonly identifier: string;
  readonly arn: string;
  readonly region: string;
  readonly type: 'manual' | 'automated';
  readonly of: Source;
  /** The instant its data is of: a copy's is its original's. */
  readonly dataAt: number;
  readonly begunAt: number;
  readonly readyAt: number;
  readonly copiedFrom: string | undefined;
  readonly tags: Map<string, string>;
  /** Accounts, or `all`. */
  readonly sharedWith: Set<string>;
  readonly data: Data;
}

export type Data =
  | { readonly kind: 'image'; readonly image: Image; readonly storage: Storage }
  | { readonly kind: 'instant'; readonly backup: Backup };

/** What is stored goes with the last who needs it: copies share theirs, and what is being restored is not taken away meanwhile. */
export interface Storage {
  holders: number;
  readonly remove: () => Promise<void>;
}

export interface Backup {
  readonly arn: string;
  readonly id: string;
  /** As it stands, or as it was when it went. */
  readonly of: Instance;
  readonly base: Image;
  readonly archive: Archive;
  readonly storage: Storage;
  /** The log is replayed from here on; before it the world was as it is here. */
  readonly since: number;
  readonly earliest: number;
  /** Its last instant, when its instance is gone and it was kept. */
  endedAt: number | undefined;
  readonly rest: () => void;
}

export interface Vault {
  readonly snapshots: Map<string, Snapshot>;
  /** By the resource id of their instances. */
  readonly backups: Map<string, Backup>;
}

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** RDS uploads the transaction logs every five minutes: no later instant can be restored. */
const UPLOAD = 5 * MINUTE;
const MOST_MANUAL = 100;
export const LONGEST_NAME = 255;

/** What of a backup can be restored; undefined while that is nothing. */
export function windowOf({ of, earliest, endedAt }: Backup, at: number): { earliest: number; latest: number } | undefined {
  const end = Math.min(at, of.stoppedAt ?? at, endedAt ?? at);
  const window = { earliest: Math.max(earliest, at - of.settings.backupRetentionDays * DAY), latest: end - (end % UPLOAD) };
  return window.latest >= window.earliest ? window : undefined;
}

export const isReady = ({ readyAt }: Snapshot, at: number): boolean => at >= readyAt;

/** What its days were counted for is gone, whoever looks first. */
export function vaultAt(rds: Rds, region: string, at: number): Vault {
  const vault = rds.vault(region);
  const keptFor = ({ of }: { of: Pick<Instance, 'settings'> }): number => of.settings.backupRetentionDays * DAY;
  for (const backup of vault.backups.values()) {
    const { endedAt, of } = backup;
    if (endedAt !== undefined && at > endedAt + keptFor(backup)) discard(rds, vault, backup);
    if (endedAt === undefined && of.settings.backupRetentionDays === 0) disable(vault, backup);
  }
  for (const { identifier, data, begunAt } of vault.snapshots.values())
    if (data.kind === 'instant' && at > begunAt + keptFor(data.backup)) vault.snapshots.delete(identifier);
  return vault;
}

/** Its instance writes the same log on: where backups begin again they begin there. */
function disable({ backups }: Vault, { of, rest }: Backup): void {
  rest();
  backups.delete(of.resourceId);
}

/** An automated backup goes with the snapshots that are instants of it. */
export function discard(rds: Rds, vault: Vault, backup: Backup): void {
  backup.rest();
  vault.backups.delete(backup.of.resourceId);
  for (const { identifier, data } of vault.snapshots.values())
    if (data.kind === 'instant' && data.backup === backup) vault.snapshots.delete(identifier);
  void rds.labour(() => letGo(backup.storage));
}

export const storageOf = ({ data }: Snapshot): Storage => (data.kind === 'image' ? data.storage : data.backup.storage);

export async function letGo(storage: Storage): Promise<void> {
  if (--storage.holders === 0) await storage.remove();
}

export function findSnapshot(rds: Rds, region: string, account: string, given = '', at: number): Snapshot {
  const name = snapshotIn(region, account, given);
  const found = vaultAt(rds, region, at).snapshots.get(name);
  if (!found) throw noSnapshot(name);
  return found;
}

/** Automated ones begin with `rds:`, and an ARN names one too. */
export function snapshotIn(region: string, account: string, given: string): string {
  const prefix = arnOf(region, account, 'snapshot', '');
  if (given.startsWith('arn:') && !given.startsWith(prefix))
    throw invalidValue('The specified resource name does not match an RDS resource in this region.');
  const name = given.startsWith(prefix) ? given.slice(prefix.length) : given;
  const own = name.startsWith('rds:') ? name.slice('rds:'.length) : name;
  return `${name.startsWith('rds:') ? 'rds:' : ''}${requireIdentifier(own, 'DBSnapshotIdentifier', LONGEST_NAME)}`;
}

export function requireRoom(rds: Rds, region: Region, identifier: string): void {
  const { snapshots } = vaultAt(rds, region.name, rds.ground.timeline.now());
  if (snapshots.has(identifier))
    throw new AwsError(
      'DBSnapshotAlreadyExists',
      `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
    );
  if ([...snapshots.values()].filter(({ type }) => type === 'manual').length >= MOST_MANUAL)
    throw new AwsError('SnapshotQuotaExceeded', `Cannot create more than ${MOST_MANUAL} manual snapshots`);
}
