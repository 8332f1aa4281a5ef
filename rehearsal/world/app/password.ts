// Passwords of the application's people, as scrypt hashes.
import { scryptSync, timingSafeEqual } from 'node:crypto';

/** Far below what people would need; nobody here is real, and a world is founded in a second. */
const COST = { N: 1024, r: 8, p: 1 };
const BYTES = 32;
/** One synthetic person needs no salt of their own. */
const SALT = 'rehearsal';

export const hashPassword = (password: string): string => scryptSync(password, SALT, BYTES, COST).toString('hex');

export const verifies = (password: string, hash: string): boolean => {
  const expected = Buffer.from(hash, 'hex');
  return expected.length === BYTES && timingSafeEqual(scryptSync(password, SALT, BYTES, COST), expected);
};
