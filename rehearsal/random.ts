// Chance from a seed: the same rehearsal goes the same way twice.

export interface Chance {
  readonly seed: number;
  random(): number;
  uuid(): string;
  token(length: number, alphabet?: string): string;
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const token = (length: number, alphabet = LETTERS_AND_DIGITS): string =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  const uuid = (): string => {
    const hex = token(32, '0123456789abcdef');
    const variant = '89ab'[Math.floor(random() * 4)] ?? '8';
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  return { seed, random, token, uuid };
}
