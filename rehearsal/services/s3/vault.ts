// The bytes of every object, one immutable file each, hashed while they are written.
import { createReadStream } from 'node:fs';
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Algorithm, startDigest } from './checksums.ts';

export interface Stored {
  readonly file: string;
  readonly size: number;
  readonly digests: ReadonlyMap<Algorithm, Buffer>;
}
export type Body = Uint8Array | Readable | undefined;

export interface Vault {
  store(body: Body, algorithms: readonly Algorithm[]): Promise<Stored>;
  /** The same bytes under a second name: neither notices when the other is removed. */
  share(file: string): Promise<string>;
  /** Bytes from `start` to `end`, both included. */
  read(file: string, start: number, end: number): Promise<Uint8Array | Readable>;
  stream(files: readonly string[]): Readable;
  discard(file: string): Promise<void>;
}

/** Up to here an answer is bytes: a stream nobody reads would hold its descriptor open. */
const SMALL_BYTES = 256 * 1024;

export function openVault(folder: () => string): Vault {
  let files = 0;
  let made: Promise<unknown> | undefined;
  const newFile = async (): Promise<string> => {
    made ??= mkdir(folder(), { recursive: true });
    await made;
    return join(folder(), `${String(++files)}.bytes`);
  };

  return {
    async store(body, algorithms) {
      const file = await newFile();
      const digests = new Map(algorithms.map((algorithm) => [algorithm, startDigest(algorithm)]));
      let size = 0;
      const measure = (chunk: Uint8Array): void => {
        size += chunk.length;
        for (const digest of digests.values()) digest.update(chunk);
      };
      try {
        if (body instanceof Readable) await pour(body, file, measure);
        else await keep(body ?? new Uint8Array(), file, measure);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
      return { file, size, digests: new Map([...digests].map(([algorithm, digest]) => [algorithm, digest.value()])) };
    },
    async share(file) {
      const second = await newFile();
      await link(file, second);
      return second;
    },
    async read(file, start, end) {
      const handle = await open(file);
      const length = end - start + 1;
      if (length > SMALL_BYTES) return handle.createReadStream({ start, end });
      try {
        const bytes = Buffer.alloc(Math.max(0, length));
        if (length > 0) await handle.read(bytes, 0, length, start);
        return bytes;
      } finally {
        await handle.close();
      }
    },
    stream: (names) => Readable.from(concatenated(names)),
    discard: (file) => rm(file, { force: true }),
  };
}

async function keep(body: Uint8Array, file: string, measure: (chunk: Uint8Array) => void): Promise<void> {
  measure(body);
  await writeFile(file, body);
}

async function pour(body: Readable, file: string, measure: (chunk: Uint8Array) => void): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for await (const chunk of body) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      measure(bytes);
      await handle.write(bytes);
    }
  } finally {
    await handle.close();
  }
}

async function* concatenated(files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) for await (const chunk of createReadStream(file)) yield chunk as Buffer;
}
