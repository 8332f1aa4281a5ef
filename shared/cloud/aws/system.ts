// The clock and the chance of the machine the code runs on.
import { randomBytes } from 'node:crypto';
import type { Chance, Clock } from '../ports.ts';

export const systemClock = (): Clock => ({
  now: () => new Date(),
  pause: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
});
export const systemChance = (): Chance => ({ secret: () => randomBytes(32).toString('base64url') });
