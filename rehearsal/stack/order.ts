// In which order resources are made: what a resource refers to stands before it.
import { conditionNamesIn, referencesIn } from './functions.ts';
import type { Reference } from './functions.ts';
import type { ResourceDeclaration, Template } from './template.ts';
import { invalid, malformed } from './values.ts';
import type { Json } from './values.ts';

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const PSEUDO = [
  'AWS::AccountId',
  'AWS::NotificationARNs',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
];

/** Refuses every reference to nothing, in every branch, taken or not. */
export function checkReferences(template: Template): void {
  for (const { id, properties, metadata, dependsOn } of template.resources.values()) {
    for (const name of dependsOn) if (!template.resources.has(name)) dangling(name, 'Resources', `Resources/${id}/DependsOn`);
    checkAll(template, [properties], 'Resources', `Resources/${id}/Properties`);
    // Metadata may hold functions, but nothing here ever reads it: only its references must stand.
    checkAll(template, metadata === undefined ? [] : [metadata], 'Resources', `Resources/${id}/Metadata`);
  }
  for (const { name, value, exportName } of template.outputs.values()) {
    checkAll(template, [value], 'Outputs', `Outputs/${name}/Value`);
    checkAll(template, exportName === undefined ? [] : [exportName], 'Outputs', `Outputs/${name}/Export/Name`);
  }
  checkConditions(template);
}

function checkAll(template: Template, values: readonly Json[], block: string, path: string): void {
  for (const value of values) {
    for (const reference of referencesIn(value, path)) checkReference(template, reference, block);
    for (const name of conditionNamesIn(value, false)) {
      if (!template.conditions.has(name))
        throw invalid(`Template error: unresolved condition dependency ${name} in Fn::If (${path})`);
    }
  }
}

function checkConditions(template: Template): void {
  for (const [name, value] of template.conditions) {
    for (const { name: referred, path } of referencesIn(value, `Conditions/${name}`)) {
      if (!template.parameters.has(referred) && !PSEUDO.includes(referred)) {
        throw malformed(
          `Unresolved dependencies [${referred}]. Cannot reference resources in the Conditions block of the template (${path})`,
        );
      }
    }
    for (const other of conditionNamesIn(value, true)) {
      if (!template.conditions.has(other)) {
        throw malformed(`Unresolved condition dependency ${other} in the Conditions block of the template (Conditions/${name})`);
      }
    }
  }
}

function checkReference(template: Template, { name, attribute, through, path }: Reference, block: string): void {
  if (template.resources.has(name)) return;
  if (through === 'Fn::GetAtt')
    throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${name} (${path})`);
  const parameter = attribute === undefined && (template.parameters.has(name) || PSEUDO.includes(name));
  if (!parameter) dangling(name, block, path);
}

function dangling(name: string, block: string, path: string): never {
  throw malformed(`Unresolved resource dependencies [${name}] in the ${block} block of the template (${path})`);
}

/** Who needs whom, among the resources the conditions leave. */
export function graphOf(present: ReadonlyMap<string, ResourceDeclaration>, taken: (condition: string) => boolean): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { id, properties, dependsOn } of present.values()) {
    const path = `Resources/${id}/Properties`;
    const referred = referencesIn(properties, path, taken);
    // AWS lets DependsOn name a resource its condition leaves out.
    graph.set(id, new Set([...referred.map(({ name }) => name), ...dependsOn].filter((name) => present.has(name))));
  }
  return graph;
}

/** The template's own order where dependencies leave a choice, so that two runs make the same things in the same order. */
export function orderOf(graph: Graph): string[] {
  const order: string[] = [];
  const waiting = new Map([...graph].map(([id, needs]) => [id, new Set(needs)]));
  for (;;) {
    const next = [...waiting].find(([, needs]) => needs.size === 0)?.[0];
    if (next === undefined) break;
    order.push(next);
    waiting.delete(next);
    for (const needs of waiting.values()) needs.delete(next);
  }
  if (waiting.size > 0) throw invalid(`Circular dependency between resources: [${circleIn(waiting).join(', ')}]`);
  return order;
}

/** Only the members of a circle, not what hangs on it. */
function circleIn(waiting: Map<string, Set<string>>): string[] {
  const trail: string[] = [];
  let at = [...waiting.keys()][0];
  while (at !== undefined && !trail.includes(at)) {
    trail.push(at);
    at = [...(waiting.get(at) ?? [])][0];
  }
  return trail.slice(at === undefined ? 0 : trail.indexOf(at));
}
