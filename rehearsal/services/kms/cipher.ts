// The ciphertext of a KMS key: AES-256-GCM with the encryption context as additional data, and the key's name in front.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Ground } from '../ground.ts';
import { invalidCiphertext } from './failures.ts';

const VERSION = 1;
const ID_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES + IV_BYTES + TAG_BYTES;

type EncryptionContext = Readonly<Record<string, string>>;

/** Bytes from the cloud's seed: a rehearsal's keys keep no secrets, but repeat. */
export const bytesOf = (ground: Pick<Ground, 'random'>, count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => Math.floor(ground.random() * 256)));

/** The same context in another order is the same context. */
const additional = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

export function encrypt(
  ground: Pick<Ground, 'random'>,
  key: { readonly id: string; readonly material: Buffer },
  plaintext: Uint8Array,
  context: EncryptionContext,
): Buffer {
  const iv = bytesOf(ground, IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.material, iv).setAAD(additional(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), Buffer.from(key.id.replace(/-/g, ''), 'hex'), iv, cipher.getAuthTag(), body]);
}

/** Which key a ciphertext says it is under. */
export function keyIdOf(ciphertext: Uint8Array): string {
  if (ciphertext.length < HEADER_BYTES || ciphertext[0] !== VERSION) throw invalidCiphertext();
  const hex = Buffer.from(ciphertext.subarray(1, 1 + ID_BYTES)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function decrypt(key: { readonly material: Buffer }, ciphertext: Uint8Array, context: EncryptionContext): Buffer {
  const iv = ciphertext.subarray(1 + ID_BYTES, 1 + ID_BYTES + IV_BYTES);
  const tag = ciphertext.subarray(1 + ID_BYTES + IV_BYTES, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.material, iv).setAAD(additional(context)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(HEADER_BYTES)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}
