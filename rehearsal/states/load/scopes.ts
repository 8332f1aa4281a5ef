// A scope: its states, and that every arrow leads somewhere and every state is led to.
import type { Scope, State } from '../definition.ts';
import { field, refuse } from '../faults.ts';
import type { Place } from '../faults.ts';
import { MAX_NAME_CHARACTERS } from '../limits.ts';
import { checkFields, objectAt, requireFields, textAt } from './fields.ts';
import type { Fields } from './fields.ts';
import { leavingsOf, stateAt } from './states.ts';

/** Names of states are unique in the whole machine, whatever scope they stand in. */
export type Names = Set<string>;

export function scopeAt(place: Place, fields: Fields, known: readonly string[], names: Names): Scope {
  checkFields(place, fields, known);
  requireFields(place, fields, ['StartAt', 'States']);
  const startAt = fields['StartAt'] === undefined ? undefined : textAt(field(place, 'StartAt'), fields['StartAt']);
  const at = field(place, 'States');
  const given = fields['States'] === undefined ? undefined : objectAt(at, fields['States']);
  if (given && Object.keys(given).length === 0) refuse(at, 'The field should be non-empty');
  const states = new Map<string, State>();
  let whole = given !== undefined;
  for (const [name, value] of Object.entries(given ?? {})) {
    const here = field(at, name);
    checkName(here, name, names);
    const state = stateAt(here, name, value, (nested, inner, allowed) => scopeAt(nested, inner, allowed, names));
    if (state) states.set(name, state);
    else whole = false;
  }
  const scope = { startAt: startAt ?? '', states };
  // A state that could not be read has arrows nobody knows: reachability would be guesswork.
  if (startAt !== undefined && given) checkArrows(place, scope, Object.keys(given), whole);
  return scope;
}

function checkName(place: Place, name: string, names: Names): void {
  if (name.length === 0) refuse(place, 'A state needs a name');
  if (name.length > MAX_NAME_CHARACTERS) refuse(place, `State name is longer than ${MAX_NAME_CHARACTERS} characters`);
  if (names.has(name)) refuse(place, `Duplicate state name: ${name}`, 'DUPLICATE_STATE_NAME');
  names.add(name);
}

function checkArrows(place: Place, scope: Scope, declared: readonly string[], whole: boolean): void {
  const missing = (at: Place, kind: string, target: string): void => {
    if (!declared.includes(target)) refuse(at, `Missing '${kind}' target: ${target}`, 'MISSING_TRANSITION_TARGET');
  };
  missing(field(place, 'StartAt'), 'StartAt', scope.startAt);
  for (const [name, state] of scope.states) {
    const at = field(field(place, 'States'), name);
    for (const [kind, target] of arrowsOf(state)) missing(field(at, kind), kind.replace(/.*\//, ''), target);
  }
  if (!whole) return;
  const reached = reachedFrom(scope);
  for (const name of declared) {
    if (!reached.has(name))
      refuse(field(field(place, 'States'), name), `State "${name}" is not reachable.`, 'MISSING_TRANSITION_TARGET');
  }
  const ends = [...reached].some((name) => isTerminal(scope.states.get(name)));
  if (!ends && scope.states.has(scope.startAt)) refuse(place, 'No terminal state is reachable from StartAt', 'MISSING_END_STATE');
}

/** Where each arrow is written, and where it leads. */
function* arrowsOf(state: State): Generator<readonly [string, string]> {
  if (state.type === 'Choice') {
    for (const [i, { leaving }] of state.rules.entries())
      if (leaving.next !== undefined) yield [`Choices[${i}]/Next`, leaving.next];
    if (state.otherwise?.next !== undefined) yield ['Default', state.otherwise.next];
  } else if (state.type !== 'Succeed' && state.type !== 'Fail') {
    if (state.next !== undefined) yield ['Next', state.next];
    if ('catch' in state) for (const [i, { next }] of state.catch.entries()) yield [`Catch[${i}]/Next`, next];
  }
}

function reachedFrom(scope: Scope): Set<string> {
  const reached = new Set<string>();
  const waiting = [scope.startAt];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const state = scope.states.get(name);
    if (!state || reached.has(name)) continue;
    reached.add(name);
    for (const { next } of leavingsOf(state)) if (next !== undefined) waiting.push(next);
  }
  return reached;
}

function isTerminal(state: State | undefined): boolean {
  if (!state) return false;
  if (state.type === 'Succeed' || state.type === 'Fail') return true;
  return state.type !== 'Choice' && state.next === undefined;
}
