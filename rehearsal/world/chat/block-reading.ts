// What stands in blocks that Slack has taken: their words, their buttons, their inputs, and the ids Slack gives what has none.
import { fieldsIn, isFields, textOf, type Fields } from './http.ts';
import { readMrkdwn } from './message.ts';

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
    const { type, text, label, fields, elements, accessory } = block;
    if (type === 'divider') return ['—'];
    if (type === 'input') return [`${read(label)}: […]`];
    const inner = [...fieldsIn(fields), ...fieldsIn(elements), ...fieldsIn([accessory])];
    return [read(text), ...inner.map((part) => (part['type'] === 'button' ? button(part) : read(part)))];
  };
  return blocks
    .filter(isFields)
    .flatMap(lines)
    .filter((line) => line !== '')
    .join('\n');
}

/** As Slack keeps blocks: each with an id, each element that acts as well, each text with how it is read. */
export function completed(blocks: readonly Fields[], newId: () => string): Fields[] {
  const acting = (value: Fields): Fields =>
    value['type'] === 'button' || value['type'] === 'plain_text_input' ? { action_id: newId(), ...value } : value;
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    if (!isFields(value)) return value;
    const inner = Object.fromEntries(Object.entries(acting(value)).map(([key, field]) => [key, deep(field)]));
    if (inner['type'] === 'plain_text') return { emoji: true, ...inner };
    return inner['type'] === 'mrkdwn' ? { verbatim: false, ...inner } : inner;
  };
  return blocks.map((block) => ({ block_id: newId(), ...(deep(block) as Fields) }));
}

/** A button or an input, and the block it stands in. */
export interface Standing {
  readonly block: string;
  readonly element: Fields;
}

const standing = (blocks: readonly Fields[], elementsOf: (block: Fields) => Fields[]): Standing[] =>
  blocks.flatMap((block) => elementsOf(block).map((element) => ({ block: textOf(block['block_id']), element })));

export const buttonsIn = (blocks: readonly Fields[]): Standing[] =>
  standing(blocks, ({ type, elements, accessory }) =>
    (type === 'actions' ? fieldsIn(elements) : fieldsIn([accessory])).filter((element) => element['type'] === 'button'),
  );

export const inputsIn = (blocks: readonly Fields[]): Standing[] =>
  standing(blocks, ({ type, element }) => (type === 'input' ? fieldsIn([element]) : []));
