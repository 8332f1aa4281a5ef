// Data: JSONata, the functions Step Functions adds, $states, the context object, and variables.
import type { Json } from '../../../rehearsal/states/world.ts';
import { GUIDE, LANGUAGE } from '../case.ts';
import type { Case } from '../case.ts';
import { FUNCTION, IDENTITY, machine, scope } from '../laboratory.ts';

const JSONATA = `${GUIDE}, Transforming data with JSONata in Step Functions`;
const VARIABLES = `${GUIDE}, Passing data between states with variables`;

/** A machine of one Pass that comes to this. */
const value = (output: Json): Json => machine({ A: { Type: 'Pass', Output: output, End: true } });
const FAILS = { status: 'FAILED', error: 'States.QueryEvaluationError', has: ['EvaluationFailed'] } as const;

export const data: readonly Case[] = [
  {
    title: 'expressions stand anywhere in objects and lists',
    says: `${JSONATA}: JSONata expressions may appear in string values within objects and arrays at any depth`,
    machine: value({ a: ['{% 1 %}', { b: "{% 'x' & 'y' %}" }], c: true, d: null }),
    expect: { status: 'SUCCEEDED', output: { a: [1, { b: 'xy' }], c: true, d: null } },
  },
  {
    title: 'a string that is not delimited is itself',
    says: `${JSONATA}: a string without the delimiters is a literal value`,
    machine: value(['$states.input', '$$', '$.a', "States.Format('{}')"]),
    expect: { status: 'SUCCEEDED', output: ['$states.input', '$$', '$.a', "States.Format('{}')"] },
  },
  {
    title: 'keys are not evaluated',
    says: `${LANGUAGE}, JSONata: only string values, not the names of fields, may be JSONata strings`,
    machine: value({ '{% 1 %}': 1, 'a.$': '$.b' }),
    expect: { status: 'SUCCEEDED', output: { '{% 1 %}': 1, 'a.$': '$.b' } },
  },
  {
    title: 'what evaluates to nothing is an error, told with the field it stands in',
    says: `${JSONATA}: expressions must produce a defined value, as JSON cannot represent undefined`,
    machine: value({ a: { b: ['{% $states.input.absent %}'] } }),
    expect: {
      ...FAILS,
      cause:
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field 'Output/a/b[0]' returned nothing (undefined).",
    },
  },
  {
    title: 'a null is a value',
    says: `${JSONATA}: JSON null is a value, unlike undefined`,
    machine: value({ v: '{% $states.input.v %}' }),
    input: { v: null },
    expect: { status: 'SUCCEEDED', output: { v: null } },
  },
  {
    title: 'a function is no value',
    says: `${JSONATA}: the result of an expression must be JSON; functions are no such thing`,
    machine: value('{% function($x) { $x } %}'),
    expect: { ...FAILS, cause: 'unsupported result type' },
  },
  {
    title: 'an operator on the wrong type is an error with its code',
    says: `${GUIDE}, Handling errors in Step Functions workflows: States.QueryEvaluationError, for instance a JSONata type error`,
    machine: value("{% 'a' + 1 %}"),
    expect: { ...FAILS, cause: 'T2001' },
  },
  {
    title: 'a list of one collapses in a path, as JSONata has it',
    says: 'JSONata documentation, Processing Model: a sequence of one value is that value, not an array of one',
    machine: value("{% $states.input.list[kind = 'x'].name %}"),
    input: {
      list: [
        { kind: 'x', name: 'one' },
        { kind: 'y', name: 'two' },
      ],
    },
    expect: { status: 'SUCCEEDED', output: 'one' },
  },
  {
    title: 'brackets keep a list of one',
    says: 'JSONata documentation, Predicate Queries: an empty pair of brackets keeps a singleton array',
    machine: value("{% $states.input.list[kind = 'x'].name[] %}"),
    input: { list: [{ kind: 'x', name: 'one' }] },
    expect: { status: 'SUCCEEDED', output: ['one'] },
  },
  {
    title: 'keeping a list of one in one expression does not keep it in the next',
    says: 'JSONata documentation, Processing Model: a sequence of one value is that value; each expression is evaluated on its own',
    machine: value([
      "{% $states.input.list[kind = 'x'].name[] %}",
      '{% $states.input.one[] %}',
      "{% $states.input.list[kind = 'x'].name %}",
      '{% $states.input.one.($ + 1) %}',
    ]),
    input: { list: [{ kind: 'x', name: 'n' }], one: [1] },
    expect: { status: 'SUCCEEDED', output: [['n'], [1], 'n', 2] },
  },
  {
    title: '$shuffle draws from the chance of the rehearsal',
    says: 'JSONata documentation, Array functions: $shuffle gives the values of an array in random order, here repeatable',
    machine: value('{% $shuffle([1,2,3,4]) = $shuffle([1,2,3,4]) %}'),
    expect: { status: 'SUCCEEDED', output: true },
  },
  {
    title: 'an expression may bind names of its own',
    says: 'JSONata documentation, Programming constructs: a block binds variables with := and returns its last expression',
    machine: value('{% ($a := 2; $f := function($x) { $x * $a }; $f(21)) %}'),
    expect: { status: 'SUCCEEDED', output: 42 },
  },
  {
    title: '$partition cuts a list into pieces',
    says: `${JSONATA}: $partition, the equivalent of States.ArrayPartition, partitions a large array`,
    machine: value('{% $partition([1,2,3,4,5], 2) %}'),
    expect: { status: 'SUCCEEDED', output: [[1, 2], [3, 4], [5]] },
  },
  {
    title: '$range counts in steps, its end included',
    says: `${JSONATA}: $range, the equivalent of States.ArrayRange, generates an array of values from first to last`,
    machine: value('{% $range(0, 10, 5) %}'),
    expect: { status: 'SUCCEEDED', output: [0, 5, 10] },
  },
  {
    title: '$hash digests a string',
    says: `${JSONATA}: $hash, the equivalent of States.Hash, calculates the hash value of a given input`,
    machine: value("{% $hash('abc', 'SHA-1') %}"),
    expect: { status: 'SUCCEEDED', output: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
  },
  {
    title: '$hash knows five algorithms by name',
    says: `${GUIDE}, Intrinsic functions for JSONPath states: the algorithms are MD5, SHA-1, SHA-256, SHA-384 and SHA-512`,
    machine: value("{% $hash('abc', 'sha1') %}"),
    expect: FAILS,
  },
  {
    title: '$parse reads JSON',
    says: `${JSONATA}: $parse deserialises JSON strings, as $eval is not supported`,
    machine: value(`{% $parse('{"a":[1]}').a[0] %}`),
    expect: { status: 'SUCCEEDED', output: 1 },
  },
  {
    title: '$parse of what is no JSON is an error',
    says: `${JSONATA}: $parse deserialises JSON strings`,
    machine: value("{% $parse('{') %}"),
    expect: FAILS,
  },
  {
    title: 'a seeded $random is the same every time',
    says: `${JSONATA}: $random takes an optional seed; the same seed gives the same number`,
    machine: value('{% [$random(7) = $random(7), $random() < 1] %}'),
    expect: { status: 'SUCCEEDED', output: [true, true] },
  },
  {
    title: '$uuid has the form of version 4',
    says: `${JSONATA}: $uuid, the equivalent of States.UUID, generates a version 4 UUID`,
    machine: value('{% $contains($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) %}'),
    expect: { status: 'SUCCEEDED', output: true },
  },
  {
    title: "$now and $millis are the timeline's",
    says: 'JSONata documentation, Date/Time functions: $now and $millis give the current time, here that of the rehearsal',
    machine: value("{% [$substring($now(), 0, 10), $now('[Y0001]'), $floor($millis() / 100000)] %}"),
    expect: { status: 'SUCCEEDED', output: ['2026-01-01', '2026', Math.floor(Date.parse('2026-01-01T00:00:00Z') / 100000)] },
  },
  {
    title: 'the context says which execution this is',
    says: `${GUIDE}, Accessing execution data from the Context object: Execution.Id, Input, Name, RoleArn and RedriveCount, StateMachine.Id and Name`,
    machine: value({
      e: '{% $states.context.Execution ~> |$|{}, ["StartTime"]| %}',
      m: '{% $states.context.StateMachine %}',
      s: '{% $states.context.State.Name %}',
    }),
    input: { by: 'me' },
    expect: {
      status: 'SUCCEEDED',
      output: {
        e: {
          Id: IDENTITY.execution.id,
          Input: { by: 'me' },
          Name: 'night',
          RoleArn: IDENTITY.execution.roleArn,
          RedriveCount: 0,
        },
        m: { Id: IDENTITY.stateMachine.id, Name: 'failover' },
        s: 'A',
      },
    },
  },
  {
    title: 'times in the context are ISO strings',
    says: `${GUIDE}, Accessing execution data from the Context object: StartTime and EnteredTime are ISO 8601 strings`,
    machine: value(
      '{% [$states.context.Execution.StartTime, $states.context.State.EnteredTime].$contains(/^2026-01-01T00:00:0\\d\\.\\d{3}Z$/) %}',
    ),
    expect: { status: 'SUCCEEDED', output: [true, true] },
  },
  {
    title: 'Execution.Input stays the first input',
    says: `${GUIDE}, Accessing execution data from the Context object: Execution.Input is the input of the execution`,
    machine: machine({
      A: { Type: 'Pass', Output: 'changed', Next: 'B' },
      B: { Type: 'Pass', Output: '{% $states.context.Execution.Input %}', End: true },
    }),
    input: 'first',
    expect: { status: 'SUCCEEDED', output: 'first' },
  },
  {
    title: 'the item of a Map is in the context of the states inside it',
    says: `${GUIDE}, Accessing execution data from the Context object: Map.Item.Index and Map.Item.Value for each iteration`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: ['x'],
        ItemSelector: 0,
        ItemProcessor: scope({ A: { Type: 'Pass', Output: '{% $states.context.Map.Item.Value %}', End: true } }),
        End: true,
      },
    }),
    expect: { status: 'SUCCEEDED', output: ['x'] },
  },
  {
    title: 'a variable is read by every later state',
    says: `${VARIABLES}: a variable assigned in one step can be used in any future step`,
    machine: machine({
      A: { Type: 'Pass', Assign: { x: { deep: [1, 2] } }, Next: 'B' },
      B: { Type: 'Pass', Output: 'between', Next: 'C' },
      C: { Type: 'Pass', Output: '{% $x.deep[1] %}', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 2 },
  },
  {
    title: 'all of an Assign sees the values from before',
    says: `${VARIABLES}: assignments occur after evaluation; all expressions of an Assign use the values of variables on entry`,
    machine: machine({
      A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}', '{% $y %}'], End: true },
    }),
    expect: { status: 'SUCCEEDED', output: [1, 2, 1] },
  },
  {
    title: 'Assign and Output are evaluated beside each other',
    says: `${VARIABLES}: Assign and Output are evaluated in parallel, so Output does not see what Assign assigns`,
    machine: machine({
      A: { Type: 'Pass', Assign: { x: 'old' }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: 'new' }, Output: '{% $x %}', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 'old' },
  },
  {
    title: "a Task's result can be kept in a variable while its output is something else",
    says: `${VARIABLES}: $states.result is available in Assign and in Output of a Task`,
    machine: machine({
      A: {
        Type: 'Task',
        Resource: FUNCTION,
        Assign: { plan: '{% $states.result.plan %}' },
        Output: '{% $states.input %}',
        Next: 'B',
      },
      B: { Type: 'Pass', Output: ['{% $states.input %}', '{% $plan %}'], End: true },
    }),
    input: 'in',
    tasks: { A: [{ returns: { plan: 'p' } }] },
    expect: { status: 'SUCCEEDED', output: ['in', 'p'] },
  },
  {
    title: 'inner scopes read the variables around them',
    says: `${VARIABLES}: states in an inner scope can reference variables of the outer scope`,
    machine: machine({
      A: { Type: 'Pass', Assign: { base: 10 }, Next: 'M' },
      M: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: scope({ B: { Type: 'Pass', Output: '{% $base + $states.input %}', End: true } }),
        End: true,
      },
    }),
    expect: { status: 'SUCCEEDED', output: [11, 12] },
  },
  {
    title: 'each iteration has variables of its own',
    says: `${VARIABLES}: each branch and iteration has its own inner scope, invisible to the others`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: scope({
          B: { Type: 'Pass', Assign: { mine: '{% $states.input %}' }, Next: 'W' },
          W: { Type: 'Wait', Seconds: 1, Next: 'D' },
          D: { Type: 'Pass', Output: '{% $mine %}', End: true },
        }),
        End: true,
      },
    }),
    expect: { status: 'SUCCEEDED', output: [1, 2] },
  },
  {
    title: 'branches may use the same name beside each other',
    says: `${VARIABLES}: parallel branches are separate scopes, which can assign the same name without conflict`,
    machine: machine({ P: { Type: 'Parallel', Branches: ['A', 'B'].map(branchAssigning), End: true } }),
    expect: { status: 'SUCCEEDED', output: ['A', 'B'] },
  },
  {
    title: 'a variable that no path to here has assigned yet is an error when it is read',
    says: `${VARIABLES}: referencing a variable that was not assigned fails with States.QueryEvaluationError at run time`,
    machine: machine({
      A: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.skip %}', Next: 'C' }], Default: 'B' },
      B: { Type: 'Pass', Assign: { x: 1 }, Next: 'C' },
      C: { Type: 'Pass', Output: '{% $x %}', End: true },
    }),
    input: { skip: true },
    expect: { ...FAILS, cause: "'$x'" },
  },
  {
    title: 'a Choice may branch on variables',
    says: `${VARIABLES}: variables can be used in any field that accepts JSONata, Condition among them`,
    machine: machine({
      A: { Type: 'Pass', Assign: { mode: 'plan' }, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Condition: "{% $mode = 'plan' %}", Next: 'C' }], Default: 'D' },
      C: { Type: 'Succeed', Output: 'planned' },
      D: { Type: 'Succeed' },
    }),
    expect: { status: 'SUCCEEDED', output: 'planned' },
  },
];

function branchAssigning(name: string): ReturnType<typeof scope> {
  return scope({
    [name]: { Type: 'Pass', Assign: { same: name }, Next: `${name}2` },
    [`${name}2`]: { Type: 'Pass', Output: '{% $same %}', End: true },
  });
}
