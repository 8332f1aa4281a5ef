import { describe, expect, it } from '@jest/globals';
import type { Approval } from '../../shared/runbooks/approval.ts';
import { causeOf } from '../../shared/runbooks/outcome.ts';
import { addIntent, markUndone } from '../../shared/runbooks/undo.ts';
import { acted, end, failed, plan, run, verified, webFence } from './small-ending.ts';
import { ago, execution, now } from './small-facts.ts';

const approval = (change: Partial<Approval> = {}): Approval => ({
  id: 'a',
  run: 'night-7',
  execution: run.execution,
  runbook: 'failover',
  app: 'orders',
  plan: { id: 'night-7/1', hash: 'x', summary: '' },
  epoch: 6,
  round: 1,
  difference: [],
  reason: 'fire',
  askedBy: 'Ada',
  tokens: ['t'],
  askedAt: ago(580),
  expiresAt: ago(-10_000),
  quorum: 1,
  slots: [],
  excluded: null,
  alone: null,
  posted: [],
  opened: [],
  countdown: null,
  answers: [],
  decision: { answer: 'approve', by: 'cto', at: ago(280), reason: 'go' },
  voided: null,
  ...change,
});

describe('a green run', () => {
  it('counts from its start to the verified answer, people apart from machines', () => {
    const outcome = end({ entry: verified(acted()), approvals: [approval()] });

    expect(outcome).toMatchObject({
      status: 'SUCCEEDED',
      recoverySeconds: 500,
      humanSeconds: 300,
      machineSeconds: 200,
      objectives: { rtoSeconds: 300, rtoMet: false, rpoMet: true },
      asked: [{ round: 1, says: 'cto approved: go', seconds: 300 }],
    });
  });

  it('adds up what it waited for people, round after round', () => {
    const rounds = [
      approval({ decision: { answer: 'approve', by: 'cto', at: ago(540), reason: '' } }),
      approval({ round: 2, askedAt: ago(500), decision: { answer: 'approve', by: 'cto', at: ago(480), reason: '' } }),
    ];

    expect(end({ entry: verified(acted()), approvals: rounds })).toMatchObject({ humanSeconds: 60, machineSeconds: 440 });
  });

  it('counts a wait once where the step that asked died and asked again', () => {
    const asked = [approval({ askedAt: ago(582), decision: null }), approval()];

    expect(end({ entry: verified(acted()), approvals: asked })).toMatchObject({ humanSeconds: 302, machineSeconds: 198 });
  });

  it('says what stands and that the side that was left stays fenced', () => {
    const { world, next } = end({ entry: verified(acted()) });

    expect(world).toBe(
      'Everything planned is done and verified from outside: the load balancer of main answers 503; spare is the writer (epoch 7).',
    );
    expect(next).toMatch(/stays fenced/);
  });

  it('that only planned changed nothing', () => {
    const { world, recoverySeconds } = end({ run: { ...run, mode: 'plan' }, entry: acted([]) });

    expect([world, recoverySeconds]).toEqual(['Nothing was changed: this run only planned.', null]);
  });

  it('names the limits that were lifted', () => {
    const limits = plan.limits.map((limit) =>
      limit.name === 'stale-data' ? { ...limit, verdict: 'overridden' as const } : limit,
    );

    expect(end({ plan: { ...plan, limits } }).overridden).toEqual(['stale-data']);
  });

  it('draws its instants in their order', () => {
    const { timeline } = end({ entry: verified(acted()), approvals: [approval()] });

    expect(timeline.map(({ name }) => name)).toEqual(['opened', 'asked', 'answered', 'web-fence', 'writer', 'verified']);
  });
});

describe('a red run', () => {
  it.each([
    ['InputInvalid', /Correct the request/],
    ['PlanRefused', /override/],
    ['ApprovalRefused', /Nothing needs to be done/],
    ['States.Timeout', /when somebody can answer/],
    ['States.Runtime', /^Mend what stopped it/],
  ])('that changed nothing says so, and what to do after %s', (name, next) => {
    const outcome = end({ ...failed(name), entry: acted([]) });

    expect(outcome).toMatchObject({ status: 'FAILED', error: name, world: 'Nothing was changed.', recoverySeconds: null });
    expect(outcome.next).toMatch(next);
  });

  it('that failed only after it was verified asks nobody to undo it', () => {
    const { world, next } = end({ ...failed('CloudTransient'), entry: verified(acted()) });

    expect(world).toMatch(/^Everything planned is done and verified from outside: .* The run failed only afterwards\.$/);
    expect(next).not.toMatch(/resume/);
  });

  it('whose changes are undone says so', () => {
    const undone = [1, 2].reduce((entry, seq) => markUndone(entry, seq, { how: 'inverted', says: '' }, now), acted());

    expect(end({ ...failed('VerifyFailed'), entry: undone })).toMatchObject({
      world: 'Everything that was changed is as it was before.',
    });
  });

  it('whose changes stand lists them and tells how to go on from there', () => {
    const left = markUndone(acted(), 2, { how: 'left', says: 'main did not serve' }, now);

    const { world, next, changes } = end({ ...failed('VerifyFailed'), entry: left });

    expect(world).toMatch(
      /^2 changes stand: the load balancer of main answers 503.*; spare is the writer \(epoch 7\): main did not serve\.$/,
    );
    expect(next).toContain(`"resume": "${execution('night-7')}"`);
    expect(changes.map(({ state }) => state)).toEqual(['left', 'left']);
  });

  it('that died in an act says that nobody knows whether it took effect', () => {
    const { entry } = addIntent(acted([]), { act: 'fenceWeb', effect: webFence, invert: 'yes', at: ago(200) });

    expect(end({ ...failed('States.Timeout'), entry }).world).toMatch(/^1 change stands: .*not recorded/);
  });

  it('counts no recovery even where the answer had come', () => {
    expect(end({ ...failed('CloudRefused'), entry: verified(acted()) }).recoverySeconds).toBeNull();
  });

  it.each([
    ['silence', approval({ decision: null, expiresAt: ago(80) }), 'nobody decided', 500],
    ['a request that still waits', approval({ decision: null }), 'nobody decided', 580],
    [
      'a void request',
      approval({ decision: null, voided: { at: ago(380), why: 'spare is the writer' } }),
      'spare is the writer',
      200,
    ],
    ['a refusal', approval({ decision: { answer: 'refuse', by: 'cto', at: ago(480), reason: '' } }), 'cto refused', 100],
  ])('tells %s', (_what, asked, says, seconds) => {
    expect(end({ ...failed('ApprovalRefused'), approvals: [asked] }).asked).toEqual([expect.objectContaining({ says, seconds })]);
  });

  it('that never opened keeps the execution’s name', () => {
    const unopened = { execution: run.execution, machine: 'failover-dev' };

    expect(
      end({ run: unopened, entry: undefined, plan: undefined, approvals: [undefined], ...failed('InputInvalid', 'to: moon') }),
    ).toMatchObject({
      id: 'night-7',
      openedAt: null,
      machineSeconds: 0,
      loss: null,
      reason: 'the request could not be read',
      cause: 'to: moon',
      timeline: [],
    });
  });

  it.each([
    ['a Lambda’s JSON', '{"errorType":"CloudRefused","errorMessage":"AWS refused writing","trace":[]}', 'AWS refused writing'],
    ['plain words', 'the CTO refused: not tonight', 'the CTO refused: not tonight'],
    ['JSON that is no Lambda’s', '{"other":1}', '{"other":1}'],
    ['nothing', undefined, ''],
  ])('reads its cause from %s', (_what, cause, expected) => {
    expect(causeOf(cause)).toBe(expected);
  });
});

describe('a tag that was begun', () => {
  const proven = { kind: 'proven', environment: 'main', snapshot: 'orders-s1' } as const;

  it('is told as missing until it is known to be there: no run stops for it', () => {
    const { entry: begun } = addIntent(acted([]), { act: 'keepProven', effect: proven, invert: { no: '' }, at: ago(200) });

    expect(end({ entry: begun }).notes).toEqual([
      expect.stringMatching(/^orders-s1 was proven, and may lack the tag changeover:/),
    ]);
    expect(end({ entry: acted([proven]) }).notes).toEqual([]);
  });
});
