// Digests: of secrets, which are compared in constant time, of tokens, of what an approval is bound to.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Signed } from './cloud/ports.ts';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
export const hashSecret = digestOf;

/** In a time that tells nothing of where they differ. */
export const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(digestOf(one), 'hex'), Buffer.from(digestOf(other), 'hex'));

export const secretMatches = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash.padEnd(64, '0').slice(0, 64), 'hex'));

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** Five bits a letter. */
const lettersOf = (bytes: Uint8Array, count: number): string =>
  Array.from(bytes.subarray(0, count), (byte) => BASE32[byte % 32]).join('');

/** A link's secret is 256 bits as `chance.secret()` writes them; a code's is 80, because a person types it. */
export const isSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text) || /^[a-z2-7]{16}$/.test(text);

/** As it is typed: in capitals or not, with its hyphens or without. */
export const secretOf = (typed: string): string => (isSecret(typed) ? typed : typed.replaceAll(/[\s-]/g, '').toLowerCase());

/** `ABCD-EFGH-IJKL-MNOP`. */
export const sayCode = (code: string): string => code.toUpperCase().replaceAll(/(.{4})(?=.)/g, '$1-');

/** One round of a run is one approval. The id is short, because it is typed, and opens nothing by itself. */
export const approvalIdOf = (execution: string, round: number): string =>
  lettersOf(createHash('sha256').update(`${execution} ${round}`).digest(), 12);

/** One secret is one approver and one request; only hashes are kept. The code is the same right, for a keyboard. */
export interface Link {
  readonly approver: string;
  readonly secret: string;
  readonly code: string;
  readonly hashes: readonly string[];
}
export function draftLink(approver: string, secret: string): Link {
  const code = lettersOf(createHmac('sha256', secret).update('code').digest(), 16);
  return { approver, secret, code, hashes: [hashSecret(secret), hashSecret(code)] };
}

const keyed = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);

/** A word in an address that no person opens, one for each channel. Made of the task's token, which nobody outside knows. */
export const decoyOf = (token: string, where: string): string => keyed(token, `decoy ${where}`);

const LONGEST_READING_MILLISECONDS = 3_600_000;

/** Goes with a page's buttons: whoever posts without having been given the page decides nothing. */
export const draftNonce = (token: string, approver: string, now: Date): string =>
  `${now.getTime().toString(36)}.${keyed(token, `nonce ${approver} ${now.getTime()}`)}`;

/** Good for an hour: what a page shows is told again after that. */
export function isFreshNonce(nonce: string, token: string, approver: string, now: Date): boolean {
  const at = new Date(Number.parseInt(nonce.split('.')[0] ?? '', 36));
  const age = now.getTime() - at.getTime();
  if (!(age >= 0 && age < LONGEST_READING_MILLISECONDS)) return false;
  return isSame(nonce, draftNonce(token, approver, at));
}

const FRESH_SIGNATURE_SECONDS = 300;

/** Whether it is worth reading the key: signed as Slack does, and not long ago. An old one may be a replay. */
export const mayBeSlacks = ({ timestamp, signature }: Omit<Signed, 'body'>, now: Date): boolean =>
  /^\d{1,12}$/.test(timestamp) &&
  /^v0=[0-9a-f]{64}$/.test(signature) &&
  Math.abs(now.getTime() / 1000 - Number(timestamp)) <= FRESH_SIGNATURE_SECONDS;

/** Slack's own signature: over the version, the time and the raw bytes of the request. */
export function isSlackSignature(key: string, signed: Signed, now: Date): boolean {
  if (!mayBeSlacks(signed, now)) return false;
  const { timestamp, signature, body } = signed;
  const own = createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest('hex');
  return isSame(signature, `v0=${own}`);
}
