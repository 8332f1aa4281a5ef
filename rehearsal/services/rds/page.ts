// RDS's pages: twenty records at least, a hundred at most, and a marker.
import { pageOf as cut, type Page } from '../page.ts';
import { invalidValue } from './failures.ts';

const LEAST = 20;
const MOST = 100;

interface Asked {
  readonly MaxRecords?: number | undefined;
  readonly Marker?: string | undefined;
}

export function pageOf<T>(
  items: readonly T[],
  { MaxRecords: limit, Marker: token }: Asked,
  question: unknown,
  key: (item: T) => string,
): Page<T> {
  if (limit !== undefined && (limit < LEAST || limit > MOST))
    throw invalidValue(`Invalid value ${limit} for MaxRecords. Must be between ${LEAST} and ${MOST}`);
  const refuse = (): Error => invalidValue(`Invalid value ${token ?? ''} for Marker.`);
  return cut(items, { limit, token: token === '' ? undefined : token, most: MOST, question, refuse }, key);
}
