import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { page as html } from '../../shared/pages/html.ts';
import { definePage, onUrl, type PageRequest, type PageResponse } from '../../shared/page.ts';

const event = (
  http: { method?: string; path?: string; accept?: string },
  body?: string,
  isBase64Encoded = false,
): LambdaFunctionURLEvent =>
  ({
    rawPath: http.path ?? '/approvals/x',
    rawQueryString: 'k=secret',
    headers: http.accept === undefined ? {} : { accept: http.accept },
    requestContext: { http: { method: http.method ?? 'GET' } },
    body,
    isBase64Encoded,
  }) as unknown as LambdaFunctionURLEvent;

const serve = (answer: (request: PageRequest) => Promise<PageResponse>) =>
  onUrl(definePage({ name: 'test', ports: [], longestBody: () => 8_192, answer }), {});

describe('a page', () => {
  it('reads a form post as a function URL sends it, in base64', async () => {
    const seen: PageRequest[] = [];
    const page = serve((request) => {
      seen.push(request);
      return Promise.resolve({ status: 200, html: 'ok' });
    });

    await page(event({ method: 'POST' }, Buffer.from('answer=approve&reason=ü').toString('base64'), true));

    expect(seen[0]).toMatchObject({ method: 'POST', path: '/approvals/x', body: 'answer=approve&reason=ü' });
    expect(seen[0]?.query.get('k')).toBe('secret');
  });

  it('allows itself its own style and nothing else', async () => {
    const { headers } = await serve(() => Promise.resolve({ status: 200, html: html('t', '<p>b</p>') }))(event({}));
    const style = /<style>([^]*)<\/style>/.exec(html('t', ''))?.[1] ?? '';

    expect(headers?.['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  it('tells a program that asks for it the same as JSON', async () => {
    const page = serve(() => Promise.resolve({ status: 200, html: '<p>for people</p>', told: { standing: 'open' } }));

    const told = await page(event({ accept: 'application/json' }));

    expect(told.headers?.['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(told.body ?? '')).toEqual({ standing: 'open' });
  });

  it('keeps an error to its log', async () => {
    const answer = await serve(() => Promise.reject(new Error('arn:aws:secret')))(event({}));

    expect(answer.statusCode).toBe(503);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('answers HEAD without a body, and refuses a body no form of ours has', async () => {
    let asked = 0;
    const page = serve(() => Promise.resolve({ status: 200, html: String(++asked) }));

    const head = await page(event({ method: 'HEAD' }));
    const huge = await page(event({ method: 'POST' }, 'x'.repeat(8193)));

    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(huge.statusCode).toBe(413);
    expect(asked).toBe(1);
  });
});
