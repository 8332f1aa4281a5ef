// What of ours may go: a snapshot or an instance, judged by itself, with every reason why it stays.
import type { Estate, Retention } from '../estate.ts';
import {
  ENVIRONMENT_TAG,
  isOurs,
  RUN_TAG,
  SINCE_TAG,
  TAG,
  WHAT_TAG,
  type InstanceFacts,
  type SnapshotFacts,
} from './instances.ts';
import { countOf, listOf } from './words.ts';

export type Policy = { readonly [Field in keyof Retention]-?: NonNullable<Retention[Field]> };

/** Where the estate says nothing of snapshots and dumps, it is what the business agreed to for copies. */
export const policyOf = ({ retention, objectives }: Pick<Estate, 'retention' | 'objectives'>): Policy => ({
  ...retention,
  snapshotDays: retention.snapshotDays ?? objectives.retentionDays,
  dumpDays: retention.dumpDays ?? objectives.retentionDays,
});

/** Put on a snapshot by whoever has restored from it and proven what came out. */
export const PROVEN_TAG = 'changeover:proven';

const DAY = 86_400_000;
/** RDS starts what was stopped by itself after as many days. */
export const MOST_STOPPED_DAYS = 7;
export const daysSince = (at: string, now: Date): number => (now.getTime() - Date.parse(at)) / DAY;

/** Why something stays, under the name of the limit that whoever names it anyway runs into. */
export interface Reason {
  readonly limit: 'not-ours' | 'in-use' | 'last-backup' | 'too-young';
  readonly says: string;
}
export interface Judged<Facts> {
  readonly facts: Facts;
  /** Empty where it may go. */
  readonly reasons: readonly Reason[];
}
export const whyOf = ({ reasons }: Pick<Judged<unknown>, 'reasons'>): string => listOf(reasons.map(({ says }) => says));

export interface Judging {
  readonly app: string;
  readonly policy: Policy;
  readonly now: Date;
}

const ownership = (tags: Readonly<Record<string, string>>, app: string): Reason[] => {
  if (isOurs(tags, app)) return [];
  const found = tags[TAG] === undefined ? `no tag ${TAG}` : `its tag ${TAG} is ${tags[TAG]}, not ${app}`;
  return [{ limit: 'not-ours', says: `not ours: ${found}` }];
};

/** Whether it can be restored from: what RDS has finished, and nobody but a person takes away. */
export const isBackup = ({ kind, status, takenAt }: SnapshotFacts): boolean =>
  kind === 'manual' && status === 'available' && takenAt !== null;

const newestFirst = (one: SnapshotFacts, other: SnapshotFacts): number =>
  (other.takenAt ?? '').localeCompare(one.takenAt ?? '') || one.id.localeCompare(other.id);

/** Each among all that stand: which is the last of its instance, only the others can tell. Backups that are not ours save none of ours. */
export function judgeSnapshots(standing: readonly SnapshotFacts[], judging: Judging): Judged<SnapshotFacts>[] {
  const ours = standing.filter((one) => isBackup(one) && isOurs(one.tags, judging.app)).sort(newestFirst);
  return standing.map((facts) => ({
    facts,
    reasons: reasonsOfSnapshot(
      facts,
      ours.filter(({ resourceId }) => resourceId === facts.resourceId),
      judging,
    ),
  }));
}

function reasonsOfSnapshot(facts: SnapshotFacts, siblings: readonly SnapshotFacts[], { app, policy, now }: Judging): Reason[] {
  const foreign = ownership(facts.tags, app);
  if (foreign.length > 0) return foreign;
  if (!isBackup(facts)) {
    const what = facts.kind === 'manual' ? `RDS says ${facts.status}, not available` : `RDS keeps it by itself (${facts.kind})`;
    return [{ limit: 'in-use', says: what }];
  }
  const young = daysSince(facts.takenAt ?? '', now) < policy.snapshotDays;
  return [
    ...lastOf(facts, siblings, policy.keepLast),
    ...(young ? [{ limit: 'too-young' as const, says: `younger than ${countOf(policy.snapshotDays, 'day')}` }] : []),
  ];
}

function lastOf({ id, instance }: SnapshotFacts, siblings: readonly SnapshotFacts[], keepLast: number): Reason[] {
  const among = keepLast === 1 ? 'the last backup' : `among the last ${keepLast} backups`;
  if (siblings.slice(0, keepLast).some((one) => one.id === id))
    return [{ limit: 'last-backup', says: `${among} of ${instance}` }];
  const proven = siblings.find(({ tags }) => tags[PROVEN_TAG] !== undefined);
  return proven?.id === id ? [{ limit: 'last-backup', says: `the last proven backup of ${instance}` }] : [];
}

/** An instance of ours, and who has to do with it. */
export interface Standing {
  readonly facts: InstanceFacts;
  /** Whatever leads there: `the secret orders/main/master of main`. */
  readonly ledBy: readonly string[];
  /** Whether the run that made it is still at work. */
  readonly runs: boolean;
}

/** What may be retired: what a restore put aside, and what one left behind. */
const RETIRABLE: readonly (string | undefined)[] = ['shelf', 'restored'];
/** Otherwise RDS is at work on it. */
const AT_REST: readonly string[] = ['available', 'stopped'];

/** Since when nobody is to use it; null where nothing tells. */
export function asideSince({ tags, createdAt }: Pick<InstanceFacts, 'tags' | 'createdAt'>): string | null {
  const at = tags[WHAT_TAG] === 'shelf' ? tags[SINCE_TAG] : (createdAt ?? undefined);
  return at === undefined || Number.isNaN(Date.parse(at)) ? null : new Date(at).toISOString();
}

export function judgeInstance(one: Standing, { app, policy, now }: Judging): Judged<InstanceFacts> {
  const { facts } = one;
  const foreign = ownership(facts.tags, app);
  if (foreign.length > 0) return { facts, reasons: foreign };
  const since = asideSince(facts);
  const young: Reason[] =
    since === null
      ? [{ limit: 'too-young', says: `nothing tells since when it stands aside: its tag ${SINCE_TAG} is no instant` }]
      : daysSince(since, now) < policy.shelfDays
        ? [{ limit: 'too-young', says: `aside for less than ${countOf(policy.shelfDays, 'day')}` }]
        : [];
  return { facts, reasons: [...useOf(one), ...young] };
}

/** Why nobody may touch it, however old it is. */
export function useOf({ facts, ledBy, runs }: Standing): Reason[] {
  const { tags, status, replicas } = facts;
  const what = tags[WHAT_TAG];
  return [
    ...(RETIRABLE.includes(what) ? [] : [`its tag ${WHAT_TAG} is ${what ?? 'not there'}, neither shelf nor restored`]),
    ...(ledBy.length > 0 ? [`${listOf(ledBy)} ${ledBy.length === 1 ? 'leads' : 'lead'} there`] : []),
    ...(runs ? [`the run ${tags[RUN_TAG] ?? ''} that made it is still at work`] : []),
    ...(replicas.length > 0 ? [`${listOf(replicas)} ${replicas.length === 1 ? 'replicates' : 'replicate'} from it`] : []),
    ...(AT_REST.includes(status) ? [] : [`RDS says ${status}`]),
  ].map((says) => ({ limit: 'in-use', says }));
}

/** A shelf that RDS has started by itself. One that runs earlier was started by somebody. */
export function runsAgain(one: Standing, { app, now }: Judging): boolean {
  const { facts } = one;
  const since = asideSince(facts);
  return (
    isOurs(facts.tags, app) &&
    facts.tags[WHAT_TAG] === 'shelf' &&
    facts.status === 'available' &&
    useOf(one).length === 0 &&
    since !== null &&
    daysSince(since, now) >= MOST_STOPPED_DAYS
  );
}

export const environmentOf = ({ tags }: Pick<InstanceFacts, 'tags'>): string => tags[ENVIRONMENT_TAG] ?? 'an unknown environment';
