// A cluster's identity: the number initdb gives it, in its control file and at the head of every WAL segment.
import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Made as initdb makes it, seconds above and something of its own below; the endpoint is never given twice. */
export function identifierOf(endpoint: string, now: number): bigint {
  const own = createHash('sha256').update(endpoint).digest().readUInt32LE(0);
  return (BigInt(Math.floor(now / 1000)) << 32n) | BigInt(own);
}

const CONTROL_FILE = 'global/pg_control';
/** The long header of a segment's first page begins with 24 bytes about the page. */
const IDENTIFIER_IN_SEGMENT = 24;

/** Gives the copy of a template, cleanly shut down, an identity of its own: two clusters that share one are one database. */
export async function restamp(data: string, identifier: bigint): Promise<void> {
  const control = join(data, CONTROL_FILE);
  const bytes = await readFile(control);
  const place = checksumPlace(bytes);
  if (place === undefined) throw new Error(`${control} is no control file of PostgreSQL that we know`);
  const old = bytes.subarray(0, 8);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64LE(identifier);
  const segments = (await readdir(join(data, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name));
  for (const name of segments) await overwrite(join(data, 'pg_wal', name), IDENTIFIER_IN_SEGMENT, stamp, old);
  stamp.copy(bytes);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, place)), place);
  await overwrite(control, 0, bytes);
}

/** In place, so that the file's owner stays who he is. */
async function overwrite(path: string, position: number, bytes: Buffer, expected?: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const found = Buffer.alloc(expected?.length ?? 0);
    await file.read(found, 0, found.length, position);
    // A segment made in advance has no head yet.
    if (expected && !found.equals(expected)) return;
    await file.write(bytes, 0, bytes.length, position);
  } finally {
    await file.close();
  }
}

/** The checksum covers everything before itself; where it stands differs from one major version to the next. */
function checksumPlace(bytes: Buffer): number | undefined {
  for (let place = 200; place <= 512; place += 4)
    if (crc32c(bytes.subarray(0, place)) === bytes.readUInt32LE(place)) return place;
  return undefined;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
