import { describe, expect, it } from '@jest/globals';
import { parseRequest, runbookOf } from '../../shared/runbooks/requests.ts';

describe('a request', () => {
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
    ['sync-dev', 'sync'],
  ])('%s runs the %s', (machine, runbook) => {
    expect(runbookOf(machine)).toBe(runbook);
  });

  it.each(['failovers', 'syncs-dev', ''])('named "%s" is refused with the names there are', (machine) => {
    const name = () => runbookOf(machine);

    expect(name).toThrow(
      expect.objectContaining({
        name: 'InputInvalid',
        message: expect.stringContaining('rollcall, failover'),
      }),
    );
  });
});
