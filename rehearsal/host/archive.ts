// A deployment package, unpacked as Lambda would: every entry's checksum is verified, and everything is world-readable.
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';

/** The package cannot be unpacked; `message` says why, for the developer: AWS does not. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive';
}

const openBuffer = promisify<Buffer, { lazyEntries: boolean }, ZipFile>(fromBuffer);
const SYMBOLIC_LINK = 0o120000;
const TYPE_OF_FILE = 0o170000;

/** Unpacks into a folder that does not exist yet and answers how many bytes there are; leaves nothing when it fails. */
export async function unpack(zip: Buffer, into: string): Promise<number> {
  mkdirSync(into, { recursive: true, mode: 0o755 });
  try {
    const archive = await openBuffer(zip, { lazyEntries: true });
    return await unpackEntries(archive, into);
  } catch (error) {
    rmSync(into, { recursive: true, force: true });
    throw error instanceof BadArchive ? error : new BadArchive(error instanceof Error ? error.message : String(error));
  }
}

function unpackEntries(archive: ZipFile, into: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    archive.on('error', reject);
    archive.on('end', () => resolve(bytes));
    archive.on('entry', (entry: Entry) => {
      unpackEntry(archive, entry, into).then((size) => {
        bytes += size;
        archive.readEntry();
      }, reject);
    });
    archive.readEntry();
  });
}

async function unpackEntry(archive: ZipFile, entry: Entry, into: string): Promise<number> {
  const path = join(into, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    return 0;
  }
  const mode = entry.externalFileAttributes >>> 16;
  if ((mode & TYPE_OF_FILE) === SYMBOLIC_LINK) throw new BadArchive(`${entry.fileName}: symbolic links are not imitated`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const open = promisify<Entry, Readable>(archive.openReadStream.bind(archive));
  const sum = checksum();
  await pipeline(await open(entry), sum.stream, createWriteStream(path, { mode: mode & 0o111 ? 0o755 : 0o644 }));
  if (sum.value() !== entry.crc32 >>> 0) throw new BadArchive(`${entry.fileName}: checksum does not match`);
  return entry.uncompressedSize;
}

function checksum(): { stream: Transform; value(): number } {
  let sum = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
  });
  return { stream, value: () => sum >>> 0 };
}
