// A page of a listing, with an opaque token that is good only for the question it came from.
import { createHash } from 'node:crypto';
import { badToken } from './refusals.ts';

const sealOf = (question: unknown): string => createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);

/** A token that remembers a place. */
export const tokenOf = (question: unknown, place: string): string =>
  Buffer.from(`${sealOf(question)} ${place}`).toString('base64url');

/** The place a token remembers; refused when it was not made for this question. */
export function placeOf(question: unknown, token: string): string {
  const [seal, ...place] = Buffer.from(token.replace(/^[fb]\//, ''), 'base64url')
    .toString()
    .split(' ');
  if (seal !== sealOf(question) || place.length === 0) throw badToken();
  return place.join(' ');
}

export function pageOf<T>(
  all: readonly T[],
  { token, size, question }: { token: string | undefined; size: number; question: unknown },
): { items: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : Number(placeOf(question, token));
  const end = start + size;
  return { items: all.slice(start, end), next: end < all.length ? tokenOf(question, String(end)) : undefined };
}
