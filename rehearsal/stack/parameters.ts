// A stack's parameters: what the caller gave, judged by what the template allows.
import { entriesOf, invalid, isObject, malformed, notImitated } from './values.ts';
import type { Json } from './values.ts';
import type { ParameterDeclaration, Template } from './template.ts';

export interface GivenParameter {
  readonly ParameterKey?: string | undefined;
  readonly ParameterValue?: string | undefined;
  readonly UsePreviousValue?: boolean | undefined;
  readonly ResolvedValue?: string | undefined;
}
export interface Parameter {
  readonly name: string;
  /** As given: for an SSM type, the parameter's name. */
  readonly given: string;
  /** What Ref gives. */
  readonly value: string | string[];
  /** What the SSM parameter held when it was read. */
  readonly resolved: string | undefined;
  readonly hidden: boolean;
}
export type Parameters = ReadonlyMap<string, Parameter>;

const SSM_VALUE = /^AWS::SSM::Parameter::Value<(String|List<String>|CommaDelimitedList)>$/;
const PLAIN = ['String', 'Number', 'CommaDelimitedList', 'List<Number>', 'List<String>', 'AWS::SSM::Parameter::Name'];

export const isNoEcho = ({ settings }: ParameterDeclaration): boolean =>
  settings['NoEcho'] === true || settings['NoEcho'] === 'true';

/** Types and settings that are wrong whatever the caller gives. */
export function checkParameters(template: Template): void {
  for (const { name, type, settings } of template.parameters.values()) {
    if (!PLAIN.includes(type) && !SSM_VALUE.test(type)) {
      if (/^(AWS::|List<AWS::)/.test(type)) throw notImitated(`the parameter type ${type} (Parameters/${name})`);
      throw malformed(`Unrecognized parameter type: ${type} (Parameters/${name})`);
    }
    const value = settings['Default'];
    if (value !== undefined && typeof value === 'object') {
      throw malformed(`Every Default member must be a string. (Parameters/${name})`);
    }
    const pattern = settings['AllowedPattern'];
    if (pattern !== undefined && !compiles(pattern))
      throw malformed(`Parameters/${name}/AllowedPattern is no regular expression`);
    if (settings['AllowedValues'] !== undefined && !Array.isArray(settings['AllowedValues'])) {
      throw malformed(`Every AllowedValues member must be a list. (Parameters/${name})`);
    }
    if (value !== undefined) judge(name, type, settings, scalarText(value));
  }
}

function compiles(pattern: Json): boolean {
  try {
    return typeof pattern === 'string' && new RegExp(pattern).source !== '';
  } catch {
    return false;
  }
}

export interface ParameterSources {
  readonly given: readonly GivenParameter[];
  /** The values of the stack as it stands, for UsePreviousValue. */
  readonly previous?: Parameters | undefined;
  readSsm(name: string): Promise<string>;
}

export async function resolveParameters(template: Template, sources: ParameterSources): Promise<Parameters> {
  const given = new Map(sources.given.map((one) => [one.ParameterKey ?? '', one]));
  const strangers = [...given.keys()].filter((name) => !template.parameters.has(name));
  if (strangers.length > 0) throw invalid(`Parameters: [${strangers.join(', ')}] do not exist in the template`);
  const values = [...template.parameters.values()].map(
    (one) => [one, valueOf(one, given.get(one.name), sources.previous)] as const,
  );
  const missing = values.filter(([, value]) => value === undefined).map(([{ name }]) => name);
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  const resolved = await Promise.all(values.map(([one, value]) => resolve(one, value ?? '', sources)));
  return new Map(resolved.map((one) => [one.name, one]));
}

function valueOf(one: ParameterDeclaration, given: GivenParameter | undefined, previous?: Parameters): string | undefined {
  if (given?.UsePreviousValue === true) {
    if (given.ParameterValue !== undefined) {
      throw invalid(
        `Invalid input for parameter key ${one.name}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    const before = previous?.get(one.name);
    if (!before)
      throw invalid(
        `Invalid input for parameter key ${one.name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    return before.given;
  }
  if (given) return given.ParameterValue ?? '';
  const value = one.settings['Default'];
  return value === undefined ? undefined : scalarText(value);
}

async function resolve(one: ParameterDeclaration, given: string, sources: ParameterSources): Promise<Parameter> {
  const { name, type, settings } = one;
  judge(name, type, settings, given);
  const fromSsm = SSM_VALUE.exec(type)?.[1];
  const resolved = fromSsm === undefined ? undefined : await sources.readSsm(given);
  const listed = (fromSsm ?? type) !== 'String' && !['Number', 'AWS::SSM::Parameter::Name'].includes(type);
  const text = resolved ?? given;
  const value = listed ? (text === '' ? [] : text.split(',').map((item) => item.trim())) : text;
  return { name, given, value, resolved, hidden: isNoEcho(one) };
}

const scalarText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

type Settings = ParameterDeclaration['settings'];
type Rule = readonly [setting: string, broken: (value: string, limit: string) => boolean, says: (limit: string) => string];

const NUMBER_RULES: readonly Rule[] = [
  ['MinValue', (value, limit) => Number(value) < Number(limit), (limit) => `must be a number not less than ${limit}`],
  ['MaxValue', (value, limit) => Number(value) > Number(limit), (limit) => `must be a number not greater than ${limit}`],
];
const TEXT_RULES: readonly Rule[] = [
  ['MinLength', (value, limit) => value.length < Number(limit), (limit) => `must contain at least ${limit} characters`],
  ['MaxLength', (value, limit) => value.length > Number(limit), (limit) => `must contain at most ${limit} characters`],
  [
    'AllowedPattern',
    (value, pattern) => !new RegExp(`^(?:${pattern})$`).test(value),
    (pattern) => `must match pattern ${pattern}`,
  ],
];

function judge(name: string, type: string, settings: Settings, given: string): void {
  const says = (rule: string): Error => {
    const described = settings['ConstraintDescription'];
    return typeof described === 'string'
      ? invalid(`Parameter ${name} failed to satisfy constraint: ${described}`)
      : invalid(`Parameter '${name}' ${rule}`);
  };
  const values =
    type === 'CommaDelimitedList' || type.startsWith('List<') ? given.split(',').map((item) => item.trim()) : [given];
  const numeric = type === 'Number' || type === 'List<Number>';
  for (const value of values) {
    if (numeric && (value === '' || !Number.isFinite(Number(value)))) throw invalid(`Parameter '${name}' must be a number`);
    const allowed = settings['AllowedValues'];
    if (Array.isArray(allowed) && !allowed.map(scalarText).includes(value)) {
      throw says(`must be one of AllowedValues`);
    }
    for (const [setting, broken, rule] of numeric ? NUMBER_RULES : TEXT_RULES) {
      const limit = settings[setting];
      if (limit !== undefined && broken(value, scalarText(limit))) throw says(rule(scalarText(limit)));
    }
  }
}

/** `{{resolve:ssm:name:version}}` and its kin, wherever they stand in a value. */
const DYNAMIC = /\{\{resolve:(ssm|ssm-secure|secretsmanager):([^}]+)\}\}/g;

export type ResolveDynamic = (service: string, rest: string) => Promise<string>;

/** Replaces the dynamic references of an evaluated value; each is read once more at every deployment, as AWS does. */
export async function resolveDynamic(value: Json, resolveOne: ResolveDynamic): Promise<Json> {
  if (typeof value === 'string') {
    let text = value;
    for (const [whole, service = '', rest = ''] of value.matchAll(DYNAMIC)) {
      const found = await resolveOne(service, rest);
      text = text.replace(whole, () => found);
    }
    return text;
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveDynamic(item, resolveOne)));
  if (!isObject(value)) return value;
  const members = entriesOf(value).map(async ([key, item]) => [key, await resolveDynamic(item, resolveOne)] as const);
  return Object.fromEntries(await Promise.all(members));
}
