// CloudFormation's functions, evaluated over a scope. A function whose argument is not known yet is not known yet either.
import { getAttOf, functionCall, substitutions, substituted } from './functions.ts';
import type { FunctionCall } from './functions.ts';
import { isObject, isUnknown, invalid, KNOWN_AFTER_APPLY, malformed, memberOf } from './values.ts';
import type { Json } from './values.ts';

/** What a template's names mean here and now. `undefined` from `ref` is `AWS::NoValue`. */
export interface Scope {
  ref(name: string, path: string): Json | undefined;
  attribute(id: string, name: string, path: string): Json;
  condition(name: string, path: string): boolean;
  readonly mappings: Json;
  exported(name: string): string;
  readonly region: string;
}

type Evaluate = (argument: Json, scope: Scope, path: string) => Json | undefined;

const wrongForm = (message: string, path: string): Error => invalid(`Template error: ${message} (${path})`);

export function evaluate(value: Json, scope: Scope, path: string): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => evaluate(item, scope, `${path}/${index}`)).filter((item) => item !== undefined);
  }
  const call = functionCall(value, path);
  if (call) return apply(call, scope, path);
  const members = Object.entries(value).map(([key, item]) => [key, evaluate(item, scope, `${path}/${key}`)] as const);
  return Object.fromEntries(members.filter((member): member is [string, Json] => member[1] !== undefined));
}

function apply({ name, argument }: FunctionCall, scope: Scope, path: string): Json | undefined {
  const run = FUNCTIONS.get(name);
  if (!run) throw malformed(`${name} can only be used in the Conditions section (${path})`);
  return run(argument, scope, path);
}

/** The argument as a list of so many evaluated members. */
function members(argument: Json, count: number, scope: Scope, path: string, form: string): Json[] {
  if (!Array.isArray(argument) || argument.length !== count) throw wrongForm(form, path);
  return argument.map((item, index) => evaluate(item, scope, `${path}/${index}`) ?? '');
}

const scalar = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

const getAtt: Evaluate = (argument, scope, path) => {
  const { id, attribute } = getAttOf(argument, path);
  return scope.attribute(id, attribute, path);
};

const SUB_FORM =
  "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string";

const sub: Evaluate = (argument, scope, path) => {
  const [text, local = {}, ...rest] = Array.isArray(argument) ? argument : [argument];
  if (typeof text !== 'string' || !isObject(local) || rest.length > 0) throw wrongForm(SUB_FORM, path);
  substitutions(text, path);
  return substituted(text, (variable) => {
    const value = Object.hasOwn(local, variable)
      ? evaluate(local[variable] ?? '', scope, `${path}/${variable}`)
      : variable.includes('.') && !variable.startsWith('AWS::')
        ? getAtt(variable, scope, path)
        : scope.ref(variable, path);
    const read = scalar(value);
    if (read === undefined) throw wrongForm(`Fn::Sub needs a string for \${${variable}}`, path);
    return read;
  });
};

const JOIN_FORM =
  'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.';

const join: Evaluate = (argument, scope, path) => {
  const [delimiter, items] = members(argument, 2, scope, path, JOIN_FORM);
  if (isUnknown(items) && !Array.isArray(items)) return KNOWN_AFTER_APPLY;
  if (typeof delimiter !== 'string' || !Array.isArray(items)) throw wrongForm(JOIN_FORM, path);
  return items
    .map((item) => {
      const read = scalar(item);
      if (read === undefined) throw wrongForm(JOIN_FORM, path);
      return read;
    })
    .join(delimiter);
};

const SELECT_FORM = 'Fn::Select requires a list argument with two elements: an integer index and a list';

const select: Evaluate = (argument, scope, path) => {
  const [index, items] = members(argument, 2, scope, path, SELECT_FORM);
  if (isUnknown(items) || isUnknown(index)) return KNOWN_AFTER_APPLY;
  if (!Array.isArray(items) || !/^\d+$/.test(scalar(index) ?? '')) throw wrongForm(SELECT_FORM, path);
  const chosen = items[Number(scalar(index))];
  if (chosen === undefined) throw wrongForm(`Fn::Select cannot select nonexistent value at index ${scalar(index) ?? ''}`, path);
  return chosen;
};

const SPLIT_FORM =
  'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.';

const split: Evaluate = (argument, scope, path) => {
  const [delimiter, text] = members(argument, 2, scope, path, SPLIT_FORM);
  if (typeof delimiter !== 'string' || delimiter === '' || typeof text !== 'string') throw wrongForm(SPLIT_FORM, path);
  return isUnknown(text) ? [KNOWN_AFTER_APPLY] : text.split(delimiter);
};

const IF_FORM = 'Fn::If requires a list argument with the first element being a condition, and two values';

const choose: Evaluate = (argument, scope, path) => {
  if (!Array.isArray(argument) || argument.length !== 3) throw wrongForm(IF_FORM, path);
  const [name, yes = null, no = null] = argument;
  if (typeof name !== 'string') throw wrongForm(IF_FORM, path);
  return scope.condition(name, path) ? evaluate(yes, scope, `${path}/1`) : evaluate(no, scope, `${path}/2`);
};

const MAP_FORM = 'every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value';

const findInMap: Evaluate = (argument, scope, path) => {
  const keys = members(argument, 3, scope, path, MAP_FORM).map(scalar);
  const [map = '', top = '', second = ''] = keys;
  if (keys.includes(undefined)) throw wrongForm(MAP_FORM, path);
  if (keys.some(isUnknown)) throw wrongForm('Fn::FindInMap cannot depend on a resource', path);
  const found = memberOf(memberOf(memberOf(scope.mappings, map), top), second);
  if (found === undefined) throw wrongForm(`Unable to get mapping for ${map}::${top}::${second}`, path);
  return found;
};

/** An evaluated argument that must be one string. */
const oneString =
  (name: string, use: (text: string, scope: Scope) => Json): Evaluate =>
  (argument, scope, path) => {
    const value = evaluate(argument, scope, path);
    if (typeof value !== 'string') throw wrongForm(`every ${name} object must have a String-typed value.`, path);
    return isUnknown(value) ? KNOWN_AFTER_APPLY : use(value, scope);
  };

const FUNCTIONS: ReadonlyMap<string, Evaluate> = new Map<string, Evaluate>([
  [
    'Ref',
    (argument, scope, path) => {
      if (typeof argument !== 'string') throw malformed(`[${path}] Every Ref object must have a single String value.`);
      return scope.ref(argument, path);
    },
  ],
  ['Fn::GetAtt', getAtt],
  ['Fn::Sub', sub],
  ['Fn::Join', join],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::If', choose],
  ['Fn::FindInMap', findInMap],
  ['Fn::Base64', oneString('Fn::Base64', (text) => Buffer.from(text).toString('base64'))],
  [
    'Fn::GetAZs',
    oneString('Fn::GetAZs', (region, scope) => ['a', 'b', 'c'].map((zone) => `${region === '' ? scope.region : region}${zone}`)),
  ],
  ['Fn::ImportValue', oneString('Fn::ImportValue', (name, scope) => scope.exported(name))],
]);
