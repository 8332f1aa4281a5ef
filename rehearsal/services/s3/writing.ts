// What every way of writing an object has in common: which members, which limits, which description.
import type { ObjectCannedACL, StorageClass, Tag } from '@aws-sdk/client-s3';
import { tagsOfHeader } from './access.ts';
import type { Bucket, Description } from './bucket.ts';
import { AwsError } from '../error.ts';
import { badRequest, invalidArgument } from './failures.ts';

const DESCRIPTION_MEMBERS = [
  'ContentType',
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'Expires',
  'WebsiteRedirectLocation',
  'Metadata',
] as const;
export const WRITE_MEMBERS = [
  'Bucket',
  'Key',
  'ExpectedBucketOwner',
  'ACL',
  'StorageClass',
  'Tagging',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'SSEKMSEncryptionContext',
  'BucketKeyEnabled',
  'IfMatch',
  'IfNoneMatch',
  ...DESCRIPTION_MEMBERS,
];

const MAX_KEY_BYTES = 1024;
const MAX_METADATA_BYTES = 2048;
/** Classes a read answers from at once; the archives would need RestoreObject. */
const CLASSES = ['STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'REDUCED_REDUNDANCY'];

interface Written extends Description {
  Key?: string | undefined;
  ACL?: ObjectCannedACL | undefined;
  StorageClass?: StorageClass | undefined;
  Tagging?: string | undefined;
}

/** Refuses what S3 refuses before it looks at the bytes. */
export function requireWritable(bucket: Bucket, input: Written): void {
  const key = input.Key ?? '';
  const size = Buffer.byteLength(key);
  if (size > MAX_KEY_BYTES)
    throw badRequest('KeyTooLongError', 'Your key is too long', { Size: size, MaxSizeAllowed: MAX_KEY_BYTES });
  requireAcl(bucket, input.ACL);
  requireStorageClass(input.StorageClass);
  const metadata = Object.entries(input.Metadata ?? {}).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (metadata > MAX_METADATA_BYTES)
    throw badRequest('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: metadata,
      MaxSizeAllowed: MAX_METADATA_BYTES,
    });
  requireTags(tagsOfHeader(input.Tagging), 10);
}

export function requireStorageClass(storageClass: StorageClass | undefined): void {
  if (storageClass === undefined || CLASSES.includes(storageClass)) return;
  if (['GLACIER', 'DEEP_ARCHIVE', 'OUTPOSTS', 'SNOW', 'EXPRESS_ONEZONE'].includes(storageClass))
    throw new AwsError('NotImplemented', `A header you provided implies functionality that is not implemented: ${storageClass}`, {
      status: 501,
    });
  throw badRequest('InvalidStorageClass', 'The storage class you specified is not valid', {
    StorageClassRequested: storageClass,
  });
}

function requireAcl(bucket: Bucket, acl: ObjectCannedACL | undefined): void {
  if (acl === undefined || acl === 'bucket-owner-full-control') return;
  if (bucket.ownership === 'BucketOwnerEnforced')
    throw badRequest('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  if (acl !== 'private')
    throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented: x-amz-acl', {
      status: 501,
    });
}

export function requireTags(tags: readonly Tag[], most: number): void {
  if (tags.length > most) throw badRequest('BadRequest', `Object tags cannot be greater than ${most}`);
  const names = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    if (Key === '' || Key.length > 128) throw invalidTag('The TagKey you have provided is invalid', Key);
    if (Value.length > 256) throw invalidTag('The TagValue you have provided is invalid', Key);
    if (Key.startsWith('aws:')) throw invalidTag('System tags cannot be added/updated by requester', Key);
    if (names.has(Key)) throw invalidTag('Cannot provide multiple Tags with the same key', Key);
    names.add(Key);
  }
}
const invalidTag = (message: string, key: string): AwsError => badRequest('InvalidTag', message, { TagKey: key });

export function describe(input: Description): Description {
  const said = DESCRIPTION_MEMBERS.map((member) => [member, input[member]] as const).filter(([, value]) => value !== undefined);
  return { ContentType: 'binary/octet-stream', ...Object.fromEntries(said), Metadata: lowerCased(input.Metadata ?? {}) };
}

/** Metadata names are header names. */
const lowerCased = (metadata: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));

export function requirePartNumber(partNumber: number | undefined): number {
  if (partNumber === undefined || !Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000)
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', String(partNumber));
  return partNumber;
}
