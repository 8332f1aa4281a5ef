// awsJson and the bodies of restJson, both ways, over the SDK's schemas.
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../services/error.ts';

const refuse = (path: string, expected: string, found: unknown): never => {
  const kind = Array.isArray(found) ? 'list' : typeof found;
  throw new AwsError('SerializationException', `${path || 'the body'}: expected ${expected}, found ${kind}`, { status: 400 });
};

export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new AwsError('SerializationException', 'the body is not valid JSON', { status: 400 });
  }
}

/** A member a client does not know is left out, as AWS does; a value of the wrong type is refused. */
export function decodeJson(ns: NormalizedSchema, value: unknown, path = ''): unknown {
  if (value === null || value === undefined) return undefined;
  if (ns.isDocumentSchema()) return value;
  if (ns.isStructSchema()) {
    if (typeof value !== 'object' || Array.isArray(value)) return refuse(path, 'a structure', value);
    const out: Record<string, unknown> = {};
    for (const [name, member] of ns.structIterator()) {
      const key = member.getMergedTraits().jsonName ?? name;
      const decoded = decodeJson(member, (value as Record<string, unknown>)[key], path ? `${path}.${name}` : name);
      if (decoded !== undefined) out[name] = decoded;
    }
    return out;
  }
  if (ns.isListSchema()) {
    if (!Array.isArray(value)) return refuse(path, 'a list', value);
    return value.map((item, i) => decodeJson(ns.getValueSchema(), item, `${path}[${i}]`));
  }
  if (ns.isMapSchema()) {
    if (typeof value !== 'object' || Array.isArray(value)) return refuse(path, 'a map', value);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, decodeJson(ns.getValueSchema(), item, `${path}.${key}`)]),
    );
  }
  return decodeSimple(ns, value, path);
}

function decodeSimple(ns: NormalizedSchema, value: unknown, path: string): unknown {
  if (ns.isBooleanSchema()) return typeof value === 'boolean' ? value : refuse(path, 'a boolean', value);
  if (ns.isNumericSchema()) return typeof value === 'number' ? value : refuse(path, 'a number', value);
  if (ns.isBlobSchema()) return typeof value === 'string' ? Buffer.from(value, 'base64') : refuse(path, 'base64 text', value);
  if (ns.isTimestampSchema()) {
    const instant = typeof value === 'number' ? new Date(value * 1000) : new Date(String(value));
    return Number.isNaN(instant.getTime()) ? refuse(path, 'a timestamp', value) : instant;
  }
  return typeof value === 'string' ? value : refuse(path, 'a string', value);
}

export function encodeJson(ns: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (ns.isStructSchema()) {
    const out: Record<string, unknown> = {};
    for (const [name, member] of ns.structIterator()) {
      const encoded = encodeJson(member, (value as Record<string, unknown>)[name]);
      if (encoded !== undefined) out[member.getMergedTraits().jsonName ?? name] = encoded;
    }
    return out;
  }
  if (ns.isListSchema()) return (value as unknown[]).map((item) => encodeJson(ns.getValueSchema(), item));
  if (ns.isMapSchema()) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodeJson(ns.getValueSchema(), item)]));
  }
  if (ns.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64');
  if (ns.isTimestampSchema()) {
    const instant = value as Date;
    // 5 is the SDK's sign for date-time; seconds with a fraction are JSON's default.
    return ns.getSchema() === 5 ? instant.toISOString() : instant.getTime() / 1000;
  }
  return value;
}
