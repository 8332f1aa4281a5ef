// Afterwards: what was to go is gone, what was to stand still does, and of everything a backup stays.
import { RunbookError } from '../errors.ts';
import { usdSays } from './ages.ts';
import type { InstanceFacts, SnapshotFacts } from './instances.ts';
import { isBackup } from './retention.ts';
import type { RetentionDetail } from './retention-scene.ts';
import { isBackupOf } from './retiring.ts';
import { countOf, listOf } from './words.ts';

export interface Found {
  /** By their ids; null for what is not there. */
  readonly instances: Readonly<Record<string, InstanceFacts | null>>;
  /** By the resource that they are of. */
  readonly snapshots: Readonly<Record<string, readonly SnapshotFacts[]>>;
}

/** Throws NotYet while RDS is at work, and VerifyFailed for what is not as planned; otherwise says what went and what is paid now. */
export function judgeRetained({ expire, stop, shelves, usdPerMonth }: RetentionDetail, { instances, snapshots }: Found): string {
  for (const { snapshot, resourceId, takenAt } of expire) {
    const standing = snapshots[resourceId] ?? [];
    const same = standing.find((one) => one.id === snapshot && one.takenAt === takenAt);
    if (same?.status === 'deleting') throw notYet(snapshot, same.status, 'gone');
    if (same) throw failed(`the snapshot ${snapshot} is ${same.status}, expected gone`, snapshot);
    if (!standing.some(isBackup)) throw failed(`no backup of ${resourceId} is left beside ${snapshot}, expected one`, snapshot);
  }
  for (const { instance, resourceId } of stop) {
    const found = instances[instance];
    if (found?.resourceId === resourceId && found.status !== 'stopped') throw notYet(instance, found.status, 'stopped');
  }
  for (const shelf of shelves) {
    const found = instances[shelf.instance];
    if (found?.resourceId === shelf.resourceId) throw notYet(shelf.instance, found.status, 'gone');
    const backup = (snapshots[shelf.resourceId] ?? []).find(({ id }) => id === shelf.snapshot);
    if (!backup || !isBackupOf(backup, shelf))
      throw failed(
        `${shelf.instance} is gone and its snapshot ${shelf.snapshot} is not there, expected available`,
        shelf.snapshot,
      );
  }
  const went = [
    countOf(expire.length, 'expired snapshot'),
    countOf(shelves.length, 'instance'),
    `${countOf(stop.length, 'shelf', 'shelves')} stopped again`,
  ];
  return `gone: ${listOf(went.slice(0, 2))}; ${went[2] ?? ''}; what stays costs ${usdSays(usdPerMonth)} at most`;
}

const notYet = (what: string, status: string, expected: string): RunbookError =>
  new RunbookError('NotYet', `RDS says ${what} is ${status}, expected ${expected}; asked again until the deadline`, {
    what,
    status,
  });

const failed = (says: string, what: string): RunbookError =>
  new RunbookError('VerifyFailed', `${says}; look at RDS who changed it, and restore from what is left`, { what });
