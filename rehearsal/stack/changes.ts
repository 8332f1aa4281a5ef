// What an update would do to each resource: the plan a change set shows, and the test of whether there is anything to do.
import { isDeepStrictEqual } from 'node:util';
import { handlerOf } from './blueprint.ts';
import type { Blueprint, Sight } from './blueprint.ts';
import { liveResources } from './record.ts';
import type { Intent, ResourceRecord, StackRecord } from './record.ts';
import type { Mistake } from './shape.ts';
import { isObject, KNOWN_AFTER_APPLY } from './values.ts';
import type { Json } from './values.ts';

export interface Change {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly id: string;
  readonly type: string;
  readonly physicalId: string | undefined;
  readonly replacement: 'True' | 'False' | undefined;
  /** Names of the properties that differ. */
  readonly properties: readonly string[];
}

export function changedProperties(before: Json, after: Json): string[] {
  const was = isObject(before) ? before : {};
  const is = isObject(after) ? after : {};
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => !isDeepStrictEqual(was[key], is[key]));
}

/** Whether these changes make a new resource instead of changing the one that stands. */
export function mustReplace(one: ResourceRecord, type: string, changed: readonly string[]): boolean {
  if (one.type !== type) return true;
  const { replacedBy, update } = handlerOf(type);
  return !update || replacedBy === '*' || changed.some((name) => replacedBy.includes(name));
}

/** Resources that carry the stack's tags change with them. */
export function takesTags(type: string): boolean {
  const mistakes: Mistake[] = [];
  const { shape, update } = handlerOf(type);
  shape({ Tags: KNOWN_AFTER_APPLY }, { pointer: '#', mistakes });
  return update !== undefined && !mistakes.some(({ place }) => place === 'Tags');
}

export function changesOf(stack: StackRecord, blueprint: Blueprint, intent: Intent, exported: Sight['exported']): Change[] {
  const renewed = new Set<string>();
  const tagsChanged = !isDeepStrictEqual(stack.intent?.tags ?? [], intent.tags);
  const standing = (id: string): ResourceRecord['standing'] => (renewed.has(id) ? undefined : stack.resources.get(id)?.standing);
  const sight: Sight = {
    ref: (id) => standing(id)?.physicalId ?? KNOWN_AFTER_APPLY,
    attribute: (id, name) => standing(id)?.attributes[name] ?? KNOWN_AFTER_APPLY,
    exported,
  };
  const changes: Change[] = [];
  for (const id of blueprint.order) {
    const type = blueprint.present.get(id)?.type ?? '';
    const one = stack.resources.get(id);
    const base = { id, type, physicalId: one?.standing?.physicalId };
    if (!one?.standing) {
      changes.push({ ...base, action: 'Add', replacement: undefined, properties: [] });
      continue;
    }
    const properties = changedProperties(one.properties, blueprint.properties(id, sight));
    const retagged = tagsChanged && takesTags(type);
    if (one.type === type && properties.length === 0 && !retagged) continue;
    const replaced = mustReplace(one, type, properties) && (properties.length > 0 || one.type !== type);
    if (replaced) renewed.add(id);
    changes.push({
      ...base,
      action: 'Modify',
      replacement: replaced ? 'True' : 'False',
      properties: retagged ? [...properties, 'Tags'] : properties,
    });
  }
  const removed = liveResources(stack).filter(({ id }) => !blueprint.present.has(id));
  return [...changes, ...removed.map((one) => removal(one))];
}

const removal = ({ id, type, standing }: ResourceRecord): Change => ({
  action: 'Remove',
  id,
  type,
  physicalId: standing?.physicalId,
  replacement: undefined,
  properties: [],
});

/** Conditions, descriptions and metadata alone are no update; outputs and tags are. */
export function changesNothing(stack: StackRecord, blueprint: Blueprint, intent: Intent, exported: Sight['exported']): boolean {
  if (changesOf(stack, blueprint, intent, exported).length > 0) return false;
  const policies = [...blueprint.present.values()].some(({ id, deletionPolicy, updateReplacePolicy }) => {
    const one = stack.resources.get(id);
    return one?.deletionPolicy !== deletionPolicy || one?.updateReplacePolicy !== updateReplacePolicy;
  });
  return !policies && isDeepStrictEqual(stack.intent?.tags ?? [], intent.tags) && sameOutputs(stack, blueprint, exported);
}

function sameOutputs(stack: StackRecord, blueprint: Blueprint, exported: Sight['exported']): boolean {
  const sight: Sight = {
    ref: (id) => stack.resources.get(id)?.standing?.physicalId ?? '',
    attribute: (id, name) => stack.resources.get(id)?.standing?.attributes[name] ?? '',
    exported,
  };
  const after = blueprint.outputs.map((one) => ({
    name: one.name,
    description: one.description,
    ...blueprint.output(one, sight),
  }));
  const before = stack.outputs.map(({ name, description, value, exportName }) => ({ name, description, value, exportName }));
  return isDeepStrictEqual(new Map(after.map((one) => [one.name, one])), new Map(before.map((one) => [one.name, one])));
}
