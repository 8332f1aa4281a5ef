// Long answers in pages, under tokens that mean nothing to anyone else.
import type { Ground } from '../ground.ts';
import { invalid } from '../../stack/values.ts';

export const PAGE = 100;

export interface Pages {
  /** One page of `items`; a token is good only for the question it was given for. */
  cut<T>(question: string, items: readonly T[], token: string | undefined, size?: number): { items: T[]; NextToken?: string };
}

export function createPages(ground: Pick<Ground, 'token'>): Pages {
  const issued = new Map<string, { readonly question: string; readonly offset: number }>();
  return {
    cut(question, items, token, size = PAGE) {
      const from = token === undefined ? { question, offset: 0 } : issued.get(token);
      if (from?.question !== question) throw invalid('Invalid NextToken was specified');
      const end = from.offset + size;
      const page = items.slice(from.offset, end);
      if (end >= items.length) return { items: page };
      const NextToken = ground.token(64);
      issued.set(NextToken, { question, offset: end });
      return { items: page, NextToken };
    },
  };
}
