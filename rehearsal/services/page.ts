// A page of a listing: AWS hands out opaque tokens and refuses any it did not make.
import { createHash } from 'node:crypto';

export interface PageRequest {
  readonly limit: number | undefined;
  readonly token: string | undefined;
  /** The most, and the usual number, of items on one page. */
  readonly most: number;
  /** What was asked: a token is good only for the same question. */
  readonly question: unknown;
  /** The service's own refusal of a bad token. */
  readonly refuse: () => Error;
}
export interface Page<T> {
  readonly items: T[];
  readonly next: string | undefined;
}

/** Cuts one page out of `all`; `key` names an item so that the place is found again in a listing that grew meanwhile. */
export function pageOf<T>(all: readonly T[], request: PageRequest, key: (item: T) => string = () => ''): Page<T> {
  const { limit, most, token, question } = request;
  const start = token === undefined ? 0 : startOf(all, request, token, key);
  const end = start + (limit === undefined || limit === 0 ? most : Math.min(limit, most));
  const following = all[end];
  return {
    items: all.slice(start, end),
    next: following === undefined ? undefined : tokenOf(question, `${end} ${key(following)}`),
  };
}

function startOf<T>(all: readonly T[], { question, refuse }: PageRequest, token: string, key: (item: T) => string): number {
  const [, index, name = ''] = /^(\d+) (.*)$/s.exec(placeIn(question, token) ?? '') ?? [];
  if (index === undefined) throw refuse();
  const byKey = name === '' ? -1 : all.findIndex((item) => key(item) === name);
  return byKey === -1 ? Number(index) : byKey;
}

const sealOf = (question: unknown): string => createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);

/** A token that remembers a place, for this question alone. */
export const tokenOf = (question: unknown, place: string): string =>
  Buffer.from(`${sealOf(question)} ${place}`).toString('base64url');

/** The place a token remembers; undefined when it was not made for this question. */
export function placeIn(question: unknown, token: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  const seal = `${sealOf(question)} `;
  return text.startsWith(seal) ? text.slice(seal.length) : undefined;
}
