// DNS names as Route 53 keeps them: lower case, octal escapes for what is no letter, digit, hyphen or underscore, a final dot.

/** Why a name is none, as Route 53 words it. */
export class BadName extends Error {}

const fatal = (problem: string, says: string, text: string): BadName =>
  new BadName(`FATAL problem: ${problem} (${says}) encountered with '${text}'`);

const PLAIN = /^[a-z0-9_-]$/;
const MOST_IN_LABEL = 63;
const MOST_IN_NAME = 255;

/** The name in its one form. Throws BadName. */
export function normalName(text: string): string {
  if (text === '') throw fatal('DomainNameEmpty', 'Domain name is empty', text);
  if (text === '.') return '.';
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.').map((label) => labelOf(label, text));
  const bytes = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (bytes > MOST_IN_NAME) throw fatal('DomainNameTooLong', 'Domain name is too long', text);
  return `${labels.map((label) => label.map(written).join('')).join('.')}.`;
}

/** One label's bytes, in lower case. */
function labelOf(label: string, whole: string): number[] {
  if (label === '') throw fatal('DomainLabelEmpty', 'Domain label is empty', whole);
  const bytes: number[] = [];
  for (let i = 0; i < label.length; i++) {
    const escaped = /^\\([0-3][0-7]{2})/.exec(label.slice(i))?.[1];
    const code = escaped === undefined ? label.charCodeAt(i) : Number.parseInt(escaped, 8);
    if (escaped === undefined && (code < 0x21 || code > 0x7e || code === 0x5c))
      throw fatal('UnsupportedCharacter', 'Value contains unsupported characters', whole);
    if (escaped !== undefined) i += 3;
    bytes.push(code >= 0x41 && code <= 0x5a ? code + 0x20 : code);
  }
  if (bytes.length > MOST_IN_LABEL) throw fatal('DomainLabelTooLong', 'Domain label is too long', whole);
  return bytes;
}

function written(byte: number): string {
  const character = String.fromCharCode(byte);
  return PLAIN.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}

/** The name as it came in a packet: labels in raw bytes, no final dot. */
export function nameOfWire(raw: string): string {
  if (raw === '.' || raw === '') return '.';
  const labels = raw.split('.').map((label) => [...Buffer.from(label)].map((b) => (b >= 0x41 && b <= 0x5a ? b + 0x20 : b)));
  return `${labels.map((label) => label.map(written).join('')).join('.')}.`;
}

/** The name as it goes into a packet. */
export const wireOf = (name: string): string =>
  name
    .replace(/\.$/, '')
    .split('.')
    .map((label) => label.replace(/(?:\\[0-3][0-7]{2})+/g, (run) => bytesOf(run).toString()))
    .join('.');

const bytesOf = (run: string): Buffer =>
  Buffer.from([...run.matchAll(/\\(\d{3})/g)].map(([, octal = '']) => Number.parseInt(octal, 8)));

/** `com.example.www.`: what Route 53's listings are sorted by. */
export const sortKey = (name: string): string => `${name.replace(/\.$/, '').split('.').reverse().join('.')}.`;

export const liesIn = (name: string, zone: string): boolean => zone === '.' || name === zone || name.endsWith(`.${zone}`);

export const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1) || '.';

/** In ASCII's order, whatever the laptop's language. */
export const byAscii = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
