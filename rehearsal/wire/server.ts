// The one port that serves every service: requests in, through the door, answers out, in AWS's own bytes and the timeline's date.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Caller } from '../iam/ask.ts';
import type { Credentials } from '../iam/contract.ts';
import { AwsError } from '../services/error.ts';
import type { ServiceId } from '../services/service.ts';
import { asAwsError, writeError } from './errors.ts';
import { encodeJson } from './json.ts';
import { encodeQuery } from './query.ts';
import { decodeRequest, targetOf, type Target } from './request.ts';
import { bindResponse } from './rest.ts';
import { schemaOf, type OperationSchema } from './schemas.ts';

/** What the wire hands to the cloud. */
export interface WireCall {
  readonly service: ServiceId;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  readonly region: string;
  readonly requestId: string;
}

export interface WireOptions {
  readonly port: number;
  readonly credentials: () => Credentials;
  readonly now: () => number;
  readonly requestId: () => string;
  readonly defaultRegion: () => string;
  readonly folder: () => string;
  readonly handle: (call: WireCall) => Promise<object>;
}

/** The connection is cut without an answer: a fault, thrown by the door. */
export class ConnectionLost extends Error {}

export interface Wire {
  readonly port: number;
  /** Cuts off every request that has no answer yet. */
  drop(): void;
  close(): Promise<void>;
}

export async function serveWire(options: WireOptions): Promise<Wire> {
  const unanswered = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    unanswered.add(response);
    response.on('close', () => unanswered.delete(response));
    response.sendDate = false;
    response.setHeader('Date', new Date(options.now()).toUTCString());
    response.on('error', () => request.destroy());
    answer(request, response, options).catch(() => response.destroy());
  });
  // What is no HTTP at all is answered and dropped; it must never reach the process.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    drop: () => unanswered.forEach((response) => response.destroy()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });

async function answer(request: IncomingMessage, response: ServerResponse, options: WireOptions): Promise<void> {
  const requestId = options.requestId();
  let target: Target | undefined;
  try {
    target = targetOf(request);
    const { service } = target;
    let who: ReturnType<Credentials['authenticate']> | undefined;
    const decoded = await decodeRequest(request, target, options.folder, (bodyHash) => {
      who = options
        .credentials()
        .authenticate({ method: request.method ?? 'GET', url: request.url ?? '/', headers: request.headers, bodyHash });
    });
    try {
      if (!who || (who.caller.kind === 'anonymous' && !mayBeAnonymous(service.id, decoded.operation.name))) {
        throw new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', { status: 403 });
      }
      const output = await options.handle({
        service: service.id,
        operation: decoded.operation.name,
        input: decoded.input,
        caller: who.caller,
        region: who.region ?? options.defaultRegion(),
        requestId,
      });
      await writeOutput(response, target, decoded.operation, output as Record<string, unknown>, requestId);
    } finally {
      decoded.discard();
    }
  } catch (error) {
    if (error instanceof ConnectionLost || response.headersSent) {
      response.destroy();
      return;
    }
    refuse(request, response, target, asAwsError(error), requestId);
  }
}

/** An object can be public, and the link in an SNS e-mail has no signature; a function's public address is not on this port. */
const mayBeAnonymous = (service: ServiceId, operation: string): boolean =>
  service === 's3' || `${service}:${operation}` === 'sns:ConfirmSubscription';

async function writeOutput(
  response: ServerResponse,
  { service, protocol }: Target,
  operation: OperationSchema,
  output: Record<string, unknown>,
  requestId: string,
): Promise<void> {
  response.setHeader(service.id === 's3' ? 'x-amz-request-id' : 'x-amzn-requestid', requestId);
  if (service.id === 's3') response.setHeader('x-amz-id-2', hostIdOf(requestId));
  if (protocol === 'query') {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(encodeQuery(service, operation, output, requestId));
  } else if (protocol === 'json') {
    response.writeHead(200, { 'content-type': `application/x-amz-json-${service.jsonVersion}` });
    response.end(operation.output.isUnitSchema() ? '' : JSON.stringify(encodeJson(operation.output, output)));
  } else {
    const { status, headers, body } = bindResponse(service, operation, output);
    if (body instanceof Readable) {
      response.writeHead(status, headers);
      await pipeline(body, response);
    } else {
      if (body !== undefined && headers['content-length'] === undefined && headers['Content-Length'] === undefined) {
        headers['content-length'] = String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength);
      }
      response.writeHead(status, headers);
      response.end(body);
    }
  }
}

/** S3 signs every answer twice: its support asks for both. */
const hostIdOf = (requestId: string): string => Buffer.from(requestId).toString('base64');

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target | undefined,
  error: AwsError,
  requestId: string,
): void {
  const service = target?.service ?? schemaOf(request.headers['x-amz-target'] === undefined ? 's3' : 'states');
  const written = writeError(service, error, {
    requestId,
    hostId: hostIdOf(requestId),
    resource: (request.url ?? '/').split('?')[0] ?? '/',
    protocol: target?.protocol ?? service.protocol,
  });
  const bare = request.method === 'HEAD' || written.status === 304 || written.status === 204;
  // The rest of a refused upload is not read: the connection cannot be used again.
  const headers = request.complete ? written.headers : { ...written.headers, connection: 'close' };
  response.writeHead(written.status, bare ? headers : { ...headers, 'content-length': String(Buffer.byteLength(written.body)) });
  response.end(bare ? undefined : written.body);
}
