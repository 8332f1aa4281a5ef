// Where a template's functions are, and what they refer to, before any of them is evaluated.
import { isObject, malformed, notImitated } from './values.ts';
import type { Json } from './values.ts';

export interface Reference {
  /** A logical id, a parameter or a pseudo parameter. */
  readonly name: string;
  readonly attribute: string | undefined;
  readonly through: 'Ref' | 'Fn::GetAtt' | 'Fn::Sub';
  /** `Resources/Machine/Properties/RoleArn` */
  readonly path: string;
}

const SUPPORTED = [
  'Fn::And',
  'Fn::Base64',
  'Fn::Equals',
  'Fn::FindInMap',
  'Fn::GetAtt',
  'Fn::GetAZs',
  'Fn::If',
  'Fn::ImportValue',
  'Fn::Join',
  'Fn::Not',
  'Fn::Or',
  'Fn::Select',
  'Fn::Split',
  'Fn::Sub',
];
const NOT_IMITATED = ['Fn::Cidr', 'Fn::Transform'];

export interface FunctionCall {
  readonly name: string;
  readonly argument: Json;
}

/** `{"Ref": …}` or `{"Fn::…": …}`; a function beside other keys is nothing AWS reads. */
export function functionCall(value: Json, path: string): FunctionCall | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys.find((key) => key.startsWith('Fn::')) ?? (keys.length === 1 ? keys[0] : undefined);
  if (name === undefined || (name !== 'Ref' && !name.startsWith('Fn::'))) return undefined;
  if (NOT_IMITATED.includes(name)) throw notImitated(`the function ${name} (${path})`);
  if (name !== 'Ref' && !SUPPORTED.includes(name)) {
    throw malformed(`Encountered unsupported function: ${name} Supported functions are: [${SUPPORTED.join(', ')}] (${path})`);
  }
  if (keys.length > 1)
    throw malformed(`${name} must stand alone, found beside it [${keys.filter((k) => k !== name).join(', ')}] (${path})`);
  return { name, argument: value[name] ?? null };
}

const VARIABLE = /\$\{(!?)([^}]*)\}/g;

/** The variables of a Fn::Sub text, without the `${!literals}`. */
export function substitutions(text: string, path: string): string[] {
  const variables = [...text.matchAll(VARIABLE)].filter(([, literal]) => literal === '');
  return variables.map(([, , name = '']) => {
    if (!/^[A-Za-z0-9_.:]+$/.test(name)) {
      throw malformed(
        `variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons: \${${name}} (${path})`,
      );
    }
    return name;
  });
}

export const substituted = (text: string, value: (name: string) => string): string =>
  text.replace(VARIABLE, (_, literal: string, name: string) => (literal === '' ? value(name) : `\${${name}}`));

function referenceBy(variable: string, through: Reference['through'], path: string): Reference {
  const dot = variable.indexOf('.');
  const pseudo = variable.startsWith('AWS::');
  return dot === -1 || pseudo
    ? { name: variable, attribute: undefined, through, path }
    : { name: variable.slice(0, dot), attribute: variable.slice(dot + 1), through, path };
}

/** Logical id and attribute, from `[id, attribute]` or `id.attribute`. */
export function getAttOf(argument: Json, path: string): { id: string; attribute: string } {
  const parts = typeof argument === 'string' ? [argument.split('.')[0], argument.split('.').slice(1).join('.')] : argument;
  const [id, ...rest] = Array.isArray(parts) ? parts : [];
  const attribute = rest.every((part) => typeof part === 'string') ? rest.join('.') : '';
  if (typeof id === 'string' && id !== '' && attribute !== '') return { id, attribute };
  throw malformed(
    `every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute (${path})`,
  );
}

function ownReferences({ name, argument }: FunctionCall, path: string): Reference[] {
  if (name === 'Ref') {
    if (typeof argument !== 'string' || argument === '')
      throw malformed(`[${path}] Every Ref object must have a single String value.`);
    return [{ name: argument, attribute: undefined, through: 'Ref', path }];
  }
  if (name === 'Fn::GetAtt') {
    const { id, attribute } = getAttOf(argument, path);
    return [{ name: id, attribute, through: 'Fn::GetAtt', path }];
  }
  if (name !== 'Fn::Sub') return [];
  const [text, local] = Array.isArray(argument) ? argument : [argument];
  if (typeof text !== 'string') return [];
  const given = isObject(local) ? Object.keys(local) : [];
  return substitutions(text, path)
    .filter((variable) => !given.includes(variable))
    .map((variable) => referenceBy(variable, 'Fn::Sub', path));
}

/** Every reference in a value. With `taken`, only those in the branches that the conditions choose. */
export function referencesIn(value: Json | undefined, path: string, taken?: (condition: string) => boolean): Reference[] {
  if (value === undefined || typeof value !== 'object' || value === null) return [];
  const inside = (items: [string | number, Json][]): Reference[] =>
    items.flatMap(([key, item]) => referencesIn(item, `${path}/${key}`, taken));
  if (Array.isArray(value)) return inside(value.map((item, index) => [index, item]));
  const call = functionCall(value, path);
  if (!call) return inside(Object.entries(value));
  const chosen = taken ? chosenBranch(call, taken) : undefined;
  return [
    ...ownReferences(call, path),
    ...(chosen === undefined ? inside([[call.name, call.argument]]) : referencesIn(chosen, path, taken)),
  ];
}

function chosenBranch({ name, argument }: FunctionCall, taken: (condition: string) => boolean): Json | undefined {
  if (name !== 'Fn::If' || !Array.isArray(argument) || typeof argument[0] !== 'string') return undefined;
  return argument[taken(argument[0]) ? 1 : 2];
}

/** The conditions a value asks about by name: `Fn::If`, and `{"Condition": …}` inside the Conditions section. */
export function conditionNamesIn(value: Json | undefined, inConditions: boolean): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => conditionNamesIn(item, inConditions));
  const own: string[] = [];
  const chosen = value['Fn::If'];
  if (Array.isArray(chosen) && typeof chosen[0] === 'string') own.push(chosen[0]);
  const named = value['Condition'];
  if (inConditions && typeof named === 'string' && Object.keys(value).length === 1) own.push(named);
  return [...own, ...Object.values(value).flatMap((item) => conditionNamesIn(item, inConditions))];
}
