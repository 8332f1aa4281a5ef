import { describe, expect, it } from '@jest/globals';
import { clockOf, countOf, listOf, spanOf } from '../../shared/runbooks/words.ts';

describe('a span', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [0.4, '0 s'],
    [45, '45 s'],
    [60, '1 m'],
    [130, '2 m 10 s'],
    [3600, '1 h'],
    [11_640, '3 h 14 m'],
    [86_400, '1 d'],
    [90_061, '1 d 1 h'],
    [86_405, '1 d'],
  ])('of %d seconds is told as %s', (seconds, words) => {
    expect(spanOf(seconds)).toBe(words);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-01-15T03:12:59.000Z', '03:12'],
    ['2026-01-14T23:59:00.000Z', '2026-01-14 23:59'],
  ])('%s is told as %s on the fifteenth', (instant, words) => {
    expect(clockOf(instant, new Date('2026-01-15T09:00:00.000Z'))).toBe(words);
  });

  it('has no day where nobody says which day it is', () => {
    expect(clockOf('2026-01-14T23:59:00.000Z')).toBe('23:59');
  });
});

describe('a list', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('of %j is told as "%s"', (parts, words) => {
    expect(listOf(parts)).toBe(words);
  });

  it('counts one as one', () => {
    expect([countOf(0, 'upload'), countOf(1, 'upload'), countOf(2, 'entry', 'entries')]).toEqual([
      '0 uploads',
      '1 upload',
      '2 entries',
    ]);
  });
});
