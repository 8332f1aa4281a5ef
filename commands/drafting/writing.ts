// A draft as the text of estate.yml: every value with where it was found, every open field marked.
import { dirname, relative, sep } from 'node:path';
import { Document, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml';
import { aboutField } from '../../shared/estate-mistakes.ts';
import type { Path } from '../../shared/estate-rules/mistake.ts';
import { settled, type Fields, type Open, type Sheet, type Value } from './sheet.ts';

export interface Told {
  readonly sheet: Fields;
  readonly leftOut: readonly string[];
  /** Where the file will lie, and where its schema is. */
  readonly file: string;
  readonly schema: string;
}

export function estateText({ sheet, leftOut, file, schema }: Told): string {
  const document = new Document();
  document.contents = nodeOf(settled(sheet), []);
  const to = relative(dirname(file), schema).split(sep).join('/');
  document.commentBefore = lines([
    `yaml-language-server: $schema=${to.startsWith('.') ? to : `./${to}`}`,
    'Drafted by npm run estate:new: check every line, and fill in those that say TO FILL IN.',
    'npm run estate:check names what is missing; docs/estate.md has every field, also those that are not here.',
  ]);
  if (leftOut.length > 0) document.comment = lines(['Seen and left out:', ...leftOut.map((line) => `  ${line}`)]);
  return document.toString({ lineWidth: 0, nullStr: '', flowCollectionPadding: false });
}

/** What an account says of itself may hold anything: a line break would end the comment. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd();
const lines = (texts: readonly string[]): string => texts.map((text) => ` ${oneLine(text)}`).join('\n');

function nodeOf(sheet: Sheet, path: Path): Node {
  if (sheet.kind === 'known') return commented(valueOf(sheet.value), sheet.found);
  if (sheet.kind === 'open') return commented(new Scalar(null), `TO FILL IN: ${wanted(sheet, path)}`);
  if (sheet.kind === 'list') {
    const items = new YAMLSeq();
    items.items = sheet.items.map((one, at) => nodeOf(one, [...path, at]));
    return items;
  }
  const map = new YAMLMap();
  map.items = sheet.fields.map(([name, one]) => new Pair(keyOf(name, one, path), nodeOf(one, [...path, name])));
  return map;
}

/** Groups stand apart at the top of the file; what is said above one stands above its name. */
function keyOf(name: string, sheet: Sheet, above: Path): Scalar {
  const key = new Scalar(name);
  const isGroup = sheet.kind === 'fields' || sheet.kind === 'list';
  key.spaceBefore = isGroup && above.length === 0;
  if (isGroup && sheet.above !== '') key.commentBefore = lines([sheet.above]);
  return key;
}

function valueOf(value: Value): Scalar | YAMLSeq {
  if (typeof value !== 'object') return new Scalar(value);
  const items = new YAMLSeq();
  items.items = value.map((one) => new Scalar(one));
  items.flow = true;
  return items;
}

function commented<One extends Node>(node: One, text: string): One {
  if (text !== '') node.comment = lines([text]);
  return node;
}

/** What is expected of it estate:check tells as well; a choice and a list are told here, too. */
function wanted({ hint }: Open, path: Path): string {
  const { description, expected, example } = aboutField(path);
  const told = expected.startsWith('one of ') ? expected : expected === 'a list' ? (example ?? '') : '';
  return [description, told, hint].filter((part) => part !== '').join('; ');
}
