// What each runbook's test file begins with: every situation as it says, and some of them with every service throttled.
import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { EVERYTHING_THROTTLED } from './landed.ts';
import { PATIENCE, type SmallCloud } from './small-cloud.ts';

export const situationsOf = (...runbooks: readonly string[]): string[] =>
  listSituations().filter((name) => runbooks.includes(name.split('/')[0] ?? ''));

/** What is refused at once is over before enough of its calls are throttled. */
export const greenOf = (situations: readonly string[]): string[] =>
  situations.filter((name) => loadSituation(name).expect.status === 'SUCCEEDED');

interface Throttled {
  /** Every commit pays for the main ones. */
  readonly always: readonly string[];
  /** `npm run soak` throttles these. */
  readonly inSoak: readonly string[];
}

export function describeSituations(small: () => SmallCloud, situations: readonly string[], { always, inSoak }: Throttled): void {
  const throttled = process.env['CHANGEOVER_SOAK'] === undefined ? always : inSoak;

  describe('a situation', () => {
    it.each([
      ...situations.map((name) => ({ name, how: '' })),
      ...throttled.map((name) => ({ name, how: ' with every service throttled' })),
    ])(
      '$name$how goes as it says',
      async ({ name, how }) => {
        const { outcome, red } = await small().live(name, {}, how === '' ? [] : EVERYTHING_THROTTLED);

        expect(red).toEqual([]);
        expect(outcome.status).toBe(loadSituation(name).expect.status);
      },
      PATIENCE,
    );
  });
}
