import { afterEach, describe, expect, it } from '@jest/globals';
import { createTimeline, type Pace, type Timeline } from '../../rehearsal/time/timeline.ts';

const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);
const SECOND = 1000;
const HOUR = 3_600_000;

let timeline: Timeline;
const begin = (pace: Pace = { kind: 'virtual' }): Timeline => (timeline = createTimeline({ pace, startsAt: NOON }));
afterEach(() => timeline.stop());

/** Seconds since noon; real work takes milliseconds. */
const second = (): number => Math.round((timeline.now() - NOON) / SECOND);

describe('periodic work', () => {
  it('is done once a period, at its own instants', async () => {
    begin();
    const ticks: number[] = [];
    timeline.every(10 * SECOND, () => void ticks.push(second()), { most: 60 });

    await timeline.passTo(NOON + 45 * SECOND);

    expect(ticks).toEqual([10, 20, 30, 40]);
  });

  it('is done only for the last few of the periods that one jump passes over', async () => {
    begin();
    const ticks: number[] = [];
    timeline.every(10 * SECOND, () => void ticks.push(second()), { most: 3 });

    await timeline.passTo(NOON + 4 * HOUR + 5 * SECOND);
    await timeline.passTo(NOON + 4 * HOUR + 25 * SECOND);

    expect(ticks).toEqual([14_380, 14_390, 14_400, 14_410, 14_420]);
  });

  it('may begin at an instant of its own', async () => {
    begin();
    const ticks: number[] = [];
    timeline.every(10 * SECOND, () => void ticks.push(second()), { most: 2, from: NOON + 3 * SECOND });

    await timeline.passTo(NOON + 5 * SECOND);
    await timeline.passTo(NOON + 35 * SECOND);

    expect(ticks).toEqual([3, 23, 33]);
  });

  it('of two kinds is done in the order of the instants', async () => {
    begin();
    const ticks: string[] = [];
    timeline.every(10 * SECOND, () => void ticks.push(`heartbeat ${second()}`), { most: 2 });
    timeline.every(4 * SECOND, () => void ticks.push(`probe ${second()}`), { most: 4 });

    // A moment more: the second was begun a moment after the first.
    await timeline.passTo(NOON + HOUR + SECOND);

    expect(ticks).toEqual(['probe 3588', 'heartbeat 3590', 'probe 3592', 'probe 3596', 'heartbeat 3600', 'probe 3600']);
  });

  it('is finished before the event that the jump was made for', async () => {
    begin();
    const order: string[] = [];
    const slowly = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push(`tick ${second()}`);
    };
    timeline.every(10 * SECOND, slowly, { most: 1 });
    timeline.after(HOUR, () => void order.push(`event ${second()}`));

    await timeline.passTo(NOON + HOUR + SECOND);

    expect(order).toEqual(['tick 3600', 'event 3600']);
  });

  it('may itself wait on the timeline, as a timeout does, without waiting for ever', async () => {
    begin();
    const order: string[] = [];
    const patiently = async (): Promise<void> => {
      await timeline.wait(30);
      order.push('tick');
    };
    timeline.every(10 * SECOND, patiently, { most: 1 });

    await timeline.passTo(NOON + 15 * SECOND);

    expect(order).toEqual(['tick']);
  });

  it('makes no time pass by itself', async () => {
    begin();
    let ticks = 0;
    timeline.every(10 * SECOND, () => void (ticks += 1), { most: 60 });

    await timeline.letPass(new Promise((resolve) => setTimeout(resolve, 30)));

    expect([ticks, second()]).toEqual([0, 0]);
  });

  it('never runs twice at once, and ends when it is told to', async () => {
    begin({ kind: 'real' });
    let running = 0;
    let overlaps = 0;
    let ticks = 0;
    const third = new Promise<void>((resolve) => {
      const end = timeline.every(
        2,
        async () => {
          if (++running > 1) overlaps++;
          await new Promise((rest) => setTimeout(rest, 20));
          running--;
          if (++ticks < 3) return;
          end();
          resolve();
        },
        { most: 2 },
      );
    });

    await third;
    await timeline.wait(40);

    expect([overlaps, running, ticks]).toEqual([0, 0, 3]);
  });
});

describe('what happened before the story', () => {
  it.each<Pace>([{ kind: 'real' }, { kind: 'scaled', speed: 60 }, { kind: 'virtual' }])(
    'passes at once at the pace $kind, with its ticks',
    async (pace) => {
      begin(pace);
      const ticks: number[] = [];
      timeline.every(10 * SECOND, () => void ticks.push(second()), { most: 2 });

      // The ticks are counted from when they were asked for, which is a moment after noon.
      await timeline.leapTo(NOON + 3 * HOUR + 5 * SECOND);

      // Sixty times as fast, the moment it takes to look is a second of the story.
      expect(ticks).toEqual(expect.arrayContaining([10_790, 10_800]));
      expect(second()).toBeGreaterThanOrEqual(10_805);
      expect(second()).toBeLessThan(10_805 + 60);
    },
  );

  it('hurries what a deployment waits for, at the wall’s own pace as well', async () => {
    begin({ kind: 'real' });

    const done = await timeline.hurry(() => timeline.wait(HOUR).then(() => 'deployed'));

    expect([done, second() >= 3_600, second() < 3_660]).toEqual(['deployed', true, true]);
  });
});
