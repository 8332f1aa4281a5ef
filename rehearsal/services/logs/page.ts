// CloudWatch Logs' pages, and the tokens that lead along a stream in both directions.
import { pageOf as cut, placeIn } from '../page.ts';
import { badToken } from './refusals.ts';

export { tokenOf } from '../page.ts';

/** The place a stream's token remembers; refused when it was not made for this question. */
export function placeOf(question: unknown, token: string): string {
  const place = placeIn(question, token.replace(/^[fb]\//, ''));
  if (place === undefined) throw badToken();
  return place;
}

export function pageOf<T>(
  all: readonly T[],
  { token, size, question }: { token: string | undefined; size: number; question: unknown },
) {
  const { items, next } = cut(all, { limit: undefined, token, most: size, question, refuse: badToken });
  return { items, more: next === undefined ? {} : { nextToken: next } };
}
