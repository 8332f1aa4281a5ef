// A file of the audit trail on its way into the ledger: SQL, compressed, in parts that are no object until all of them are there and
// somebody says so. Whoever dies before that leaves nothing that could be taken for a dump; the bucket forgets such parts after a day.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { CreateMultipartUploadCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import type { DumpFile } from '../../runbooks/copying.ts';
import { asking } from './errors.ts';

/** S3 takes no part below 5 MiB but the last, and ten thousand of them. */
const PART_BYTES = 8 * 1024 * 1024;
/** Less than this waits for more before it is compressed. */
const PACKED_BYTES = 64 * 1024;

export interface DumpSink {
  write(text: string | Buffer): Promise<void>;
  /** All parts are with S3, and none of it is an object yet; null where nothing is kept. */
  end(): Promise<DumpFile | null>;
}

/** Where nobody keeps files. */
export const NO_FILE: DumpSink = { write: () => Promise.resolve(), end: () => Promise.resolve(null) };

const compress = promisify(gzip);
/** The cheapest compression: a copy waits for it. */
const CHEAPLY = { level: constants.Z_BEST_SPEED };

/** What is written goes in by turns, and is compressed side by side: gunzip takes one after the other for one. */
export async function openDumpFile(s3: S3Client, Bucket: string, Key: string): Promise<DumpSink> {
  const begin = new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'application/gzip' });
  const { UploadId = '' } = await asking(`beginning ${Key}`, () => s3.send(begin));
  const digest = createHash('sha256');
  const parts: DumpFile['parts'] = [];
  const [loose, packed] = [createHeap(), createHeap()];
  let bytes = 0;
  let turn = Promise.resolve();
  let sending = Promise.resolve();

  async function send(Body: Buffer): Promise<void> {
    const PartNumber = parts.length + 1;
    const { ETag = '' } = await asking(`writing part ${PartNumber} of ${Key}`, () =>
      s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body })),
    );
    parts.push({ part: PartNumber, etag: ETag });
  }
  /** One part is on its way while the next is gathered. */
  async function sendNext(): Promise<void> {
    await sending;
    sending = send(packed.take());
    // Told to whoever writes next, or ends.
    sending.catch(() => undefined);
  }
  function pack(): Promise<void> {
    const packing = compress(loose.take(), CHEAPLY);
    turn = Promise.all([packing, turn]).then(async ([member]) => {
      digest.update(member);
      bytes += member.length;
      packed.add(member);
      if (packed.size() >= PART_BYTES) await sendNext();
    });
    turn.catch(() => undefined);
    return turn;
  }
  return {
    async write(text) {
      loose.add(typeof text === 'string' ? Buffer.from(text) : text);
      if (loose.size() >= PACKED_BYTES) await pack();
    },
    async end() {
      await pack();
      await sendNext();
      await sending;
      return { key: Key, upload: UploadId, parts, bytes, sha256: digest.digest('hex') };
    },
  };
}

function createHeap() {
  let [held, bytes]: [Buffer[], number] = [[], 0];
  return {
    size: () => bytes,
    add(piece: Buffer): void {
      held.push(piece);
      bytes += piece.length;
    },
    take(): Buffer {
      const all = Buffer.concat(held);
      [held, bytes] = [[], 0];
      return all;
    },
  };
}
