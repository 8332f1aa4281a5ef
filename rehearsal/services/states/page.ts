// Step Functions' pages: 100 items unless told, and never more than 1000.
import { pageOf as cut, type Page } from '../page.ts';
import { invalidToken } from './naming.ts';

interface Asked {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

export function pageOf<T>(
  all: readonly T[],
  { maxResults: limit, nextToken: token }: Asked,
  question: readonly unknown[],
  key: (item: T) => string,
): Page<T> {
  const most = limit === undefined || limit === 0 ? 100 : 1000;
  return cut(all, { limit, token, most, question, refuse: invalidToken }, key);
}
