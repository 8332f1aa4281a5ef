// restXml and restJson: finds the operation by method, path and query, and binds labels, query, headers and payload.
import type { Readable } from 'node:stream';
import type { IncomingHttpHeaders } from 'node:http';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../services/error.ts';
import { decodeJson, encodeJson, parseJson } from './json.ts';
import { decodeText } from './query.ts';
import { requiredMembers, type OperationSchema, type ServiceSchema } from './schemas.ts';
import { readXml, writeXml } from './xml.ts';

export interface RestRequest {
  readonly method: string;
  /** Percent-encoded, without the query; S3's bucket already taken off. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}
export interface RestResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string | Readable | undefined;
}

const traits = (ns: NormalizedSchema) =>
  ns.getMergedTraits() as {
    httpLabel?: 1;
    httpQuery?: string;
    httpQueryParams?: 1;
    httpHeader?: string;
    httpPrefixHeaders?: string;
    httpPayload?: 1;
    httpResponseCode?: 1;
    mediaType?: string;
  };

/** The pattern's labels in this path, or undefined when it does not fit. */
function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const want = pattern.replace(/\/+$/, '').split('/');
  const have = pattern.includes('+}') ? path.split('/') : path.replace(/\/+$/, '').split('/');
  const labels: Record<string, string> = {};
  for (const [i, segment] of want.entries()) {
    const label = /^\{([^}+]+)(\+?)\}$/.exec(segment);
    const found = have[i];
    if (found === undefined) return undefined;
    if (!label) {
      if (segment !== found) return undefined;
    } else if (label[2] === '+') {
      const rest = have.slice(i).join('/');
      if (rest === '') return undefined;
      labels[label[1] ?? ''] = rest;
      return labels;
    } else {
      if (found === '') return undefined;
      labels[label[1] ?? ''] = found;
    }
  }
  return want.length === have.length ? labels : undefined;
}

/** Of the operations that fit, the one that asks for most: literals in the query and required members it must find there. */
export function findOperation(
  service: ServiceSchema,
  request: RestRequest,
  fits: (operation: OperationSchema) => boolean = () => true,
): OperationSchema | undefined {
  let best: { operation: OperationSchema; weight: number } | undefined;
  for (const operation of service.operations.values()) {
    const { http } = operation;
    if (http?.method !== request.method) continue;
    if (!matchPath(http.path, request.path) || !fits(operation)) continue;
    const weight = weigh(operation, request);
    if (weight !== undefined && (!best || weight > best.weight)) best = { operation, weight };
  }
  return best?.operation;
}

function weigh(operation: OperationSchema, { query, headers }: RestRequest): number | undefined {
  let weight = 0;
  for (const [key, value] of operation.http?.literals ?? []) {
    if (!query.has(key) || (value !== '' && query.get(key) !== value)) return undefined;
    weight += 10;
  }
  const required = new Set(requiredMembers(operation.input));
  for (const [name, member] of operation.input.structIterator()) {
    if (!required.has(name)) continue;
    const { httpQuery, httpHeader } = traits(member);
    if (httpQuery !== undefined && !query.has(httpQuery)) return undefined;
    if (httpHeader !== undefined && headers[httpHeader.toLowerCase()] === undefined) return undefined;
    if (httpQuery !== undefined || httpHeader !== undefined) weight += 1;
  }
  // The SDK names the operation outright; that settles ties.
  return query.get('x-id') === operation.name ? weight + 1 : weight;
}

export const decodeLabel = (raw: string): string => {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { status: 400 });
  }
};

/** Members of labels, query and headers; the payload comes from `readPayload`. */
export function bindRequest(operation: OperationSchema, request: RestRequest): Record<string, unknown> {
  const labels = matchPath(operation.http?.path ?? '/', request.path) ?? {};
  const out: Record<string, unknown> = {};
  const set = (name: string, value: unknown): void => {
    if (value !== undefined) out[name] = value;
  };
  for (const [name, member] of operation.input.structIterator()) {
    const t = traits(member);
    if (t.httpLabel && labels[name] !== undefined) set(name, decodeText(member, decodeLabel(labels[name]), name));
    else if (t.httpQuery !== undefined) set(name, fromQuery(member, request.query, t.httpQuery));
    else if (t.httpQueryParams) set(name, Object.fromEntries(request.query));
    else if (t.httpHeader !== undefined) set(name, fromHeader(member, request.headers[t.httpHeader.toLowerCase()], name));
    else if (t.httpPrefixHeaders !== undefined) set(name, prefixed(request.headers, t.httpPrefixHeaders));
  }
  return out;
}

function fromQuery(member: NormalizedSchema, query: URLSearchParams, key: string): unknown {
  if (!query.has(key)) return undefined;
  if (member.isListSchema()) return query.getAll(key).map((item) => decodeText(member.getValueSchema(), item, key));
  return decodeText(member, query.get(key) ?? '', key);
}

function fromHeader(member: NormalizedSchema, raw: string | string[] | undefined, name: string): unknown {
  if (raw === undefined) return undefined;
  const text = Array.isArray(raw) ? raw.join(',') : raw;
  if (member.isListSchema()) return text.split(',').map((item) => decodeText(member.getValueSchema(), item.trim(), name));
  // Header text reaches Node as latin1; S3 sends and expects UTF-8.
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decodeText(member, decoded, name);
}

function prefixed(headers: IncomingHttpHeaders, prefix: string): Record<string, string> | undefined {
  const found = Object.entries(headers).filter(([key]) => key.startsWith(prefix.toLowerCase()));
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map(([key, value]) => [key.slice(prefix.length), Buffer.from(String(value), 'latin1').toString('utf8')]),
  );
}

/** The member that is the whole body, if the operation has one. */
export function payloadMember(struct: NormalizedSchema): [string, NormalizedSchema] | undefined {
  for (const [name, member] of struct.structIterator()) if (traits(member).httpPayload) return [name, member];
  return undefined;
}
export const isStreaming = (member: NormalizedSchema): boolean => member.isStreaming();

/** A body that is not streamed, into the members it holds. */
export function readPayload(service: ServiceSchema, operation: OperationSchema, body: Buffer): Record<string, unknown> {
  const payload = payloadMember(operation.input);
  if (payload) {
    const [name, member] = payload;
    if (body.length === 0) return {};
    if (member.isBlobSchema()) return { [name]: body };
    if (member.isStringSchema()) return { [name]: body.toString('utf8') };
    const value = service.protocol === 'restXml' ? readXml(service, member, body) : decodeJson(member, parseJson(body), name);
    return value === undefined ? {} : { [name]: value };
  }
  const unbound = [...operation.input.structIterator()].filter(([, member]) => isBody(member)).map(([name]) => name);
  if (unbound.length === 0 || body.length === 0) return {};
  const value =
    service.protocol === 'restXml' ? readXml(service, operation.input, body) : decodeJson(operation.input, parseJson(body));
  const read = (value ?? {}) as Record<string, unknown>;
  return Object.fromEntries(unbound.filter((name) => read[name] !== undefined).map((name) => [name, read[name]]));
}

function isBody(member: NormalizedSchema): boolean {
  const t = traits(member);
  const bound =
    t.httpLabel ?? t.httpQuery ?? t.httpQueryParams ?? t.httpHeader ?? t.httpPrefixHeaders ?? t.httpPayload ?? t.httpResponseCode;
  return bound === undefined;
}

export function bindResponse(service: ServiceSchema, operation: OperationSchema, output: Record<string, unknown>): RestResponse {
  const headers: Record<string, string> = {};
  let status = operation.http?.status ?? 200;
  for (const [name, member] of operation.output.structIterator()) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    const t = traits(member);
    if (t.httpResponseCode) status = Number(value);
    else if (t.httpHeader !== undefined) headers[t.httpHeader] = toHeader(member, value);
    else if (t.httpPrefixHeaders !== undefined) {
      for (const [key, item] of Object.entries(value as Record<string, string>))
        headers[`${t.httpPrefixHeaders}${key}`] = latin1(item);
    }
  }
  // A part of an object says so in its status; the schema knows only the whole.
  if (service.id === 's3' && output['ContentRange'] !== undefined) status = 206;
  return { status, headers, body: writePayload(service, operation, output, headers) };
}

/** Header bytes are UTF-8 on the wire; Node writes latin1. */
const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function toHeader(member: NormalizedSchema, value: unknown): string {
  if (member.isTimestampSchema()) {
    const instant = value as Date;
    if (member.getSchema() === 5) return instant.toISOString();
    return member.getSchema() === 7 ? String(instant.getTime() / 1000) : instant.toUTCString();
  }
  if (member.isListSchema()) return (value as unknown[]).join(',');
  return latin1(String(value));
}

function writePayload(
  service: ServiceSchema,
  operation: OperationSchema,
  output: Record<string, unknown>,
  headers: Record<string, string>,
): RestResponse['body'] {
  const payload = payloadMember(operation.output);
  if (payload) {
    const [name, member] = payload;
    const value = output[name];
    if (value === undefined || value === null) return undefined;
    if (member.isBlobSchema() || member.isStringSchema()) return value as Uint8Array | string | Readable;
    return writeBody(service, member, value, headers);
  }
  const hasBody = [...operation.output.structIterator()].some(([, member]) => isBody(member));
  if (!hasBody) return undefined;
  // The one answer whose root element is its only value.
  if (operation.name === 'GetBucketLocation') {
    headers['content-type'] = 'application/xml';
    const text = output['LocationConstraint'] as string | undefined;
    return `<LocationConstraint xmlns="${service.xmlNamespace}">${text ?? ''}</LocationConstraint>`;
  }
  return writeBody(service, operation.output, output, headers);
}

function writeBody(service: ServiceSchema, ns: NormalizedSchema, value: unknown, headers: Record<string, string>): string {
  if (service.protocol === 'restXml') {
    headers['content-type'] = 'application/xml';
    const bare = Object.fromEntries(Object.entries(value as object).filter(([name]) => bodyMember(ns, name)));
    return `<?xml version="1.0" encoding="UTF-8"?>\n${writeXml(service, ns, bare, 'whole')}`;
  }
  headers['content-type'] ??= 'application/json';
  const bare = Object.fromEntries(Object.entries(value as object).filter(([name]) => bodyMember(ns, name)));
  return JSON.stringify(encodeJson(ns, bare));
}

function bodyMember(ns: NormalizedSchema, name: string): boolean {
  if (ns.isMemberSchema()) return true;
  for (const [known, member] of ns.structIterator()) if (known === name) return isBody(member);
  return false;
}
