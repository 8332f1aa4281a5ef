import { describe, expect, it } from '@jest/globals';
import { figuresOf } from '../../rehearsal/run/figures.ts';
import type { Outcome } from '../../rehearsal/run/rehearse.ts';

const outcome = { startedAt: 0, endedAt: 60_000, humanSeconds: 5, machineSeconds: 55 } as Outcome;

describe('the terminal’s figures', () => {
  it('are the report’s: a person is waited for from the asking to the answer, and the cost is the plan’s', () => {
    expect(
      figuresOf(outcome, { humanSeconds: 4, lost: null, plan: { costUsd: 0.0012, title: 'x' }, status: 'SUCCEEDED' }),
    ).toEqual({
      humanSeconds: 4,
      machineSeconds: 56,
      predictedUsd: 0.0012,
      lost: null,
    });
  });

  it('have no prediction where nothing was planned, and no loss where the report says there was none', () => {
    expect(figuresOf(outcome, { humanSeconds: 0, lost: 'nothing, because nothing was changed', plan: null })).toEqual({
      humanSeconds: 0,
      machineSeconds: 60,
      predictedUsd: null,
      lost: 'nothing, because nothing was changed',
    });
  });

  it('are the history’s where a run was stopped and wrote no report', () => {
    expect(figuresOf(outcome, undefined)).toEqual({ humanSeconds: 5, machineSeconds: 55, predictedUsd: null, lost: null });
  });
});
