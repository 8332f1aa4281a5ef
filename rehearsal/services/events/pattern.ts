// Event patterns: compiled once, with everything unknown refused.
import { AwsError } from '../error.ts';
import { isObject } from '../json-object.ts';

type Test = (value: unknown, present: boolean) => boolean;
/** Whether an event's object fits. */
type Shape = (event: Readonly<Record<string, unknown>>) => boolean;

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

/** Throws InvalidEventPatternException unless every part of the pattern is understood. */
export function compilePattern(text: string): Shape {
  const pattern = parse(text);
  if (!isObject(pattern)) throw invalid('Filter is not an object');
  if (Object.keys(pattern).length === 0) throw invalid('Empty patterns are not allowed');
  return shapeOf(pattern);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

function shapeOf(pattern: Record<string, unknown>): Shape {
  const parts = Object.entries(pattern).map(([key, wanted]): Shape => {
    if (key === '$or') return alternativesOf(wanted);
    if (Array.isArray(wanted)) return leafOf(key, wanted);
    if (!isObject(wanted)) throw invalid(`"${key}" must be an object or an array`);
    if (Object.keys(wanted).length === 0) throw invalid('Empty objects are not allowed');
    const inner = shapeOf(wanted);
    return (event) => {
      const value = event[key];
      if (Array.isArray(value)) return value.some((item) => isObject(item) && inner(item));
      return inner(isObject(value) ? value : {});
    };
  });
  return (event) => parts.every((part) => part(event));
}

function alternativesOf(wanted: unknown): Shape {
  if (!Array.isArray(wanted) || wanted.length < 2) throw invalid('"$or" must be an array of at least two patterns');
  const shapes = wanted.map((one) => {
    if (!isObject(one)) throw invalid('"$or" must hold objects');
    return shapeOf(one);
  });
  return (event) => shapes.some((shape) => shape(event));
}

function leafOf(key: string, wanted: readonly unknown[]): Shape {
  if (wanted.length === 0) throw invalid('Empty arrays are not allowed');
  const tests = wanted.map(testOf);
  return (event) => {
    const found = event[key];
    const present = key in event;
    // A list fits when one of its items does.
    const values = Array.isArray(found) && found.length > 0 ? found : [found];
    return tests.some((test) => values.some((value) => test(value, present && !isObject(value) && !isEmptyList(found))));
  };
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

function testOf(wanted: unknown): Test {
  if (!isObject(wanted)) {
    if (Array.isArray(wanted)) throw invalid('Match value must be String, number, true, false, or null');
    return (value, present) => present && value === wanted;
  }
  const entries = Object.entries(wanted);
  const [name, operand] = entries[0] ?? ['', undefined];
  if (entries.length !== 1) throw invalid('Only one key allowed in match expression');
  return operatorOf(name, operand);
}

const isText = (value: unknown): value is string => typeof value === 'string';

function operatorOf(name: string, operand: unknown): Test {
  switch (name) {
    case 'exists': {
      if (typeof operand !== 'boolean') throw invalid('exists match pattern must be either true or false');
      return (_value, present) => present === operand;
    }
    case 'prefix':
    case 'suffix':
      return textual(affixOf(name, operand));
    case 'equals-ignore-case': {
      const wanted = textOperand(name, operand).toLowerCase();
      return textual((value) => value.toLowerCase() === wanted);
    }
    case 'wildcard':
      return textual(wildcardOf(textOperand(name, operand)));
    case 'numeric':
      return numericOf(operand);
    case 'anything-but':
      return anythingBut(operand);
    default:
      throw invalid(`Unrecognized match type ${name}`);
  }
}

const textual =
  (fits: (value: string) => boolean): Test =>
  (value, present) =>
    present && isText(value) && fits(value);

function textOperand(name: string, operand: unknown): string {
  if (!isText(operand) || (operand === '' && name === 'wildcard')) throw invalid(`${name} match pattern must be a string`);
  return operand;
}

function affixOf(name: 'prefix' | 'suffix', operand: unknown): (value: string) => boolean {
  const fold = isObject(operand);
  if (fold && (Object.keys(operand).length !== 1 || !('equals-ignore-case' in operand))) {
    throw invalid(`Unsupported anything inside ${name}`);
  }
  const given = textOperand(name, fold ? operand['equals-ignore-case'] : operand);
  const wanted = fold ? given.toLowerCase() : given;
  return (value) => {
    const found = fold ? value.toLowerCase() : value;
    return name === 'prefix' ? found.startsWith(wanted) : found.endsWith(wanted);
  };
}

function wildcardOf(text: string): (value: string) => boolean {
  if (text.includes('**')) throw invalid('Consecutive wildcard characters at pos ' + String(text.indexOf('**')));
  if (/\\(?![*\\])/.test(text)) throw invalid('Invalid escape character in wildcard');
  const parts = text.match(/\\[*\\]|[^]/g) ?? [];
  const source = parts.map((part) => (part === '*' ? '.*' : quote(part.length === 2 ? part.slice(1) : part))).join('');
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => expression.test(value);
}

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `["=", 5]`, or a lower bound, an upper bound, or first the lower and then the upper. */
function numericOf(operand: unknown): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalid('Value of numeric must be an array of one or two comparisons');
  }
  const bounds: ((value: number) => boolean)[] = [];
  for (let place = 0; place < operand.length; place += 2) {
    const [sign, limit] = [String(operand[place]), operand[place + 1] as unknown];
    const compare = COMPARE[sign];
    if (!compare) throw invalid(`Unrecognized numeric range operator: ${sign}`);
    if (typeof limit !== 'number' || Math.abs(limit) > 5e9) throw invalid('Value of numeric must be between -5.0E9 and 5.0E9');
    bounds.push((value) => compare(value, limit));
  }
  if (operand.length === 4 && !(/^>/.test(String(operand[0])) && /^</.test(String(operand[2])) && operand[1] < operand[3])) {
    throw invalid('Bottom must be less than top');
  }
  return (value, present) => present && typeof value === 'number' && bounds.every((fits) => fits(value));
}

function anythingBut(operand: unknown): Test {
  if (isObject(operand)) {
    const entries = Object.entries(operand);
    const [name = '', inner] = entries[0] ?? [];
    if (entries.length !== 1 || !['prefix', 'suffix', 'wildcard', 'equals-ignore-case'].includes(name)) {
      throw invalid(`Unsupported anything-but pattern: ${name}`);
    }
    const tests = (Array.isArray(inner) ? inner : [inner]).map((one) => operatorOf(name, one));
    if (tests.length === 0) throw invalid('Empty arrays are not allowed');
    return (value, present) => present && !tests.some((test) => test(value, present));
  }
  const refused: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (refused.length === 0 || refused.some((one) => !isText(one) && typeof one !== 'number')) {
    throw invalid('Inside anything-but list, only strings and numbers are supported');
  }
  return (value, present) => present && !refused.includes(value);
}
