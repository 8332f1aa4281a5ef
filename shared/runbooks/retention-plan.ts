// The plan of a retention: how old everything is, what goes by name, what stays and why, what it costs a month. Decides, changes nothing.
import { nothingLost } from './loss.ts';
import { agesSay, dayOf, priceOf, someOf, USD_PER_GIGABYTE, usdSays } from './ages.ts';
import { isOurs, WHAT_TAG, type InstanceFacts } from './instances.ts';
import { firstLease, type Lease } from './lease.ts';
import { judgeLimits } from './limits.ts';
import type { Change, Fact, Plan } from './plan.ts';
import { asideSince, whyOf } from './retention.ts';
import { RETENTION_LIMITS } from './retention-limits.ts';
import { oursAmong, sceneOf, type RetentionDetail, type RetentionSetting, type Scene } from './retention-scene.ts';
import { retireChange } from './retiring.ts';
import { countOf } from './words.ts';

/** No longer list is read by anybody; all of them are in the machine's own report of RDS. */
const MOST_NAMES = 20;
const GIGABYTE = 1024 ** 3;
/** A call and its look before; a stop; a removal; a snapshot of an instance that stands still. */
const SECONDS = { expire: 2, stop: 300, retire: 600, backup: 1500 } as const;
const USD_PER_TRANSITION = 0.000025;
const TRANSITIONS = 20;

export function draftRetention(setting: RetentionSetting & { readonly lease: Lease | undefined }): Omit<Plan, 'id' | 'hash'> {
  const { run, estate, now, lease: known } = setting;
  const lease = known ?? firstLease(run, estate, now);
  const scene = sceneOf(setting);
  const { expire, stop, retire } = scene;
  const detail: RetentionDetail = {
    shelves: retire.map(({ retiree }) => retiree),
    next: retire.length > 0 ? 'ask' : expire.length + stop.length > 0 ? 'free' : 'nothing',
    expire: expire.map(({ id, resourceId, takenAt, gigabytes }) => ({
      snapshot: id,
      resourceId,
      takenAt: takenAt ?? '',
      gigabytes,
    })),
    stop: stop.map(({ id, resourceId }) => ({ instance: id, resourceId })),
    usdPerMonth: cents(priceAfter(scene)),
  };
  return {
    run: run.id,
    runbook: run.runbook,
    app: run.app,
    draftedAt: now.toISOString(),
    epoch: lease.epoch,
    fencing: lease.fencing,
    title: titleOf(scene),
    changes: changesOf(scene),
    facts: factsOf(scene),
    limits: judgeLimits(RETENTION_LIMITS, scene, run.override),
    loss: LOSS,
    predictedSeconds: secondsOf(scene),
    costUsd: TRANSITIONS * USD_PER_TRANSITION,
    skipped: [],
    detail,
  };
}

const cents = (usd: number): number => Number(usd.toFixed(2));

function titleOf({ run, expire, stop, retire, request }: Scene): string {
  const parts = [
    ...(expire.length > 0 ? [`${countOf(expire.length, 'expired snapshot')} to go`] : []),
    ...(stop.length > 0 ? [`${countOf(stop.length, 'shelf', 'shelves')} to stop again`] : []),
    ...(retire.length > 0 ? [`${countOf(retire.length, 'instance')} to go for good`] : []),
  ];
  const none = request.stopsOnly ? 'no shelf runs again' : 'nothing is to go';
  return `Retention of ${run.app}: ${parts.length === 0 ? none : parts.join(', ')}`;
}

function changesOf({ expire, stop, retire, policy, things, snapshots }: Scene): Change[] {
  const newer = (resourceId: string): number =>
    snapshots.filter(({ facts, reasons }) => facts.resourceId === resourceId && reasons.length > 0).length;
  return [
    ...expire.map(({ id, instance, resourceId, takenAt, gigabytes }) => ({
      act: 'ExpireCopies',
      target: id,
      says: `${id}, of ${instance} as of ${dayOf(takenAt)}, is older than ${countOf(policy.snapshotDays, 'day')}; ${countOf(newer(resourceId), 'other snapshot')} of it ${newer(resourceId) === 1 ? 'stays' : 'stay'}`,
      before: `a snapshot of ${takenAt ?? ''}, ${gigabytes} GB at most`,
      after: 'not there',
    })),
    ...stop.map(({ id, resourceId }) => ({
      act: 'StopShelves',
      target: id,
      says: `${id} stands still again: RDS starts what was stopped after seven days, and nobody needs it to run`,
      before: `running, ${resourceId}`,
      after: 'stopped',
    })),
    ...retire.map(({ retiree }) =>
      retireChange(
        'RetireInstance',
        retiree,
        things.snapshots.some(({ id }) => id === retiree.snapshot),
      ),
    ),
  ];
}

const secondsOf = ({ expire, stop, retire, things }: Scene): number => {
  const backed = retire.filter(({ retiree }) => things.snapshots.some(({ id }) => id === retiree.snapshot)).length;
  const removals = backed * SECONDS.retire + (retire.length - backed) * SECONDS.backup;
  return expire.length * SECONDS.expire + (stop.length > 0 ? SECONDS.stop : 0) + removals;
};

const aged = (at: string | null, gigabytes: number) => ({ at: at ?? new Date(0).toISOString(), gigabytes });
const asAged = (facts: InstanceFacts) => aged(asideSince(facts) ?? facts.createdAt, facts.storageGigabytes);

/** Snapshots of ours, and what stands aside: as it is now. */
const priceNow = (scene: Scene): number =>
  priceOf(oursAmong(scene), USD_PER_GIGABYTE.snapshot) + priceOf(asideAmong(scene).map(asAged), USD_PER_GIGABYTE.instance);
const priceAfter = (scene: Scene): number => {
  const isThere = (snapshot: string): boolean => scene.things.snapshots.some(({ id }) => id === snapshot);
  const retiring = scene.retire.map(({ facts }) => asAged(facts));
  const backups = scene.retire.filter(({ retiree }) => !isThere(retiree.snapshot)).map(({ facts }) => asAged(facts));
  const less = priceOf(scene.expire, USD_PER_GIGABYTE.snapshot) + priceOf(retiring, USD_PER_GIGABYTE.instance);
  return priceNow(scene) - less + priceOf(backups, USD_PER_GIGABYTE.snapshot);
};

/** Ours, and neither named by the estate nor led to. */
const asideAmong = ({ instances, run }: Scene): InstanceFacts[] =>
  instances.flatMap(({ facts, reasons }) =>
    isOurs(facts.tags, run.app) && !reasons.some(({ limit }) => limit === 'in-use') ? [facts] : [],
  );

function factsOf(scene: Scene): Fact[] {
  const { now, policy, things, request } = scene;
  const { readAt } = things;
  const fact = (name: string, value: string, source: string): Fact => ({ name, value, source, readAt });
  const aside = (what: string) => scene.instances.flatMap(({ facts }) => (facts.tags[WHAT_TAG] === what ? [asAged(facts)] : []));
  const shelves = fact('shelves', agesSay(aside('shelf'), USD_PER_GIGABYTE.instance, now), 'RDS');
  if (request.stopsOnly) return [shelves];
  const ours = oursAmong(scene).map(({ takenAt, gigabytes }) => aged(takenAt, gigabytes));
  const objects = (kept: Scene['things']['dumps']) => kept.map(({ writtenAt, bytes }) => aged(writtenAt, bytes / GIGABYTE));
  const byItself = (days: number): string => `they go by the bucket's own rule after ${countOf(days, 'day')}`;
  return [
    fact('snapshots of ours', agesSay(ours, USD_PER_GIGABYTE.snapshot, now), 'RDS'),
    shelves,
    fact('left by restores', agesSay(aside('restored'), USD_PER_GIGABYTE.instance, now), 'RDS, with the one in use'),
    fact(
      'files of copies',
      `${agesSay(objects(things.dumps), USD_PER_GIGABYTE.ledger, now)}; ${byItself(policy.dumpDays)}`,
      'the ledger',
    ),
    fact(
      'reports',
      `${agesSay(objects(things.reports), USD_PER_GIGABYTE.ledger, now)}; ${byItself(policy.reportDays)}`,
      'the ledger',
    ),
    ...staying(scene).map(([why, names]) => fact(`stays: ${why}`, someOf(names, MOST_NAMES), 'the policy of the estate')),
    fact(
      'what it costs',
      `${usdSays(priceAfter(scene))} afterwards, ${usdSays(priceNow(scene))} now`,
      'the price list; snapshots cost this at most',
    ),
  ];
}

/** By the reason, in the order in which they are found. */
function staying({ snapshots, instances }: Scene): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const one of [...snapshots, ...instances]) {
    if (one.reasons.length === 0) continue;
    const why = whyOf(one);
    groups.set(why, [...(groups.get(why) ?? []), one.facts.id]);
  }
  return [...groups];
}

const LOSS = nothingLost(
  'nothing that is nowhere else: of every snapshot that goes a newer one stays, of every instance a snapshot',
);
