// How a key's versions grow and shrink: the null version, delete markers, what is removed for good.
import type { Ground } from '../ground.ts';
import { type Bucket, type ObjectVersion, type S3, type Version, wholeSecond } from './bucket.ts';
import { changed } from './conditions.ts';

export const NULL_VERSION = 'null';

/** Only a bucket that ever had versioning tells version ids. */
export const shown = (bucket: Bucket, version: Version): string | undefined =>
  bucket.versioning === undefined ? undefined : version.versionId;

const nextId = (ground: Ground, bucket: Bucket): string => (bucket.versioning === 'Enabled' ? ground.token(32) : NULL_VERSION);

/** Puts a new version on top; outside versioning it replaces the null one. */
export async function commit(
  s3: S3,
  bucket: Bucket,
  key: string,
  draft: Omit<ObjectVersion, 'versionId'>,
): Promise<ObjectVersion> {
  const version: ObjectVersion = { ...draft, versionId: nextId(s3.ground, bucket) };
  await put(s3, bucket, key, version);
  return version;
}

/** What a delete without a version id leaves: nothing, or a marker on top. */
export async function markDeleted(s3: S3, bucket: Bucket, key: string): Promise<Version | undefined> {
  if (bucket.versioning === undefined) {
    await removeVersion(s3, bucket, key, NULL_VERSION);
    return undefined;
  }
  const modifiedAt = wholeSecond(s3.ground.timeline.now());
  const marker: Version = { kind: 'marker', versionId: nextId(s3.ground, bucket), modifiedAt };
  await put(s3, bucket, key, marker);
  return marker;
}

export async function removeVersion(s3: S3, bucket: Bucket, key: string, versionId: string): Promise<Version | undefined> {
  const versions = bucket.keys.get(key) ?? [];
  const removed = versions.find((version) => version.versionId === versionId);
  if (!removed) return undefined;
  const left = versions.filter((version) => version !== removed);
  if (left.length > 0) bucket.keys.set(key, left);
  else bucket.keys.delete(key);
  changed(bucket, key);
  if (removed.kind === 'object') await s3.vault.discard(removed.file);
  return removed;
}

async function put(s3: S3, bucket: Bucket, key: string, version: Version): Promise<void> {
  const versions = bucket.keys.get(key) ?? [];
  const replaced = version.versionId === NULL_VERSION ? versions.find(({ versionId }) => versionId === NULL_VERSION) : undefined;
  bucket.keys.set(key, [version, ...versions.filter((one) => one !== replaced)]);
  changed(bucket, key);
  if (replaced?.kind === 'object') await s3.vault.discard(replaced.file);
}
