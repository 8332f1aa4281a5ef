// What is under way: the uploads of a bucket and the parts of an upload.
import type { MultipartUpload, Part as PartEntry } from '@aws-sdk/client-s3';
import type { OperationsOf, Sdks } from '../service.ts';
import { ofBucket } from './access.ts';
import { bucketOf, type S3, type Upload } from './bucket.ts';
import { only } from './failures.ts';
import { encoderOf, pageOf, prefixesOf, present } from './listing.ts';
import { uploadAsk, uploadOf } from './multipart.ts';
import { partChecksums } from './parts.ts';

const PAGE = 1000;

export const createUploadListings = (s3: S3): OperationsOf<Sdks['s3']> => ({
  ListParts: {
    asks: uploadAsk(s3, 'ListMultipartUploadParts'),
    run(input, call) {
      only(input, 'Bucket', 'Key', 'UploadId', 'MaxParts', 'PartNumberMarker', 'ExpectedBucketOwner');
      const bucket = bucketOf(s3, input, call);
      const upload = uploadOf(bucket, input);
      const after = Number(input.PartNumberMarker ?? 0);
      const most = Math.min(input.MaxParts ?? PAGE, PAGE);
      const later = [...upload.parts].filter(([number]) => number > after).sort(([a], [b]) => a - b);
      const page = later.slice(0, most);
      const Parts: PartEntry[] = page.map(([PartNumber, part]) => ({
        PartNumber,
        LastModified: new Date(part.modifiedAt),
        ETag: part.etag,
        Size: part.size,
        ...partChecksums(upload, part),
      }));
      return {
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        PartNumberMarker: String(after),
        NextPartNumberMarker: String(page.at(-1)?.[0] ?? 0),
        MaxParts: most,
        IsTruncated: later.length > page.length,
        ...present('Parts', Parts),
        StorageClass: upload.storageClass,
        ...(upload.algorithm && { ChecksumAlgorithm: upload.algorithm, ChecksumType: upload.checksumType }),
      };
    },
  },
  ListMultipartUploads: {
    asks: ofBucket(s3, 'ListBucketMultipartUploads'),
    run(input, call) {
      only(
        input,
        ...['Bucket', 'Prefix', 'Delimiter', 'MaxUploads', 'KeyMarker', 'UploadIdMarker', 'EncodingType', 'ExpectedBucketOwner'],
      );
      const bucket = bucketOf(s3, input, call);
      const encode = encoderOf(input);
      const { KeyMarker: keyMarker = '', UploadIdMarker: idMarker } = input;
      const most = Math.min(input.MaxUploads ?? PAGE, PAGE);
      const standing = [...bucket.uploads.values()].filter((one) => one.key > keyMarker || isAfter(one, keyMarker, idMarker));
      const rows = pageOf(new Set(standing.map(({ key }) => key)), input, '', Infinity).rows;
      const uploads = rows.flatMap((row) => ('key' in row ? ofKey(standing, row.key) : []));
      const page = uploads.slice(0, most);
      const truncated = uploads.length > page.length;
      const last = page.at(-1);
      return {
        Bucket: bucket.name,
        KeyMarker: encode(keyMarker),
        UploadIdMarker: idMarker ?? '',
        NextKeyMarker: truncated && last ? encode(last.key) : '',
        NextUploadIdMarker: truncated && last ? last.id : '',
        Prefix: encode(input.Prefix ?? ''),
        Delimiter: input.Delimiter,
        MaxUploads: most,
        IsTruncated: truncated,
        ...present(
          'Uploads',
          page.map((upload) => entryOf(upload, encode)),
        ),
        ...present('CommonPrefixes', prefixesOf(rows, encode)),
        EncodingType: input.EncodingType,
      };
    },
  },
});

const isAfter = (upload: Upload, keyMarker: string, idMarker: string | undefined): boolean =>
  idMarker !== undefined && upload.key === keyMarker && upload.id > idMarker;

const ofKey = (uploads: readonly Upload[], key: string): Upload[] =>
  uploads.filter((upload) => upload.key === key).sort((a, b) => (a.id < b.id ? -1 : 1));

const entryOf = (upload: Upload, encode: (name: string) => string): MultipartUpload => ({
  UploadId: upload.id,
  Key: encode(upload.key),
  Initiated: new Date(upload.initiatedAt),
  StorageClass: upload.storageClass,
  Initiator: { ID: upload.initiator },
  ...(upload.algorithm && { ChecksumAlgorithm: upload.algorithm, ChecksumType: upload.checksumType }),
});
