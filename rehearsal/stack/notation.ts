// A template's text: JSON, or YAML with CloudFormation's own tags (`!Ref`, `!Sub`, …).
import { parseDocument } from 'yaml';
import type { CollectionTag, ScalarTag, YAMLMap, YAMLSeq } from 'yaml';
import { malformed } from './values.ts';
import type { Json } from './values.ts';

const TAGS = [
  'Ref',
  'Condition',
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
  'Transform',
] as const;

const longName = (tag: string): string => (tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`);

/** `!GetAtt Name.Attribute` is the one short form that splits its text. */
const argumentOf = (tag: string, text: string): Json =>
  tag === 'GetAtt' ? [text.slice(0, Math.max(0, text.indexOf('.'))), text.slice(text.indexOf('.') + 1)] : text;

function tagsOf(tag: string): (ScalarTag | CollectionTag)[] {
  const resolveCollection = (node: YAMLMap | YAMLSeq): unknown => ({ [longName(tag)]: node });
  return [
    { tag: `!${tag}`, resolve: (text: string) => ({ [longName(tag)]: argumentOf(tag, text) }) },
    { tag: `!${tag}`, collection: 'seq', resolve: resolveCollection },
    { tag: `!${tag}`, collection: 'map', resolve: resolveCollection },
  ];
}

const CUSTOM_TAGS = TAGS.flatMap(tagsOf);

/** A tag's resolver may leave nodes inside plain objects: this turns them all into plain values. */
function plain(value: unknown, document: ReturnType<typeof parseDocument>): Json {
  if (typeof value !== 'object' || value === null) return value as Json;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if ('toJS' in value && typeof value.toJS === 'function') {
    return plain((value.toJS as (d: unknown) => unknown)(document), document);
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, document));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, document)]));
}

function readYaml(text: string): Json {
  const document = parseDocument(text, {
    customTags: CUSTOM_TAGS,
    schema: 'yaml-1.1',
    version: '1.1',
    merge: false,
    logLevel: 'silent',
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw malformed(`YAML not well-formed. (${problem.message.split('\n')[0] ?? ''})`);
  return plain(document.toJS({ maxAliasCount: 0 }), document);
}

export function readTemplateText(text: string): Json {
  const json = /^\s*\{/.test(text);
  try {
    return json ? (JSON.parse(text) as Json) : readYaml(text);
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError') throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw malformed(json ? `JSON not well-formed. (${said})` : `YAML not well-formed. (${said})`);
  }
}
