// A file of the audit trail on its way into the ledger: SQL, compressed, in parts that are no object until all of them are there and
// somebody says so. Whoever dies before that leaves nothing that could be taken for a dump; the bucket forgets such parts after a day.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createGzip, constants } from 'node:zlib';
import { CreateMultipartUploadCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import type { DumpFile } from '../../runbooks/copying.ts';
import { asking } from './errors.ts';

/** S3 takes no part below 5 MiB but the last, and ten thousand of them. */
const PART_BYTES = 8 * 1024 * 1024;

export interface DumpSink {
  write(text: string | Buffer): Promise<void>;
  /** All parts are with S3, and none of it is an object yet; null where nothing is kept. */
  end(): Promise<DumpFile | null>;
}

/** Where nobody keeps files. */
export const NO_FILE: DumpSink = { write: () => Promise.resolve(), end: () => Promise.resolve(null) };

export async function openDumpFile(s3: S3Client, Bucket: string, Key: string): Promise<DumpSink> {
  const begin = new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'application/gzip' });
  const { UploadId = '' } = await asking(`beginning ${Key}`, () => s3.send(begin));
  // The cheapest compression: a copy waits for it.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 256 * 1024 });
  const digest = createHash('sha256');
  const parts: DumpFile['parts'] = [];
  let bytes = 0;

  async function send(Body: Buffer): Promise<void> {
    const PartNumber = parts.length + 1;
    const { ETag = '' } = await asking(`writing part ${PartNumber} of ${Key}`, () =>
      s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body })),
    );
    parts.push({ part: PartNumber, etag: ETag });
  }
  const sending = (async () => {
    let held: Buffer[] = [];
    let size = 0;
    for await (const chunk of gzip as AsyncIterable<Buffer>) {
      digest.update(chunk);
      bytes += chunk.length;
      held.push(chunk);
      size += chunk.length;
      if (size < PART_BYTES) continue;
      await send(Buffer.concat(held));
      [held, size] = [[], 0];
    }
    if (size > 0 || parts.length === 0) await send(Buffer.concat(held));
  })();
  // Told to whoever writes next, or ends.
  sending.catch((error: unknown) => gzip.destroy(error as Error));

  return {
    async write(text) {
      if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), sending]);
    },
    async end() {
      gzip.end();
      await sending;
      return { key: Key, upload: UploadId, parts, bytes, sha256: digest.digest('hex') };
    },
  };
}
