// Multipart uploads: begun, completed into one object, or given up.
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import type { Ask } from '../../iam/ask.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ask, tagsOfHeader, writeKeys } from './access.ts';
import { type Bucket, bucketOf, type Part, type S3, type Upload, wholeSecond } from './bucket.ts';
import { type Algorithm, ALGORITHMS, type Checksums, digestOf, isAlgorithm, memberOf } from './checksums.ts';
import { beginWrite } from './conditions.ts';
import { encryptionOutput, seal } from './encryption.ts';
import { AwsError } from '../error.ts';
import { badRequest, invalidRequest, malformedXml, noSuchUpload, only, required } from './failures.ts';
import { expirationOf } from './lifecycle.ts';
import { commit, shown } from './versions.ts';
import { describe, requireWritable, WRITE_MEMBERS } from './writing.ts';

const MIN_PART_BYTES = 5 * 1024 ** 2;
const UPLOAD_MEMBERS = WRITE_MEMBERS.filter((member) => !member.startsWith('If'));

interface NamedUpload {
  Bucket?: string | undefined;
  Key?: string | undefined;
  UploadId?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

export const uploadAsk =
  (s3: S3, action: string) =>
  (input: NamedUpload, call: Call): Ask[] => [ask(bucketOf(s3, input, call), action, input.Key)];

export function uploadOf(bucket: Bucket, { Key: key, UploadId: id = '' }: NamedUpload): Upload {
  const upload = bucket.uploads.get(id);
  if (upload?.key !== key) throw noSuchUpload(id);
  return upload as Upload;
}

async function forget(s3: S3, bucket: Bucket, upload: Upload): Promise<void> {
  bucket.uploads.delete(upload.id);
  for (const part of upload.parts.values()) await s3.vault.discard(part.file);
}

export const createUploads = (s3: S3): OperationsOf<Sdks['s3']> => ({
  CreateMultipartUpload: {
    asks(input, call) {
      const bucket = bucketOf(s3, input, call);
      const context = { ...writeKeys(input), 's3:ObjectCreationOperation': 'false' };
      const asks = [ask(bucket, 'PutObject', input.Key, context)];
      if (input.Tagging !== undefined) asks.push(ask(bucket, 'PutObjectTagging', input.Key, context));
      return asks;
    },
    async run(input, call) {
      only(input, 'ChecksumAlgorithm', 'ChecksumType', ...UPLOAD_MEMBERS);
      const bucket = bucketOf(s3, input, call);
      const key = required(input.Key, 'Key');
      requireWritable(bucket, input);
      const { algorithm, checksumType } = sumOf(input);
      const encryption = await seal(s3, bucket, key, input, call);
      const upload: Upload = {
        id: s3.ground.token(96),
        key,
        initiatedAt: wholeSecond(s3.ground.timeline.now()),
        initiator: 'arn' in call.caller ? call.caller.arn : call.caller.kind,
        description: describe(input),
        encryption,
        storageClass: input.StorageClass ?? 'STANDARD',
        tags: tagsOfHeader(input.Tagging),
        algorithm,
        checksumType,
        parts: new Map(),
      };
      bucket.uploads.set(upload.id, upload);
      return {
        Bucket: bucket.name,
        Key: key,
        UploadId: upload.id,
        ...encryptionOutput(encryption),
        ...(algorithm && { ChecksumAlgorithm: algorithm, ChecksumType: checksumType }),
      };
    },
  },
  CompleteMultipartUpload: {
    asks(input, call) {
      const context = { ...writeKeys(input), 's3:ObjectCreationOperation': 'true' };
      return [ask(bucketOf(s3, input, call), 'PutObject', input.Key, context)];
    },
    async run(input, call) {
      const sums = ALGORITHMS.map(memberOf);
      only(input, ...['Bucket', 'Key', 'UploadId', 'MultipartUpload', 'ExpectedBucketOwner'], ...sums);
      const bucket = bucketOf(s3, input, call);
      return complete(s3, bucket, uploadOf(bucket, input), input);
    },
  },
  AbortMultipartUpload: {
    asks: uploadAsk(s3, 'AbortMultipartUpload'),
    async run(input, call) {
      only(input, 'Bucket', 'Key', 'UploadId', 'ExpectedBucketOwner');
      const bucket = bucketOf(s3, input, call);
      await forget(s3, bucket, uploadOf(bucket, input));
      return {};
    },
  },
});

/** CRC64NVME is always of the whole object, the hashes always of the parts' hashes. */
function sumOf({
  ChecksumAlgorithm: name,
  ChecksumType: type,
}: Pick<CreateMultipartUploadCommandInput, 'ChecksumAlgorithm' | 'ChecksumType'>): {
  algorithm: Algorithm | undefined;
  checksumType: Upload['checksumType'];
} {
  if (name === undefined) {
    if (type !== undefined)
      throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
    return { algorithm: undefined, checksumType: 'FULL_OBJECT' };
  }
  if (!isAlgorithm(name)) throw invalidRequest('Checksum algorithm provided is unsupported.');
  const checksumType = type ?? (name === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const impossible = checksumType === 'FULL_OBJECT' ? !name.startsWith('CRC') : name === 'CRC64NVME';
  if (impossible)
    throw invalidRequest(`The ${checksumType} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`);
  return { algorithm: name, checksumType };
}

type Completion = Checksums & {
  MultipartUpload?: { Parts?: CompletedPart[] | undefined } | undefined;
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
};

async function complete(s3: S3, bucket: Bucket, upload: Upload, input: Completion) {
  const requireUndisturbed = beginWrite(input, bucket, upload.key);
  const parts = chosenParts(upload, input.MultipartUpload?.Parts ?? []);
  const algorithm = upload.algorithm ?? 'CRC64NVME';
  const stored = await s3.vault.store(s3.vault.stream(parts.map(({ file }) => file)), [algorithm]);
  const whole = stored.digests.get(algorithm)?.toString('base64');
  const value = upload.checksumType === 'FULL_OBJECT' ? whole : compositeOf(algorithm, parts);
  try {
    const said = input[memberOf(algorithm)];
    if (said !== undefined && said !== value)
      throw badRequest('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
    requireUndisturbed();
    // Two completions of one upload may race: the second finds nothing.
    if (!bucket.uploads.delete(upload.id)) throw noSuchUpload(upload.id);
  } catch (error) {
    await s3.vault.discard(stored.file);
    // After a conflict the whole upload has to be begun again.
    if (error instanceof AwsError && error.code === 'ConditionalRequestConflict') await forget(s3, bucket, upload);
    throw error;
  }
  await forget(s3, bucket, upload);
  const version = await commit(s3, bucket, upload.key, {
    kind: 'object',
    modifiedAt: upload.initiatedAt,
    file: stored.file,
    size: stored.size,
    etag: `"${digestOf('MD5', ...parts.map(({ md5 }) => md5)).toString('hex')}-${parts.length}"`,
    description: upload.description,
    checksums: { [memberOf(algorithm)]: value },
    checksumType: upload.checksumType,
    encryption: upload.encryption,
    storageClass: upload.storageClass,
    tags: upload.tags,
    parts: parts.map(({ size }) => size),
  });
  return {
    Location: `https://${bucket.name}.s3.${bucket.region}.amazonaws.com/${encodeURIComponent(upload.key)}`,
    Bucket: bucket.name,
    Key: upload.key,
    ETag: version.etag,
    ...version.checksums,
    ChecksumType: version.checksumType,
    ...encryptionOutput(version.encryption),
    VersionId: shown(bucket, version),
    Expiration: expirationOf(bucket, upload.key, version),
  };
}

const compositeOf = (algorithm: Algorithm, parts: readonly Part[]): string =>
  `${digestOf(algorithm, ...parts.map(({ checksum }) => checksum ?? Buffer.alloc(0))).toString('base64')}-${parts.length}`;

/** The parts the caller lists, in the caller's order, each held against what was uploaded. */
function chosenParts(upload: Upload, listed: readonly CompletedPart[]): Part[] {
  if (listed.length === 0) throw malformedXml();
  let previous = 0;
  const chosen = listed.map((one) => {
    const { PartNumber: number = 0 } = one;
    if (number <= previous)
      throw badRequest(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        {
          UploadId: upload.id,
        },
      );
    previous = number;
    return { number, part: matchingPart(upload, one) };
  });
  for (const { number, part } of chosen.slice(0, -1))
    if (part.size < MIN_PART_BYTES)
      throw badRequest('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
        ProposedSize: part.size,
        MinSizeAllowed: MIN_PART_BYTES,
        PartNumber: number,
        ETag: part.etag.replace(/"/g, ''),
      });
  return chosen.map(({ part }) => part);
}

function matchingPart(upload: Upload, listed: CompletedPart): Part {
  const { PartNumber: number = 0, ETag: etag = '' } = listed;
  const part = upload.parts.get(number);
  const { algorithm } = upload;
  const checksum = algorithm && listed[memberOf(algorithm)];
  const same = part && etag.replace(/"/g, '') === part.etag.replace(/"/g, '');
  if (!same || (checksum !== undefined && checksum !== part.checksum?.toString('base64')))
    throw badRequest(
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      { UploadId: upload.id, PartNumber: number, ETag: etag.replace(/"/g, '') },
    );
  if (algorithm && upload.checksumType === 'COMPOSITE' && checksum === undefined)
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    );
  return part;
}
