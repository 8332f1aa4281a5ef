// The value of a record as Route 53 writes it, into what a DNS packet carries; what no server could answer is refused here.
import { encode } from 'dns-packet';
import { isIPv4, isIPv6 } from 'node:net';
import { BadName, normalName, wireOf } from './names.ts';

/** Why a value is none, as Route 53 words it. */
export class BadValue extends Error {}

const fatal = (problem: string, says: string, value: string): BadValue =>
  new BadValue(`FATAL problem: ${problem} (${says}) encountered with '${value}'`);

/** A type as dns-packet calls it, with data of the form it wants; it knows no SVCB, so that goes as bytes. */
export interface Rdata {
  readonly type: string;
  readonly data: unknown;
}

const number = (text: string | undefined, most: number, value: string, what: string): number => {
  if (text === undefined || !/^\d+$/.test(text) || Number(text) > most)
    throw fatal(`${what}IllegalNumber`, `Value must be a number from 0 to ${most}`, value);
  return Number(text);
};
const host = (text: string): string => wireOf(normalName(text));
const fields = (value: string, count: number, type: string): string[] => {
  const found = value.trim().split(/\s+/);
  if (found.length !== count) throw fatal(`${type}RRDATANot${count}Fields`, `Value must contain ${count} fields`, value);
  return found;
};

type Reader = (value: string) => Rdata;
const READERS: Readonly<Record<string, Reader>> = {
  A(value) {
    if (!isIPv4(value)) throw fatal('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', value);
    return { type: 'A', data: value };
  },
  AAAA(value) {
    if (!isIPv6(value)) throw fatal('AAAARRDATAIllegalIPv6Address', 'Value is not a valid IPv6 address', value);
    return { type: 'AAAA', data: value };
  },
  CNAME: (value) => ({ type: 'CNAME', data: host(value) }),
  NS: (value) => ({ type: 'NS', data: host(value) }),
  PTR: (value) => ({ type: 'PTR', data: host(value) }),
  TXT: (value) => ({ type: 'TXT', data: characterStrings(value) }),
  SPF: (value) => ({
    type: 'SPF',
    data: Buffer.concat(characterStrings(value).map((text) => Buffer.concat([Buffer.from([text.length]), text]))),
  }),
  MX(value) {
    const [preference, exchange = ''] = fields(value, 2, 'MX');
    return { type: 'MX', data: { preference: number(preference, 65_535, value, 'MXRRDATA'), exchange: host(exchange) } };
  },
  SRV(value) {
    const [priority, weight, port, target = ''] = fields(value, 4, 'SRV');
    const part = (text: string | undefined): number => number(text, 65_535, value, 'SRVRRDATA');
    return { type: 'SRV', data: { priority: part(priority), weight: part(weight), port: part(port), target: host(target) } };
  },
  CAA(value) {
    const [, flags, tag = '', quoted = ''] = /^\s*(\d+)\s+([a-z0-9]+)\s+(".*")\s*$/i.exec(value) ?? [];
    if (flags === undefined)
      throw fatal('CAARRDATAInvalid', 'Value must contain flags, a tag and a value in quotation marks', value);
    const [text = Buffer.alloc(0)] = characterStrings(quoted);
    return { type: 'CAA', data: { flags: number(flags, 255, value, 'CAARRDATA'), tag, value: text.toString('latin1') } };
  },
  SOA(value) {
    const [mname = '', rname = '', ...rest] = fields(value, 7, 'SOA');
    const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = rest.map((text) =>
      number(text, 4_294_967_295, value, 'SOARRDATA'),
    );
    return { type: 'SOA', data: { mname: host(mname), rname: host(rname), serial, refresh, retry, expire, minimum } };
  },
  HTTPS: (value) => ({ type: 'UNKNOWN_65', data: serviceBinding(value) }),
  SVCB: (value) => ({ type: 'UNKNOWN_64', data: serviceBinding(value) }),
};

/** The types these servers answer; the others Route 53 has are refused by name. */
export const TYPES: readonly string[] = Object.keys(READERS);

/** Throws BadValue. */
export function readValue(type: string, value: string): Rdata {
  const reader = READERS[type];
  if (!reader) throw new Error(`the embedded name servers know no ${type} records`);
  try {
    return reader(value);
  } catch (error) {
    if (error instanceof BadName) throw new BadValue(error.message);
    throw error;
  }
}

/** `"one" "two"`: strings in quotation marks, `\"`, `\\` and octal escapes in them, 255 bytes each. */
function characterStrings(value: string): Buffer[] {
  const found = [...value.matchAll(/"((?:[^"\\]|\\.)*)"\s*/gs)];
  if (found.length === 0 || found.map(([whole]) => whole).join('') !== value.trimStart())
    throw fatal('InvalidCharacterString', 'Value should be enclosed in quotation marks', value);
  return found.map(([, text = '']) => {
    const bytes = Buffer.from(
      text.replace(/\\([0-3][0-7]{2}|.)/gs, (_, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped,
      ),
      'latin1',
    );
    if (bytes.length > 255) throw fatal('CharacterStringTooLong', 'Value is too long', value);
    return bytes;
  });
}

/** SvcParamKeys by name (RFC 9460). */
const KEYS: Readonly<Record<string, number>> = {
  'mandatory': 0,
  'alpn': 1,
  'no-default-alpn': 2,
  'port': 3,
  'ipv4hint': 4,
  'ech': 5,
  'ipv6hint': 6,
}; // prettier-ignore

function serviceBinding(value: string): Buffer {
  const [priority, target, ...params] = value.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  if (target === undefined)
    throw fatal('SVCBRRDATAInvalid', 'Value must contain a priority, a target name and parameters', value);
  const rank = number(priority, 65_535, value, 'SVCBRRDATA');
  if (rank === 0 && params.length > 0) throw fatal('SVCBRRDATAInvalid', 'Value in alias mode must not contain parameters', value);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(rank);
  const encoded = params.map((param) => parameter(param, value)).sort((a, b) => a.key - b.key);
  if (new Set(encoded.map(({ key }) => key)).size < encoded.length)
    throw fatal('SVCBRRDATAInvalid', 'Value contains a parameter twice', value);
  return Buffer.concat([head, nameBytes(target), ...encoded.map(({ bytes }) => bytes)]);
}

function parameter(text: string, value: string): { key: number; bytes: Buffer } {
  const [, name = '', content = ''] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  const key = KEYS[name] ?? (/^key\d{1,5}$/.test(name) ? Number(name.slice(3)) : undefined);
  if (key === undefined || key > 65_534) throw fatal('SVCBRRDATAInvalid', `Value contains the unknown parameter ${name}`, value);
  const body = parameterBody(name, content.replace(/^"(.*)"$/s, '$1'), value);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(key);
  head.writeUInt16BE(body.length, 2);
  return { key, bytes: Buffer.concat([head, body]) };
}

function parameterBody(name: string, content: string, value: string): Buffer {
  const list = content.split(',');
  const short = (amount: number): Buffer => Buffer.from([amount >> 8, amount & 255]);
  switch (name) {
    case 'mandatory':
      return Buffer.concat(list.map((key) => short(KEYS[key] ?? number(key.replace('key', ''), 65_534, value, 'SVCBRRDATA'))));
    case 'alpn':
      return Buffer.concat(list.map((id) => Buffer.concat([Buffer.from([Buffer.byteLength(id)]), Buffer.from(id)])));
    case 'port':
      return short(number(content, 65_535, value, 'SVCBRRDATA'));
    case 'ipv4hint':
      return Buffer.concat(list.map((address) => addressBytes('A', address)));
    case 'ipv6hint':
      return Buffer.concat(list.map((address) => addressBytes('AAAA', address)));
    case 'ech':
      return Buffer.from(content, 'base64');
    default:
      return Buffer.from(content);
  }
}

function addressBytes(type: 'A' | 'AAAA', address: string): Buffer {
  READERS[type]?.(address);
  return encode({ type: 'response', answers: [{ name: '.', type, data: address }] }).subarray(type === 'A' ? -4 : -16);
}

function nameBytes(target: string): Buffer {
  const labels =
    target === '.'
      ? []
      : host(target)
          .split('.')
          .map((label) => Buffer.from(label));
  return Buffer.concat([...labels.map((label) => Buffer.concat([Buffer.from([label.length]), label])), Buffer.from([0])]);
}
