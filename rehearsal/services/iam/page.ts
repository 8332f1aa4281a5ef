// IAM's pages: MaxItems and Marker in, IsTruncated and Marker out.
import { pageOf as cut } from '../page.ts';
import { validation } from './failures.ts';

const USUAL = 100;

interface Asked {
  readonly MaxItems?: number | undefined;
  readonly Marker?: string | undefined;
}

export function pageOf<T>(all: readonly T[], { MaxItems: limit, Marker: token }: Asked, question: readonly unknown[]) {
  const refuse = (): Error => validation('Invalid Marker.');
  const { items, next } = cut(all, { limit, token, most: limit ?? USUAL, question, refuse });
  return { items, more: { IsTruncated: next !== undefined, ...(next !== undefined && { Marker: next }) } };
}
