// One HTTP request read as an AWS operation: which service, which operation, with what input.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServiceId } from '../services/service.ts';
import { AwsError } from '../services/error.ts';
import { noSuchService } from './absent.ts';
import { collectBody, spoolBody } from './body.ts';
import { decodeJson, parseJson } from './json.ts';
import { requireWithinLimits } from './limits.ts';
import { decodeQuery } from './query.ts';
import { bindRequest, decodeLabel, findOperation, isStreaming, payloadMember, readPayload, type RestRequest } from './rest.ts';
import { requiredMembers, schemaOf, SERVICE_IDS, type OperationSchema, type ServiceSchema } from './schemas.ts';

export interface Target {
  readonly service: ServiceSchema;
  /** The protocol this request speaks; CloudWatch is spoken to in two. */
  readonly protocol: ServiceSchema['protocol'];
  readonly rest: RestRequest;
  readonly bucket: string | undefined;
}
export interface DecodedRequest {
  readonly operation: OperationSchema;
  readonly input: Record<string, unknown>;
  readonly discard: () => void;
}

/** The credential scope of the signature, in the header or in a presigned query: `…/<region>/<service>/aws4_request`. */
function scopeOf(request: IncomingMessage, query: URLSearchParams): { region: string; service: string } | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ?? query.get('X-Amz-Credential') ?? undefined;
  const parts = credential?.split('/') ?? [];
  const [service, region] = [parts.at(-2), parts.at(-3)];
  return service !== undefined && region !== undefined ? { service, region } : undefined;
}

export function targetOf(request: IncomingMessage): Target {
  const [rawPath, rawQuery] = splitUrl(request.url ?? '/');
  const query = new URLSearchParams(rawQuery);
  const id = scopeOf(request, query)?.service ?? guessService(request, query);
  if (!SERVICE_IDS.includes(id as ServiceId)) throw noSuchService(id, request);
  const service = schemaOf(id as ServiceId);
  const rest = { method: request.method ?? 'GET', path: rawPath, query, headers: request.headers };
  const protocol = protocolOf(service, request);
  if (service.id !== 's3') return { service, protocol, rest, bucket: undefined };
  const [, bucket = '', key] = /^\/([^/]*)(\/.*)?$/.exec(rawPath) ?? [];
  return {
    service,
    protocol,
    rest: { ...rest, path: key ?? '/' },
    bucket: bucket === '' ? undefined : decodeLabel(bucket),
  };
}

const splitUrl = (url: string): [string, string] => {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
};

/**
 * Without a signature there is no scope: the target header names a JSON service, an action in the address is the link of an SNS
 * confirmation, anything else can only be a public object.
 */
function guessService(request: IncomingMessage, query: URLSearchParams): string {
  if (query.has('Action')) return 'sns';
  const target = String(request.headers['x-amz-target'] ?? '').split('.')[0];
  if (target === '' || target === undefined) return 's3';
  return SERVICE_IDS.find((id) => schemaOf(id).target === target) ?? target;
}

function protocolOf(service: ServiceSchema, request: IncomingMessage): ServiceSchema['protocol'] {
  const type = request.headers['content-type'] ?? '';
  if (type.includes('cbor'))
    throw new AwsError('NotImplemented', 'the embedded cloud does not speak Smithy RPC v2 CBOR', { status: 501 });
  if (service.protocol === 'json' && request.headers['x-amz-target'] === undefined) return 'query';
  return service.protocol;
}

/** Reads the whole request; `check` is given the body's hash before anything is decoded. */
export async function decodeRequest(
  request: IncomingMessage,
  target: Target,
  folder: () => string,
  check: (bodyHash: string) => void,
): Promise<DecodedRequest> {
  const { service, protocol } = target;
  if (protocol === 'restXml' || protocol === 'restJson') return decodeRest(request, target, folder, check);
  const body = await collectBody(request);
  check(createHash('sha256').update(body).digest('hex'));
  const form =
    protocol === 'query' ? new URLSearchParams(body.length > 0 ? body.toString('utf8') : target.rest.query) : undefined;
  const name = form ? (form.get('Action') ?? '') : (String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '');
  const operation = service.operations.get(name);
  if (!operation) throw unknownOperation(service, protocol, name);
  const input = form
    ? decodeQuery(operation.input, form)
    : (decodeJson(operation.input, parseJson(body)) as Record<string, unknown>);
  requireMembers(service, operation, input);
  return { operation, input, discard: () => undefined };
}

async function decodeRest(
  request: IncomingMessage,
  { service, rest, bucket }: Target,
  folder: () => string,
  check: (bodyHash: string) => void,
): Promise<DecodedRequest> {
  const operation = findOperation(service, rest, (candidate) => ofBucket(service, candidate, bucket));
  if (!operation)
    throw new AwsError('NotImplemented', `the embedded cloud knows no ${service.id} operation for ${rest.method} ${rest.path}`, {
      status: 501,
    });
  const payload = payloadMember(operation.input);
  const named = bucket === undefined ? {} : { Bucket: bucket };
  if (payload && isStreaming(payload[1])) {
    check(String(request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'));
    const spooled = await spoolBody(request, folder);
    const input = {
      ...bindRequest(operation, rest),
      ...named,
      ...trailing(operation, spooled.trailers),
      [payload[0]]: spooled.body,
    };
    const sized = hasMember(operation, 'ContentLength') ? { ...input, ContentLength: spooled.length } : input;
    requireMembers(service, operation, sized);
    return { operation, input: sized, discard: spooled.discard };
  }
  const body = await collectBody(request);
  check(createHash('sha256').update(body).digest('hex'));
  const input = { ...bindRequest(operation, rest), ...named, ...readPayload(service, operation, body) };
  requireMembers(service, operation, input);
  return { operation, input, discard: () => undefined };
}

const hasMember = (operation: OperationSchema, wanted: string): boolean =>
  [...operation.input.structIterator()].some(([name]) => name === wanted);

/** S3's bucket is in the path or not at all: an operation either needs one or cannot have one. */
function ofBucket(service: ServiceSchema, operation: OperationSchema, bucket: string | undefined): boolean {
  if (service.id !== 's3') return true;
  return requiredMembers(operation.input).includes('Bucket') === (bucket !== undefined);
}

/** A checksum sent behind the body is the same member as one sent in front of it. */
function trailing(operation: OperationSchema, trailers: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, member] of operation.input.structIterator()) {
    const header = member.getMergedTraits().httpHeader;
    const value = header === undefined ? undefined : trailers[header.toLowerCase()];
    if (value !== undefined) out[name] = value;
  }
  return out;
}

/** What the services that speak XML call a member that is not there. */
const MISSING: Partial<Record<ServiceId, string>> = { route53: 'InvalidInput', s3: 'InvalidRequest' };

function requireMembers(service: ServiceSchema, operation: OperationSchema, input: Record<string, unknown>): void {
  const missing = requiredMembers(operation.input).filter((name) => input[name] === undefined);
  if (missing.length === 0) return requireWithinLimits(service.id, operation.name, input);
  const details = missing.map((name) => `Value null at '${name}' failed to satisfy constraint: Member must not be null`);
  const count = `${missing.length} validation error${missing.length > 1 ? 's' : ''} detected`;
  const code = MISSING[service.id] ?? (service.protocol === 'query' ? 'ValidationError' : 'ValidationException');
  throw new AwsError(code, `${count}: ${details.join('; ')}`, { status: 400 });
}

function unknownOperation(service: ServiceSchema, protocol: ServiceSchema['protocol'], name: string): AwsError {
  if (protocol !== 'query')
    return new AwsError('UnknownOperationException', `${service.target} has no operation "${name}"`, { status: 404 });
  if (name === '') return new AwsError('MissingAction', 'The request must contain the parameter Action.', { status: 400 });
  return new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`, { status: 400 });
}
