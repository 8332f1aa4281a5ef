import { describe, expect, it } from '@jest/globals';
import { createTimeline } from '../../rehearsal/time/timeline.ts';

const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);
const HOUR = 3_600_000;
const virtual = () => createTimeline({ pace: { kind: 'virtual' }, startsAt: NOON });

/** Within what real work may take on a busy machine; virtual waits are hours. */
const near = (instant: number) => Math.round((instant - NOON) / 60_000) * 60_000;

describe('virtual time', () => {
  it('jumps from event to event, in the order of their instants, then of their making', async () => {
    const timeline = virtual();
    const seen: [string, number][] = [];
    const note = (name: string) => () => void seen.push([name, near(timeline.now())]);
    timeline.after(6 * HOUR, note('third'));
    timeline.after(1 * HOUR, note('first'));
    timeline.after(1 * HOUR, note('second'));

    await timeline.passTo(NOON + 24 * HOUR);

    expect(seen).toEqual([
      ['first', HOUR],
      ['second', HOUR],
      ['third', 6 * HOUR],
    ]);
    expect(near(timeline.now())).toBe(24 * HOUR);
    timeline.stop();
  });

  it('stands still while nobody waits for it', async () => {
    const timeline = virtual();
    let fired = false;
    timeline.after(HOUR, () => (fired = true));

    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(() => setImmediate(resolve)))));

    expect(fired).toBe(false);
    expect(near(timeline.now())).toBe(0);
    timeline.stop();
  });

  it('never jumps over work that is held, and goes on when it is done', async () => {
    const timeline = virtual();
    const order: string[] = [];
    timeline.after(HOUR, () => void order.push('an hour later'));

    await timeline.letPass(
      Promise.all([
        timeline.busy(async () => {
          await new Promise((resolve) => setTimeout(resolve, 30));
          order.push(`worked at ${near(timeline.now())}`);
        }),
        timeline.wait(2 * HOUR),
      ]),
    );

    expect(order).toEqual(['worked at 0', 'an hour later']);
    timeline.stop();
  });

  it('lets what an event sets off add events before it jumps on', async () => {
    const timeline = virtual();
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for (let i = 0; i < 4; i++) {
        await timeline.wait(6 * HOUR);
        seen.push(near(timeline.now()));
      }
    };

    await timeline.letPass(Promise.all([loop(), timeline.wait(24 * HOUR + 60_000)]));

    expect(seen).toEqual([6, 12, 18, 24].map((hours) => hours * HOUR));
    timeline.stop();
  });

  it('rejects a wait whose signal aborts, and leaves no event behind', async () => {
    const timeline = virtual();
    const stop = new AbortController();
    const waiting = timeline.wait(HOUR, stop.signal);

    stop.abort(new Error('stopped by a person'));

    await expect(waiting).rejects.toThrow('stopped by a person');
    timeline.stop();
  });

  it('that is stopped tells whoever lets it pass, instead of keeping them for ever', async () => {
    const timeline = virtual();
    const passing = timeline.passTo(NOON + HOUR);

    timeline.stop();

    await expect(passing).rejects.toThrow('the timeline was stopped');
    await expect(timeline.letPass(timeline.wait(HOUR))).rejects.toThrow('the timeline was stopped');
  });

  it('goes on over a year, past an event that calls off another and adds one at its own instant', async () => {
    const timeline = virtual();
    const seen: string[] = [];
    const callOff = timeline.after(2 * HOUR, () => void seen.push('called off'));
    timeline.after(HOUR, () => {
      callOff();
      timeline.after(0, () => void seen.push('at once'));
      timeline.after(-HOUR, () => void seen.push('late'));
    });

    await timeline.passTo(NOON + 366 * 24 * HOUR);

    expect(seen.sort()).toEqual(['at once', 'late']);
    expect(near(timeline.now())).toBe(366 * 24 * HOUR);
    timeline.stop();
  });

  it('refuses an event without an instant', () => {
    const timeline = virtual();

    expect(() => timeline.after(Number.NaN, () => undefined)).toThrow('an event needs an instant');
    timeline.stop();
  });
});

describe('scaled time', () => {
  it('shortens waits and not work', async () => {
    const timeline = createTimeline({ pace: { kind: 'scaled', speed: 36_000 }, startsAt: NOON });

    await timeline.wait(HOUR);
    const afterWait = timeline.now();
    await timeline.busy(() => new Promise((resolve) => setTimeout(resolve, 50)));
    const worked = timeline.now() - afterWait;

    expect(afterWait).toBeGreaterThanOrEqual(NOON + HOUR);
    expect(worked).toBeLessThan(HOUR / 2);
    timeline.stop();
  });
});

describe('real time', () => {
  it('is the wall clock, moved to where the timeline begins', async () => {
    const timeline = createTimeline({ pace: { kind: 'real' }, startsAt: NOON });

    await timeline.wait(20);

    expect(timeline.now()).toBeGreaterThanOrEqual(NOON + 20);
    expect(near(timeline.now())).toBe(0);
    expect(Math.abs(Date.now() + timeline.offset() - timeline.now())).toBeLessThan(1_000);
    timeline.stop();
  });
});
