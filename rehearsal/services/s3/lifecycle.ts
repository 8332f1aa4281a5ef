// Lifecycle rules: once a day, at midnight UTC, what has lived long enough goes.
import type { LifecycleRule, LifecycleRuleFilter, Tag } from '@aws-sdk/client-s3';
import type { OperationsOf, Sdks } from '../service.ts';
import { AwsError } from '../error.ts';
import { ofBucket } from './access.ts';
import { type Bucket, bucketOf, type ObjectVersion, type S3, type Version } from './bucket.ts';
import { invalidArgument, malformedXml, missing, only } from './failures.ts';
import { markDeleted, removeVersion } from './versions.ts';
import { requireStorageClass } from './writing.ts';

const DAY = 86_400_000;

/** S3 counts whole days and rounds up to the next midnight UTC. */
const dueAfter = (instant: number, days: number): number => Math.ceil((instant + days * DAY) / DAY) * DAY;
const nextMidnight = (instant: number): number => (Math.floor(instant / DAY) + 1) * DAY;

export const createLifecycle = (s3: S3, wake: () => void): OperationsOf<Sdks['s3']> => ({
  PutBucketLifecycleConfiguration: {
    asks: ofBucket(s3, 'PutLifecycleConfiguration'),
    run(input, call) {
      only(input, 'Bucket', 'ExpectedBucketOwner', 'ChecksumAlgorithm', 'LifecycleConfiguration');
      const bucket = bucketOf(s3, input, call);
      const rules = input.LifecycleConfiguration?.Rules ?? [];
      if (rules.length === 0 || rules.length > 1000) throw malformedXml();
      bucket.lifecycle = { Rules: withIds(s3, rules) };
      wake();
      return { TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' };
    },
  },
  GetBucketLifecycleConfiguration: {
    asks: ofBucket(s3, 'GetLifecycleConfiguration'),
    run(input, call) {
      const bucket = bucketOf(s3, input, call);
      if (!bucket.lifecycle)
        throw missing('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', bucket.name);
      return { ...bucket.lifecycle, TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' };
    },
  },
  DeleteBucketLifecycle: {
    asks: ofBucket(s3, 'PutLifecycleConfiguration'),
    run(input, call) {
      bucketOf(s3, input, call).lifecycle = undefined;
      return {};
    },
  },
});

function withIds(s3: S3, rules: readonly LifecycleRule[]): LifecycleRule[] {
  const ids = new Set<string>();
  return rules.map((rule) => {
    requireRule(rule);
    const ID = rule.ID ?? s3.ground.token(48);
    if (ids.has(ID)) throw invalidArgument('Rule ID must be unique. Found same ID for one or more rules.', 'ID', ID);
    ids.add(ID);
    return { ...rule, ID };
  });
}

function requireRule(rule: LifecycleRule): void {
  only(
    rule,
    ...['ID', 'Prefix', 'Filter', 'Status', 'Expiration', 'Transitions'],
    ...['NoncurrentVersionExpiration', 'AbortIncompleteMultipartUpload'],
  );
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') throw malformedXml();
  if ((rule.Filter === undefined) === (prefixOf(rule) === undefined)) throw malformedXml();
  const { Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload, Transitions = [] } = rule;
  if (!Expiration && !NoncurrentVersionExpiration && !AbortIncompleteMultipartUpload && Transitions.length === 0)
    throw new AwsError('InvalidRequest', 'At least one action needs to be specified in a rule', { status: 400 });
  const days = [
    Expiration?.Days,
    NoncurrentVersionExpiration?.NoncurrentDays,
    AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  ];
  if (days.some((count) => count !== undefined && count <= 0))
    throw invalidArgument("'Days' for Expiration action must be a positive integer", 'Days', undefined);
  if (
    Expiration &&
    [Expiration.Days, Expiration.Date, Expiration.ExpiredObjectDeleteMarker].filter((one) => one !== undefined).length !== 1
  )
    throw malformedXml();
  if (Expiration?.Date && Expiration.Date.getTime() % DAY !== 0)
    throw invalidArgument("'Date' must be at midnight GMT", 'Date', Expiration.Date.toISOString());
  for (const { StorageClass: storageClass } of Transitions) requireStorageClass(storageClass);
}

/** Runs the rules of every bucket each midnight; while there are none nothing wakes. */
export function createSweeper(s3: S3): { wake(): void; stop(): void } {
  const { timeline } = s3.ground;
  let cancel: (() => void) | undefined;
  const wake = (): void => {
    cancel ??= timeline.at(nextMidnight(timeline.now()), () => {
      cancel = undefined;
      const release = timeline.hold();
      void sweep(s3, timeline.now()).finally(release);
      if ([...s3.buckets.values()].some(({ lifecycle }) => lifecycle)) wake();
    });
  };
  return { wake, stop: () => cancel?.() };
}

async function sweep(s3: S3, now: number): Promise<void> {
  for (const bucket of s3.buckets.values())
    for (const rule of bucket.lifecycle?.Rules ?? []) if (rule.Status === 'Enabled') await apply(s3, bucket, rule, now);
}

async function apply(s3: S3, bucket: Bucket, rule: LifecycleRule, now: number): Promise<void> {
  await abortUploads(s3, bucket, rule, now);
  for (const [key, versions] of [...bucket.keys]) {
    await expireNoncurrent(s3, bucket, rule, key, versions, now);
    const current = bucket.keys.get(key)?.[0];
    if (!current) continue;
    if (current.kind === 'object') {
      const due = expiryOf(rule, key, current);
      if (due !== undefined && due <= now) await markDeleted(s3, bucket, key);
      else move(rule, key, current, now);
    } else if (rule.Expiration && concernsKey(rule, key) && bucket.keys.get(key)?.length === 1)
      await removeLoneMarker(s3, bucket, rule, key, current, now);
  }
}

/** A marker with nothing beneath it has nothing left to hide. */
async function removeLoneMarker(
  s3: S3,
  bucket: Bucket,
  rule: LifecycleRule,
  key: string,
  marker: Version,
  now: number,
): Promise<void> {
  const { ExpiredObjectDeleteMarker: wanted, Days: days } = rule.Expiration ?? {};
  if (wanted === true || (days !== undefined && dueAfter(marker.modifiedAt, days) <= now))
    await removeVersion(s3, bucket, key, marker.versionId);
}

async function expireNoncurrent(
  s3: S3,
  bucket: Bucket,
  rule: LifecycleRule,
  key: string,
  versions: readonly Version[],
  now: number,
): Promise<void> {
  const { NoncurrentDays: days, NewerNoncurrentVersions: kept = 0 } = rule.NoncurrentVersionExpiration ?? {};
  if (days === undefined) return;
  for (const [index, version] of versions.entries()) {
    const successor = versions[index - 1];
    if (!successor || index <= kept || !concerns(rule, key, version)) continue;
    if (dueAfter(successor.modifiedAt, days) <= now) await removeVersion(s3, bucket, key, version.versionId);
  }
}

async function abortUploads(s3: S3, bucket: Bucket, rule: LifecycleRule, now: number): Promise<void> {
  const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  if (days === undefined) return;
  for (const upload of [...bucket.uploads.values()]) {
    if (!concernsKey(rule, upload.key) || dueAfter(upload.initiatedAt, days) > now) continue;
    bucket.uploads.delete(upload.id);
    for (const part of upload.parts.values()) await s3.vault.discard(part.file);
  }
}

function move(rule: LifecycleRule, key: string, version: ObjectVersion, now: number): void {
  for (const { Days, Date: date, StorageClass: storageClass } of rule.Transitions ?? []) {
    const due = date ? date.getTime() : dueAfter(version.modifiedAt, Days ?? 0);
    if (storageClass !== undefined && due <= now && concerns(rule, key, version)) version.storageClass = storageClass;
  }
}

function expiryOf(rule: LifecycleRule, key: string, version: ObjectVersion): number | undefined {
  const { Days: days, Date: date } = rule.Expiration ?? {};
  if (!concerns(rule, key, version)) return undefined;
  if (days !== undefined) return dueAfter(version.modifiedAt, days);
  return date?.getTime();
}

/** `x-amz-expiration` of an object some rule will take. */
export function expirationOf(bucket: Bucket, key: string, version: ObjectVersion): string | undefined {
  for (const rule of bucket.lifecycle?.Rules ?? []) {
    const due = rule.Status === 'Enabled' ? expiryOf(rule, key, version) : undefined;
    if (due !== undefined) return `expiry-date="${new Date(due).toUTCString()}", rule-id="${encodeURIComponent(rule.ID ?? '')}"`;
  }
  return undefined;
}

/** Where rules had their prefix before there were filters; templates still write it so. */
const prefixOf = ({ Prefix: prefix }: { Prefix?: string | undefined }): string | undefined => prefix;
const conditionsOf = (rule: LifecycleRule): LifecycleRuleFilter & { Tags?: Tag[] | undefined } => ({
  Prefix: prefixOf(rule),
  ...rule.Filter,
  ...rule.Filter?.And,
});
const concernsKey = (rule: LifecycleRule, key: string): boolean => key.startsWith(conditionsOf(rule).Prefix ?? '');

function concerns(rule: LifecycleRule, key: string, version: Version): boolean {
  const {
    Tag: tag,
    Tags: tags = [],
    ObjectSizeGreaterThan: above = -1,
    ObjectSizeLessThan: below = Infinity,
  } = conditionsOf(rule);
  if (!concernsKey(rule, key)) return false;
  const wanted = tag ? [tag, ...tags] : tags;
  if (version.kind === 'marker') return wanted.length === 0;
  const tagged = wanted.every(({ Key, Value }) => version.tags.some((one) => one.Key === Key && one.Value === Value));
  return tagged && version.size > above && version.size < below;
}
