// GetObject and HeadObject: which version, whether it may be answered, which bytes of it.
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ask, existingTagKeys, keys, requireListing } from './access.ts';
import { type Bucket, bucketOf, newestOf, type ObjectVersion, type S3 } from './bucket.ts';
import { judgeRead } from './conditions.ts';
import { encryptionOutput, unseal } from './encryption.ts';
import { badRequest, invalidArgument, noSuchKey, noSuchVersion, notFound, only, required } from './failures.ts';
import { expirationOf } from './lifecycle.ts';
import { shown } from './versions.ts';
import { requirePartNumber } from './writing.ts';

type Reading = Omit<GetObjectCommandInput, 'Body'>;
/** What HEAD answers, and GET beside the bytes. */
type Answer = Omit<GetObjectCommandOutput, 'Body' | '$metadata'>;

const READ_MEMBERS = [
  ...['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner', 'Range', 'PartNumber', 'ChecksumMode'],
  ...['IfMatch', 'IfNoneMatch', 'IfModifiedSince', 'IfUnmodifiedSince'],
  ...['ResponseCacheControl', 'ResponseContentDisposition', 'ResponseContentEncoding', 'ResponseContentLanguage'],
  ...['ResponseContentType', 'ResponseExpires'],
];

interface Section {
  readonly start: number;
  readonly end: number;
  readonly partial: boolean;
}

export function createReads(s3: S3): OperationsOf<Sdks['s3']> {
  const asks = (input: Reading, call: Call): Ask[] => [readAsk(bucketOf(s3, input, call), input)];

  /** The version and the section asked for, once everything that could refuse has been asked. */
  async function prepare(input: Reading, call: Call): Promise<{ version: ObjectVersion; section: Section; answer: Answer }> {
    only(input, ...READ_MEMBERS);
    const bucket = bucketOf(s3, input, call);
    const key = required(input.Key, 'Key');
    const version = findVersion(bucket, key, input.VersionId, call);
    judgeRead(input, version);
    const section = sectionOf(input, version);
    await unseal(s3, bucket, version.encryption, call);
    return { version, section, answer: answerOf(bucket, key, version, section, input) };
  }

  return {
    GetObject: {
      asks,
      async run(input, call) {
        const { version, section, answer } = await prepare(input, call);
        try {
          return { ...answer, Body: await s3.vault.read(version.file, section.start, section.end) };
        } catch (error) {
          // The file may have gone with its version while KMS was asked: then the key is read as it now stands.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
          const again = await prepare(input, call);
          return { ...again.answer, Body: await s3.vault.read(again.version.file, again.section.start, again.section.end) };
        }
      },
    },
    HeadObject: {
      asks,
      async run(input, call) {
        try {
          const { answer } = await prepare(input, call);
          const { TagCount: _, ...head } = answer;
          return head;
        } catch (error) {
          if (error instanceof AwsError && /^NoSuch(Key|Version)$/.test(error.code)) throw notFound();
          throw error;
        }
      },
    },
  };
}

/** The ask of reading one object: another action when a version is named. */
export function readAsk(
  bucket: Bucket,
  { Key: key = '', VersionId: versionId }: { Key?: string | undefined; VersionId?: string | undefined },
): Ask {
  const version = lookUp(bucket, key, versionId);
  const tags = version?.kind === 'object' ? existingTagKeys(version.tags) : {};
  if (versionId === undefined) return ask(bucket, 'GetObject', key, tags);
  return ask(bucket, 'GetObjectVersion', key, { ...tags, ...keys({ VersionId: versionId }) });
}

const lookUp = (bucket: Bucket, key: string, versionId: string | undefined) =>
  versionId === undefined ? newestOf(bucket, key) : bucket.keys.get(key)?.find((version) => version.versionId === versionId);

/** A missing key is 404 only for those who may list; a marker asked for by its version cannot be read at all. */
export function findVersion(bucket: Bucket, key: string, versionId: string | undefined, call: Call): ObjectVersion {
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', '');
  const version = lookUp(bucket, key, versionId);
  if (version?.kind === 'object') return version;
  if (version && versionId !== undefined)
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
      fields: { Method: 'GET', ResourceType: 'DeleteMarker' },
    });
  if (versionId !== undefined && versionId !== 'null' && !/^[A-Za-z0-9._-]{32}$/.test(versionId))
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
  requireListing(bucket, call);
  throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
}

function answerOf(bucket: Bucket, key: string, version: ObjectVersion, section: Section, input: Reading): Answer {
  const { description, checksums, checksumType } = version;
  const whole = !section.partial && input.ChecksumMode === 'ENABLED';
  return {
    ...description,
    ...overrides(input),
    AcceptRanges: 'bytes',
    ContentLength: section.end - section.start + 1,
    ...(section.partial && { ContentRange: `bytes ${section.start}-${section.end}/${version.size}` }),
    ETag: version.etag,
    LastModified: new Date(version.modifiedAt),
    VersionId: shown(bucket, version),
    ...(whole && { ...checksums, ChecksumType: checksumType }),
    ...encryptionOutput(version.encryption),
    // The standard class is told by silence.
    ...(version.storageClass !== 'STANDARD' && { StorageClass: version.storageClass }),
    ...(version.tags.length > 0 && { TagCount: version.tags.length }),
    ...(input.PartNumber !== undefined && version.parts && { PartsCount: version.parts.length }),
    Expiration: expirationOf(bucket, key, version),
  };
}

function overrides(input: Reading): Partial<Answer> {
  const wanted = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function sectionOf({ Range: range, PartNumber: partNumber }: Reading, version: ObjectVersion): Section {
  const whole = { start: 0, end: version.size - 1, partial: false };
  if (partNumber !== undefined) {
    if (range !== undefined)
      throw badRequest('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
    return sectionOfPart(requirePartNumber(partNumber), version);
  }
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  // A range that S3 cannot read is no range.
  if (first === '' && last === '') return whole;
  const start = first === '' ? Math.max(0, version.size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? version.size - 1 : Math.min(Number(last), version.size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return whole;
  if (start >= version.size) throw unsatisfiable(range ?? '', version.size);
  return { start, end, partial: true };
}

function sectionOfPart(partNumber: number, version: ObjectVersion): Section {
  const parts = version.parts ?? [version.size];
  const size = parts[partNumber - 1];
  if (size === undefined)
    throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', {
      status: 416,
      fields: { PartNumberRequested: partNumber, ActualPartCount: parts.length },
    });
  const start = parts.slice(0, partNumber - 1).reduce((sum, one) => sum + one, 0);
  return { start, end: start + size - 1, partial: version.size > 0 };
}

const unsatisfiable = (range: string, size: number): AwsError =>
  new AwsError('InvalidRange', 'The requested range is not satisfiable', {
    status: 416,
    fields: { RangeRequested: range, ActualObjectSize: size },
  });
