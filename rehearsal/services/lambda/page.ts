// Lambda's pages: MaxItems and Marker in, NextMarker out.
import { pageOf as cut } from '../page.ts';
import { invalid } from './refusals.ts';

const MOST = 50;

interface Asked {
  readonly MaxItems?: number | undefined;
  readonly Marker?: string | undefined;
}

export function pageOf<T>(all: readonly T[], { MaxItems: limit, Marker: token }: Asked, question: unknown) {
  const { items, next } = cut(all, { limit, token, most: MOST, question, refuse: () => invalid('Invalid marker') });
  return { items, more: next === undefined ? {} : { NextMarker: next } };
}
