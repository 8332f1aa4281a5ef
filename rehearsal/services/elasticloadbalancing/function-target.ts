// A Lambda function as a target: the request as its event, its result as the answer.
import type { IncomingMessage } from 'node:http';
import { bytesOf } from '../bytes.ts';
import type { EdgeAnswer } from '../../world/edge/edge.ts';
import { endToEnd } from '../../world/edge/headers.ts';
import type { Caller } from '../../iam/ask.ts';
import type { Room, TargetGroup } from './catalog.ts';
import { ownPage, SERVER } from './pages.ts';

/** Both ways. */
const MOST_BYTES = 1_048_576;

/** Only the function's own policy can let a load balancer in. */
export const asLoadBalancer = ({ ground }: Room, { arn }: Pick<TargetGroup, 'arn'>): Caller => ({
  kind: 'service',
  service: 'elasticloadbalancing.amazonaws.com',
  account: ground.account,
  source: arn,
});

const manyValued = ({ attributes }: TargetGroup): boolean => attributes.get('lambda.multi_value_headers.enabled') === 'true';

export async function askFunction(
  room: Room,
  group: TargetGroup,
  functionArn: string,
  request: IncomingMessage,
  told: Readonly<Record<string, string | undefined>>,
): Promise<EdgeAnswer> {
  const body = await bodyOf(request);
  if (!body) return ownPage(413);
  const event = eventOf(group, request, body, told);
  try {
    const { FunctionError, Payload } = await room.ground.call(
      asLoadBalancer(room, group),
      'lambda',
      'Invoke',
      { FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(event)) },
      group.region,
    );
    if (FunctionError !== undefined) return ownPage(502);
    const payload = (await bytesOf(Payload)).toString();
    return payload.length > MOST_BYTES ? ownPage(502) : (answerOf(payload, manyValued(group)) ?? ownPage(502));
  } catch {
    // Forbidden, throttled, gone: to the visitor it is all the same.
    return ownPage(502);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end all the same: a visitor that is still sending would not hear the answer.
    if (size <= MOST_BYTES) chunks.push(chunk);
  }
  return size <= MOST_BYTES ? Buffer.concat(chunks) : undefined;
}

function eventOf(
  group: TargetGroup,
  request: IncomingMessage,
  body: Buffer,
  told: Readonly<Record<string, string | undefined>>,
): object {
  const [path = '/', ...rest] = (request.url ?? '/').split('?');
  const headers: Record<string, string[]> = endToEnd(request);
  for (const [name, value] of Object.entries(told)) {
    if (value === undefined) Reflect.deleteProperty(headers, name);
    else headers[name] = [value];
  }
  const asText = isText(headers);
  const query = queryOf(rest.join('?'));
  const many = manyValued(group);
  return {
    requestContext: { elb: { targetGroupArn: group.arn } },
    httpMethod: request.method,
    path,
    ...(many
      ? { multiValueQueryStringParameters: query, multiValueHeaders: headers }
      : { queryStringParameters: lastOf(query), headers: lastOf(headers) }),
    body: body.toString(asText ? 'utf8' : 'base64'),
    isBase64Encoded: !asText && body.length > 0,
  };
}

/** Without many values the last one counts. */
const lastOf = (all: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? '']));

/** As they were written: a load balancer decodes nothing. */
function queryOf(raw: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const [name = '', ...value] = pair.split('=');
    (found[name] ??= []).push(value.join('='));
  }
  return found;
}

function isText(headers: Readonly<Record<string, readonly string[]>>): boolean {
  if (headers['content-encoding'] !== undefined) return false;
  const type = headers['content-type']?.[0]?.split(';')[0]?.trim().toLowerCase() ?? 'text/plain';
  return type.startsWith('text/') || ['application/json', 'application/javascript', 'application/xml'].includes(type);
}

/** Undefined when a load balancer can make nothing of it. */
function answerOf(payload: string, many: boolean): EdgeAnswer | undefined {
  const value = JSON.parse(payload) as unknown;
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) return undefined;
  const { statusCode, headers, multiValueHeaders, body = '', isBase64Encoded } = value as Record<string, unknown>;
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) return undefined;
  if (typeof body !== 'string') return undefined;
  const written = headersOf(many ? multiValueHeaders : headers, many);
  if (!written) return undefined;
  return {
    status: statusCode,
    headers: { server: SERVER, 'content-type': 'application/octet-stream', ...written },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function headersOf(headers: unknown, many: boolean): Record<string, string | string[]> | undefined {
  if (headers === undefined || headers === null) return {};
  if (typeof headers !== 'object') return undefined;
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const good = many ? Array.isArray(value) && value.every((one) => typeof one === 'string') : typeof value === 'string';
    if (!good) return undefined;
    // The length is the load balancer's to say.
    if (!/^(content-length|connection|transfer-encoding)$/i.test(name)) found[name.toLowerCase()] = value as string | string[];
  }
  return found;
}
