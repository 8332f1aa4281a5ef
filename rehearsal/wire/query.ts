// awsQuery: a form with dotted names in, XML out.
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../services/error.ts';
import type { OperationSchema, ServiceSchema } from './schemas.ts';
import { writeXml } from './xml.ts';

/** Nothing AWS answers by this protocol takes longer lists. */
const MAX_ITEMS = 10_000;

export function decodeQuery(ns: NormalizedSchema, form: URLSearchParams): Record<string, unknown> {
  return (decode(ns, form, '') ?? {}) as Record<string, unknown>;
}

function decode(ns: NormalizedSchema, form: URLSearchParams, prefix: string): unknown {
  if (ns.isStructSchema()) return decodeStruct(ns, form, prefix);
  if (ns.isListSchema()) return decodeList(ns, form, prefix);
  if (ns.isMapSchema()) return decodeMap(ns, form, prefix);
  const raw = form.get(prefix);
  return raw === null ? undefined : decodeText(ns, raw, prefix);
}

function decodeStruct(ns: NormalizedSchema, form: URLSearchParams, prefix: string): unknown {
  const out: Record<string, unknown> = {};
  for (const [name, member] of ns.structIterator()) {
    const wire = member.getMergedTraits().xmlName ?? name;
    const value = decode(member, form, prefix ? `${prefix}.${wire}` : wire);
    if (value !== undefined) out[name] = value;
  }
  return Object.keys(out).length > 0 || prefix === '' ? out : undefined;
}

function decodeList(ns: NormalizedSchema, form: URLSearchParams, prefix: string): unknown {
  if (form.get(prefix) === '') return [];
  const item = ns.getValueSchema();
  const name = ns.getMergedTraits().xmlFlattened ? prefix : `${prefix}.${item.getMergedTraits().xmlName ?? 'member'}`;
  const out: unknown[] = [];
  for (let i = 1; i <= MAX_ITEMS; i++) {
    const value = decode(item, form, `${name}.${i}`);
    if (value === undefined) break;
    out.push(value);
  }
  return out.length > 0 ? out : undefined;
}

function decodeMap(ns: NormalizedSchema, form: URLSearchParams, prefix: string): unknown {
  const entry = ns.getMergedTraits().xmlFlattened ? prefix : `${prefix}.entry`;
  const key = ns.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const value = ns.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const out: Record<string, unknown> = {};
  for (let i = 1; i <= MAX_ITEMS; i++) {
    const name = form.get(`${entry}.${i}.${key}`);
    if (name === null) break;
    out[name] = decode(ns.getValueSchema(), form, `${entry}.${i}.${value}`) ?? '';
  }
  return Object.keys(out).length > 0 ? out : undefined;
}

/** Text of a query, a label or a header as the schema's type. */
export function decodeText(ns: NormalizedSchema, raw: string, path: string): unknown {
  if (ns.isBooleanSchema()) {
    if (raw !== 'true' && raw !== 'false') throw malformed(path, 'true or false', raw);
    return raw === 'true';
  }
  if (ns.isNumericSchema()) {
    const number = Number(raw);
    if (raw.trim() === '' || Number.isNaN(number)) throw malformed(path, 'a number', raw);
    return number;
  }
  if (ns.isTimestampSchema()) {
    const instant = /^\d+(\.\d+)?$/.test(raw) ? new Date(Number(raw) * 1000) : new Date(raw);
    if (Number.isNaN(instant.getTime())) throw malformed(path, 'a timestamp', raw);
    return instant;
  }
  return ns.isBlobSchema() ? Buffer.from(raw, 'base64') : raw;
}

const malformed = (path: string, expected: string, found: string): AwsError =>
  new AwsError('MalformedInput', `${path}: expected ${expected}, found "${found.slice(0, 80)}"`, { status: 400 });

export function encodeQuery(service: ServiceSchema, operation: OperationSchema, output: object, requestId: string): string {
  const { name } = operation;
  const inner = operation.output.isUnitSchema() ? '' : writeXml(service, operation.output, output, 'inner');
  const result = operation.output.isUnitSchema() ? '' : `<${name}Result>${inner}</${name}Result>`;
  return (
    `<${name}Response xmlns="${service.xmlNamespace}">${result}` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`
  );
}
