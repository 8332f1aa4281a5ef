// Slack's Block Kit, as far as messages use it here: what Slack refuses, by the place of the trouble. What a block may carry is
// closed: an element or a key that is not listed is refused, so that nothing is sent which the rehearsal would have drawn as nothing.
import { isFields } from './http.ts';

type Trouble = string;
/** What Slack would say of a value; empty when it takes it. */
type Rule = (value: unknown, pointer: string) => Trouble[];

const MOST_BLOCKS = 50;
/** Of all blocks together, as they are sent: not documented, seen as `msg_blocks_too_long`. */
export const LONGEST_BLOCKS = 13_200;

const at = (pointer: string, what: string): Trouble => `[ERROR] ${what} [json-pointer:${pointer}]`;
const isBoolean: Rule = (value, pointer) => (typeof value === 'boolean' ? [] : [at(pointer, 'must be a boolean')]);

const words =
  (longest: number, shortest = 1): Rule =>
  (value, pointer) => {
    if (typeof value !== 'string') return [at(pointer, 'must be a string')];
    if (value.length < shortest) return [at(pointer, `must be more than ${shortest - 1} characters`)];
    return value.length > longest ? [at(pointer, `must be less than ${longest + 1} characters`)] : [];
  };

const whole =
  (least: number, most: number): Rule =>
  (value, pointer) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? []
      : [at(pointer, `must be an integer from ${least} to ${most}`)];

const oneOf =
  (...known: readonly string[]): Rule =>
  (value, pointer) =>
    typeof value === 'string' && known.includes(value) ? [] : [at(pointer, `must be one of ${known.join(', ')}`)];

const list =
  (most: number, rule: Rule): Rule =>
  (value, pointer) => {
    if (!Array.isArray(value) || value.length === 0) return [at(pointer, 'must have at least 1 item')];
    if (value.length > most) return [at(pointer, `no more than ${most} items allowed`)];
    return value.flatMap((item: unknown, i) => rule(item, `${pointer}/${i}`));
  };

/** An object with these keys and no others; `type` is judged by whoever chose the rule. */
const object =
  (required: Readonly<Record<string, Rule>>, optional: Readonly<Record<string, Rule>> = {}): Rule =>
  (value, pointer) => {
    if (!isFields(value)) return [at(pointer, 'must be an object')];
    const rules: Readonly<Record<string, Rule>> = { ...required, ...optional };
    const missing = Object.keys(required).filter((key) => value[key] === undefined);
    return [
      ...missing.map((key) => at(pointer, `missing required field: ${key}`)),
      ...Object.entries(value).flatMap(([key, field]) => {
        if (key === 'type' || field === undefined) return [];
        const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
        return rule ? rule(field, `${pointer}/${key}`) : [at(pointer, `invalid additional property: ${key}`)];
      }),
    ];
  };

const typed =
  (rules: Readonly<Record<string, Rule>>, unknown: (type: string) => string): Rule =>
  (value, pointer) => {
    if (!isFields(value)) return [at(pointer, 'must be an object')];
    const type = typeof value['type'] === 'string' ? value['type'] : '';
    const rule = Object.hasOwn(rules, type) ? rules[type] : undefined;
    return rule ? rule(value, pointer) : [at(`${pointer}/type`, unknown(type))];
  };

const plain = (longest: number): Rule =>
  typed({ plain_text: object({ text: words(longest) }, { emoji: isBoolean }) }, () => 'must be one of plain_text');
const prose = (longest: number): Rule =>
  typed(
    {
      plain_text: object({ text: words(longest) }, { emoji: isBoolean }),
      mrkdwn: object({ text: words(longest) }, { verbatim: isBoolean }),
    },
    () => 'must be one of plain_text, mrkdwn',
  );

const id = words(255);
const style = oneOf('primary', 'danger');
const address: Rule = (value, pointer) => {
  const troubles = words(3000)(value, pointer);
  if (troubles.length > 0) return troubles;
  return /^https?:\/\//.test(String(value)) && URL.canParse(String(value)) ? [] : [at(pointer, 'must be a valid URL')];
};
const never =
  (what: string): Rule =>
  (_value, pointer) => [at(pointer, `the rehearsal does not imitate ${what}`)];

const confirm = object({ title: plain(100), text: prose(300), confirm: plain(30), deny: plain(30) }, { style });
const button = typed(
  {
    button: object(
      { text: plain(75) },
      { action_id: id, url: address, value: words(2000), style, confirm, accessibility_label: words(75) },
    ),
  },
  (type) => `unsupported type: ${type}; the rehearsal imitates buttons and no other element`,
);

const textInput: Rule = (value, pointer) => {
  const troubles = object(
    {},
    {
      action_id: id,
      initial_value: words(3000, 0),
      multiline: isBoolean,
      min_length: whole(0, 3000),
      max_length: whole(1, 3000),
      placeholder: plain(150),
      focus_on_load: isBoolean,
      dispatch_action_config: never('inputs that dispatch by themselves'),
    },
  )(value, pointer);
  if (troubles.length > 0 || !isFields(value)) return troubles;
  const { min_length: least, max_length: most, initial_value: first } = value;
  if (typeof least === 'number' && typeof most === 'number' && least > most)
    return [at(`${pointer}/min_length`, 'must be less than or equal to max_length')];
  const tooLong = typeof most === 'number' && typeof first === 'string' && first.length > most;
  return tooLong ? [at(`${pointer}/initial_value`, `must be less than ${most + 1} characters`)] : [];
};

const block_id = id;
const section: Rule = (value, pointer) => {
  const troubles = object(
    {},
    { text: prose(3000), fields: list(10, prose(2000)), accessory: button, expand: isBoolean, block_id },
  )(value, pointer);
  const empty = isFields(value) && value['text'] === undefined && value['fields'] === undefined;
  return empty ? [at(pointer, 'must define either `text` or `fields`'), ...troubles] : troubles;
};
const actions: Rule = (value, pointer) => {
  const troubles = object({ elements: list(25, button) }, { block_id })(value, pointer);
  const elements = isFields(value) && Array.isArray(value['elements']) ? (value['elements'] as unknown[]) : [];
  return [...troubles, ...twice(elements, 'action_id', `${pointer}/elements`)];
};

const block = typed(
  {
    header: object({ text: plain(150) }, { block_id }),
    section,
    divider: object({}, { block_id }),
    context: object({ elements: list(10, prose(3000)) }, { block_id }),
    actions,
    input: object(
      {
        label: plain(2000),
        element: typed(
          { plain_text_input: textInput },
          (type) => `unsupported type: ${type}; of inputs the rehearsal imitates plain_text_input only`,
        ),
      },
      {
        hint: plain(2000),
        optional: isBoolean,
        block_id,
        dispatch_action: (value, pointer) => (value === false ? [] : never('inputs that dispatch by themselves')(value, pointer)),
      },
    ),
  },
  (type) => `unsupported type: ${type}; the rehearsal imitates no other`,
);

/** An id may be given once among its kin. */
function twice(items: readonly unknown[], key: 'action_id' | 'block_id', pointer: string): Trouble[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, i) => {
    const given = isFields(item) ? item[key] : undefined;
    if (given === undefined) return [];
    const again = seen.has(given);
    seen.add(given);
    const where = key === 'action_id' ? 'element' : 'block';
    return again ? [at(`${pointer}/${i}/${key}`, `\`${key}\` already exists for another ${where}`)] : [];
  });
}

/** What Slack would say of these blocks; empty when it takes them. */
export function troublesOf(blocks: readonly unknown[]): Trouble[] {
  if (blocks.length > MOST_BLOCKS) return [at('/blocks', `no more than ${MOST_BLOCKS} items allowed`)];
  return [...blocks.flatMap((item, i) => block(item, `/blocks/${i}`)), ...twice(blocks, 'block_id', '/blocks')];
}
