import { describe, expect, it } from '@jest/globals';
import { createHistory } from '../../rehearsal/time/history.ts';
import { createTimeline } from '../../rehearsal/time/timeline.ts';

const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);
const HOUR = 3_600_000;

/** The next whole millisecond of the wall's clock. */
function tick(): number {
  const before = Date.now();
  while (Date.now() === before);
  return Date.now();
}

describe('the wall instant of an instant', () => {
  it('is the end of its millisecond while time runs with the wall', () => {
    const timeline = createTimeline({ pace: { kind: 'real' }, startsAt: NOON });
    const wall = tick();
    const instant = timeline.now();
    tick();

    expect([timeline.wallAt(instant), timeline.wallAt(instant + 5)]).toEqual([wall + 1, wall + 6]);
    expect(timeline.wallAt(NOON - HOUR)).toBe(timeline.wallAt(NOON) - HOUR);
    timeline.stop();
  });

  it('lies between what was before a jump and what came after, however close, for every instant that was jumped over', async () => {
    const timeline = createTimeline({ pace: { kind: 'virtual' }, startsAt: NOON });
    const fine = (): number => performance.timeOrigin + performance.now();
    for (let round = 0; round < 200; round++) {
      const before = { instant: timeline.now(), wall: fine() };
      await timeline.passTo(before.instant + HOUR);
      const after = fine();

      const jumped = timeline.wallAt(before.instant + HOUR / 2);

      // The steady clock began with the wall's to a few microseconds.
      expect(jumped).toBeGreaterThan(before.wall - 0.05);
      expect(jumped).toBeLessThan(after + 0.05);
      expect(timeline.wallAt(before.instant + HOUR - 1)).toBe(jumped);
    }
    timeline.stop();
  });

  it('is found again at sixty times the pace, and while work holds it', async () => {
    const timeline = createTimeline({ pace: { kind: 'scaled', speed: 60 }, startsAt: NOON });
    const seen: [number, number][] = [];
    const look = (): void => {
      const wall = tick();
      seen.push([timeline.now(), wall]);
    };
    look();
    await timeline.busy(look);
    look();
    tick();

    for (const [instant, wall] of seen) expect(Math.abs(timeline.wallAt(instant) - (wall + 1))).toBeLessThanOrEqual(1);
    timeline.stop();
  });

  it('of long ago is forgotten, never guessed', () => {
    const history = createHistory(4);
    for (let n = 0; n < 5; n++) history.note({ time: NOON + n * HOUR, wall: 1000 + n, rate: 1 });

    expect(() => history.wallAt(NOON)).toThrow('the timeline no longer knows when it was 2026-01-15T12:00:00.000Z');
    expect(history.wallAt(NOON + 4 * HOUR)).toBe(1005);
  });
});
