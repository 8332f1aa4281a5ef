// Which variables can have a value where: reading one that never can, and assigning one of an outer scope, are refused.
import { BUILT_IN } from '../builtins.ts';
import type { Assignments, Scope, State } from '../definition.ts';
import { element, field, refuse } from '../faults.ts';
import type { Place } from '../faults.ts';
import { queriesOf } from '../template.ts';
import { leavingsOf, ownTemplates, variablesOf } from './states.ts';

/** Checks a scope and those inside it; `outer` may already have values, `owned` are names of enclosing scopes. */
export function checkVariables(place: Place, scope: Scope, outer: ReadonlySet<string>, owned: ReadonlySet<string>): void {
  const own = assignedIn(scope);
  for (const [name, state] of scope.states) checkOwnership(field(field(place, 'States'), name), state, owned);
  const known = flow(scope, outer);
  for (const [name, state] of scope.states) {
    const before = known.get(name);
    if (!before) continue;
    const at = field(field(place, 'States'), name);
    checkReads(at, state, before);
    for (const [nested, inner] of nestedIn(at, state)) checkVariables(nested, inner, before, new Set([...owned, ...own]));
  }
}

function checkOwnership(place: Place, state: State, owned: ReadonlySet<string>): void {
  for (const leaving of leavingsOf(state)) {
    for (const [name] of leaving.assign) {
      if (owned.has(name))
        refuse(field(place, 'Assign'), `Variable '${name}' belongs to an outer scope and cannot be assigned here`);
    }
  }
}

function checkReads(place: Place, state: State, before: ReadonlySet<string>): void {
  const told = new Set<string>();
  for (const template of ownTemplates(state)) {
    for (const { reads, text } of queriesOf(template)) {
      for (const name of reads.variables) {
        if (before.has(name) || BUILT_IN.has(name) || told.has(name)) continue;
        told.add(name);
        refuse(place, `Variable '$${name}' is read by '${text}' but no path to this state assigns it`, 'UNDEFINED_VARIABLE');
      }
    }
  }
}

/** For each reachable state, the variables that some path to it has assigned. */
function flow(scope: Scope, outer: ReadonlySet<string>): Map<string, Set<string>> {
  const known = new Map([[scope.startAt, new Set(outer)]]);
  const waiting = [scope.startAt];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const state = scope.states.get(name);
    const before = known.get(name);
    if (!state || !before) continue;
    for (const { next, assign } of leavingsOf(state)) {
      if (next !== undefined && extend(known, next, before, assign)) waiting.push(next);
    }
  }
  return known;
}

/** Adds what arrives at `next`; says whether that was news. */
function extend(known: Map<string, Set<string>>, next: string, before: ReadonlySet<string>, assign: Assignments): boolean {
  const there = known.get(next);
  const size = there?.size ?? -1;
  const merged = new Set([...(there ?? []), ...before, ...assign.map(([name]) => name)]);
  known.set(next, merged);
  return merged.size > size;
}

function assignedIn(scope: Scope): Set<string> {
  const names = new Set<string>();
  for (const state of scope.states.values())
    for (const { assign } of leavingsOf(state)) for (const [name] of assign) names.add(name);
  return names;
}

function nestedIn(place: Place, state: State): (readonly [Place, Scope])[] {
  if (state.type === 'Map') return [[field(place, 'ItemProcessor'), state.processor]];
  if (state.type !== 'Parallel') return [];
  return state.branches.map((branch, i) => [element(field(place, 'Branches'), i), branch] as const);
}

/** State by state, what it reads: the shape of DescribeStateMachine's variableReferences. */
export function referencesIn(scope: Scope): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, state] of scope.states) {
    const names = variablesOf(state).filter((variable) => !BUILT_IN.has(variable));
    if (names.length > 0) found[name] = names;
    for (const [, inner] of nestedIn({ path: '', faults: [] }, state)) Object.assign(found, referencesIn(inner));
  }
  return found;
}
