import { describe, expect, it } from '@jest/globals';
import { momentOf } from '../../shared/runbooks/moments.ts';

const READ: readonly (readonly [string, string, string])[] = [
  ['2026-01-12T10:00:00Z', '2026-01-12T10:00:00.000Z', '2026-01-12 10:00:00 UTC'],
  ['2026-01-12 10:00 UTC', '2026-01-12T10:00:00.000Z', '2026-01-12 10:00:00 UTC'],
  ['2026-01-12T10:00:00.999Z', '2026-01-12T10:00:00.000Z', '2026-01-12 10:00:00 UTC'],
  ['2026-01-12T11:00:00+01:00', '2026-01-12T10:00:00.000Z', '2026-01-12 10:00:00 UTC (2026-01-12 11:00:00 at +01:00)'],
  ['2026-01-11 23:30:05-0730', '2026-01-12T07:00:05.000Z', '2026-01-12 07:00:05 UTC (2026-01-11 23:30:05 at -07:30)'],
  [
    '2026-01-12 11:00 Europe/Berlin',
    '2026-01-12T10:00:00.000Z',
    '2026-01-12 10:00:00 UTC (2026-01-12 11:00:00 in Europe/Berlin)',
  ],
  [
    '2026-07-12 11:00 Europe/Berlin',
    '2026-07-12T09:00:00.000Z',
    '2026-07-12 09:00:00 UTC (2026-07-12 11:00:00 in Europe/Berlin)',
  ],
  [
    '2026-07-12 11:00 Pacific/Kiritimati',
    '2026-07-11T21:00:00.000Z',
    '2026-07-11 21:00:00 UTC (2026-07-12 11:00:00 in Pacific/Kiritimati)',
  ],
  [
    '2026-07-12 11:00 America/Argentina/Buenos_Aires',
    '2026-07-12T14:00:00.000Z',
    '2026-07-12 14:00:00 UTC (2026-07-12 11:00:00 in America/Argentina/Buenos_Aires)',
  ],
];
const EXPECTED =
  'expected an instant with its zone, as 2026-01-12T10:00:00Z, 2026-01-12 11:00+01:00 or 2026-01-12 11:00 Europe/Berlin';
const REFUSED: readonly (readonly [string, string])[] = [
  ['yesterday', 'at: found "yesterday"'],
  ['2026-01-12T10:00:00', 'at: found "2026-01-12T10:00:00", which says no zone'],
  ['2026-02-30T10:00:00Z', 'at: found "2026-02-30T10:00:00Z", which no calendar has'],
  ['2026-01-12T25:00:00Z', 'at: found "2026-01-12T25:00:00Z", which no calendar has'],
  ['2026-01-12 11:00 Europe/Atlantis', 'at: found the zone Europe/Atlantis, which nobody knows'],
  [
    '2026-03-29 02:30 Europe/Berlin',
    'at: found 2026-03-29 02:30 in Europe/Berlin, which the clocks left out when they were put forward',
  ],
  [
    '2026-10-25 02:30 Europe/Berlin',
    'at: found 2026-10-25 02:30 in Europe/Berlin, which came twice when the clocks were put back',
  ],
];

describe('an instant that a person wrote', () => {
  it.each(READ)('%s', (written, at, says) => {
    expect(momentOf('at', written)).toEqual({ at, says });
  });

  it.each(REFUSED)('%s is refused', (written, said) => {
    expect(() => momentOf('at', written)).toThrow(`${said}, ${EXPECTED}`);
  });
});
