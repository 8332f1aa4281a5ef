// The parts of an upload: sent by the caller, or copied from an object that stands.
import type { OperationsOf, Sdks } from '../service.ts';
import { ask } from './access.ts';
import { bucketOf, type ObjectVersion, type Part, type S3, type Upload, wholeSecond } from './bucket.ts';
import { type Algorithm, type Checksums, memberOf } from './checksums.ts';
import { readSource, sourceOf } from './copy.ts';
import { encryptionOutput } from './encryption.ts';
import { invalidArgument, invalidRequest, only } from './failures.ts';
import { CLAIM_MEMBERS, claimedAlgorithm, etagOf, keptAlgorithm, requireWellFormedMd5, verify } from './integrity.ts';
import { uploadAsk, uploadOf } from './multipart.ts';
import { readAsk } from './read.ts';
import type { Stored } from './vault.ts';
import { requirePartNumber } from './writing.ts';

const PART_MEMBERS = ['Bucket', 'Key', 'UploadId', 'PartNumber', 'ExpectedBucketOwner'];
const SOURCE_MEMBERS = [
  ...['CopySource', 'CopySourceRange', 'ExpectedSourceBucketOwner', 'CopySourceIfMatch', 'CopySourceIfNoneMatch'],
  ...['CopySourceIfModifiedSince', 'CopySourceIfUnmodifiedSince'],
];

/** An upload that announced a checksum takes no other; only one that adds up the parts' checksums needs it of every part. */
function requireSameAlgorithm(upload: Upload, claimed: Algorithm | undefined): void {
  if (upload.algorithm === undefined || upload.algorithm === claimed) return;
  if (claimed === undefined && upload.checksumType === 'FULL_OBJECT') return;
  const name = (algorithm: Algorithm | undefined): string => algorithm?.toLowerCase() ?? 'null';
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${name(upload.algorithm)}, actual checksum Type: ${name(claimed)}`,
  );
}

const digestsFor = (algorithm: Algorithm | undefined): Algorithm[] => (algorithm ? ['MD5', algorithm] : ['MD5']);

/** The answer to a part names its checksum even where the upload announced none; only an announced one is kept. */
const answeredChecksum = (algorithm: Algorithm, { digests }: Stored): Checksums => ({
  [memberOf(algorithm)]: digests.get(algorithm)?.toString('base64'),
});

/** A part sent again replaces the earlier one. */
async function keepPart(s3: S3, upload: Upload, partNumber: number, stored: Stored): Promise<Part> {
  const earlier = upload.parts.get(partNumber);
  const part: Part = {
    file: stored.file,
    size: stored.size,
    md5: stored.digests.get('MD5') ?? Buffer.alloc(0),
    etag: etagOf(stored),
    checksum: upload.algorithm && stored.digests.get(upload.algorithm),
    modifiedAt: wholeSecond(s3.ground.timeline.now()),
  };
  upload.parts.set(partNumber, part);
  if (earlier) await s3.vault.discard(earlier.file);
  return part;
}

export const partChecksums = ({ algorithm }: Upload, { checksum }: Part): Checksums =>
  algorithm && checksum ? { [memberOf(algorithm)]: checksum.toString('base64') } : {};

export const createPartUploads = (s3: S3): OperationsOf<Sdks['s3']> => ({
  UploadPart: {
    asks: uploadAsk(s3, 'PutObject'),
    async run(input, call) {
      only(input, 'Body', ...CLAIM_MEMBERS, ...PART_MEMBERS);
      const upload = uploadOf(bucketOf(s3, input, call), input);
      const partNumber = requirePartNumber(input.PartNumber);
      requireWellFormedMd5(input);
      const claimed = claimedAlgorithm(input);
      requireSameAlgorithm(upload, claimed);
      const algorithm = upload.algorithm ?? keptAlgorithm(claimed);
      const stored = await s3.vault.store(input.Body, digestsFor(algorithm));
      try {
        verify(input, claimed, stored);
        uploadOf(bucketOf(s3, input, call), input);
      } catch (error) {
        await s3.vault.discard(stored.file);
        throw error;
      }
      const part = await keepPart(s3, upload, partNumber, stored);
      return { ETag: part.etag, ...answeredChecksum(algorithm, stored), ...encryptionOutput(upload.encryption) };
    },
  },
  UploadPartCopy: {
    asks(input, call) {
      const { bucket: from, key, versionId } = sourceOf(s3, input, call);
      const context = { 's3:x-amz-copy-source': `${from.name}/${key}` };
      return [readAsk(from, { Key: key, VersionId: versionId }), ask(bucketOf(s3, input, call), 'PutObject', input.Key, context)];
    },
    async run(input, call) {
      only(input, ...PART_MEMBERS, ...SOURCE_MEMBERS);
      const upload = uploadOf(bucketOf(s3, input, call), input);
      const partNumber = requirePartNumber(input.PartNumber);
      const source = sourceOf(s3, input, call);
      const version = await readSource(s3, source, input, call);
      const [start, end] = rangeOf(input.CopySourceRange, version);
      const stored = await s3.vault.store(await s3.vault.read(version.file, start, end), digestsFor(upload.algorithm));
      const part = await keepPart(s3, upload, partNumber, stored);
      return {
        CopyPartResult: { ETag: part.etag, LastModified: new Date(part.modifiedAt), ...partChecksums(upload, part) },
        CopySourceVersionId: version.versionId === 'null' ? undefined : version.versionId,
        ...encryptionOutput(upload.encryption),
      };
    },
  },
});

function rangeOf(range: string | undefined, { size }: ObjectVersion): [number, number] {
  if (range === undefined) return [0, size - 1];
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  const said = 'x-amz-copy-source-range';
  if (first === undefined || last === undefined)
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      said,
      range,
    );
  if (Number(last) >= size) throw invalidArgument(`Range specified is not valid for source object of size: ${size}`, said, range);
  return [Number(first), Number(last)];
}
