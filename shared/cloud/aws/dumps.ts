// The audit trail's files: parts that lie with S3 become objects when the copy is proven, or go.
import { CompleteMultipartUploadCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../config.ts';
import type { DumpFile } from '../../runbooks/copying.ts';
import type { Dumps } from '../ports.ts';
import { asking, nameOf } from './errors.ts';

export function awsDumps(): Dumps {
  const { LEDGER_BUCKET: Bucket } = readConfig('LEDGER_BUCKET');
  const s3 = new S3Client({});

  async function finish({ key: Key, upload: UploadId, parts, bytes }: DumpFile): Promise<void> {
    const Parts = parts.map(({ part, etag }) => ({ PartNumber: part, ETag: etag }));
    try {
      await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    } catch (error) {
      // Another try has done it, and its answer was lost: then the object is there, and as large.
      if (nameOf(error) !== 'NoSuchUpload') throw error;
      const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      if (ContentLength !== bytes) throw error;
    }
  }
  return {
    async finish(files) {
      await Promise.all(files.map((file) => asking(`keeping ${file.key}`, () => finish(file))));
    },
  };
}
