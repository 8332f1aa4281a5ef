// A page of a listing, with an opaque marker that is good only for the question it came from.
import { createHash } from 'node:crypto';
import { invalid } from './refusals.ts';

export function pageOf<T>(
  all: readonly T[],
  { marker, most, size, question }: { marker: string | undefined; size: number | undefined; most: number; question: unknown },
): { items: T[]; next: string | undefined } {
  const seal = createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 16);
  const [said, at] = Buffer.from(marker ?? '', 'base64url')
    .toString()
    .split(' ');
  if (marker !== undefined && (said !== seal || at === undefined || !/^\d+$/.test(at))) throw invalid('Invalid marker');
  const start = marker === undefined ? 0 : Number(at);
  const end = start + Math.min(size ?? most, most);
  const next = end < all.length ? Buffer.from(`${seal} ${end}`).toString('base64url') : undefined;
  return { items: all.slice(start, end), next };
}
