// A handler behind a server, as a function URL puts it: a request becomes an event, what the handler returns is the answer.
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (event: LambdaFunctionURLEvent) => Promise<APIGatewayProxyStructuredResultV2>;

export interface FunctionUrl {
  readonly port: number;
  /** `GET /approvals/…`, as they arrived. */
  readonly heard: readonly string[];
  readonly close: () => Promise<void>;
}

export async function serveFunctionUrl(handler: Handler): Promise<FunctionUrl> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method ?? ''} ${new URL(request.url ?? '/', 'http://here').pathname}`);
    eventOf(request)
      .then(handler)
      .then(
        ({ statusCode, headers, body }) => {
          for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, String(value));
          response.writeHead(statusCode ?? 200).end(body);
        },
        // As Lambda tells a handler that threw.
        () => response.writeHead(502).end('Internal Server Error'),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, heard, close };
}

/** A form's body comes in base64, as every body whose type Lambda does not count as text. */
async function eventOf(request: IncomingMessage): Promise<LambdaFunctionURLEvent> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', 'http://here');
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const method = request.method ?? 'GET';
  const now = new Date();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    queryStringParameters: Object.fromEntries(url.searchParams),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'x',
      domainName: headers['host'] ?? '',
      domainPrefix: 'x',
      http: {
        method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: 'x',
      routeKey: '$default',
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString('base64') } : {}),
    isBase64Encoded: body.length > 0,
  };
}
