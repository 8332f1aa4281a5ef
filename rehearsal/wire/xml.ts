// XML by the SDK's own shape codecs, turned round: what its client would write we read, what it would read we write.
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../services/error.ts';
import type { ServiceSchema } from './schemas.ts';

const settingsOf = (service: ServiceSchema) => ({
  xmlNamespace: service.xmlNamespace,
  timestampFormat: { useTrait: true, default: 5 as const },
  serviceNamespace: service.id,
  httpBindings: false,
});

/** `inner` leaves the root element to the caller. */
export function writeXml(service: ServiceSchema, ns: NormalizedSchema, value: object, form: 'whole' | 'inner'): string {
  const serializer = new XmlShapeSerializer(settingsOf(service));
  serializer.setSerdeContext({ base64Encoder: (bytes: Uint8Array) => Buffer.from(bytes).toString('base64') } as never);
  serializer.write(ns, value);
  const xml = String(serializer.flush());
  if (form === 'whole') return xml;
  return /^<[^>]*\/>$/.test(xml) ? '' : xml.replace(/^<[^>]+>/, '').replace(/<\/[^>]+>$/, '');
}

export function readXml(service: ServiceSchema, ns: NormalizedSchema, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const deserializer = new XmlShapeDeserializer(settingsOf(service));
  deserializer.setSerdeContext({ base64Decoder: (text: string) => Buffer.from(text, 'base64') } as never);
  try {
    return deserializer.read(ns, body);
  } catch {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      { status: 400 },
    );
  }
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
// Control characters have no form in XML 1.0 at all.
const escapeXml = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?').replace(/[&<>"]/g, (c) => ESCAPES[c] ?? c);

export const element = (name: string, content: unknown): string => {
  if (content === undefined || content === null) return '';
  return `<${name}>${escapeXml(typeof content === 'string' ? content : JSON.stringify(content))}</${name}>`;
};
