// Tags, of objects and of buckets.
import type { Tag, Tagging } from '@aws-sdk/client-s3';
import type { Ask } from '../../iam/ask.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ask, existingTagKeys, ofBucket, requestTagKeys } from './access.ts';
import { bucketOf, newestOf, type S3 } from './bucket.ts';
import { missing, only } from './failures.ts';
import { findVersion } from './read.ts';
import { shown } from './versions.ts';
import { requireTags } from './writing.ts';

interface TaggedObject {
  Bucket?: string | undefined;
  Key?: string | undefined;
  VersionId?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
  Tagging?: Tagging | undefined;
}

const TAG_MEMBERS = ['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner'];

/** `GetObjectTagging`, or `GetObjectVersionTagging` where a version is named. */
const tagAsk =
  (s3: S3, verb: 'Get' | 'Put' | 'Delete') =>
  (input: TaggedObject, call: Call): Ask[] => {
    const bucket = bucketOf(s3, input, call);
    const newest = newestOf(bucket, input.Key ?? '');
    const existing = newest?.kind === 'object' ? existingTagKeys(newest.tags) : {};
    const requested = input.Tagging ? requestTagKeys(input.Tagging.TagSet ?? []) : {};
    const action = `${verb}Object${input.VersionId === undefined ? '' : 'Version'}Tagging`;
    return [ask(bucket, action, input.Key, { ...existing, ...requested })];
  };

export function createTagging(s3: S3): OperationsOf<Sdks['s3']> {
  const setTags = (input: TaggedObject, call: Call, tags: readonly Tag[]): { VersionId: string | undefined } => {
    const bucket = bucketOf(s3, input, call);
    const version = findVersion(bucket, input.Key ?? '', input.VersionId, call);
    version.tags = tags;
    return { VersionId: shown(bucket, version) };
  };
  return {
    PutObjectTagging: {
      asks: tagAsk(s3, 'Put'),
      run(input, call) {
        only(input, ...TAG_MEMBERS, 'Tagging', 'ContentMD5', 'ChecksumAlgorithm');
        const tags = input.Tagging?.TagSet ?? [];
        requireTags(tags, 10);
        return setTags(input, call, tags);
      },
    },
    GetObjectTagging: {
      asks: tagAsk(s3, 'Get'),
      run(input, call) {
        const bucket = bucketOf(s3, input, call);
        const version = findVersion(bucket, input.Key ?? '', input.VersionId, call);
        return { TagSet: [...version.tags], VersionId: shown(bucket, version) };
      },
    },
    DeleteObjectTagging: { asks: tagAsk(s3, 'Delete'), run: (input, call) => setTags(input, call, []) },
    PutBucketTagging: {
      asks: ofBucket(s3, 'PutBucketTagging'),
      run(input, call) {
        only(input, 'Bucket', 'Tagging', 'ExpectedBucketOwner', 'ContentMD5', 'ChecksumAlgorithm');
        const tags = input.Tagging?.TagSet ?? [];
        requireTags(tags, 50);
        bucketOf(s3, input, call).tags = [...tags];
        return {};
      },
    },
    GetBucketTagging: {
      asks: ofBucket(s3, 'GetBucketTagging'),
      run(input, call) {
        const { tags, name } = bucketOf(s3, input, call);
        if (!tags) throw missing('NoSuchTagSet', 'The TagSet does not exist', name);
        return { TagSet: tags };
      },
    },
    DeleteBucketTagging: {
      asks: ofBucket(s3, 'PutBucketTagging'),
      run(input, call) {
        bucketOf(s3, input, call).tags = undefined;
        return {};
      },
    },
  };
}
