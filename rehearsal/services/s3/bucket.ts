// What S3 keeps: buckets, the versions under each key, the uploads under way.
import type {
  BucketLifecycleConfiguration,
  ObjectOwnership,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionRule,
  StorageClass,
  Tag,
} from '@aws-sdk/client-s3';
import type { PolicyDocument } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import type { Algorithm, Checksums } from './checksums.ts';
import { accessDenied, elsewhere, noSuchBucket } from './failures.ts';
import type { Vault } from './vault.ts';

/** What a writer says about an object beside its bytes; GetObject answers it as it was said. */
export interface Description {
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly Expires?: Date | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

export type Encryption =
  | { readonly algorithm: 'AES256' }
  | {
      readonly algorithm: 'aws:kms';
      readonly keyArn: string;
      readonly bucketKey: boolean;
      readonly context: Record<string, string>;
      /** The data key under the KMS key: reading asks KMS to open it. */
      readonly sealed: Uint8Array;
    };

export interface ObjectVersion {
  readonly kind: 'object';
  readonly versionId: string;
  /** Milliseconds on the timeline, whole seconds as S3 keeps them. */
  readonly modifiedAt: number;
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly description: Description;
  readonly checksums: Checksums;
  readonly checksumType: 'FULL_OBJECT' | 'COMPOSITE';
  readonly encryption: Encryption;
  storageClass: StorageClass;
  tags: readonly Tag[];
  /** Sizes of the parts, when it came in parts. */
  readonly parts?: readonly number[] | undefined;
}
export interface DeleteMarker {
  readonly kind: 'marker';
  readonly versionId: string;
  readonly modifiedAt: number;
}
export type Version = ObjectVersion | DeleteMarker;

export interface Part {
  readonly file: string;
  readonly size: number;
  readonly md5: Buffer;
  readonly etag: string;
  readonly checksum: Buffer | undefined;
  readonly modifiedAt: number;
}
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly initiator: string;
  readonly description: Description;
  readonly encryption: Encryption;
  readonly storageClass: StorageClass;
  readonly tags: readonly Tag[];
  readonly algorithm: Algorithm | undefined;
  readonly checksumType: 'FULL_OBJECT' | 'COMPOSITE';
  readonly parts: Map<number, Part>;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  /** Newest first under each key; a key without versions is not kept. */
  readonly keys: Map<string, Version[]>;
  readonly uploads: Map<string, Upload>;
  /** How often each key has been changed: what a conditional write compares. */
  readonly changes: Map<string, number>;
  versioning: 'Enabled' | 'Suspended' | undefined;
  policy: { readonly text: string; readonly document: PolicyDocument } | undefined;
  encryption: ServerSideEncryptionRule;
  publicAccess: PublicAccessBlockConfiguration | undefined;
  ownership: ObjectOwnership | undefined;
  lifecycle: BucketLifecycleConfiguration | undefined;
  tags: Tag[] | undefined;
}

export interface S3 {
  readonly ground: Ground;
  readonly vault: Vault;
  /** One namespace for every Region. */
  readonly buckets: Map<string, Bucket>;
}

const ACCESS_POINT = /^arn:/;

/** The bucket a request names, in the Region it was signed for; NoSuchBucket and the redirect come before any permission. */
export function bucketOf(
  s3: S3,
  input: { Bucket?: string | undefined; ExpectedBucketOwner?: string | undefined },
  call: Call,
): Bucket {
  const name = input.Bucket ?? '';
  const bucket = ACCESS_POINT.test(name) ? undefined : s3.buckets.get(name);
  if (!bucket) throw noSuchBucket(name);
  if (bucket.region !== call.region) throw elsewhere(name, bucket.region, call.region);
  if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== s3.ground.account) throw accessDenied();
  return bucket;
}

export const arnOf = (bucket: Bucket, key?: string): string => `arn:aws:s3:::${bucket.name}${key === undefined ? '' : `/${key}`}`;

export const newestOf = (bucket: Bucket, key: string): Version | undefined => bucket.keys.get(key)?.[0];

/** The object a plain read answers: absent also under a delete marker. */
export function liveOf(bucket: Bucket, key: string): ObjectVersion | undefined {
  const newest = newestOf(bucket, key);
  return newest?.kind === 'object' ? newest : undefined;
}

/** S3 answers in whole seconds. */
export const wholeSecond = (instant: number): number => Math.floor(instant / 1000) * 1000;
