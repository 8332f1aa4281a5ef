// Quotas: payloads, variables, history, and what one expression may use.
import type { Json } from '../../../rehearsal/states/world.ts';
import { GUIDE } from '../case.ts';
import type { Case } from '../case.ts';
import { FUNCTION, machine, scope } from '../laboratory.ts';

const QUOTAS = `${GUIDE}, Step Functions service quotas`;
const VARIABLES = `${GUIDE}, Passing data between states with variables`;
const JSONATA = `${GUIDE}, Transforming data with JSONata in Step Functions`;
const task = (more: Record<string, Json>): Json => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });

/** Half of what fits: 131072 bytes as JSON. */
const HALF = '{% $states.context.Execution.Input %}';
const input = 'x'.repeat(131_070);

export const limits: readonly Case[] = [
  {
    title: 'an output of exactly 256 KiB passes',
    says: `${QUOTAS}: the maximum input or output size of a task, state or execution is 256 KiB of data as a UTF-8 encoded string`,
    machine: machine({ A: task({}) }),
    tasks: { A: [{ returns: 'x'.repeat(262_142) }] },
    expect: { status: 'SUCCEEDED' },
  },
  {
    title: 'one byte more is too much',
    says: `${QUOTAS}: the maximum input or output size is 262144 bytes as a UTF-8 encoded string`,
    machine: machine({ A: task({}) }),
    tasks: { A: [{ returns: 'x'.repeat(262_143) }] },
    expect: {
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: `The state/task '${FUNCTION}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    },
  },
  {
    title: 'bytes are counted, not characters',
    says: `${QUOTAS}: the size is that of the data as a UTF-8 encoded string`,
    machine: machine({ A: task({}) }),
    tasks: { A: [{ returns: '€'.repeat(100_000) }] },
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded' },
  },
  {
    title: "a state's output is measured after its Output",
    says: `${GUIDE}, Handling errors in Step Functions workflows: States.DataLimitExceeded when the output of a state is larger than the quota`,
    machine: machine({ A: { Type: 'Pass', Output: [HALF, HALF], End: true } }),
    input,
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded', cause: "The state/task 'A' returned a result" },
  },
  {
    title: 'arguments are measured too',
    says: `${GUIDE}, Handling errors in Step Functions workflows: States.DataLimitExceeded when the processed input of a state is too large`,
    machine: machine({ A: task({ Arguments: [HALF, HALF] }) }),
    input,
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded', attempts: { A: 0 } },
  },
  {
    title: "the results of a Parallel's branches together may be too much",
    says: `${GUIDE}, Handling errors in Step Functions workflows: States.DataLimitExceeded when the output of a state is larger than the quota`,
    machine: machine({
      P: {
        Type: 'Parallel',
        Branches: [
          scope({ A: { Type: 'Pass', Output: HALF, End: true } }),
          scope({ B: { Type: 'Pass', Output: HALF, End: true } }),
        ],
        Output: 'small',
        End: true,
      },
    }),
    input,
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded', has: ['ParallelStateFailed'] },
  },
  {
    title: 'one variable holds at most 256 KiB',
    says: `${VARIABLES}: the maximum size of a single variable is 256 KiB`,
    machine: machine({ A: { Type: 'Pass', Assign: { big: [HALF, HALF] }, End: true } }),
    input,
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded', cause: "'big'" },
  },
  {
    title: 'one Assign holds at most 256 KiB',
    says: `${VARIABLES}: the maximum combined size for all variables in a single Assign field is 256 KiB`,
    machine: machine({ A: { Type: 'Pass', Assign: { one: HALF, two: HALF, three: 1 }, End: true } }),
    input,
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded' },
  },
  {
    title: 'an execution holds at most 10 MiB of variables',
    says: `${VARIABLES}: the maximum total size of all stored variables is 10 MiB per execution`,
    machine: machine(hoarding(81)),
    input,
    expect: { status: 'FAILED', error: 'States.DataLimitExceeded', cause: 'of the execution' },
  },
  {
    title: 'the variables of iterations that ended no longer count',
    says: `${VARIABLES}: inner scope variables go away with their scope`,
    machine: machine({
      M: {
        Type: 'Map',
        Items: Array.from({ length: 90 }, (_, i) => i),
        MaxConcurrency: 1,
        ItemProcessor: scope({ A: { Type: 'Pass', Assign: { big: HALF }, Output: 0, End: true } }),
        End: true,
      },
    }),
    input,
    expect: { status: 'SUCCEEDED' },
  },
  {
    title: 'a history of 25,000 events is full',
    says: `${QUOTAS}: the maximum execution history size is 25,000 events; an execution that reaches it fails`,
    machine: machine({
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.stop %}', Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    }),
    input: { stop: false },
    expect: {
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    },
  },
  {
    title: 'an expression that recurses without end is stopped',
    says: `${JSONATA}: evaluation is bounded in depth, time and memory; past a bound the state fails with States.QueryEvaluationError`,
    machine: machine({ A: { Type: 'Pass', Output: '{% ($f := function($n) { 1 + $f($n + 1) }; $f(0)) %}', End: true } }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', has: ['EvaluationFailed'] },
  },
  {
    title: 'a hundred terms are not too deep',
    says: `${JSONATA}: one expression may nest a hundred levels`,
    machine: machine({ A: { Type: 'Pass', Output: `{% ${Array(100).fill('1').join('+')} %}`, End: true } }),
    expect: { status: 'SUCCEEDED', output: 100 },
  },
  {
    title: 'a hundred and one are',
    says: `${JSONATA}: one expression may nest a hundred levels, and past them fails with States.QueryEvaluationError`,
    machine: machine({ A: { Type: 'Pass', Output: `{% ${Array(101).fill('1').join('+')} %}`, End: true } }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', cause: 'Stack overflow' },
  },
  {
    title: 'a range of a million numbers is too much memory',
    says: `${JSONATA}: one value an expression builds is bounded in memory`,
    machine: machine({ A: { Type: 'Pass', Output: '{% $count($range(1, 1000000, 1)) %}', End: true } }),
    expect: { status: 'FAILED', error: 'States.QueryEvaluationError', cause: 'memory limit exceeded' },
  },
  {
    title: 'a Map runs at most forty items at once',
    says: `${GUIDE}, Using Map state in Inline mode: an Inline Map supports up to 40 concurrent iterations`,
    machine: machine(
      {
        M: {
          Type: 'Map',
          Items: Array.from({ length: 45 }, (_, i) => i),
          ItemProcessor: scope({ A: { Type: 'Task', Resource: FUNCTION, End: true } }),
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
          End: true,
        },
        C: { Type: 'Pass', End: true },
      },
      { TimeoutSeconds: 60 },
    ),
    tasks: { A: [{ never: true }] },
    expect: { status: 'TIMED_OUT', attempts: { A: 40 } },
  },
];

/** A chain of states that each keep another 128 KiB. */
function hoarding(count: number): Record<string, Json> {
  const names = Array.from({ length: count }, (_, i) => `S${i}`);
  return Object.fromEntries(
    names.map((name, i) => [
      name,
      { Type: 'Pass', Assign: { [`v${i}`]: HALF }, ...(i === count - 1 ? { End: true } : { Next: `S${i + 1}` }) },
    ]),
  );
}
