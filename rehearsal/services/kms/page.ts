// KMS's pages: Limit and Marker in, Truncated and NextMarker out.
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
  const start = marker === undefined ? 0 : placeOf(marker, kind);
  const end = start + limit;
  const truncated = end < items.length;
  return {
    items: items.slice(start, end),
    more: { Truncated: truncated, ...(truncated && { NextMarker: Buffer.from(`${kind}/${end}`).toString('base64url') }) },
  };
}

function placeOf(marker: string, kind: string): number {
  const [named, place = ''] = Buffer.from(marker, 'base64url').toString().split('/');
  if (named !== kind || !/^\d+$/.test(place)) throw invalidMarker();
  return Number(place);
}
