import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  draftAftermath,
  judgeAftermath,
  LONGEST_AFTERMATH_SECONDS,
  Standstill,
  type Remains,
} from '../../shared/runbooks/aftermath.ts';
import type { RunEntry } from '../../shared/runbooks/journal.ts';
import type { Lease } from '../../shared/runbooks/lease.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { addIntent, addMark, draftEntry, markUndone } from '../../shared/runbooks/undo.ts';
import { ago, execution, now, runWith } from './small-facts.ts';

const stopped = (status: string, change: object = {}, name = 'night-7'): Standstill =>
  Standstill.parse({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn: execution(name),
      name,
      status,
      stopDate: now.getTime() - 30_000,
      error: null,
      cause: null,
      ...change,
    },
  });
const opened = (name = 'night-7', request: object = {}): RunEntry => draftEntry(runWith(request, name), now);
const begun = (entry: RunEntry): RunEntry =>
  addIntent(entry, {
    act: 'declareWriter',
    effect: { kind: 'writer', from: 'main', to: 'spare', epoch: 7 },
    invert: 'yes',
    at: ago(60),
  }).entry;
const heldBy = (name: string): Lease => ({
  app: 'orders',
  writer: 'main',
  epoch: 6,
  fencing: 3,
  since: ago(9000),
  holder: { execution: execution(name), runbook: 'failover', attended: true, takenAt: ago(100) },
});
const judge = (change: Partial<Remains> = {}) =>
  judgeAftermath({
    event: stopped('ABORTED'),
    chain: [begun(opened())],
    lease: heldBy('night-7'),
    other: undefined,
    now,
    ...change,
  });
/** Another aftermath's own journal. */
const cleaning = (change: Partial<RunEntry> = {}): RunEntry => ({ ...opened('after-1'), ...change });

describe('an aftermath', () => {
  it('takes over what the run began, once no act of it can still run and nobody goes on with it', () => {
    expect(judge()).toMatchObject({
      needed: true,
      waitSeconds: 90,
      resume: execution('night-7'),
      says: expect.stringMatching(/ended ABORTED with 1 change in its journal and the lease in its hand$/),
    });
  });

  it('waits for nothing when the run stopped long ago', () => {
    expect(judge({ event: stopped('TIMED_OUT', { stopDate: now.getTime() - 120_000 }) }).waitSeconds).toBe(0);
  });

  it('waits the whole time where nobody says when the run stopped', () => {
    expect(judge({ event: stopped('ABORTED', { stopDate: null }) }).waitSeconds).toBe(120);
  });

  it('releases the lease even where the run began nothing', () => {
    expect(judge({ chain: [opened()] })).toMatchObject({ needed: true, waitSeconds: 90, resume: null });
  });

  it('tells of a run that held nothing and began nothing, without waiting', () => {
    expect(judge({ chain: [opened()], lease: undefined })).toMatchObject({ needed: true, waitSeconds: 0, resume: null });
  });

  it('takes the lease only where there is something to undo or to release', () => {
    expect([
      judge().acts,
      judge({ chain: [opened()] }).acts,
      judge({ chain: [opened()], lease: heldBy('night-8') }).acts,
    ]).toEqual([true, true, false]);
  });

  it('undoes nothing of a run that was verified, and says that it stands', () => {
    const verified = addMark(begun(opened()), { name: 'verified', at: ago(50), says: '' });

    expect(judge({ chain: [verified] })).toMatchObject({
      needed: true,
      acts: true,
      resume: null,
      failure: { Cause: expect.stringMatching(/what it changed stands/) },
    });
  });

  it('takes over what the run was to go on with, where it never came to that', () => {
    const chain = [opened('night-8', { resume: execution('night-7') }), begun(opened())];

    expect(judge({ event: stopped('ABORTED', {}, 'night-8'), chain })).toMatchObject({
      needed: true,
      resume: execution('night-7'),
    });
  });

  it.each<[string, Partial<Remains>]>([
    ['that is running', { event: stopped('RUNNING') }],
    ['that ended green', { event: stopped('SUCCEEDED') }],
    ['that never opened', { chain: [] }],
    ['whose name is another machine’s run', { chain: [begun(opened('other'))] }],
    ['that settled by itself', { chain: [{ ...begun(opened()), settledAt: ago(40) }], lease: heldBy('other') }],
    ['that another aftermath has cleaned up after', { other: cleaning({ settledAt: ago(5) }) }],
    ['that another aftermath is cleaning up after', { other: cleaning() }],
    ['that somebody goes on with', { chain: [{ ...begun(opened()), adoptedBy: execution('night-8') }] }],
  ])('does nothing for a run %s', (_what, change) => {
    expect(judge(change)).toMatchObject({ needed: false, resume: null, waitSeconds: 0 });
  });

  it('lets go of the lease after a run that closed its journal and died before it could, and undoes nothing', () => {
    const closed = [{ ...begun(opened()), settledAt: ago(40) }];

    expect(judge({ chain: closed })).toMatchObject({
      needed: true,
      acts: true,
      resume: null,
      says: expect.stringContaining('its journal closed and the lease in its hand') as unknown,
    });
  });

  it('says which other one does it, or did', () => {
    expect([judge({ other: cleaning() }).says, judge({ other: cleaning({ settledAt: ago(5) }) }).says]).toEqual([
      `${execution('after-1')} is cleaning up after it`,
      `${execution('after-1')} has cleaned up after it`,
    ]);
  });

  it('does it after all where the other one died: its machine gave it no longer', () => {
    const other = cleaning();
    const dead = { ...other, run: { ...other.run, openedAt: ago(LONGEST_AFTERMATH_SECONDS) } };

    expect(judge({ other: dead })).toMatchObject({ needed: true, resume: execution('night-7') });
  });

  it('holds another for dead when its machine does', () => {
    const machine = readFileSync('statemachines/aftermath.yml', 'utf8');

    expect(/^ {2}TimeoutSeconds: (\d+)$/m.exec(machine)?.[1]).toBe(String(LONGEST_AFTERMATH_SECONDS));
  });

  it('takes over nothing that is undone', () => {
    const undone = markUndone(begun(opened()), 1, { how: 'inverted', says: '' }, now);

    expect(judge({ chain: [undone] }).resume).toBeNull();
  });

  it.each([
    ['TIMED_OUT', {}, 'States.Timeout', /ended TIMED_OUT$/],
    ['ABORTED', {}, 'Aborted', /ended ABORTED$/],
    ['ABORTED', { error: 'Preempted', cause: 'an emergency' }, 'Preempted', /: an emergency$/],
    ['FAILED', { error: 'States.Runtime', cause: '{"errorMessage":"no field"}' }, 'States.Runtime', /: no field$/],
  ])('of a run that ended %s with %j ends red under %s', (status, change, name, cause) => {
    expect(judge({ event: stopped(status, change) }).failure).toEqual({ Error: name, Cause: expect.stringMatching(cause) });
  });

  it('is a run as any other', () => {
    const run = draftAftermath({
      event: stopped('ABORTED'),
      execution: execution('aftermath-1', 'aftermath-dev'),
      machine: 'aftermath-dev',
      app: 'orders',
      openedAt: ago(1),
    });

    expect(Run.parse(run)).toMatchObject({
      id: 'aftermath-1',
      runbook: 'aftermath',
      reason: `${execution('night-7')} ended ABORTED`,
      lease: null,
    });
  });
});
