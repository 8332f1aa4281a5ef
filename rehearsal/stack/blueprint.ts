// A template with its parameters: which resources there will be, in which order, and what every name means.
import { CATALOGUE } from './resources/catalogue.ts';
import type { AnyResource } from './resources/resource.ts';
import { conditionsOf } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { referencesIn } from './functions.ts';
import { evaluate } from './intrinsics.ts';
import type { Scope } from './intrinsics.ts';
import { checkReferences, graphOf, orderOf } from './order.ts';
import type { Graph } from './order.ts';
import { checkParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import type { Mistake } from './shape.ts';
import type { OutputDeclaration, ResourceDeclaration, Template } from './template.ts';
import { invalid, KNOWN_AFTER_APPLY, malformed, notImitated } from './values.ts';
import type { Json } from './values.ts';

export interface Identity {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly account: string;
}

/** What stands so far, and what other stacks export. */
export interface Sight {
  ref(id: string): string;
  attribute(id: string, name: string): string;
  exported(name: string): string;
}

export interface Blueprint {
  readonly template: Template;
  readonly present: ReadonlyMap<string, ResourceDeclaration>;
  readonly outputs: readonly OutputDeclaration[];
  readonly graph: Graph;
  readonly order: readonly string[];
  properties(id: string, sight: Sight): Json;
  output(output: OutputDeclaration, sight: Sight): { value: string; exportName: string | undefined };
}

export function handlerOf(type: string): AnyResource {
  const handler = CATALOGUE.get(type);
  if (!handler) throw notImitated(`the resource type ${type}`);
  return handler;
}

/** Everything that can be wrong before anything is made, is refused here. */
export function draftBlueprint(
  template: Template,
  parameters: Parameters,
  identity: Identity,
  exported: Sight['exported'],
): Blueprint {
  checkTemplate(template);
  const nothing: Sight = { ref: () => KNOWN_AFTER_APPLY, attribute: () => KNOWN_AFTER_APPLY, exported };
  const conditions = conditionsOf(template.conditions, (known) => scopeOf(template, parameters, identity, known, nothing));
  for (const name of template.conditions.keys()) conditions(name, `Conditions/${name}`);
  const taken = (name: string): boolean => conditions(name, '');
  const kept = ({ condition }: { condition: string | undefined }): boolean => condition === undefined || taken(condition);
  const present = new Map([...template.resources].filter(([, declaration]) => kept(declaration)));
  const outputs = [...template.outputs.values()].filter(kept);
  const scope = (sight: Sight): Scope => scopeOf(template, parameters, identity, conditions, sight);
  checkPresence(present, outputs, taken);
  const graph = graphOf(present, taken);
  const blueprint: Blueprint = {
    template,
    present,
    outputs,
    graph,
    order: orderOf(graph),
    properties: (id, sight) => evaluate(present.get(id)?.properties ?? {}, scope(sight), `Resources/${id}/Properties`) ?? {},
    output: (output, sight) => evaluateOutput(output, scope(sight)),
  };
  for (const id of blueprint.order) readProperties(id, present.get(id)?.type ?? '', blueprint.properties(id, nothing));
  for (const output of outputs) blueprint.output(output, nothing);
  return blueprint;
}

/** What can be said of a template without its parameters. */
export function checkTemplate(template: Template): void {
  checkParameters(template);
  checkTypes(template);
  checkReferences(template);
}

function checkTypes(template: Template): void {
  const unknown = [...template.resources.values()].filter(({ type }) => !CATALOGUE.has(type));
  const nonsense = unknown.filter(({ type }) => !/^(AWS|Custom|Alexa)::[\w:@-]+$/.test(type)).map(({ type }) => type);
  if (nonsense.length > 0) throw malformed(`Unrecognized resource types: [${nonsense.join(', ')}]`);
  const named = unknown.map(({ id, type }) => `${type} (Resources/${id})`);
  if (named.length > 0) throw notImitated(`the resource type ${named.join(', ')}`);
}

/** References to what the conditions leave out, and attributes the type does not have. */
function checkPresence(
  present: ReadonlyMap<string, ResourceDeclaration>,
  outputs: readonly OutputDeclaration[],
  taken: (name: string) => boolean,
): void {
  const inResources = [...present.values()].flatMap(({ id, properties }) =>
    referencesIn(properties, `Resources/${id}/Properties`, taken),
  );
  const inOutputs = outputs.flatMap(({ name, value, exportName }) => [
    ...referencesIn(value, `Outputs/${name}/Value`, taken),
    ...referencesIn(exportName, `Outputs/${name}/Export/Name`, taken),
  ]);
  for (const { name, attribute, path } of [...inResources, ...inOutputs]) {
    const target = present.get(name);
    const block = path.split('/')[0] ?? '';
    const foreign = target === undefined && attribute !== undefined;
    if (foreign) throw malformed(`Unresolved resource dependencies [${name}] in the ${block} block of the template (${path})`);
    if (target && attribute !== undefined && !handlerOf(target.type).attributes.includes(attribute)) {
      throw invalid(`Template error: resource ${name} does not support attribute type ${attribute} in Fn::GetAtt (${path})`);
    }
  }
}

function pseudo(name: string, { stackName, stackId, region, account }: Identity): Json | undefined {
  const values = new Map<string, Json>([
    ['AWS::AccountId', account],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', region],
    ['AWS::StackId', stackId],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
  return values.get(name);
}

function scopeOf(template: Template, parameters: Parameters, identity: Identity, conditions: Conditions, sight: Sight): Scope {
  return {
    ref(name, path) {
      if (name === 'AWS::NoValue') return undefined;
      const known = pseudo(name, identity) ?? parameters.get(name)?.value;
      if (known !== undefined) return known;
      const target = template.resources.get(name);
      const left = target?.condition !== undefined && !conditions(target.condition, path);
      if (!target || left) {
        const block = path.split('/')[0] ?? '';
        throw malformed(`Unresolved resource dependencies [${name}] in the ${block} block of the template (${path})`);
      }
      return sight.ref(name);
    },
    attribute: (id, name) => sight.attribute(id, name),
    condition: conditions,
    exported: (name) => sight.exported(name),
    mappings: template.mappings,
    region: identity.region,
  };
}

function evaluateOutput(
  { name, value, exportName }: OutputDeclaration,
  scope: Scope,
): { value: string; exportName: string | undefined } {
  const read = (raw: Json, part: string): string => {
    const found = evaluate(raw, scope, `Outputs/${name}/${part}`);
    if (typeof found === 'string') return found;
    if (typeof found === 'number' || typeof found === 'boolean') return String(found);
    throw malformed(`The ${part} field of every Outputs member must evaluate to a String. (Outputs/${name})`);
  };
  return { value: read(value, 'Value'), exportName: exportName === undefined ? undefined : read(exportName, 'Export/Name') };
}

/** The properties in the handler's own type; every mistake at once, each naming `LogicalId.Property`. */
export function readProperties(id: string, type: string, properties: Json): unknown {
  const handler = handlerOf(type);
  const mistakes: Mistake[] = [];
  const read = handler.shape(properties, { pointer: '#', mistakes });
  if (mistakes.length > 0) {
    const said = mistakes.map(
      ({ pointer, message, place }) => `${pointer}: ${message} (${place === '' ? id : `${id}.${place}`})`,
    );
    throw invalid(`Properties validation failed for resource ${id} with message:\n[${said.join(', ')}]`);
  }
  const objection = handler.check?.(read);
  if (objection !== undefined)
    throw invalid(`Properties validation failed for resource ${id} with message:\n[#: ${objection} (${id})]`);
  return read;
}
