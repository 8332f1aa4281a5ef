// Slack's Block Kit, as far as messages use it: what Slack refuses, and what a reader sees of the rest.
import { textOf, type Fields } from './http.ts';
import { readMrkdwn } from './message.ts';

const MOST_BLOCKS = 50;
const LONGEST = { section: 3000, header: 150, field: 2000, button: 75, url: 3000, value: 2000 } as const;

type Trouble = string;
const at = (pointer: string, what: string): Trouble => `[ERROR] ${what} [json-pointer:${pointer}]`;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** What Slack would say of these blocks; empty when it takes them. */
export function troublesOf(blocks: unknown): Trouble[] {
  if (!Array.isArray(blocks)) return [at('/blocks', 'must be an array')];
  if (blocks.length > MOST_BLOCKS) return [at('/blocks', `no more than ${MOST_BLOCKS} items allowed`)];
  return blocks.flatMap((block: unknown, i) => troublesOfBlock(block, `/blocks/${i}`));
}

function troublesOfBlock(block: unknown, pointer: string): Trouble[] {
  if (!isFields(block)) return [at(pointer, 'must be an object')];
  switch (block['type']) {
    case 'divider':
      return [];
    case 'header':
      return troublesOfText(block['text'], `${pointer}/text`, LONGEST.header, ['plain_text']);
    case 'section':
      return troublesOfSection(block, pointer);
    case 'context':
      return items(block['elements'], `${pointer}/elements`, 10, (element, place) =>
        troublesOfText(element, place, LONGEST.section),
      );
    case 'actions':
      return items(block['elements'], `${pointer}/elements`, 25, troublesOfButton);
    default:
      return [at(`${pointer}/type`, `unsupported type: ${textOf(block['type'])}; the rehearsal imitates no other`)];
  }
}

function troublesOfSection(block: Fields, pointer: string): Trouble[] {
  const { text, fields, accessory } = block;
  if (text === undefined && fields === undefined) return [at(pointer, 'must have `text` or `fields`')];
  return [
    ...(text === undefined ? [] : troublesOfText(text, `${pointer}/text`, LONGEST.section)),
    ...(fields === undefined
      ? []
      : items(fields, `${pointer}/fields`, 10, (field, place) => troublesOfText(field, place, LONGEST.field))),
    ...(accessory === undefined ? [] : troublesOfButton(accessory, `${pointer}/accessory`)),
  ];
}

function troublesOfText(value: unknown, pointer: string, longest: number, types = ['plain_text', 'mrkdwn']): Trouble[] {
  if (!isFields(value)) return [at(pointer, 'missing required field')];
  if (!types.includes(textOf(value['type']))) return [at(`${pointer}/type`, `must be one of ${types.join(', ')}`)];
  const { length } = textOf(value['text']);
  if (length === 0) return [at(`${pointer}/text`, 'must be more than 0 characters')];
  return length > longest ? [at(`${pointer}/text`, `must be less than ${longest + 1} characters`)] : [];
}

function troublesOfButton(value: unknown, pointer: string): Trouble[] {
  if (!isFields(value) || value['type'] !== 'button') {
    return [at(`${pointer}/type`, 'unsupported type: the rehearsal imitates buttons and no other element')];
  }
  const long = (field: 'url' | 'value'): Trouble[] =>
    textOf(value[field]).length > LONGEST[field]
      ? [at(`${pointer}/${field}`, `must be less than ${LONGEST[field] + 1} characters`)]
      : [];
  return [...troublesOfText(value['text'], `${pointer}/text`, LONGEST.button, ['plain_text']), ...long('url'), ...long('value')];
}

function items(
  value: unknown,
  pointer: string,
  most: number,
  troublesOfItem: (item: unknown, pointer: string) => Trouble[],
): Trouble[] {
  if (!Array.isArray(value) || value.length === 0) return [at(pointer, 'must have at least 1 item')];
  if (value.length > most) return [at(pointer, `no more than ${most} items allowed`)];
  return value.flatMap((item: unknown, i) => troublesOfItem(item, `${pointer}/${i}`));
}

/** Every text object in the blocks that is read as mrkdwn: where links are unfurled and people are rung. */
export function mrkdwnIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn);
  if (!isFields(value)) return [];
  if (value['type'] === 'mrkdwn') return [textOf(value['text'])];
  return Object.values(value).flatMap(mrkdwnIn);
}

/** The blocks as lines of text; a button that leads somewhere shows where. */
export function readBlocks(blocks: readonly unknown[], nameOf: (member: string) => string): string {
  const read = (value: unknown): string => {
    if (!isFields(value)) return '';
    return value['type'] === 'mrkdwn' ? readMrkdwn(textOf(value['text']), nameOf) : textOf(value['text']);
  };
  const button = (value: Fields): string =>
    value['url'] === undefined ? `[${read(value['text'])}]` : `${read(value['text'])}: ${textOf(value['url'])}`;
  const lines = (block: Fields): string[] => {
    const { type, text, fields, elements, accessory } = block;
    if (type === 'divider') return ['—'];
    const inner = [...listOf(fields), ...listOf(elements), accessory];
    return [read(text), ...inner.filter(isFields).map((part) => (part['type'] === 'button' ? button(part) : read(part)))];
  };
  return blocks
    .filter(isFields)
    .flatMap(lines)
    .filter((line) => line !== '')
    .join('\n');
}
