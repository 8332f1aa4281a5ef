// A template as CloudFormation reads it: closed sections, closed resource attributes, every stranger refused by name.
import { entriesOf, isObject, malformed, memberOf, notImitated } from './values.ts';
import type { Json, JsonObject } from './values.ts';
import { readTemplateText } from './notation.ts';

export type Retention = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

export interface ParameterDeclaration {
  readonly name: string;
  readonly type: string;
  readonly settings: JsonObject;
}
export interface ResourceDeclaration {
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly deletionPolicy: Retention | undefined;
  readonly updateReplacePolicy: Retention | undefined;
  readonly metadata: Json | undefined;
}
export interface OutputDeclaration {
  readonly name: string;
  readonly description: string | undefined;
  readonly value: Json;
  readonly exportName: Json | undefined;
  readonly condition: string | undefined;
}
export interface Template {
  readonly text: string;
  readonly description: string | undefined;
  readonly metadata: Json | undefined;
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly mappings: Json;
  readonly conditions: ReadonlyMap<string, Json>;
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly outputs: ReadonlyMap<string, OutputDeclaration>;
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
];
/** Sections and attributes that AWS has and this cloud has not. */
const SECTIONS_NOT_IMITATED = ['Transform', 'Rules', 'Hooks'];
const ATTRIBUTES = ['Type', 'Properties', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy', 'Metadata'];
const ATTRIBUTES_NOT_IMITATED = ['CreationPolicy', 'UpdatePolicy'];
const RETENTIONS = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'] as const;
const PARAMETER_SETTINGS = [
  'Type',
  'Default',
  'Description',
  'AllowedPattern',
  'AllowedValues',
  'ConstraintDescription',
  'MaxLength',
  'MinLength',
  'MaxValue',
  'MinValue',
  'NoEcho',
];
const LIMITS = { Parameters: 200, Mappings: 200, Resources: 500, Outputs: 200 } as const;

export function parseTemplate(text: string): Template {
  const root = readTemplateText(text);
  if (!isObject(root)) throw malformed('unsupported structure.');
  refuseStrangers(
    root,
    SECTIONS,
    SECTIONS_NOT_IMITATED,
    (names) => `Invalid template property or properties [${names}]`,
    'section',
  );
  checkHead(root);
  const conditions = section(root, 'Conditions');
  const template: Template = {
    text,
    description: asText(root['Description'], 'Template format error: Description'),
    metadata: root['Metadata'],
    parameters: mapOf(section(root, 'Parameters'), 'Parameter name', readParameter),
    mappings: readMappings(root),
    conditions: mapOf(conditions, 'Condition name', (_, value) => value),
    resources: mapOf(section(root, 'Resources'), 'Resource name', readResource),
    outputs: mapOf(section(root, 'Outputs'), 'Output name', readOutput),
  };
  if (template.resources.size === 0) throw malformed('At least one Resources member must be defined.');
  checkConditionNames(template);
  return template;
}

function checkHead(root: JsonObject): void {
  const version = root['AWSTemplateFormatVersion'];
  if (version !== undefined && version !== '2010-09-09') {
    throw malformed(`Template version ${JSON.stringify(version)} is not supported; AWSTemplateFormatVersion must be 2010-09-09.`);
  }
  const description = root['Description'];
  if (description !== undefined && typeof description !== 'string') throw malformed('Every Description must be a string.');
  if (typeof description === 'string' && Buffer.byteLength(description) > 1024) {
    throw malformed("'Description' length is greater than 1024.");
  }
}

function section(root: JsonObject, name: string): Json | undefined {
  const value = root[name];
  if (value !== undefined && !isObject(value)) throw malformed(`${name} must be an object.`);
  if (name in LIMITS && entriesOf(value).length > LIMITS[name as keyof typeof LIMITS]) {
    const limit = LIMITS[name as keyof typeof LIMITS];
    throw malformed(`Number of ${name.toLowerCase()}, ${entriesOf(value).length}, is greater than maximum allowed, ${limit}`);
  }
  return value;
}

function mapOf<T>(value: Json | undefined, what: string, read: (name: string, value: Json) => T): ReadonlyMap<string, T> {
  return new Map(
    entriesOf(value).map(([name, item]) => {
      if (!/^[A-Za-z0-9]{1,255}$/.test(name)) throw malformed(`${what} ${name} is non alphanumeric.`);
      return [name, read(name, item)];
    }),
  );
}

function refuseStrangers(
  value: JsonObject,
  known: readonly string[],
  unimitated: readonly string[],
  message: (names: string) => string,
  kind: string,
): void {
  const strangers = Object.keys(value).filter((key) => !known.includes(key));
  const ours = strangers.filter((key) => !unimitated.includes(key));
  if (ours.length > 0) throw malformed(message(ours.join(', ')));
  if (strangers[0] !== undefined) throw notImitated(`the template ${kind} ${strangers[0]}`);
}

function readParameter(name: string, value: Json): ParameterDeclaration {
  if (!isObject(value)) throw malformed(`[/Parameters/${name}] Every Parameters object must be an object.`);
  refuseStrangers(value, PARAMETER_SETTINGS, [], (names) => `Invalid template parameter property '${names}'`, 'parameter');
  const type = value['Type'];
  if (typeof type !== 'string') throw malformed(`[/Parameters/${name}] Every Parameters object must contain a Type member.`);
  return { name, type, settings: value };
}

function readMappings(root: JsonObject): Json {
  const mappings = section(root, 'Mappings');
  for (const [name, tops] of entriesOf(mappings)) {
    if (!isObject(tops)) throw malformed(`[/Mappings/${name}] Every Mappings member must be a map.`);
    for (const [top, seconds] of Object.entries(tops)) {
      if (!isObject(seconds)) throw malformed(`[/Mappings/${name}/${top}] Every Mappings member ${name} must be a map of maps.`);
    }
  }
  return mappings ?? {};
}

function readResource(id: string, value: Json): ResourceDeclaration {
  const at = `/Resources/${id}`;
  if (!isObject(value)) throw malformed(`[${at}] Every Resources object must be an object.`);
  const type = value['Type'];
  if (typeof type !== 'string') throw malformed(`[${at}] Every Resources object must contain a Type member.`);
  const strange = (names: string): string => `[${at}] Invalid template resource property '${names}'`;
  refuseStrangers(value, ATTRIBUTES, ATTRIBUTES_NOT_IMITATED, strange, `resource attribute ${id}.`.trim());
  const properties = value['Properties'] ?? {};
  if (!isObject(properties)) throw malformed(`[${at}/Properties] Properties must be an object.`);
  return {
    id,
    type,
    properties,
    dependsOn: readDependsOn(value['DependsOn'], at),
    condition: asText(value['Condition'], `[${at}/Condition]`),
    deletionPolicy: readRetention(value['DeletionPolicy'], 'DeletionPolicy', id),
    updateReplacePolicy: readRetention(value['UpdateReplacePolicy'], 'UpdateReplacePolicy', id),
    metadata: value['Metadata'],
  };
}

function readDependsOn(value: Json | undefined, at: string): string[] {
  const names = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (names.every((name) => typeof name === 'string')) return names;
  throw malformed(`[${at}/DependsOn] Every DependsOn value must be a string.`);
}

function readRetention(value: Json | undefined, attribute: string, id: string): Retention | undefined {
  if (value === undefined) return undefined;
  const known = RETENTIONS.find((one) => one === value);
  const allowed = attribute === 'UpdateReplacePolicy' ? known !== 'RetainExceptOnCreate' : true;
  if (known === undefined || !allowed) throw malformed(`Unrecognized ${attribute} ${JSON.stringify(value)} for resource ${id}`);
  if (known === 'Snapshot') throw notImitated(`${attribute} Snapshot (resource ${id})`);
  return known;
}

function readOutput(name: string, value: Json): OutputDeclaration {
  const at = `/Outputs/${name}`;
  if (!isObject(value) || value['Value'] === undefined || value['Value'] === null) {
    throw malformed(`[${at}] Every Outputs member must contain a Value object.`);
  }
  const strange = (names: string): string => `[${at}] Invalid template output property '${names}'`;
  refuseStrangers(value, ['Description', 'Value', 'Export', 'Condition'], [], strange, 'output');
  const exported = value['Export'];
  const exportName = memberOf(exported, 'Name');
  if (exported !== undefined && exportName === undefined) throw malformed(`[${at}/Export] Export must contain a Name.`);
  return {
    name,
    value: value['Value'],
    exportName,
    description: asText(value['Description'], `[${at}/Description]`),
    condition: asText(value['Condition'], `[${at}/Condition]`),
  };
}

function asText(value: Json | undefined, at: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw malformed(`${at} must be a string.`);
}

function checkConditionNames({ conditions, resources, outputs }: Template): void {
  const named = [
    ...[...resources.values()].map((r) => ['Resources', r.condition] as const),
    ...[...outputs.values()].map((o) => ['Outputs', o.condition] as const),
  ];
  for (const [block, name] of named) {
    if (name !== undefined && !conditions.has(name)) {
      throw malformed(`Unresolved condition dependency ${name} in the ${block} block of the template`);
    }
  }
}
