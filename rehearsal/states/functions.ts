// The functions Step Functions adds to JSONata, and its clock and chance, which here are the rehearsal's.
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';

/** What the functions draw on. */
export interface Source {
  now(): number;
  random(): number;
}

/** AWS refuses a $range of one element more. */
const LONGEST_RANGE = 360_145;
const ALGORITHMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    MD5: 'md5',
    'SHA-1': 'sha1',
    'SHA-256': 'sha256',
    'SHA-384': 'sha384',
    'SHA-512': 'sha512',
  }),
);

/** Without a code, JSONata leaves the message as it is. */
const thrown = (message: string): Error => new Error(message);

/** JSONata words this one itself, from the code, the index and the token. */
const mistyped = (name: string, argument: number): Error =>
  Object.assign(new Error(`argument ${argument} of $${name} is of the wrong type`), {
    code: 'T0410',
    index: argument,
    token: name,
  });

const formatted = jsonata('$fromMillis($at, $picture, $zone)');

export function functionsOf(source: Source): Record<string, unknown> {
  return {
    partition,
    range,
    hash,
    parse,
    shuffle: (list?: unknown) => shuffle(source, list),
    uuid: () => uuid(source),
    random: (seed?: unknown) => (seed === undefined ? source.random() : seeded(seed)),
    millis: () => source.now(),
    now: (picture?: unknown, zone?: unknown) =>
      picture === undefined
        ? new Date(source.now()).toISOString()
        : formatted.evaluate(undefined, { at: source.now(), picture, zone }),
  };
}

function partition(list?: unknown, size?: unknown): unknown {
  if (list === undefined || size === undefined) return undefined;
  if (!Array.isArray(list)) throw mistyped('partition', 1);
  if (typeof size !== 'number') throw mistyped('partition', 2);
  const length = Math.trunc(size);
  if (length < 1 || list.length === 0) return undefined;
  return Array.from({ length: Math.ceil(list.length / length) }, (_, i) => list.slice(i * length, (i + 1) * length) as unknown[]);
}

function range(...bounds: unknown[]): unknown {
  if (bounds.length < 3 || bounds.some((bound) => bound === undefined)) return undefined;
  const wrong = bounds.findIndex((bound) => typeof bound !== 'number');
  if (wrong !== -1) throw mistyped('range', wrong + 1);
  const [start = 0, end = 0, step = 0] = (bounds as number[]).map(Math.trunc);
  if (step === 0 || Math.sign(end - start) * Math.sign(step) < 0) return undefined;
  const length = Math.floor((end - start) / step) + 1;
  if (length > LONGEST_RANGE) throw thrown('Expression evaluation memory limit exceeded');
  // AWS gives the bare number for a range of one.
  return length === 1 ? start : Array.from({ length }, (_, i) => start + i * step);
}

function hash(text?: unknown, algorithm?: unknown): unknown {
  if (text === undefined || algorithm === undefined) return undefined;
  if (typeof text !== 'string') throw mistyped('hash', 1);
  if (typeof algorithm !== 'string') throw mistyped('hash', 2);
  const known = ALGORITHMS.get(algorithm);
  if (known === undefined) throw thrown(`Unsupported hash algorithm: ${algorithm}`);
  return createHash(known).update(text, 'utf8').digest('hex');
}

function parse(text?: unknown): unknown {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw mistyped('parse', 1);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw thrown(`The argument of $parse is not valid JSON: ${(error as Error).message}`);
  }
}

/** JSONata's own would draw from the process's chance. */
function shuffle(source: Source, list: unknown): unknown {
  if (list === undefined) return undefined;
  const cards: unknown[] = Array.isArray(list) ? [...(list as unknown[])] : [list];
  for (let left = cards.length - 1; left > 0; left--) {
    const other = Math.floor(source.random() * (left + 1));
    [cards[left], cards[other]] = [cards[other], cards[left]];
  }
  return cards;
}

function uuid(source: Source): string {
  const digit = (from: number, count: number): string => (from + Math.floor(source.random() * count)).toString(16);
  const digits = (count: number): string => Array.from({ length: count }, () => digit(0, 16)).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${digit(8, 4)}${digits(3)}-${digits(12)}`;
}

/** The same seed gives the same number. */
function seeded(seed: unknown): number {
  if (typeof seed !== 'number') throw mistyped('random', 1);
  return (
    createHash('sha256')
      .update(String(Math.trunc(seed)))
      .digest()
      .readUInt32BE(0) /
    2 ** 32
  );
}
