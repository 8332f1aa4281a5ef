// Digests: of secrets, which are compared in constant time, of tokens, of what an approval is bound to.
import { createHash, timingSafeEqual } from 'node:crypto';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
export const hashSecret = digestOf;

export const secretMatches = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash.padEnd(64, '0').slice(0, 64), 'hex'));

/** 256 bits as `chance.secret()` writes them; whatever looks otherwise is none of ours. */
export const isSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** One approval a waiting task: the id tells nothing of the token, and a task asked about twice has one. */
export const idOfToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** One secret is one approver and one request; only its hash is kept. */
export const draftLink = (approver: string, secret: string) => ({ approver, secret, secretHash: hashSecret(secret) });
