// Listing a bucket: prefix, delimiter, pages; the current objects or all versions.
import type { CommonPrefix, DeleteMarkerEntry, ObjectVersion as VersionEntry, _Object } from '@aws-sdk/client-s3';
import type { Ask } from '../../iam/ask.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { ask, keys } from './access.ts';
import { type Bucket, bucketOf, liveOf, type ObjectVersion, type S3 } from './bucket.ts';
import { invalidArgument, only } from './failures.ts';
import { NULL_VERSION } from './versions.ts';

const PAGE = 1000;
const LIST_MEMBERS = [
  'Bucket',
  'Prefix',
  'Delimiter',
  'MaxKeys',
  'EncodingType',
  'ExpectedBucketOwner',
  'OptionalObjectAttributes',
];

interface Listing {
  Bucket?: string | undefined;
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
  EncodingType?: 'url' | undefined;
}

/** One line of a listing: a key, or all the keys that share what comes before the delimiter. */
type Row = { readonly key: string } | { readonly prefix: string };
const nameOf = (row: Row): string => ('key' in row ? row.key : row.prefix);

interface Page {
  readonly rows: readonly Row[];
  readonly truncated: boolean;
}

const listAsk =
  (s3: S3, action: string) =>
  (input: Listing, call: Call): Ask[] => [
    ask(
      bucketOf(s3, input, call),
      action,
      undefined,
      keys({ prefix: input.Prefix, delimiter: input.Delimiter, 'max-keys': input.MaxKeys }),
    ),
  ];

/** S3 orders by bytes of UTF-8, which JavaScript's order is not beyond the basic plane. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function pageOf(names: Iterable<string>, input: Listing, after: string, most = mostOf(input.MaxKeys)): Page {
  const { Prefix: prefix = '', Delimiter: delimiter = '' } = input;
  const rows: Row[] = [];
  let last: string | undefined;
  for (const key of [...names].filter((name) => name.startsWith(prefix)).sort(byBytes)) {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const row: Row = cut === -1 ? { key } : { prefix: key.slice(0, cut + delimiter.length) };
    const name = nameOf(row);
    if (name === last || name === after || byBytes(key, after) <= 0) continue;
    if (rows.length === most) return { rows, truncated: most > 0 };
    rows.push(row);
    last = name;
  }
  return { rows, truncated: false };
}

function mostOf(maxKeys: number | undefined): number {
  if (maxKeys === undefined) return PAGE;
  if (!Number.isInteger(maxKeys) || maxKeys < 0 || maxKeys > 2_147_483_647)
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', String(maxKeys));
  return Math.min(maxKeys, PAGE);
}

export function encoderOf({ EncodingType: type }: { EncodingType?: string | undefined }): (name: string) => string {
  if (type === undefined) return (name) => name;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  return (name) =>
    encodeURIComponent(name)
      .replace(/%2F/g, '/')
      .replace(/%20/g, '+')
      .replace(/[!'()]/g, percent);
}
const percent = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;

const tokenOf = (name: string): string => Buffer.from(`1/${name}`).toString('base64url');
function nameOfToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1/') || tokenOf(text.slice(2)) !== token)
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', undefined);
  return text.slice(2);
}

const owner = (s3: S3): { ID: string } => ({ ID: s3.ground.account.padStart(64, '0') });

function entryOf(bucket: Bucket, key: string, encode: (name: string) => string): _Object[] {
  const version = liveOf(bucket, key);
  return version ? [{ Key: encode(key), ...factsOf(version) }] : [];
}

function factsOf(version: ObjectVersion): Omit<_Object, 'Key'> {
  const algorithms = Object.keys(version.checksums).map((member) => member.replace('Checksum', ''));
  return {
    LastModified: new Date(version.modifiedAt),
    ETag: version.etag,
    ChecksumAlgorithm: algorithms as NonNullable<_Object['ChecksumAlgorithm']>,
    ChecksumType: version.checksumType,
    Size: version.size,
    StorageClass: version.storageClass,
  };
}

export const prefixesOf = (rows: readonly Row[], encode: (name: string) => string): CommonPrefix[] =>
  rows.flatMap((row) => ('prefix' in row ? [{ Prefix: encode(row.prefix) }] : []));

/** S3 leaves empty lists out. */
export const present = <K extends string, T>(name: K, list: readonly T[]): { [P in K]?: T[] } =>
  (list.length > 0 ? { [name]: [...list] } : {}) as { [P in K]?: T[] };

export function createListings(s3: S3): OperationsOf<Sdks['s3']> {
  const live = (bucket: Bucket): string[] => [...bucket.keys.keys()].filter((key) => liveOf(bucket, key));
  const contents = (bucket: Bucket, rows: readonly Row[], encode: (name: string) => string): _Object[] =>
    rows.flatMap((row) => ('key' in row ? entryOf(bucket, row.key, encode) : []));

  return {
    ListObjectsV2: {
      asks: listAsk(s3, 'ListBucket'),
      run(input, call) {
        only(input, ...LIST_MEMBERS, 'StartAfter', 'ContinuationToken', 'FetchOwner');
        const bucket = bucketOf(s3, input, call);
        const encode = encoderOf(input);
        const { ContinuationToken: token } = input;
        const page = pageOf(live(bucket), input, token === undefined ? (input.StartAfter ?? '') : nameOfToken(token));
        const last = page.rows.at(-1);
        const listed = contents(bucket, page.rows, encode);
        return {
          IsTruncated: page.truncated,
          ...present('Contents', input.FetchOwner === true ? listed.map((one) => ({ ...one, Owner: owner(s3) })) : listed),
          Name: bucket.name,
          Prefix: encode(input.Prefix ?? ''),
          Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
          MaxKeys: mostOf(input.MaxKeys),
          ...present('CommonPrefixes', prefixesOf(page.rows, encode)),
          EncodingType: input.EncodingType,
          KeyCount: page.rows.length,
          ContinuationToken: token,
          ...(page.truncated && last && { NextContinuationToken: tokenOf(nameOf(last)) }),
          StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
        };
      },
    },
    ListObjects: {
      asks: listAsk(s3, 'ListBucket'),
      run(input, call) {
        only(input, ...LIST_MEMBERS, 'Marker');
        const bucket = bucketOf(s3, input, call);
        const encode = encoderOf(input);
        const page = pageOf(live(bucket), input, input.Marker ?? '');
        const last = page.rows.at(-1);
        return {
          IsTruncated: page.truncated,
          Marker: encode(input.Marker ?? ''),
          // Only a delimiter gives the marker away; else the last key is it.
          ...(page.truncated && last && input.Delimiter !== undefined && { NextMarker: encode(nameOf(last)) }),
          ...present(
            'Contents',
            contents(bucket, page.rows, encode).map((one) => ({ ...one, Owner: owner(s3) })),
          ),
          Name: bucket.name,
          Prefix: encode(input.Prefix ?? ''),
          Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
          MaxKeys: mostOf(input.MaxKeys),
          ...present('CommonPrefixes', prefixesOf(page.rows, encode)),
          EncodingType: input.EncodingType,
        };
      },
    },
    ListObjectVersions: {
      asks: listAsk(s3, 'ListBucketVersions'),
      run(input, call) {
        only(input, ...LIST_MEMBERS, 'KeyMarker', 'VersionIdMarker');
        const bucket = bucketOf(s3, input, call);
        return listVersions(s3, bucket, input);
      },
    },
  };
}

type VersionListing = Listing & { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined };

function listVersions(s3: S3, bucket: Bucket, input: VersionListing) {
  const encode = encoderOf(input);
  const { KeyMarker: keyMarker = '', VersionIdMarker: versionMarker } = input;
  if (versionMarker !== undefined && input.KeyMarker === undefined)
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', versionMarker);
  const most = mostOf(input.MaxKeys);
  const names = [...bucket.keys.keys()];
  const rows = pageOf(names, input, keyMarker, Infinity).rows;
  // A version marker stops in the middle of a key: its later versions come first.
  const resumed: Row[] = versionMarker !== undefined && bucket.keys.has(keyMarker) ? [{ key: keyMarker }, ...rows] : [...rows];
  const Versions: VersionEntry[] = [];
  const DeleteMarkers: DeleteMarkerEntry[] = [];
  const prefixes: Row[] = [];
  let last: { key: string; versionId: string | undefined } | undefined;
  const full = (): boolean => Versions.length + DeleteMarkers.length + prefixes.length >= most;
  for (const row of resumed) {
    for (const entry of entriesOf(bucket, row, keyMarker, versionMarker)) {
      if (full()) return answer(true);
      last = { key: nameOf(row), versionId: entry?.versionId };
      if (entry === undefined) prefixes.push(row);
      else {
        const common = { Key: encode(nameOf(row)), VersionId: entry.versionId, IsLatest: entry.latest, Owner: owner(s3) };
        if (entry.version.kind === 'object')
          Versions.push({ ...common, ...(factsOf(entry.version) as Omit<VersionEntry, 'Key'>) });
        else DeleteMarkers.push({ ...common, LastModified: new Date(entry.version.modifiedAt) });
      }
    }
  }
  return answer(false);

  function answer(truncated: boolean) {
    return {
      IsTruncated: truncated && most > 0,
      KeyMarker: encode(keyMarker),
      VersionIdMarker: versionMarker ?? '',
      ...(truncated && last && { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.versionId }),
      ...present('Versions', Versions),
      ...present('DeleteMarkers', DeleteMarkers),
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Delimiter: input.Delimiter === undefined ? undefined : encode(input.Delimiter),
      MaxKeys: most,
      ...present('CommonPrefixes', prefixesOf(prefixes, encode)),
      EncodingType: input.EncodingType,
    };
  }
}

/** The versions under a row, newest first; a common prefix is one entry without a version. */
function entriesOf(bucket: Bucket, row: Row, keyMarker: string, versionMarker: string | undefined) {
  if ('prefix' in row) return [undefined];
  const entries = (bucket.keys.get(row.key) ?? []).map((version, index) => ({
    version,
    versionId: version.versionId === '' ? NULL_VERSION : version.versionId,
    latest: index === 0,
  }));
  if (row.key !== keyMarker || versionMarker === undefined) return entries;
  return entries.slice(entries.findIndex(({ versionId }) => versionId === versionMarker) + 1);
}
