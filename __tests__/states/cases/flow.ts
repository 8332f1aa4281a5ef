// Control flow: Pass, Choice, Wait, Succeed, Fail, Parallel, Map.
import { API, GUIDE, LANGUAGE } from '../case.ts';
import type { Case } from '../case.ts';
import { FUNCTION, machine, scope } from '../laboratory.ts';

const pass = { Type: 'Pass', End: true };

export const flow: readonly Case[] = [
  {
    title: 'a Pass state hands its input on',
    says: `${LANGUAGE}, Pass State: by default a Pass passes its input to its output and does no work`,
    machine: machine({ A: pass }),
    input: { a: 1 },
    expect: {
      status: 'SUCCEEDED',
      output: { a: 1 },
      events: ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'],
    },
  },
  {
    title: 'the output of a state is the input of the next',
    says: `${LANGUAGE}, Data: the interpreter passes data between states, the output of one being the input of the next`,
    machine: machine({
      A: { Type: 'Pass', Output: { n: 2 }, Next: 'B' },
      B: { Type: 'Pass', Output: '{% $states.input.n + 1 %}', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 3 },
  },
  {
    title: 'a Succeed state ends the machine with its Output',
    says: `${LANGUAGE}, Succeed State: terminates a state machine, a branch or an iteration successfully; may have Output`,
    machine: machine({ A: { Type: 'Succeed', Output: "{% 'done' %}" } }),
    expect: {
      status: 'SUCCEEDED',
      output: 'done',
      events: ['ExecutionStarted', 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded'],
    },
  },
  {
    title: 'a Fail state ends the machine under its Error and Cause',
    says: `${LANGUAGE}, Fail State: terminates the machine and marks it as a failure, with Error and Cause`,
    machine: machine({ A: { Type: 'Fail', Error: 'PlanRefused', Cause: 'too far behind' } }),
    expect: {
      status: 'FAILED',
      error: 'PlanRefused',
      cause: 'too far behind',
      events: ['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed'],
    },
  },
  {
    title: 'Error and Cause may be JSONata',
    says: `${LANGUAGE}, Fail State: a JSONata Fail State may give Error and Cause as JSONata strings that evaluate to strings`,
    machine: machine({ A: { Type: 'Fail', Error: '{% $states.input.name %}', Cause: "{% 'because ' & $states.input.why %}" } }),
    input: { name: 'NotYet', why: 'slow' },
    expect: { status: 'FAILED', error: 'NotYet', cause: 'because slow' },
  },
  {
    title: 'an Error that is no string is an evaluation error',
    says: `${LANGUAGE}, Fail State: a JSONata Error must evaluate to a string value`,
    machine: machine({ A: { Type: 'Fail', Error: '{% 1 + 1 %}' } }),
    expect: {
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: "Expected 'string', but was 'number'",
      has: ['EvaluationFailed'],
    },
  },
  {
    title: 'a Fail state without Error and Cause fails without them',
    says: `${GUIDE}, Fail workflow state: Error and Cause are optional`,
    machine: machine({ A: { Type: 'Fail' } }),
    expect: { status: 'FAILED', error: null, cause: null },
  },
  {
    title: 'the first rule that holds is taken',
    says: `${LANGUAGE}, Choice State: rules are examined in order and the first that matches is followed`,
    machine: machine({
      A: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input > 1 %}', Next: 'B' },
          { Condition: '{% $states.input > 0 %}', Next: 'C' },
        ],
        Default: 'C',
      },
      B: { Type: 'Pass', Output: 'B', End: true },
      C: { Type: 'Pass', Output: 'C', End: true },
    }),
    input: 2,
    expect: { status: 'SUCCEEDED', output: 'B' },
  },
  {
    title: 'rules after the one taken are not evaluated',
    says: `${LANGUAGE}, Choice State: the interpreter transitions as soon as a rule matches exactly`,
    machine: machine({
      A: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% true %}', Next: 'B' },
          { Condition: '{% $states.input.absent %}', Next: 'B' },
        ],
      },
      B: pass,
    }),
    expect: { status: 'SUCCEEDED', lacks: ['EvaluationFailed'] },
  },
  {
    title: 'no rule holds: Default is followed',
    says: `${LANGUAGE}, Choice State: Default names the state to go to when none of the rules match`,
    machine: machine({
      A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }], Default: 'C' },
      B: { Type: 'Pass', Output: 'B', End: true },
      C: { Type: 'Pass', Output: 'C', End: true },
    }),
    expect: { status: 'SUCCEEDED', output: 'C' },
  },
  {
    title: 'no rule holds and there is no Default',
    says: `${LANGUAGE}, Choice State: without a match and without Default the interpreter raises States.NoChoiceMatched`,
    machine: machine({ A: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'B' }] }, B: pass }),
    expect: { status: 'FAILED', error: 'States.NoChoiceMatched' },
  },
  {
    title: 'a Condition must be a boolean',
    says: `${LANGUAGE}, Choice State: a JSONata Condition must evaluate to a boolean`,
    machine: machine({ A: { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'B' }] }, B: pass }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', cause: "Expected 'boolean', but was 'string'" },
  },
  {
    title: 'a rule has its own Output and Assign',
    says: `${LANGUAGE}, Choice State: a JSONata Choice Rule may have Assign and Output, used when it matches`,
    machine: machine({
      A: {
        Type: 'Choice',
        Output: 'of the state',
        Choices: [{ Condition: '{% true %}', Assign: { way: 'first' }, Output: 'of the rule', Next: 'B' }],
        Default: 'B',
      },
      B: { Type: 'Pass', Output: ['{% $states.input %}', '{% $way %}'], End: true },
    }),
    expect: { status: 'SUCCEEDED', output: ['of the rule', 'first'] },
  },
  {
    title: "a Choice's own Output and Assign belong to Default",
    says: `${LANGUAGE}, Choice State: the top-level Assign and Output apply when no rule matches`,
    machine: machine({
      A: {
        Type: 'Choice',
        Output: 'default',
        Assign: { way: 'other' },
        Choices: [{ Condition: '{% false %}', Next: 'B' }],
        Default: 'B',
      },
      B: { Type: 'Pass', Output: ['{% $states.input %}', "{% $exists($way) ? $way : 'none' %}"], End: true },
    }),
    expect: { status: 'SUCCEEDED', output: ['default', 'other'] },
  },
  {
    title: 'a Wait waits its Seconds',
    says: `${LANGUAGE}, Wait State: causes the interpreter to delay the machine for Seconds`,
    machine: machine({ A: { Type: 'Wait', Seconds: 90, End: true } }),
    expect: {
      status: 'SUCCEEDED',
      waits: [90],
      events: ['ExecutionStarted', 'WaitStateEntered', 'WaitStateExited', 'ExecutionSucceeded'],
    },
  },
  {
    title: 'Seconds may be JSONata',
    says: `${LANGUAGE}, Wait State: a JSONata Wait State may give Seconds as a JSONata string that evaluates to an integer`,
    machine: machine({ A: { Type: 'Wait', Seconds: '{% $states.input.minutes * 60 %}', End: true } }),
    input: { minutes: 5 },
    expect: { status: 'SUCCEEDED', waits: [300] },
  },
  {
    title: 'Seconds that are negative are an evaluation error',
    says: `${GUIDE}, Wait workflow state: Seconds must be an integer from 0 to 99999999`,
    machine: machine({ A: { Type: 'Wait', Seconds: '{% -1 %}', End: true } }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError' },
  },
  {
    title: 'a Timestamp that has passed is not waited for',
    says: `${GUIDE}, Restarting state machine executions with redrive: a Timestamp in the past causes the Wait state to be exited`,
    machine: machine({ A: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true } }),
    expect: { status: 'SUCCEEDED', waits: [] },
  },
  {
    title: 'a Timestamp that is no timestamp is an evaluation error',
    says: `${LANGUAGE}, Timestamps: timestamps must be strings conforming to RFC3339 with capital T and Z`,
    machine: machine({ A: { Type: 'Wait', Timestamp: "{% 'tomorrow' %}", End: true } }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', cause: 'timestamp' },
  },
  {
    title: "a Parallel's result is the list of its branches' outputs, in their order",
    says: `${LANGUAGE}, Parallel State: the result is an array with one element per branch, in the order of Branches`,
    machine: machine({
      P: {
        Type: 'Parallel',
        Branches: [
          scope({ A: { Type: 'Wait', Seconds: 9, Next: 'B' }, B: { Type: 'Pass', Output: 'slow', End: true } }),
          scope({ C: { Type: 'Pass', Output: 'fast', End: true } }),
        ],
        End: true,
      },
    }),
    expect: { status: 'SUCCEEDED', output: ['slow', 'fast'] },
  },
  {
    title: "every branch gets the state's input, or its Arguments",
    says: `${LANGUAGE}, Parallel State: each branch receives a copy of the input; a JSONata Parallel may have Arguments`,
    machine: machine({
      P: {
        Type: 'Parallel',
        Arguments: { n: '{% $states.input.n + 1 %}' },
        Branches: [scope({ A: pass }), scope({ B: pass })],
        End: true,
      },
    }),
    input: { n: 1 },
    expect: { status: 'SUCCEEDED', output: [{ n: 2 }, { n: 2 }] },
  },
  {
    title: 'a branch that fails stops the others',
    says: `${LANGUAGE}, Parallel State: if any branch fails, the whole state fails and all branches are terminated`,
    machine: machine({
      P: {
        Type: 'Parallel',
        Branches: [scope({ A: { Type: 'Wait', Seconds: 1000, End: true } }), scope({ B: { Type: 'Fail', Error: 'Broken' } })],
        End: true,
      },
    }),
    expect: { status: 'FAILED', error: 'Broken', has: ['WaitStateAborted', 'ParallelStateFailed'], lacks: ['WaitStateExited'] },
  },
  {
    title: 'a Map runs its processor for each of its Items, and keeps their order',
    says: `${LANGUAGE}, Map State: the result is an array holding the processor's output for each item, in the order of the items`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: '{% $states.input.list %}',
        ItemProcessor: scope({
          A: { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'B' },
          B: { Type: 'Pass', Output: '{% $states.input * 10 %}', End: true },
        }),
        End: true,
      },
    }),
    input: { list: [3, 1, 2] },
    expect: {
      status: 'SUCCEEDED',
      output: [30, 10, 20],
      has: ['MapStateStarted', 'MapIterationStarted', 'MapIterationSucceeded', 'MapStateSucceeded'],
    },
  },
  {
    title: 'without Items a Map takes its input, which must be a list',
    says: `${LANGUAGE}, Map State: the default of Items is the whole effective input, which must be an array`,
    machine: machine({ M: { Type: 'Map', ItemProcessor: scope({ A: pass }), End: true } }),
    input: { not: 'a list' },
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', cause: "Expected 'array', but was 'object'" },
  },
  {
    title: 'a Map over nothing is an empty list',
    says: `${LANGUAGE}, Map State: the number of iterations is the number of items, so no items give an empty array`,
    machine: machine({ M: { Type: 'Map', Items: [], ItemProcessor: scope({ A: pass }), End: true } }),
    expect: { status: 'SUCCEEDED', output: [] },
  },
  {
    title: 'ItemSelector sees the item and its index',
    says: `${LANGUAGE}, Map State: ItemSelector overrides each item, with Map.Item.Index and Map.Item.Value in the context`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: ['a', 'b'],
        ItemSelector: {
          i: '{% $states.context.Map.Item.Index %}',
          v: '{% $states.context.Map.Item.Value %}',
          from: '{% $states.input.from %}',
        },
        ItemProcessor: scope({ A: pass }),
        End: true,
      },
    }),
    input: { from: 'here' },
    expect: {
      status: 'SUCCEEDED',
      output: [
        { i: 0, v: 'a', from: 'here' },
        { i: 1, v: 'b', from: 'here' },
      ],
    },
  },
  {
    title: 'MaxConcurrency 1 runs one item after the other',
    says: `${LANGUAGE}, Map State: with MaxConcurrency 1 the items are processed in order, not starting one before the last has ended`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: [1, 2],
        MaxConcurrency: 1,
        ItemProcessor: scope({ A: { Type: 'Wait', Seconds: 5, End: true } }),
        End: true,
      },
    }),
    expect: {
      status: 'SUCCEEDED',
      events: [
        ...['ExecutionStarted', 'MapStateEntered', 'MapStateStarted'],
        ...['MapIterationStarted', 'WaitStateEntered', 'WaitStateExited', 'MapIterationSucceeded'],
        ...['MapIterationStarted', 'WaitStateEntered', 'WaitStateExited', 'MapIterationSucceeded'],
        ...['MapStateSucceeded', 'MapStateExited', 'ExecutionSucceeded'],
      ],
    },
  },
  {
    title: 'an iteration that fails fails the Map under its own error',
    says: `${GUIDE}, Using Map state in Inline mode: if any iteration fails the Map state fails and all iterations are stopped`,
    machine: machine({
      M: { Type: 'Map', Items: [1, 2], ItemProcessor: scope({ A: { Type: 'Fail', Error: 'Broken' } }), End: true },
    }),
    expect: { status: 'FAILED', error: 'Broken', has: ['MapIterationFailed', 'MapIterationAborted', 'MapStateFailed'] },
  },
  {
    title: 'failures within ToleratedFailureCount are tolerated',
    says: `${LANGUAGE}, Map State: a Map fails only when more items failed than ToleratedFailureCount`,
    machine: machine({
      M: { Type: 'Map', Items: [1, 2, 3], ToleratedFailureCount: 1, ItemProcessor: failingAt(2), End: true },
    }),
    expect: { status: 'SUCCEEDED', output: [1, 3], has: ['MapIterationFailed'], lacks: ['MapStateFailed'] },
  },
  {
    title: 'more failures than ToleratedFailureCount have a name of their own',
    says: `${GUIDE}, Handling errors in Step Functions workflows: States.ExceedToleratedFailureThreshold, the number of failed items exceeded the threshold`,
    machine: machine({ M: { Type: 'Map', Items: [2, 2, 3], ToleratedFailureCount: 1, ItemProcessor: failingAt(2), End: true } }),
    expect: { status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' },
  },
  {
    title: 'ToleratedFailurePercentage is a share of all items',
    says: `${LANGUAGE}, Map State: ToleratedFailurePercentage is the percentage of items that may fail`,
    machine: machine({
      M: { Type: 'Map', Items: [2, 1, 3, 4], ToleratedFailurePercentage: 25, ItemProcessor: failingAt(2), End: true },
    }),
    expect: { status: 'SUCCEEDED', output: [1, 3, 4] },
  },
  {
    title: 'a Task without Arguments is given its input',
    says: `${LANGUAGE}, Task State: a JSONata Task without Arguments passes the state input to the resource`,
    machine: machine({ A: { Type: 'Task', Resource: FUNCTION, End: true } }),
    input: { as: 'is' },
    expect: { status: 'SUCCEEDED', given: { A: { as: 'is' } }, output: { as: 'is' } },
  },
  {
    title: 'a Lambda called by its ARN is told in events of Lambda',
    says: `${API}, HistoryEvent: LambdaFunctionScheduled, -Started and -Succeeded tell of a Task whose resource is a function`,
    machine: machine({ A: { Type: 'Task', Resource: FUNCTION, End: true } }),
    expect: {
      events: [
        ...[
          'ExecutionStarted',
          'TaskStateEntered',
          'LambdaFunctionScheduled',
          'LambdaFunctionStarted',
          'LambdaFunctionSucceeded',
        ],
        ...['TaskStateExited', 'ExecutionSucceeded'],
      ],
    },
  },
  {
    title: 'a machine goes round until its Choice lets it out',
    says: `${LANGUAGE}, Transitions: states can have multiple incoming transitions, so machines may loop`,
    machine: machine({
      A: { Type: 'Pass', Assign: { n: 0 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Next: 'C' },
      C: { Type: 'Choice', Choices: [{ Condition: '{% $n < 5 %}', Next: 'B' }], Default: 'D' },
      D: { Type: 'Succeed', Output: '{% $n %}' },
    }),
    expect: { status: 'SUCCEEDED', output: 5 },
  },
];

/** Fails on that item, passes the others. */
function failingAt(item: number): ReturnType<typeof scope> {
  return scope({
    Look: { Type: 'Choice', Choices: [{ Condition: `{% $states.input = ${item} %}`, Next: 'Bad' }], Default: 'Good' },
    Bad: { Type: 'Fail', Error: 'Bad' },
    Good: { Type: 'Pass', End: true },
  });
}
