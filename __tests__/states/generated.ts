// Machines nobody wrote: valid by construction, with whatever the dialect allows in them, and bounded.
import fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import type { Json } from '../../rehearsal/states/world.ts';
import type { Answer } from './laboratory.ts';
import { CALLBACK, FUNCTION, INVOKE, machine, NESTED, scope } from './laboratory.ts';

type Draw = GeneratorValue;
type States = Record<string, Json>;

interface Workshop {
  readonly draw: Draw;
  /** Names are unique in the whole machine. */
  name(kind: string): string;
}

const ERRORS = [
  'Broken',
  'NotYet',
  'States.Timeout',
  'States.TaskFailed',
  'States.Runtime',
  'States.DataLimitExceeded',
  'Lambda.Unknown',
];
const pick = <T>(draw: Draw, values: readonly T[]): T => values[draw(fc.nat, { max: values.length - 1 })] as T;
const upTo = (draw: Draw, max: number, min = 0): number => draw(fc.integer, { min, max });
const maybe = (draw: Draw): boolean => draw(fc.boolean);

export function anyMachine(draw: Draw): Record<string, Json> {
  let count = 0;
  const shop: Workshop = { draw, name: (kind) => `${kind}${++count}` };
  return machine(anyStates(shop, 3), maybe(draw) ? { TimeoutSeconds: upTo(draw, 5000, 1) } : {});
}

/** A chain of states, some of them with a way back that is taken at most twice. */
function anyStates(shop: Workshop, depth: number): States {
  const count = upTo(shop.draw, 3, 1);
  const names = Array.from({ length: count }, () => shop.name('S'));
  const last = shop.name('End');
  const states: States = {};
  for (const [i, name] of names.entries()) Object.assign(states, anyState(shop, depth, name, names[i + 1] ?? last, last));
  states[last] = anyEnd(shop);
  return states;
}

const anyEnd = ({ draw }: Workshop): Json =>
  pick<Json>(draw, [
    { Type: 'Succeed' },
    { Type: 'Succeed', Output: 1 },
    { Type: 'Pass', End: true },
    { Type: 'Fail', Error: 'Broken' },
    { Type: 'Fail' },
  ]);

function anyState(shop: Workshop, depth: number, name: string, next: string, last: string): States {
  const { draw } = shop;
  switch (
    pick(draw, depth > 0 ? ['task', 'task', 'wait', 'pass', 'choice', 'loop', 'parallel', 'map'] : ['task', 'wait', 'pass'])
  ) {
    case 'task':
      return { [name]: { ...anyTask(draw), ...handling(draw, last), Next: next } };
    case 'wait':
      return {
        [name]: {
          Type: 'Wait',
          ...pick<States>(draw, [{ Seconds: upTo(draw, 900) }, { Seconds: '{% 30 %}' }, { Timestamp: '2026-01-01T01:00:00Z' }]),
          Next: next,
        },
      };
    case 'choice':
      return {
        [name]: {
          Type: 'Choice',
          Choices: [{ Condition: pick(draw, ['{% true %}', '{% false %}', '{% $random() < 0.5 %}', '{% 1 %}']), Next: last }],
          ...(maybe(draw) ? { Default: next } : { Default: last }),
          Output: 'chosen',
        },
        ...bridge(shop, name, next, last),
      };
    case 'loop':
      return loop(shop, name, next);
    case 'parallel':
      return {
        [name]: {
          Type: 'Parallel',
          Branches: Array.from({ length: upTo(draw, 3, 1) }, () => scope(anyStates(shop, depth - 1))),
          ...handling(draw, last),
          Next: next,
        },
      };
    case 'map':
      return {
        [name]: {
          Type: 'Map',
          Items: Array.from({ length: upTo(draw, 4) }, (_, i) => i),
          ItemProcessor: scope(anyStates(shop, depth - 1)),
          ...mapExtras(draw),
          ...handling(draw, last),
          Next: next,
        },
      };
    default:
      return {
        [name]: {
          Type: 'Pass',
          ...pick<States>(draw, [
            {},
            { Output: '{% $states.context.Execution.Name %}' },
            { Output: '{% $states.input.absent %}' },
          ]),
          Next: next,
        },
      };
  }
}

/** Whatever a Choice jumps over must still be led to. */
function bridge(shop: Workshop, name: string, next: string, last: string): States {
  const over = shop.name('Over');
  return {
    [over]: { Type: 'Pass', Next: next === last ? last : next },
    [name]: {
      Type: 'Choice',
      Choices: [{ Condition: pick(shop.draw, ['{% true %}', '{% false %}', '{% $random() < 0.5 %}', '{% 1 %}']), Next: last }],
      Default: over,
    },
  };
}

function loop(shop: Workshop, name: string, next: string): States {
  const [step, look] = [shop.name('Step'), shop.name('Look')];
  const counter = `n${name}`;
  return {
    [name]: { Type: 'Pass', Assign: { [counter]: 0 }, Next: step },
    [step]: { ...anyTask(shop.draw), Assign: { [counter]: `{% $${counter} + 1 %}` }, Output: '{% $states.input %}', Next: look },
    [look]: { Type: 'Choice', Choices: [{ Condition: `{% $${counter} < 3 %}`, Next: step }], Default: next },
  };
}

function anyTask(draw: Draw): States {
  const timeout = upTo(draw, 600, 20);
  const clocks = pick<States>(draw, [
    {},
    { TimeoutSeconds: timeout },
    { TimeoutSeconds: timeout, HeartbeatSeconds: 10 },
    { HeartbeatSeconds: '{% 15 %}' },
  ]);
  const called = pick<States>(draw, [
    { Resource: FUNCTION },
    { Resource: FUNCTION, Arguments: { a: '{% $states.input %}' } },
    { Resource: INVOKE, Arguments: { FunctionName: FUNCTION, Payload: '{% $states.context.State.RetryCount %}' } },
    { Resource: CALLBACK, Arguments: { FunctionName: FUNCTION, Payload: '{% $states.context.Task.Token %}' } },
    { Resource: NESTED, Arguments: { StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:x' } },
  ]);
  return { Type: 'Task', ...called, ...clocks };
}

function handling(draw: Draw, last: string): States {
  const retrier = {
    ErrorEquals: [pick(draw, ERRORS)],
    IntervalSeconds: upTo(draw, 60, 1),
    MaxAttempts: upTo(draw, 3),
    BackoffRate: upTo(draw, 3, 1),
    JitterStrategy: pick(draw, ['FULL', 'NONE']),
  };
  const anything: Json = { ErrorEquals: ['States.ALL'], MaxAttempts: upTo(draw, 2) };
  return {
    ...pick<States>(draw, [{}, { Retry: [retrier] }, { Retry: [retrier, anything] }]),
    ...pick<States>(draw, [
      {},
      { Catch: [{ ErrorEquals: ['States.ALL'], Next: last }] },
      { Catch: [{ ErrorEquals: [pick(draw, ERRORS)], Output: '{% $states.errorOutput.Error %}', Next: last }] },
    ]),
  };
}

const mapExtras = (draw: Draw): States => ({
  ...pick<States>(draw, [{}, { MaxConcurrency: 1 }, { MaxConcurrency: 2 }]),
  ...pick<States>(draw, [{}, { ToleratedFailureCount: 1 }, { ToleratedFailurePercentage: 50 }]),
  ...pick<States>(draw, [{}, { ItemSelector: { i: '{% $states.context.Map.Item.Index %}' } }]),
});

export const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ returns: fc.constantFrom<Json>(1, 'x', null, { a: [1] }) }) },
  { weight: 2, arbitrary: fc.record({ fails: fc.constantFrom(...ERRORS) }) },
  { weight: 2, arbitrary: fc.record({ after: fc.integer({ min: 0, max: 900 }), returns: fc.constant<Json>('late') }) },
  { weight: 1, arbitrary: fc.constant<Answer>({ never: true }) },
  { weight: 1, arbitrary: fc.constant<Answer>({ returns: 'x'.repeat(262_144) }) },
);

/** Breaks a definition somewhere, or leaves it as it is by luck. */
export function mutated(draw: Draw, definition: Json): Json {
  if (typeof definition !== 'object' || definition === null) return anyJunk(draw);
  const keys = Object.keys(definition);
  const key = keys.length === 0 ? undefined : pick(draw, keys);
  if (key === undefined) return anyJunk(draw);
  const entries = Object.entries(definition);
  const change = (how: (key: string, value: Json) => [string, Json][]): Json => {
    const changed = entries.flatMap(([name, value]) => (name === key ? how(name, value) : [[name, value] as [string, Json]]));
    return Array.isArray(definition) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
  };
  switch (upTo(draw, 7)) {
    case 0:
      return change(() => []);
    case 1:
      return change((name) => [[name, anyJunk(draw)]]);
    case 2:
      return change((name, value) => [[`${name}x`, value]]);
    default:
      return change((name, value) => [[name, mutated(draw, value)]]);
  }
}

const anyJunk = (draw: Draw): Json =>
  pick<Json>(draw, [
    null,
    true,
    -1,
    0,
    1.5,
    1e12,
    '',
    'x',
    'States.ALL',
    '{% $x %}',
    '{% ( %}',
    '{%',
    '{% $$ %}',
    '{% $states.result %}',
    [],
    {},
    [1],
    { a: 1 },
    { __proto__: null, Type: 'Pass' },
  ]);
