// A request to a function URL as the function reads it: payload format 2.0.
import type { IncomingMessage } from 'node:http';

export interface UrlScene {
  readonly urlId: string;
  readonly domain: string;
  readonly requestId: string;
  /** Milliseconds of the timeline. */
  readonly at: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function urlEvent(request: IncomingMessage, body: Buffer, scene: UrlScene): object {
  const { urlId, domain, requestId, at } = scene;
  const [rawPath = '/', ...rest] = (request.url ?? '/').split('?');
  const rawQueryString = rest.join('?');
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  const { cookie, ...headers } = headersOf(request);
  const asText = body.length === 0 || isText(headers);
  const query = queryOf(rawQueryString);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers: {
      ...headers,
      host: domain,
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...(query && { queryStringParameters: query }),
    requestContext: {
      accountId: 'anonymous',
      apiId: urlId,
      domainName: domain,
      domainPrefix: urlId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: clfTime(at),
      timeEpoch: Math.floor(at),
    },
    ...(body.length > 0 && { body: body.toString(asText ? 'utf8' : 'base64') }),
    isBase64Encoded: !asText,
  };
}

/** Lower-case names, repeated headers joined by commas; hop-by-hop headers never reach a function. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? '').toLowerCase();
    const value = request.rawHeaders[i + 1] ?? '';
    if (['connection', 'keep-alive', 'transfer-encoding', 'upgrade'].includes(name)) continue;
    found[name] = found[name] === undefined ? value : `${found[name]}${name === 'cookie' ? '; ' : ','}${value}`;
  }
  return found;
}

/** Only text and JSON travel as they are: forms, files and whatever does not say what it is arrive as base64. */
function isText(headers: Readonly<Record<string, string>>): boolean {
  if (headers['content-encoding'] !== undefined) return false;
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || /^application\/(json|xml|javascript|.+\+(json|xml))$/.test(type);
}

function queryOf(raw: string): Record<string, string> | undefined {
  if (raw === '') return undefined;
  const found: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(raw)) {
    found[name] = found[name] === undefined ? value : `${found[name]},${value}`;
  }
  return found;
}

function clfTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${time.slice(0, 8)} +0000`;
}
