import { describe, expect, it } from '@jest/globals';
import { draftOutcome } from '../../shared/runbooks/outcome.ts';
import { draftRun, RollcallRequest } from '../../shared/runbooks/rollcall.ts';

const execution = 'arn:aws:states:eu-west-1:123456789012:execution:rollcall-dev:night-7';
const run = draftRun({
  execution,
  machine: 'rollcall-dev',
  request: RollcallRequest.parse({}),
  openedAt: '2026-01-15T03:12:00.000Z',
});
const now = new Date('2026-01-15T03:20:00.000Z');

describe('a run', () => {
  it('opens from {} and asks', () => {
    expect(run).toEqual({
      id: 'night-7',
      execution,
      machine: 'rollcall-dev',
      mode: 'ask',
      reason: 'no reason given',
      by: 'unknown',
      openedAt: '2026-01-15T03:12:00.000Z',
    });
  });
});

describe('an outcome', () => {
  it('of a green run names who approved', () => {
    const approval = { approvedBy: 'the CTO', at: '2026-01-15T03:14:00.000Z', reason: '' };

    expect(draftOutcome({ run, approval, failure: null }, now)).toMatchObject({
      outcome: 'SUCCEEDED',
      answeredAt: '2026-01-15T03:14:00.000Z',
      failure: 'nothing',
    });
  });

  it.each([
    [
      'a Lambda’s JSON',
      '{"errorType":"CloudRefused","errorMessage":"AWS refused writing","trace":[]}',
      'CloudRefused: AWS refused writing',
    ],
    ['plain words', 'the CTO refused: not tonight', 'CloudRefused: the CTO refused: not tonight'],
    ['JSON that is no Lambda’s', '{"other":1}', 'CloudRefused: {"other":1}'],
    ['nothing', undefined, 'CloudRefused: '],
  ])('of a red run reads its cause from %s', (_what, Cause, expected) => {
    const failure = { Error: 'CloudRefused', ...(Cause !== undefined && { Cause }) };

    expect(draftOutcome({ run, approval: null, failure }, now)).toMatchObject({ outcome: 'FAILED', failure: expected });
  });

  it('of a run that never opened keeps the execution’s name', () => {
    const failure = { Error: 'InputInvalid', Cause: 'x' };

    expect(draftOutcome({ run: { execution, machine: 'rollcall-dev' }, approval: null, failure }, now)).toMatchObject({
      id: 'night-7',
      openedAt: undefined,
      reason: 'the request could not be read',
    });
  });
});
