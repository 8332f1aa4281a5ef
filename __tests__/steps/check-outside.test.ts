import { describe, expect, it } from '@jest/globals';
import { checkOutside } from '../../functions/verify/check-outside.ts';
import { runStep } from '../../shared/step.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld } from './small-world.ts';

const OLD = '192.0.2.1';
const NEW = '198.51.100.1';
const AT = Date.parse('2026-01-15T03:12:00.000Z');

const DETAIL = {
  from: 'main',
  to: 'spare',
  zones: [],
  fence: { web: { listeners: [], skipped: 'no' }, database: { connect: [], skipped: 'no' } },
  gap: [],
  invert: 'yes',
  asked: { 'app.orders.test.': 'https', 'api.orders.test.': 'https' },
  ttlSeconds: 60,
} as const;

/** One resolver answers with the old side until it forgets; what it says of how long that is is rounded, as DNS rounds it. */
async function resolverThatForgetsAfter(seconds: number, says = (left: number) => Math.floor(left) + 1) {
  const world = createSmallWorld();
  const left = () => AT / 1000 + seconds - world.clock.now().getTime() / 1000;
  world.answerLookUp((server) => (server === '1.1.1.1' && left() > 0 ? [OLD] : [NEW]));
  world.answerKeeps((server) => (server === '1.1.1.1' && left() > 0 ? says(left()) : 0));
  world.answerOutside(({ at, method }) => ({
    status: method === 'POST' ? 201 : 200,
    body: JSON.stringify({ environment: at === OLD ? 'main' : 'spare' }),
    headers: { 'x-environment': at === OLD ? 'main' : 'spare' },
    trouble: null,
  }));
  const ref = await planned(world, RUN, { detail: DETAIL });
  return { world, check: () => runStep(checkOutside, { run: RUN, plan: ref }, world) };
}

describe('checkOutside', () => {
  it('leaves the wait to the machine until the resolver is about to forget, and asks through its last second itself', async () => {
    const { world, check } = await resolverThatForgetsAfter(7.4);

    const first = await check();
    world.setNow(new Date(AT + first.waitSeconds * 1000).toISOString());
    const second = await check();

    expect(first).toMatchObject({ waitSeconds: 7, says: expect.stringContaining('answered by main') as unknown });
    expect(second).toMatchObject({ waitSeconds: 0, says: expect.stringContaining('spare answers') as unknown });
    expect(world.clock.now().getTime() - AT).toBe(7_400);
  });

  it('does not stay for a resolver that says time and again that it is about to forget', async () => {
    const { world, check } = await resolverThatForgetsAfter(3_600, () => 1);

    const told = await check();

    expect(told.waitSeconds).toBe(1);
    expect(world.clock.now().getTime() - AT).toBeLessThanOrEqual(1_300);
  });
});
