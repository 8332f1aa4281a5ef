// What S3 asks of IAM: the action, the exact ARN, the bucket's policy and the condition keys of the request.
import type { Tag } from '@aws-sdk/client-s3';
import type { Ask } from '../../iam/ask.ts';
import type { Call } from '../service.ts';
import { arnOf, type Bucket, bucketOf, type S3 } from './bucket.ts';

type Values = Record<string, string | number | boolean | undefined>;
interface Named {
  Bucket?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

/** Condition keys that are present: an absent one must stay absent, or Null conditions would lie. */
export function keys(values: Values): Record<string, string> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [`s3:${name}`, String(value)]));
}

export const ask = (bucket: Bucket, action: string, key?: string, context: Ask['context'] = {}): Ask => ({
  action: `s3:${action}`,
  resource: arnOf(bucket, key),
  context,
  resourcePolicy: bucket.policy?.document,
});

/** The asks of an operation on a bucket's setting. */
export const ofBucket =
  (s3: S3, ...actions: string[]) =>
  (input: Named, call: Call): Ask[] => {
    const bucket = bucketOf(s3, input, call);
    return actions.map((action) => ask(bucket, action));
  };

interface Written {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  StorageClass?: string | undefined;
  ACL?: string | undefined;
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  Tagging?: string | undefined;
}

/** The keys every write of an object carries. */
export const writeKeys = (input: Written): Record<string, string | string[]> => ({
  ...keys({
    'x-amz-server-side-encryption': input.ServerSideEncryption,
    'x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
    'x-amz-storage-class': input.StorageClass,
    'x-amz-acl': input.ACL,
    'if-match': input.IfMatch,
    'if-none-match': input.IfNoneMatch,
  }),
  ...(input.Tagging !== undefined && requestTagKeys(tagsOfHeader(input.Tagging))),
});

export const requestTagKeys = (tags: readonly Tag[]): Record<string, string | string[]> => ({
  ...Object.fromEntries(tags.map(({ Key, Value }) => [`s3:RequestObjectTag/${Key ?? ''}`, Value ?? ''])),
  's3:RequestObjectTagKeys': tags.map(({ Key }) => Key ?? ''),
});

export const existingTagKeys = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [`s3:ExistingObjectTag/${Key ?? ''}`, Value ?? '']));

/** `x-amz-tagging: a=b&c=d`. */
export const tagsOfHeader = (header: string | undefined): Tag[] =>
  header === undefined ? [] : [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));

/** Whoever may list the bucket learns that a key is missing; anybody else is only told no. */
export const requireListing = (bucket: Bucket, call: Call): void => call.require(ask(bucket, 'ListBucket'));
