import { describe, expect, it } from '@jest/globals';
import {
  declareWriter,
  decideLease,
  judgeHeld,
  LONGEST_ACT_SECONDS,
  releaseLease,
  writerOf,
  writerSays,
  type Holder,
  type Lease,
  type LeaseQuestion,
} from '../../shared/runbooks/lease.ts';
import type { Run } from '../../shared/runbooks/run.ts';
import { ago, estate, estateWith, execution, now, runWith } from './small-facts.ts';

const run = runWith();
const other = (runbook: string, attended: boolean): Holder => ({
  execution: execution('dawn-1', `${runbook}-dev`),
  runbook,
  attended,
  takenAt: ago(600),
});
const leaseWith = (change: Partial<Lease> = {}): Lease => ({
  app: 'orders',
  writer: 'main',
  epoch: 6,
  fencing: 11,
  since: '2026-01-02T03:12:00.000Z',
  holder: null,
  ...change,
});
const ask = (change: Partial<LeaseQuestion> = {}) =>
  decideLease({ lease: leaseWith(), run, estate, plan: { epoch: 6, fencing: 11 }, holder: undefined, now, ...change });
const running = { running: true, status: 'RUNNING', stoppedAt: null };
const stopped = (seconds: number) => ({ running: false, status: 'ABORTED', stoppedAt: ago(seconds) });
const refusal = (name: string, message: RegExp): unknown =>
  expect.objectContaining({ name, message: expect.stringMatching(message) });
const holding = (own: Run, lease: Lease): Run => ({ ...own, lease: { epoch: lease.epoch, fencing: lease.fencing } });

describe('the lease', () => {
  it('that nobody holds is taken under the next fencing number', () => {
    const decision = ask();

    expect(decision).toMatchObject({
      kind: 'take',
      lease: { writer: 'main', epoch: 6, fencing: 12, holder: { execution: run.execution, runbook: 'failover', attended: true } },
    });
  });

  it('that another run took and gave back after the plan was rechecked is not taken: what it undid is not known', () => {
    expect(() => ask({ plan: { epoch: 6, fencing: 10 } })).toThrow(refusal('PlanStale', /planned 10/));
    expect(ask()).toMatchObject({ kind: 'take' });
  });

  it('that nobody ever held begins with the primary as writer, epoch 1, fencing number 1', () => {
    const decision = ask({ lease: undefined, plan: { epoch: 1, fencing: 0 } });

    expect(decision).toMatchObject({ kind: 'take', lease: { writer: 'main', epoch: 1, fencing: 1, since: now.toISOString() } });
  });

  it('that is ours already is kept as it is: a step that is run again does not fence itself', () => {
    const lease = leaseWith({ holder: { ...other('failover', true), execution: run.execution } });

    expect(ask({ lease })).toEqual({ kind: 'keep', lease });
  });

  it.each([
    ['moved on', leaseWith({ writer: 'spare', epoch: 7 }), 6],
    ['was never there, though the plan says so', undefined, 6],
  ])('whose epoch %s voids the plan', (_how, lease, epoch) => {
    expect(() => ask({ lease, plan: { epoch, fencing: 11 } })).toThrow(
      refusal('PlanStale', /drafted under epoch 6, and \w+ is the writer since .* \(epoch/),
    );
  });

  it('is taken by a run without a plan under whatever epoch there is', () => {
    expect(ask({ lease: leaseWith({ epoch: 9 }), plan: null })).toMatchObject({
      kind: 'take',
      lease: { epoch: 9 },
    });
  });

  it.each(['sync', 'readiness', 'refresh', 'drill', 'retention'])(
    'held by a running, unattended %s is pre-empted by a failover',
    (runbook) => {
      const decision = ask({ lease: leaseWith({ holder: other(runbook, false) }), holder: running });

      expect(decision).toMatchObject({ kind: 'preempt', execution: execution('dawn-1', `${runbook}-dev`) });
    },
  );

  it.each(['promotion', 'failover', 'cutover'])(
    'held by a running, attended %s is refused by name, saying since when',
    (runbook) => {
      const taken = () => ask({ lease: leaseWith({ holder: other(runbook, true) }), holder: running });

      expect(taken).toThrow(
        refusal('PlanRefused', new RegExp(`^refused: ${runbook} \\(dawn-1\\) has held the lease since 09:02`)),
      );
    },
  );

  it('held by a running aftermath is waited for, whoever asks', () => {
    const taken = () => ask({ lease: leaseWith({ holder: other('aftermath', true) }), holder: running });

    expect(taken).toThrow(refusal('NotYet', /cleaning up/));
  });

  it('is not pre-empted by a runbook that is no emergency', () => {
    const sync: Run = { ...run, runbook: 'promotion' };
    const taken = () => ask({ run: sync, lease: leaseWith({ holder: other('sync', false) }), holder: running });

    expect(taken).toThrow(refusal('PlanRefused', /^refused: sync/));
  });

  it.each([0, 1, LONGEST_ACT_SECONDS - 1])(
    'of an execution that stopped %d s ago is waited for: its Lambda may still write',
    (seconds) => {
      const taken = () => ask({ lease: leaseWith({ holder: other('sync', false) }), holder: stopped(seconds) });

      expect(taken).toThrow(refusal('NotYet', /an act of it may still run/));
    },
  );

  it.each([LONGEST_ACT_SECONDS, 86_400])('of an execution that stopped %d s ago is taken', (seconds) => {
    const decision = ask({ lease: leaseWith({ holder: other('promotion', true) }), holder: stopped(seconds) });

    expect(decision).toMatchObject({ kind: 'take', lease: { fencing: 12 } });
  });

  it('of an execution that nobody knows is taken once its acts must be over', () => {
    const young = () => ask({ lease: leaseWith({ holder: { ...other('sync', false), takenAt: ago(10) } }) });
    const old = ask({ lease: leaseWith({ holder: other('sync', false) }) });

    expect(young).toThrow(refusal('NotYet', /may still run for 1 m 20 s/));
    expect(old.kind).toBe('take');
  });

  it.each(['sync', 'failover'])('of a %s says whether somebody sits before it', (runbook) => {
    const decision = ask({ run: { ...run, runbook } });

    expect(decision).toMatchObject({ lease: { holder: { attended: runbook === 'failover' } } });
  });

  it('cannot begin in an estate without a primary', () => {
    const none = { environments: { spare: estate.environments['spare'] as (typeof estate.environments)[string] } };

    expect(() => writerOf(undefined, none)).toThrow(refusal('InputInvalid', /^environments: /));
    expect(writerOf(undefined, estateWith())).toEqual({ writer: 'main', epoch: 1 });
  });

  it('is told as people say it', () => {
    expect(writerSays(leaseWith({ writer: 'spare', epoch: 7 }))).toBe('spare is the writer since 03:12 (epoch 7)');
  });
});

describe('an act', () => {
  const lease = leaseWith({ holder: { ...other('failover', true), execution: run.execution } });

  it('goes on under the lease it holds', () => {
    expect(() => judgeHeld(lease, holding(run, lease))).not.toThrow();
  });

  it('goes on after its own run moved the epoch', () => {
    expect(() => judgeHeld({ ...lease, writer: 'spare', epoch: 7 }, holding(run, lease))).not.toThrow();
  });

  it.each<[string, Lease, Run]>([
    ['another run took over', leaseWith({ fencing: 12, holder: other('failover', true) }), holding(run, lease)],
    ['the lease was released', leaseWith(), holding(run, lease)],
    ['the run took it a second time', { ...lease, fencing: 12 }, holding(run, lease)],
    ['the run never took it', lease, run],
    ['the lease was put back to an older epoch', { ...lease, epoch: 5 }, holding(run, lease)],
  ])('refuses when %s', (_what, found, own) => {
    expect(() => judgeHeld(found, own)).toThrow(refusal('PlanStale', /start the run again/));
  });

  it('declares the writer once: epoch and instant', () => {
    const declared = declareWriter(lease, holding(run, lease), 'spare', 7, now);

    expect(declared).toMatchObject({ writer: 'spare', epoch: 7, since: now.toISOString(), fencing: 11 });
    expect(declareWriter(declared, holding(run, lease), 'spare', 7, new Date(0))).toBe(declared);
  });

  it.each([
    ['another than the next epoch', 'spare', 9],
    ['the epoch that is, with another writer', 'spare', 6],
  ])('refuses to declare %s', (_what, to, epoch) => {
    expect(() => declareWriter(lease, holding(run, lease), to, epoch, now)).toThrow(refusal('PlanStale', /was to be the writer/));
  });

  it('lets go of the lease and of nothing else', () => {
    expect(releaseLease(lease)).toEqual({ ...lease, holder: null });
  });
});
