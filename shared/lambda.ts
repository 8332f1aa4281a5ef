// The one place where a step meets Lambda, and where ports meet AWS. A bundle holds only the adapters its handler names.
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import type { Cloud } from './cloud/ports.ts';
import { log } from './log.ts';
import { runStep, type Step } from './step.ts';

export { awsLedger as ledger } from './cloud/aws/ledger.ts';
export { awsTasks as tasks } from './cloud/aws/tasks.ts';
export { awsPost as post } from './cloud/aws/post.ts';
export { systemClock as clock, systemChance as chance } from './cloud/aws/system.ts';

export type Adapters<Ports extends keyof Cloud> = { readonly [P in Ports]: () => Cloud[P] };

/** Builds each adapter when it is first used, once per container. */
function connect<Ports extends keyof Cloud>(adapters: Adapters<Ports>): Pick<Cloud, Ports> {
  const cloud = {} as Pick<Cloud, Ports>;
  for (const port of Object.keys(adapters) as Ports[]) {
    let made: Cloud[Ports] | undefined;
    Object.defineProperty(cloud, port, { get: () => (made ??= adapters[port]()) });
  }
  return cloud;
}

export function onLambda<In, Out, Ports extends keyof Cloud>(step: Step<In, Out, Ports>, adapters: Adapters<Ports>) {
  const cloud = connect(adapters);
  return (
    middy()
      // Must return nothing: middy turns whatever onError returns into a successful response.
      .onError(({ error }) => {
        log.error('step failed', { step: step.name, error });
      })
      .handler((event: unknown) => runStep(step, event, cloud))
  );
}

/** A page behind a function URL, given its request with the body already decoded. */
export interface Page<Ports extends keyof Cloud> {
  readonly name: string;
  readonly ports: readonly Ports[];
  readonly answer: (request: PageRequest, cloud: Pick<Cloud, Ports>) => Promise<PageResponse>;
}
export interface PageRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}
export interface PageResponse {
  readonly status: number;
  readonly html: string;
}

export const definePage = <Ports extends keyof Cloud>(page: Page<Ports>): Page<Ports> => page;

/** No script, no frame, nothing from elsewhere; the styles are in the page. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=63072000',
};
/** A decision and its reason; nothing that is longer was sent by our page. */
const MAX_BODY_CHARACTERS = 8_192;

export function onUrl<Ports extends keyof Cloud>(page: Page<Ports>, adapters: Adapters<Ports>) {
  const cloud = connect(adapters);
  return async (event: LambdaFunctionURLEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    const { method } = event.requestContext.http;
    const raw = event.body ?? '';
    if (raw.length > MAX_BODY_CHARACTERS) return { statusCode: 413, headers: PAGE_HEADERS, body: '' };
    const body = event.isBase64Encoded ? Buffer.from(raw, 'base64').toString('utf8') : raw;
    try {
      const request = { method, path: event.rawPath, query: new URLSearchParams(event.rawQueryString), body };
      const { status, html } = await page.answer(request, cloud);
      return { statusCode: status, headers: PAGE_HEADERS, body: method === 'HEAD' ? '' : html };
    } catch (error) {
      // Neither the error nor its text goes to whoever holds the link.
      log.error('page failed', { page: page.name, error });
      return { statusCode: 503, headers: { ...PAGE_HEADERS, 'retry-after': '5' }, body: 'Something went wrong; press reload.' };
    }
  };
}
