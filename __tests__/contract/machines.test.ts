import { describe, expect, it } from '@jest/globals';
import { ERROR_NAMES } from '../../shared/errors.ts';
import { LEAST_PATIENCE_SECONDS } from '../../shared/runbooks/asking.ts';
import { functionOf, functions, machines, read, roles, statesIn, type State } from './service.ts';

/** What Lambda and Step Functions themselves say. */
const PLATFORM_ERRORS = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
];
const PROVIDER_TIMEOUT_SECONDS = 30;
const SPINE = [
  'Open',
  'Read',
  'Plan',
  'PlanOnly',
  'Approve',
  'Reread',
  'Recheck',
  'Moved',
  'Act',
  'Verify',
  'Settle',
  'Report',
  'Done',
  'Undo',
  'UndoNext',
  'UndoData',
  'UndoDataNext',
  'SettleFailure',
  'ReportFailure',
  'Failed',
];
/** Runbooks that nobody is asked about. */
const UNATTENDED = ['aftermath', 'sync'];
/** Acts that come when all is verified: what they leave undone is told, and nothing that stands is taken back for it. */
const AFTERWARDS = ['Retire', 'Shelve'];
/** What nobody's data waits for: where it fails the run goes on, and its report says so. */
const LEFT_OUT = ['KeepProven'];
const WORKS = ['Task', 'Parallel'];
const ACTING = /^functions\/act\//;

const assignedBy = (state: State): string[] => [
  ...Object.keys(state.Assign ?? {}),
  ...(state.Catch ?? []).flatMap(({ Assign = {} }) => Object.keys(Assign)),
  ...(state.Choices ?? []).flatMap(({ Assign = {} }) => Object.keys(Assign)),
];

describe.each(machines())('$file', ({ runbook, comment, name, useExactVersion, definition }) => {
  const states = Object.entries(definition.States);
  const everyState = statesIn(definition.States);
  const tasks = everyState.filter(([, { Type }]) => Type === 'Task');

  it('says in its first line what it does, is named as its file and pins the code it was approved with', () => {
    expect(comment).toMatch(/^# [A-Z].+\.$/);
    expect(name).toBe(`${runbook}-\${sls:stage}`);
    expect(useExactVersion).toBe(true);
  });

  it('calls only functions that functions.yml declares, each by the word of its file', () => {
    const called = everyState.flatMap(([, state]) => functionOf(state) ?? []);

    expect(Object.keys(functions())).toEqual(expect.arrayContaining(called));
    for (const key of called) {
      const file = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(functions()[key]?.handler).toMatch(
        new RegExp(`^functions/(plan|prepare|approve|act|verify|tell)/${file}\\.handler$`),
      );
    }
  });

  it('retries only what means "ask again", and catches everything else', () => {
    const retried = everyState.flatMap(([, state]) => (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals));

    // A Parallel that is retried begins anew, with another look at a world that has moved.
    const anew = everyState.some(([, { Type, Retry }]) => Type === 'Parallel' && Retry !== undefined) ? ['PlanStale'] : [];
    expect(['CloudTransient', 'NotYet', ...anew, ...PLATFORM_ERRORS]).toEqual(expect.arrayContaining([...new Set(retried)]));
    const inTasks = everyState.flatMap(([, { Type, Retry }]) => (Type === 'Task' ? (Retry ?? []) : []));
    expect(inTasks.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain('PlanStale');
    for (const [, state] of states.filter(([, { Type }]) => Type === 'Task' || Type === 'Parallel')) {
      expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
    }
  });

  it('matches no error name that nothing throws', () => {
    const caught = everyState.flatMap(([, state]) => (state.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals));

    expect([...ERROR_NAMES, ...PLATFORM_ERRORS, 'States.ALL', 'States.Timeout']).toEqual(expect.arrayContaining(caught));
  });

  it('gives every task a deadline longer than its function’s own, and the machine one as well', () => {
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    for (const [, state] of tasks) {
      // A wait for a person is as long as the estate says, and never shorter than this.
      const seconds = state.TimeoutSeconds === '{% $patience %}' ? LEAST_PATIENCE_SECONDS : state.TimeoutSeconds;
      expect(seconds).toBeGreaterThan(functions()[functionOf(state) ?? '']?.timeout ?? PROVIDER_TIMEOUT_SECONDS);
    }
  });

  it('ends red when it fails: no way from a Catch to a Succeed', () => {
    const next = (name: string): string[] => {
      const state = definition.States[name];
      return [state?.Next, state?.Default, ...(state?.Choices ?? []).map((choice) => choice.Next)].filter((n) => n !== undefined);
    };
    const reach = (from: string, seen = new Set<string>()): Set<string> => {
      if (!seen.has(from)) {
        seen.add(from);
        next(from).forEach((name) => reach(name, seen));
      }
      return seen;
    };
    // A wait that nobody answered is no failure yet: what it came to is judged.
    const failing = ({ ErrorEquals, Next }: { ErrorEquals: readonly string[]; Next: string }): boolean =>
      !(Next === 'Silence' && ErrorEquals.join() === 'States.Timeout');
    const afterCatch = states
      .filter(([name]) => !LEFT_OUT.includes(name))
      .flatMap(([, state]) => (state.Catch ?? []).filter(failing).flatMap((catcher) => [...reach(catcher.Next)]));

    expect(afterCatch.filter((name) => definition.States[name]?.Type === 'Succeed')).toEqual([]);
    expect(afterCatch.filter((name) => definition.States[name]?.Type === 'Fail').length).toBeGreaterThan(0);
    expect(states.filter(([, state]) => state.End === true)).toEqual([]);
  });

  it('has the spine, in its order, and acts only below the line', () => {
    const order = states.map(([name]) => name);
    const spine = SPINE.filter((name) => order.includes(name));
    const isAct = ([, state]: readonly [string, State]): boolean =>
      ACTING.test(functions()[functionOf(state) ?? '']?.handler ?? '');
    // An act within a Parallel or a Map is where that state is.
    const acts = states.filter(([name, state]) => statesIn({ [name]: state }).some(isAct)).map(([name]) => name);

    expect(order.filter((name) => SPINE.includes(name))).toEqual(spine);
    const line = order.indexOf('Act');
    for (const name of acts.filter((act) => !act.startsWith('Settle'))) expect(order.indexOf(name)).toBeGreaterThanOrEqual(line);
  });

  it('asks a person before the line, unless nobody sits before it', () => {
    expect(Object.keys(definition.States).includes('Approve')).toBe(!UNATTENDED.includes(runbook));
  });

  it('undoes what it did when an act fails, and only then', () => {
    const line = states.findIndex(([name]) => name === 'Act');
    const below = states.slice(
      line + 1,
      states.findIndex(([name]) => name === 'Settle' || name === 'Undo'),
    );

    const undoing = states
      .filter(([, { Type, Catch }]) => WORKS.includes(Type) && Catch?.at(-1)?.Next === 'Undo')
      .map(([name]) => name);
    const acting = below.filter(([, { Type }]) => WORKS.includes(Type)).map(([name]) => name);
    expect(undoing).toEqual(acting.filter((name) => !AFTERWARDS.includes(name)));
  });

  it('gives every name of a variable a value before it is read', () => {
    const born = new Set(['states', ...everyState.flatMap(([, state]) => assignedBy(state))]);
    const read = [...JSON.stringify(definition).matchAll(/\$([a-z]\w*)(?![\w(])/gi)].map(([, name]) => name ?? '');

    expect([...new Set(read)].filter((name) => !born.has(name))).toEqual([]);
  });
});

describe('lists of machines that are kept by hand', () => {
  const named = (text: string): string[] =>
    [...text.matchAll(/stateMachine:([a-z-]+)-\$\{sls:stage\}/g)].map(([, name]) => name ?? '').sort();
  const runbooksWith = (fits: (definition: ReturnType<typeof machines>[number]['definition']) => boolean): string[] =>
    machines()
      .filter(({ definition }) => fits(definition))
      .map(({ runbook }) => runbook)
      .sort();

  it('who is asked about may be answered', () => {
    expect(named(JSON.stringify(roles()['AnswerApprovalRole']))).toEqual(runbooksWith(({ States }) => 'Approve' in States));
  });

  it('who takes the lease is cleaned up after, and the one that cleans up is not', () => {
    const taking = runbooksWith(({ States }) => statesIn(States).some(([, state]) => functionOf(state) === 'takeLease'));

    expect(named(read('statemachines/aftermath.yml').split('\nevents:')[1] ?? '')).toEqual(
      taking.filter((name) => name !== 'aftermath'),
    );
  });
});
