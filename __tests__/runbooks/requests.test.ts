import { describe, expect, it } from '@jest/globals';
import { draftRun, parseRequest, REQUESTS, runbookOf } from '../../shared/runbooks/requests.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { execution, runWith } from './small-facts.ts';

const resume = 'arn:aws:states:eu-west-1:123456789012:execution:failover-dev:night-6';

describe('a request', () => {
  it.each(Object.keys(REQUESTS))('of nothing opens a %s', (runbook) => {
    const run = draftRun({
      request: {},
      execution: execution('night-7', `${runbook}-dev`),
      machine: `${runbook}-dev`,
      app: 'orders',
      openedAt: '2026-01-15T09:11:30.000Z',
    });

    expect(Run.parse(run)).toMatchObject({
      id: 'night-7',
      runbook,
      mode: 'act',
      by: 'unknown',
      override: [],
      resume: null,
      lease: null,
    });
  });

  it('keeps what was asked, and names each override once', () => {
    const run = runWith({ to: 'spare', by: 'Ada', reason: 'fire', override: ['stale-data', 'stale-data'], resume });

    expect(run).toMatchObject({
      by: 'Ada',
      reason: 'fire',
      override: ['stale-data'],
      resume,
      request: { to: 'spare', mode: 'act' },
    });
  });

  it.each([
    [{ tp: 'spare' }, /^tp: there is no such field; a failover takes mode, reason, by, override, resume, to/],
    [{ to: 7 }, /^to: /],
    [{ to: '' }, /^to: /],
    [{ mode: 'dry' }, /^mode: .*"act".*"plan"/],
    [{ override: 'stale-data' }, /^override: /],
    [{ override: ['Stale Data'] }, /^override\.0: /],
    [{ resume: 'night-6' }, /^resume: /],
    [{ reason: '' }, /^reason: /],
    [{ reason: 'x'.repeat(501) }, /^reason: /],
    [{ to: 7, mode: 'dry' }, /mode: .*; to: |to: .*; mode: /],
    [[], /^request: /],
    ['{}', /^request: /],
    [null, /^request: /],
  ])('%j is refused naming the field', (request, message) => {
    const open = () => parseRequest('failover', request);

    expect(open).toThrow(expect.objectContaining({ name: 'InputInvalid', message: expect.stringMatching(message) }));
  });
});

describe('a machine', () => {
  it.each([
    ['failover', 'failover'],
    ['failover-dev', 'failover'],
    ['rollcall-production-2', 'rollcall'],
  ])('%s runs the %s', (machine, runbook) => {
    expect(runbookOf(machine)).toBe(runbook);
  });

  it.each(['failovers', 'sync-dev', ''])('named "%s" is refused with the names there are', (machine) => {
    const name = () => runbookOf(machine);

    expect(name).toThrow(
      expect.objectContaining({
        name: 'InputInvalid',
        message: expect.stringContaining('rollcall, failover'),
      }),
    );
  });
});
