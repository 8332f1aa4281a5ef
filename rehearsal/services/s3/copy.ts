// CopyObject: the same bytes under another name, without passing through the caller.
import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ask, keys, tagsOfHeader, writeKeys } from './access.ts';
import { type Bucket, bucketOf, type ObjectVersion, type S3, wholeSecond } from './bucket.ts';
import { type Checksums, isAlgorithm, memberOf } from './checksums.ts';
import { beginWrite, judgeCopySource } from './conditions.ts';
import { encryptionOutput, seal, unseal } from './encryption.ts';
import { invalidArgument, invalidRequest, only, required } from './failures.ts';
import { etagOf } from './integrity.ts';
import { findVersion, readAsk } from './read.ts';
import { commit, shown } from './versions.ts';
import { describe, requireWritable, WRITE_MEMBERS } from './writing.ts';

const COPY_MEMBERS = [
  ...['CopySource', 'MetadataDirective', 'TaggingDirective', 'ChecksumAlgorithm', 'ExpectedSourceBucketOwner'],
  ...['CopySourceIfMatch', 'CopySourceIfNoneMatch', 'CopySourceIfModifiedSince', 'CopySourceIfUnmodifiedSince'],
];
const TO_ITSELF =
  "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, " +
  'storage class, website redirect location or encryption attributes.';

export interface CopySourced {
  CopySource?: string | undefined;
  ExpectedSourceBucketOwner?: string | undefined;
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
}
export interface Source {
  readonly bucket: Bucket;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `bucket/key?versionId=…`, percent-encoded, with or without a slash before it. */
export function sourceOf(s3: S3, input: CopySourced, call: Call): Source {
  const [path = '', query] = (input.CopySource ?? '').split('?versionId=');
  const [, name, key] = /^\/?([^/]+)\/(.+)$/s.exec(decoded(path)) ?? [];
  if (name === undefined || key === undefined)
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      input.CopySource,
    );
  const owner = { Bucket: name, ExpectedBucketOwner: input.ExpectedSourceBucketOwner };
  // A copy may cross Regions: the source is read where it lies.
  const region = s3.buckets.get(name)?.region ?? call.region;
  return { bucket: bucketOf(s3, owner, { ...call, region }), key, versionId: query };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Finds the source and opens it for the caller; what could refuse refuses here. */
export async function readSource(s3: S3, source: Source, input: CopySourced, call: Call): Promise<ObjectVersion> {
  const version = findVersion(source.bucket, source.key, source.versionId, call);
  judgeCopySource(
    {
      IfMatch: input.CopySourceIfMatch,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfModifiedSince: input.CopySourceIfModifiedSince,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    },
    version,
  );
  await unseal(s3, source.bucket, version.encryption, call);
  return version;
}

export const createCopy = (s3: S3): OperationsOf<Sdks['s3']> => ({
  CopyObject: {
    asks(input, call) {
      const bucket = bucketOf(s3, input, call);
      const { bucket: from, key, versionId } = sourceOf(s3, input, call);
      const context = {
        ...writeKeys(input),
        ...keys({ 'x-amz-copy-source': `${from.name}/${key}`, 'x-amz-metadata-directive': input.MetadataDirective }),
      };
      const asks = [readAsk(from, { Key: key, VersionId: versionId }), ask(bucket, 'PutObject', input.Key, context)];
      if (input.Tagging !== undefined) asks.push(ask(bucket, 'PutObjectTagging', input.Key, context));
      if (input.ACL !== undefined) asks.push(ask(bucket, 'PutObjectAcl', input.Key, context));
      return asks;
    },
    async run(input, call) {
      only(input, ...COPY_MEMBERS, ...WRITE_MEMBERS);
      const bucket = bucketOf(s3, input, call);
      const key = required(input.Key, 'Key');
      requireWritable(bucket, input);
      const requireUndisturbed = beginWrite(input, bucket, key);
      const source = sourceOf(s3, input, call);
      const version = await readSource(s3, source, input, call);
      requireChange(source, bucket, input);
      const tags = tagsFor(source, version, bucket, input, call);
      const encryption = await seal(s3, bucket, key, input, call);
      const { checksums, checksumType, etag } = await sumsOf(s3, version, input.ChecksumAlgorithm);
      const file = await s3.vault.share(version.file);
      try {
        requireUndisturbed();
      } catch (error) {
        await s3.vault.discard(file);
        throw error;
      }
      const copy = await commit(s3, bucket, key, {
        kind: 'object',
        modifiedAt: wholeSecond(s3.ground.timeline.now()),
        file,
        size: version.size,
        etag,
        description: input.MetadataDirective === 'REPLACE' ? describe(input) : version.description,
        checksums,
        checksumType,
        encryption,
        storageClass: input.StorageClass ?? 'STANDARD',
        tags,
      });
      return {
        CopyObjectResult: { ETag: copy.etag, LastModified: new Date(copy.modifiedAt), ...checksums, ChecksumType: checksumType },
        VersionId: shown(bucket, copy),
        CopySourceVersionId: shown(source.bucket, version),
        ...encryptionOutput(encryption),
      };
    },
  },
});

function requireChange(source: Source, bucket: Bucket, input: Omit<CopyObjectCommandInput, 'Body'>): void {
  if (source.bucket !== bucket || source.key !== input.Key || source.versionId !== undefined) return;
  const changes = [input.StorageClass, input.WebsiteRedirectLocation, input.ServerSideEncryption, input.SSEKMSKeyId];
  if (input.MetadataDirective !== 'REPLACE' && changes.every((one) => one === undefined)) throw invalidRequest(TO_ITSELF);
}

/** Tags travel with the object unless replaced; whoever copies tagged objects must be allowed to read and write tags. */
function tagsFor(
  source: Source,
  version: ObjectVersion,
  bucket: Bucket,
  input: Pick<CopyObjectCommandInput, 'Key' | 'Tagging' | 'TaggingDirective'>,
  call: Call,
): ObjectVersion['tags'] {
  if (input.TaggingDirective === 'REPLACE') return tagsOfHeader(input.Tagging);
  if (version.tags.length === 0) return [];
  const read = source.versionId === undefined ? 'GetObjectTagging' : 'GetObjectVersionTagging';
  call.require(ask(source.bucket, read, source.key));
  call.require(ask(bucket, 'PutObjectTagging', input.Key));
  return version.tags;
}

/** A copy is one piece: its ETag is of the whole, and so is its checksum, whatever the source came in. */
async function sumsOf(
  s3: S3,
  version: ObjectVersion,
  wanted: string | undefined,
): Promise<{ checksums: Checksums; checksumType: 'FULL_OBJECT'; etag: string }> {
  const [known] = Object.keys(version.checksums).map((member) => member.replace('Checksum', ''));
  const algorithm = wanted ?? known ?? 'CRC64NVME';
  if (!isAlgorithm(algorithm)) throw invalidRequest('Checksum algorithm provided is unsupported.');
  const whole = version.checksumType === 'FULL_OBJECT' && version.parts === undefined;
  if (whole && version.checksums[memberOf(algorithm)] !== undefined)
    return { checksums: version.checksums, checksumType: 'FULL_OBJECT', etag: version.etag };
  const measured = await s3.vault.store(s3.vault.stream([version.file]), ['MD5', algorithm]);
  await s3.vault.discard(measured.file);
  const value = measured.digests.get(algorithm)?.toString('base64');
  return { checksums: { [memberOf(algorithm)]: value }, checksumType: 'FULL_OBJECT', etag: etagOf(measured) };
}
