// S3, small enough for a laptop: buckets and their settings in memory, bytes in files.
import type { Ground } from '../ground.ts';
import type { Service } from '../service.ts';
import type { Bucket, S3 } from './bucket.ts';
import { createBuckets } from './buckets.ts';
import { createCopy } from './copy.ts';
import { createDeletes } from './delete.ts';
import { createLifecycle, createSweeper } from './lifecycle.ts';
import { createListings } from './listing.ts';
import { createPartUploads } from './parts.ts';
import { createPolicies } from './policies.ts';
import { createPut } from './put.ts';
import { createReads } from './read.ts';
import { createSettings } from './settings.ts';
import { createTagging } from './tagging.ts';
import { createUploadListings } from './uploads.ts';
import { createUploads } from './multipart.ts';
import { openVault } from './vault.ts';

export function createS3(ground: Ground): Service<'s3'> {
  const s3: S3 = { ground, vault: openVault(() => ground.folder('s3')), buckets: new Map() };
  const sweeper = createSweeper(s3);
  return {
    id: 's3',
    operations: {
      ...createBuckets(s3),
      ...createSettings(s3),
      ...createPolicies(s3),
      ...createLifecycle(s3, sweeper.wake),
      ...createTagging(s3),
      ...createPut(s3),
      ...createReads(s3),
      ...createDeletes(s3),
      ...createCopy(s3),
      ...createListings(s3),
      ...createUploads(s3),
      ...createPartUploads(s3),
      ...createUploadListings(s3),
    },
    inventory: () =>
      Object.fromEntries([...s3.buckets.values()].map((bucket) => [`arn:aws:s3:::${bucket.name}`, summaryOf(bucket)])),
    stop: () => sweeper.stop(),
  };
}

const summaryOf = (bucket: Bucket): unknown => ({
  region: bucket.region,
  versioning: bucket.versioning,
  policy: bucket.policy?.text,
  lifecycle: bucket.lifecycle,
  objects: Object.fromEntries(
    [...bucket.keys].map(([key, versions]) => [key, versions.map((one) => (one.kind === 'object' ? one.etag : 'deleted'))]),
  ),
  uploads: [...bucket.uploads.values()].map(({ key }) => key),
});
