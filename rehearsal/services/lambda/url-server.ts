// A function URL's own listener on the loopback: who may, the event, the answer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PAYLOAD_LIMIT } from '../../host/program.ts';
import { AwsError } from '../error.ts';
import type { FunctionUrl, LambdaFunction, Room } from './catalog.ts';
import { stateOf } from './configuration.ts';
import { perform } from './invocation.ts';
import { targetOf } from './naming.ts';
import { policyDocumentOf } from './permissions.ts';
import { badGateway, httpAnswer, plainAnswer, type HttpAnswer } from './url-answer.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './url-cors.ts';
import { urlEvent } from './url-event.ts';

const domainOf = (fn: LambdaFunction, id: string): string => `${id}.lambda-url.${fn.region}.on.aws`;
export const originOf = (fn: LambdaFunction, id: string): string => `https://${domainOf(fn, id)}`;

/** Listens at a free port and says so to the cloud; `current` is asked at every request, for what may have changed. */
export async function serveUrl(
  room: Room,
  fn: LambdaFunction,
  id: string,
  current: () => FunctionUrl | undefined,
): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(room, fn, current(), request)
      .catch(() => badGateway())
      .then((given) => write(room, given, response));
  });
  // Node reads ranges and upgrades of its own accord; a function decides what it answers.
  server.on('upgrade', (_request, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  room.ground.publish(originOf(fn, id), `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return server;
}

async function answer(
  room: Room,
  fn: LambdaFunction,
  url: FunctionUrl | undefined,
  request: IncomingMessage,
): Promise<HttpAnswer> {
  const body = await bodyOf(request);
  if (!url || !body) return plainAnswer(body ? 404 : 413, body ? { Message: null } : { message: 'Request Entity Too Large' });
  const cors = corsHeaders(url.cors, request);
  if (isPreflight(url.cors, request)) {
    return { status: 200, headers: { ...cors, ...('vary' in cors ? preflightHeaders(url.cors) : {}) }, body: Buffer.alloc(0) };
  }
  const given = mayAnyone(room, fn, url) ? await invoke(room, fn, url, request, body) : forbidden();
  return { ...given, headers: { ...given.headers, ...cors } };
}

const forbidden = (): HttpAnswer =>
  plainAnswer(
    403,
    {
      Message:
        'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
    },
    { 'x-amzn-errortype': 'AccessDeniedException' },
  );

/** Since October 2025 a public URL needs both: lambda:InvokeFunctionUrl, and lambda:InvokeFunction by way of the URL. */
function mayAnyone({ ground }: Room, fn: LambdaFunction, { qualifier }: FunctionUrl): boolean {
  const anyone = { kind: 'anonymous', account: ground.account } as const;
  const resource = qualifier === '' ? fn.arn : `${fn.arn}:${qualifier}`;
  const resourcePolicy = policyDocumentOf(fn, qualifier === '' ? undefined : qualifier);
  const may = (action: string, context: Record<string, string>): boolean =>
    ground.allows(anyone, { action, resource, context, resourcePolicy }, fn.region);
  const auth = { 'lambda:FunctionUrlAuthType': 'NONE' };
  return (
    may('lambda:InvokeFunctionUrl', auth) && may('lambda:InvokeFunction', { ...auth, 'lambda:InvokedViaFunctionUrl': 'true' })
  );
}

async function invoke(
  room: Room,
  fn: LambdaFunction,
  url: FunctionUrl,
  request: IncomingMessage,
  body: Buffer,
): Promise<HttpAnswer> {
  const { ground } = room;
  const { version } = targetOf(fn, url.qualifier === '' ? undefined : url.qualifier, ground.random);
  const at = ground.timeline.now();
  if (stateOf(version, at) === 'Pending')
    return plainAnswer(409, { Message: 'The function is currently in the following state: Pending' });
  const requestId = ground.uuid();
  const event = urlEvent(request, body, { urlId: url.id, domain: domainOf(fn, url.id), requestId, at });
  const invokedArn = url.qualifier === '' ? fn.arn : `${fn.arn}:${url.qualifier}`;
  try {
    const { failed, payload } = await perform(room, { fn, version, requestId, invokedArn, event: JSON.stringify(event) });
    const given = failed ? badGateway() : httpAnswer(payload);
    return { ...given, headers: { ...given.headers, 'x-amzn-requestid': requestId } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'TooManyRequestsException') return plainAnswer(429, { ...error.fields, message: error.message });
    return badGateway();
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end all the same: a client that is still sending would not hear the answer.
    if (size <= PAYLOAD_LIMIT) chunks.push(chunk);
  }
  return size <= PAYLOAD_LIMIT ? Buffer.concat(chunks) : undefined;
}

/** The date is the timeline's: whoever reads it must see one clock. */
function write({ ground }: Room, { status, headers, body }: HttpAnswer, response: ServerResponse): void {
  response.sendDate = false;
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    date: new Date(ground.timeline.now()).toUTCString(),
    ...headers,
    ...(!bodiless && { 'content-length': String(body.length) }),
  });
  response.end(bodiless ? undefined : body);
}
