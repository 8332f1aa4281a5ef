// Reads an estate from its file, for commands, the package and the rehearsal. A bundle has the estate without the reader.
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import { RunbookError } from './errors.ts';
import { Estate } from './estate.ts';
import { mistakesIn } from './estate-mistakes.ts';
import { dotted, type Path } from './estate-rules/mistake.ts';

/** Where the estate is, unless CHANGEOVER_ESTATE names another file. */
export const ESTATE_FILE = 'estate.yml';

interface Trouble {
  readonly at: number;
  readonly says: string;
}

/** The estate, or one error that tells every mistake, a line each, by line and path. */
export function parseEstate(text: string, file: string): Estate {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const troubles = [...written(document, text), ...(readable(document) ? judged(document) : [])];
  if (troubles.length === 0) return Estate.parse(document.toJS());
  const says = [...troubles]
    .sort((one, other) => one.at - other.at)
    .map(({ at, says }) => `${file}:${lines.linePos(at).line}:${lines.linePos(at).col} ${says}`);
  throw new RunbookError('InputInvalid', says.join('\n'), { file, mistakes: says.length });
}

/** `called` is how mistakes name the file. */
export const readEstateFile = (path: string, called = path): Estate => parseEstate(textOf(path, called), called);

/** The text of an estate, or one error that says why there is none. */
export function textOf(path: string, called: string): string {
  const refused = (found: string, expected: string, cause?: unknown): RunbookError => {
    const says = `${called}: found ${found}, expected ${expected}; docs/estate.md tells how to write one`;
    return new RunbookError('InputInvalid', says, { file: called }, { cause });
  };
  let bytes;
  try {
    bytes = bytesOf(path, refused);
  } catch (error) {
    if (error instanceof RunbookError) throw error;
    throw refused(`no file that can be read (${error instanceof Error ? error.message : String(error)})`, 'an estate', error);
  }
  // Whoever saved it as UTF-16 would be told of a mistake in every line.
  if (bytes.includes(0) || !isUtf8(bytes)) throw refused('what is no UTF-8 text', 'an estate in YAML');
  return bytes.toString('utf8');
}

/** An estate of a hundred names is a tenth of this. */
const MOST_BYTES = 1024 * 1024;

function bytesOf(path: string, refused: (found: string, expected: string) => RunbookError): Buffer {
  // Without waiting: a pipe would be opened only when somebody writes into it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw refused(kindOf(stat), 'a file with an estate');
    if (stat.size > MOST_BYTES) throw refused(`${stat.size} bytes`, `at most ${MOST_BYTES}`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

const kindOf = (stat: Stats): string =>
  stat.isDirectory() ? 'a folder' : stat.isFIFO() ? 'a pipe' : stat.isSocket() ? 'a socket' : 'a device';

/** What is wrong with it before anybody asks what it means. */
function written(document: Document.Parsed, text: string): Trouble[] {
  const lines = new Set<number>();
  return [...document.errors, ...document.warnings]
    .filter(({ pos: [at] }) => {
      // One slip makes the parser stumble several times: the first on a line tells it.
      const line = text.slice(0, at).split('\n').length;
      return !lines.has(line) && lines.add(line);
    })
    .map((error) => ({ at: error.pos[0], says: slip(error, text) }));
}

function slip({ code, message, pos: [at] }: YAMLError, text: string): string {
  const word = /^["']?([^\s"':]+)/.exec(text.slice(at))?.[1] ?? '';
  if (code === 'DUPLICATE_KEY') return `${word}: found a second time, expected each field once; take one out`;
  if (code === 'TAB_AS_INDENT') return 'found a tab, expected spaces; indent with spaces';
  if (code === 'MULTIPLE_DOCS') return 'found a second document, expected one; take out the line that begins it';
  return `found what is not YAML (${message}), expected "field: value"; look at indentation, quotes and brackets here and above`;
}

/** Fields that are there twice are read all the same, so that everything is told at once. */
const readable = ({ errors, warnings }: Document.Parsed): boolean =>
  warnings.length === 0 && errors.every(({ code }) => code === 'DUPLICATE_KEY');

function judged(document: Document.Parsed): Trouble[] {
  try {
    return mistakesIn(document.toJS()).map(({ path, found, expected, wayOut }) => ({
      at: place(document, path),
      says: `${path.length === 0 ? 'the estate' : dotted(path)}: found ${found}, expected ${expected}; ${wayOut}`,
    }));
  } catch (error) {
    // An alias that names nothing, or thousands of them.
    if (!(error instanceof ReferenceError)) throw error;
    return [
      {
        at: 0,
        says: `found aliases that cannot be followed (${error.message}), expected each value where it belongs; write it out`,
      },
    ];
  }
}

/** Where the field is, or what it is missing from. */
function place(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let at = 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return at;
      at = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? at;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      at = (isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined) ?? at;
    }
  }
  return at;
}
