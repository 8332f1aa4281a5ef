// Pages of Elastic Load Balancing: a marker, and up to 400 items.
import { pageOf } from '../page.ts';
import { between, validation } from './refusals.ts';

interface Asked {
  readonly Marker?: string | undefined;
  readonly PageSize?: number | undefined;
}

const MOST = 400;

export function paged<T extends { readonly arn: string }>(
  all: readonly T[],
  { Marker: token, PageSize: limit, ...question }: Asked,
): { items: T[]; next: { NextMarker?: string } } {
  between(limit, 'PageSize', 1, MOST);
  const refuse = () => validation('The specified marker is not valid');
  const { items, next } = pageOf(all, { limit, token, most: MOST, question, refuse }, ({ arn }) => arn);
  return { items, next: next === undefined ? {} : { NextMarker: next } };
}
