// A page of a listing: markers are opaque, and one that was not handed out is refused.
import { createHash } from 'node:crypto';

export interface PageRequest {
  readonly limit: number | undefined;
  readonly marker: string | undefined;
  /** How many items a page holds when nothing is asked. */
  readonly usual: number;
  /** What was asked: a marker is good only for the same question. */
  readonly question: readonly unknown[];
  readonly refuse: () => Error;
}

export interface Page<T> {
  readonly items: T[];
  readonly next: string | undefined;
}

export function pageOf<T>(all: readonly T[], request: PageRequest): Page<T> {
  const seal = createHash('sha256').update(JSON.stringify(request.question)).digest('base64url').slice(0, 22);
  const start = request.marker === undefined ? 0 : placeOf(request.marker, seal, all.length, request.refuse);
  const end = start + (request.limit ?? request.usual);
  return { items: all.slice(start, end), next: end < all.length ? tokenOf(seal, end) : undefined };
}

const tokenOf = (seal: string, place: number): string => Buffer.from(`${seal}:${place}`).toString('base64');

function placeOf(marker: string, seal: string, length: number, refuse: () => Error): number {
  const [found, place] = Buffer.from(marker, 'base64').toString().split(':');
  if (found !== seal || place === undefined || !/^\d+$/.test(place)) throw refuse();
  return Math.min(Number(place), length);
}
