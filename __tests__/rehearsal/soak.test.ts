// What `npm run soak` prints, and what it does not begin.
import { describe, expect, it } from '@jest/globals';
import { main } from '../../rehearsal/commands/soak.ts';
import { roundsTable, type RoundLine } from '../../rehearsal/soak/table.ts';

const line = (some: Partial<RoundLine>): RoundLine => ({
  seed: 1,
  kind: 'named',
  kill: { how: 'dead', state: 'Swap' },
  killed: true,
  ended: [
    { status: 'FAILED', error: 'Runtime.ExitError', cause: null },
    { status: 'SUCCEEDED', error: null, cause: null },
  ],
  continued: 'at once, resumed',
  onOld: false,
  findings: [],
  ...some,
});

describe('the table of the rounds', () => {
  it('has a row for all that went the same way, and says which found something', () => {
    const found = line({ seed: 3, onOld: true, findings: ['a write is gone'] });

    const [head = '', ...rows] = roundsTable([line({}), line({ seed: 2 }), found]).split('\n');

    expect(head.split(/ {2,}/)).toContain('people are on');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['named', 'Swap', 'dead', 'Runtime.ExitError', 'at once, resumed', 'green', 'new', '2', '0'],
      ['named', 'Swap', 'dead', 'Runtime.ExitError', 'at once, resumed', 'green', 'old', '1', '1'],
      [''],
      ['3 rounds, 3 of them killed; 1 with findings: 3'],
    ]);
  });

  it('does not count a round as killed that nothing met', () => {
    expect(roundsTable([line({ killed: false })])).toContain('1 rounds, 0 of them killed; 0 with findings');
  });
});

it('begins nothing that it does not know', async () => {
  expect(await main(['nothing-of-the-kind'])).toBe(2);
});
