// A page behind a function URL: its request read, its answer dressed, its errors kept from whoever holds the link.
import { createHash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import type { Cloud } from './cloud/ports.ts';
import { connect, type Adapters } from './lambda.ts';
import { log } from './log.ts';
import { STYLE } from './pages/html.ts';

/** Given its request with the body already decoded. */
export interface Page<Ports extends keyof Cloud> {
  readonly name: string;
  readonly ports: readonly Ports[];
  /** In characters, as the request carries it. Longer ones are refused before anything is read. */
  readonly longestBody: (path: string) => number;
  readonly answer: (request: PageRequest, cloud: Pick<Cloud, Ports>) => Promise<PageResponse>;
}
export interface PageRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came: a signature is over these. */
  readonly raw: Buffer;
  readonly body: string;
}
export interface PageResponse {
  readonly status: number;
  readonly html: string;
  /** The same for a program that asks for JSON. */
  readonly told?: object;
}

export const definePage = <Ports extends keyof Cloud>(page: Page<Ports>): Page<Ports> => page;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
/** No script, no frame, nothing from elsewhere, and no style but the page's own. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=63072000',
};
const JSON_HEADERS = { ...PAGE_HEADERS, 'content-type': 'application/json; charset=utf-8' };

export function onUrl<Ports extends keyof Cloud>(page: Page<Ports>, adapters: Adapters<Ports>) {
  const cloud = connect(adapters);
  return async (event: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    const { method } = event.requestContext.http;
    const raw = event.body ?? '';
    if (raw.length > page.longestBody(event.rawPath)) return { statusCode: 413, headers: PAGE_HEADERS, body: '' };
    const bytes = Buffer.from(raw, event.isBase64Encoded ? 'base64' : 'utf8');
    const { rawPath: path, rawQueryString, headers } = event;
    try {
      const query = new URLSearchParams(rawQueryString);
      const answer = await page.answer({ method, path, query, headers, raw: bytes, body: bytes.toString('utf8') }, cloud);
      const { status, html, told } = answer;
      if (told && (headers['accept'] ?? '').includes('application/json'))
        return { statusCode: status, headers: JSON_HEADERS, body: JSON.stringify(told) };
      return { statusCode: status, headers: PAGE_HEADERS, body: method === 'HEAD' ? '' : html };
    } catch (error) {
      // Neither the error nor its text goes to whoever holds the link.
      log.error('page failed', { page: page.name, error });
      return { statusCode: 503, headers: { ...PAGE_HEADERS, 'retry-after': '5' }, body: 'Something went wrong; press reload.' };
    }
  };
}
