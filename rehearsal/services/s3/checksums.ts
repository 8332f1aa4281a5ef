// The checksums S3 verifies and answers with. Node gives CRC32 and the hashes; the two other CRCs are computed here.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type ChecksumMember = `Checksum${Algorithm}`;
/** What a request brings and an answer carries: `ChecksumCRC32: 'base64'`. */
export type Checksums = { [M in ChecksumMember]?: string | undefined };

export interface Digest {
  update(chunk: Uint8Array): void;
  value(): Buffer;
}

export const memberOf = (algorithm: Algorithm): ChecksumMember => `Checksum${algorithm}`;
export const isAlgorithm = (name: string): name is Algorithm => (ALGORITHMS as readonly string[]).includes(name);
export const BYTES: Readonly<Record<Algorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

const castagnoli = tableOf32(0x82f63b78);
const nvme = tableOf64(0x9a6c9329, 0xac4bc9b5);

export function startDigest(algorithm: Algorithm): Digest {
  if (algorithm === 'CRC32') return startCrc32();
  if (algorithm === 'CRC32C') return startCrc32c();
  if (algorithm === 'CRC64NVME') return startCrc64();
  const hash = createHash(algorithm.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), value: () => hash.digest() };
}

export function digestOf(algorithm: Algorithm, ...chunks: Uint8Array[]): Buffer {
  const digest = startDigest(algorithm);
  for (const chunk of chunks) digest.update(chunk);
  return digest.value();
}

function startCrc32(): Digest {
  let crc = 0;
  return { update: (chunk) => void (crc = crc32(chunk, crc)), value: () => bytesOf(crc) };
}

function startCrc32c(): Digest {
  let crc = 0xffffffff;
  return {
    update(chunk) {
      for (const byte of chunk) crc = (castagnoli[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    },
    value: () => bytesOf(~crc),
  };
}

/** 64 bits as two halves: BigInt would be a hundred times slower over a dump. */
function startCrc64(): Digest {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(chunk) {
      // By number: an iterator would take four times as long, and a deployment brings megabytes.
      for (let at = 0; at < chunk.length; at++) {
        const index = (low ^ (chunk[at] ?? 0)) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (nvme.low[index] ?? 0);
        high = (high >>> 8) ^ (nvme.high[index] ?? 0);
      }
    },
    value: () => bytesOf(~high, ~low),
  };
}

function bytesOf(...words: number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, i) => bytes.writeUInt32BE(word >>> 0, i * 4));
  return bytes;
}

function tableOf32(polynomial: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, index) => {
    let crc = index;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
}

function tableOf64(polynomialHigh: number, polynomialLow: number): { high: Int32Array; low: Int32Array } {
  const table = { high: new Int32Array(256), low: new Int32Array(256) };
  for (let index = 0; index < 256; index++) {
    let high = 0;
    let low = index;
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) {
        high ^= polynomialHigh;
        low ^= polynomialLow;
      }
    }
    table.high[index] = high;
    table.low[index] = low;
  }
  return table;
}
