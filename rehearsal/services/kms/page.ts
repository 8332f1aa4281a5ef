// KMS's pages: Limit and Marker in, Truncated and NextMarker out.
import { pageOf as cut } from '../page.ts';
import { invalidMarker, validation } from './failures.ts';

interface Asked {
  Limit?: number | undefined;
  Marker?: string | undefined;
}

export function pageOf<T>(items: readonly T[], { Limit: limit = 100, Marker: marker }: Asked, kind: string) {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw validation(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 1000`,
    );
  const { items: page, next } = cut(items, { limit, token: marker, most: limit, question: kind, refuse: invalidMarker });
  return { items: page, more: { Truncated: next !== undefined, ...(next !== undefined && { NextMarker: next }) } };
}
