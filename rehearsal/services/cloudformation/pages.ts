// Long answers in pages, under tokens that mean nothing to anyone else.
import type { Ground } from '../ground.ts';
import { invalid } from '../../stack/values.ts';

const PAGE = 100;

export interface Pages {
  /** One page of `items`; a token is good only for the question it was given for. */
  cut<T>(question: string, items: readonly T[], token: string | undefined, size?: number): { items: T[]; NextToken?: string };
}

export function createPages(ground: Pick<Ground, 'token'>): Pages {
  const issued = new Map<string, { readonly question: string; readonly rest: readonly unknown[] }>();
  return {
    cut<T>(question: string, items: readonly T[], token: string | undefined, size = PAGE) {
      const from = token === undefined ? { question, rest: items } : issued.get(token);
      if (from?.question !== question) throw invalid('Invalid NextToken was specified');
      // What happened since the first page must not shift the later ones.
      const rest = from.rest as readonly T[];
      const page = rest.slice(0, size);
      if (rest.length <= size) return { items: page };
      const NextToken = ground.token(64);
      issued.set(NextToken, { question, rest: rest.slice(size) });
      return { items: page, NextToken };
    },
  };
}
