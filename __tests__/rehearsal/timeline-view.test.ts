import { describe, expect, it } from '@jest/globals';
import { createTimelineView, spansOf } from '../../rehearsal/run/timeline-view.ts';
import type { HistoryEvent } from '../../rehearsal/states/world.ts';

/** Each follows the one before it, as in a machine that does one thing after another. */
let last = 0;
const event = (type: string, timestamp: number, details?: object, previousEventId = last): HistoryEvent =>
  ({ id: ++last, previousEventId, type, timestamp, ...(details && { details }) }) as unknown as HistoryEvent;
const entered = (name: string, at: number) => event('TaskStateEntered', at, { stateEnteredEventDetails: { name } });
const exited = (name: string, at: number) => event('TaskStateExited', at, { stateExitedEventDetails: { name } });
const notYet = (at: number) =>
  event('LambdaFunctionFailed', at, {
    lambdaFunctionFailedEventDetails: { error: 'NotYet', cause: JSON.stringify({ errorMessage: 'C1 is PENDING' }) },
  });
const STORY = [
  entered('AwaitSync', 1_000),
  event('LambdaFunctionStarted', 1_100),
  notYet(1_200),
  event('LambdaFunctionStarted', 4_200),
  notYet(4_300),
  event('LambdaFunctionStarted', 7_300),
  exited('AwaitSync', 7_400),
];

function told(options: { columns?: number; rows?: number }, story: readonly HistoryEvent[]): string {
  let text = '';
  const view = createTimelineView({
    write: (more) => (text += more),
    now: () => 7_400,
    columns: options.columns,
    rows: options.rows,
  });
  story.forEach((one) => view.event(one));
  view.end('SUCCEEDED');
  return text;
}

describe('a timeline', () => {
  it('in plain lines says once what was asked for again and again, and how often', () => {
    const text = told({}, STORY);

    expect(text.match(/NotYet/g)).toHaveLength(1);
    expect(text).toContain('NotYet: C1 is PENDING');
    expect(text).toContain('AwaitSync done in 6.4 s, 3 attempts');
  });

  it('says for whom a machine waits that asks again later', () => {
    const answer = (at: number, waitSeconds: number) =>
      event('LambdaFunctionSucceeded', at, {
        lambdaFunctionSucceededEventDetails: { output: JSON.stringify({ waitSeconds, says: 'not everybody reaches spare yet' }) },
      });

    expect(told({}, [entered('Verify', 1_000), answer(1_100, 7), exited('Verify', 1_200)])).toContain(
      'not yet: not everybody reaches spare yet',
    );
    expect(told({}, [entered('Verify', 1_000), answer(1_100, 0), exited('Verify', 1_200)])).not.toContain('not yet');
  });

  it('on a terminal is never taller than the screen, so that it can be redrawn in place', () => {
    const states = Array.from({ length: 40 }, (_, i) => [entered(`State${i}`, i * 10), exited(`State${i}`, i * 10 + 5)]).flat();

    const text = told({ columns: 80, rows: 24 }, states);

    // eslint-disable-next-line no-control-regex -- the cursor's own movements are what is looked at
    const jumps = [...text.matchAll(/\u001b\[(\d+)A/g)].map(([, count]) => Number(count));
    expect(Math.max(...jumps)).toBeLessThanOrEqual(22);
    expect(text).toContain('State39');
  });

  it('tells states apart that run side by side', () => {
    const gather = event('ParallelStateEntered', 0, { stateEnteredEventDetails: { name: 'Read' } }, 0);
    const begun = event('ParallelStateStarted', 0);
    const data = event('TaskStateEntered', 0, { stateEnteredEventDetails: { name: 'ReadData' } }, begun.id);
    const doors = event('TaskStateEntered', 0, { stateEnteredEventDetails: { name: 'ReadDoors' } }, begun.id);
    const first = event('LambdaFunctionStarted', 10, {}, data.id);
    const refused = event(
      'LambdaFunctionFailed',
      20,
      { lambdaFunctionFailedEventDetails: { error: 'CloudTransient' } },
      first.id,
    );
    const other = event('LambdaFunctionStarted', 10, {}, doors.id);
    const again = event('LambdaFunctionStarted', 30, {}, refused.id);
    const story = [
      gather,
      begun,
      data,
      doors,
      first,
      other,
      refused,
      again,
      exited('ReadDoors', 60),
      event('ParallelStateExited', 70, { stateExitedEventDetails: { name: 'Read' } }, 0),
    ];

    expect(spansOf(story)).toEqual([
      { name: 'Read', enteredAt: 0, exitedAt: 70, attempts: 0 },
      { name: 'ReadData', enteredAt: 0, exitedAt: 70, attempts: 2 },
      { name: 'ReadDoors', enteredAt: 0, exitedAt: 60, attempts: 1 },
    ]);
  });

  it('counts an attempt that failed to the state it was made in', () => {
    expect(spansOf(STORY)).toMatchObject([{ name: 'AwaitSync', attempts: 3, enteredAt: 1_000, exitedAt: 7_400 }]);
  });
});
