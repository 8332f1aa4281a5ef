// A DNS message in, a DNS message out: what cannot be read is answered FORMERR, what does not fit is cut and says so.
import * as packet from 'dns-packet';
import type { Reply, Rcode, Resource } from './authority.ts';
import { nameOfWire, wireOf } from './names.ts';
import { readValue } from './values.ts';

export interface Question {
  readonly name: string;
  readonly type: string;
}

const HEADER_BYTES = 12;
const CLASSIC_UDP_BYTES = 512;
/** What Route 53's servers say they take. */
const OUR_UDP_BYTES = 4096;

const RCODES: Readonly<Record<Rcode, number>> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const BAD_VERSION = 1;
/** dns-packet's names for types it does not know. */
const TYPE_NAMES: Readonly<Record<string, string>> = { UNKNOWN_65: 'HTTPS', UNKNOWN_64: 'SVCB' };

interface Options {
  readonly transport: 'udp' | 'tcp';
  /** A resolver says that it recurses; an authority does not. */
  readonly recursive: boolean;
  readonly answer: (question: Question) => Reply;
}

/** Undefined when the bytes are no question at all: too short for a header, or themselves an answer. */
export function respond(bytes: Buffer, { transport, recursive, answer }: Options): Buffer | undefined {
  if (bytes.length < HEADER_BYTES || (bytes[2] ?? 0) >> 7 === 1) return undefined;
  let query: packet.DecodedPacket;
  try {
    query = packet.decode(bytes);
  } catch {
    return bare(bytes, 'FORMERR', recursive);
  }
  if (((bytes[2] ?? 0) >> 3) & 15) return bare(bytes, 'NOTIMP', recursive);
  const [question, ...more] = query.questions ?? [];
  if (!question || more.length > 0) return bare(bytes, 'FORMERR', recursive);
  const edns = query.additionals?.find((extra) => extra.type === 'OPT') as OptRecord | undefined;
  const scene = { bytes, question, edns, recursive, limit: limitOf(transport, edns) };
  if (edns && edns.ednsVersion > 0) return written(scene, { ...EMPTY, rcode: 'NOERROR' }, BAD_VERSION);
  if (question.class !== 'IN') return written(scene, { ...EMPTY, rcode: 'REFUSED' });
  const type = TYPE_NAMES[question.type] ?? question.type;
  if (type === 'ANY' || type === 'AXFR' || type === 'IXFR') return written(scene, { ...EMPTY, rcode: 'NOTIMP' });
  try {
    return written(scene, answer({ name: nameOfWire(question.name), type }));
  } catch {
    return written(scene, { ...EMPTY, rcode: 'SERVFAIL' });
  }
}

interface OptRecord {
  readonly udpPayloadSize: number;
  readonly ednsVersion: number;
}
interface Scene {
  readonly bytes: Buffer;
  readonly question: packet.Question;
  readonly edns: OptRecord | undefined;
  readonly recursive: boolean;
  readonly limit: number;
}
const EMPTY = { authoritative: false, answers: [], authorities: [] };

function limitOf(transport: Options['transport'], edns: OptRecord | undefined): number {
  if (transport === 'tcp') return 65_535;
  return edns ? Math.min(Math.max(edns.udpPayloadSize, CLASSIC_UDP_BYTES), OUR_UDP_BYTES) : CLASSIC_UDP_BYTES;
}

/** The header alone, for what could not be read further. */
function bare(bytes: Buffer, rcode: Rcode, recursive: boolean): Buffer {
  const out = Buffer.alloc(HEADER_BYTES);
  bytes.copy(out, 0, 0, 2);
  out[2] = 0x80 | ((bytes[2] ?? 0) & 0x79);
  out[3] = (recursive ? 0x80 : 0) | RCODES[rcode];
  return out;
}

function written(scene: Scene, reply: Reply, extendedRcode = 0): Buffer {
  const { bytes, question, edns, recursive, limit } = scene;
  const asked = ((bytes[2] ?? 0) & 1) === 1;
  const build = (sections: Pick<Reply, 'answers' | 'authorities'>, cut: boolean): Buffer =>
    packet.encode({
      id: bytes.readUInt16BE(0),
      type: 'response',
      flags:
        (reply.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
        (cut ? packet.TRUNCATED_RESPONSE : 0) |
        (asked ? packet.RECURSION_DESIRED : 0) |
        (recursive ? packet.RECURSION_AVAILABLE : 0) |
        RCODES[reply.rcode],
      questions: [question],
      answers: sections.answers.map((resource) => encoded(resource, question)),
      authorities: sections.authorities.map((resource) => encoded(resource, question)),
      additionals: edns ? [optOf(extendedRcode)] : [],
    });
  const whole = build(reply, false);
  return whole.length <= limit ? whole : build({ answers: [], authorities: [] }, true);
}

const optOf = (extendedRcode: number): packet.Answer =>
  ({ type: 'OPT', name: '.', udpPayloadSize: OUR_UDP_BYTES, extendedRcode, ednsVersion: 0, flags: 0, options: [] }) as never;

/** The owner's name is written as it was asked for: some clients mix its case and look for it in the answer. */
function encoded({ name, type, ttl, value }: Resource, question: packet.Question): packet.Answer {
  const owner = nameOfWire(question.name) === name ? question.name : wireOf(name);
  return { name: owner, ttl, class: 'IN', ...readValue(type, value) } as packet.Answer;
}
