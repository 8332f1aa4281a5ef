// A page of a listing: AWS hands out opaque tokens and refuses any it did not make.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

export interface PageRequest {
  readonly limit: number | undefined;
  readonly token: string | undefined;
  /** The most, and the usual number, of items on one page. */
  readonly most: number;
  /** What was asked: a token is good only for the same question. */
  readonly question: readonly unknown[];
  /** Throws the service's own refusal of a bad token. */
  refuse(): never;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Cuts one page out of `all`; `key` names an item so that the place is found again in a listing that grew meanwhile. */
export function pageOf<T>(all: readonly T[], request: PageRequest, key: (item: T) => string): Page<T> {
  const seal = createHash('sha256').update(JSON.stringify(request.question)).digest('hex').slice(0, 16);
  const start = request.token === undefined ? 0 : placeOf(all, request, seal, key);
  const size = request.limit === undefined || request.limit === 0 ? request.most : Math.min(request.limit, request.most);
  const items = all.slice(start, start + size);
  const following = all[start + size];
  return { items, next: following === undefined ? undefined : tokenOf(seal, start + size, key(following)) };
}

function placeOf<T>(all: readonly T[], request: PageRequest, seal: string, key: (item: T) => string): number {
  const [found, place, name] = Buffer.from(request.token ?? '', 'base64url')
    .toString()
    .split('\n');
  if (found !== seal || place === undefined || name === undefined) request.refuse();
  const byKey = all.findIndex((item) => key(item) === name);
  return byKey === -1 ? Number(place) : byKey;
}

const tokenOf = (seal: string, place: number, name: string): string =>
  Buffer.from([seal, String(place), name].join('\n')).toString('base64url');
