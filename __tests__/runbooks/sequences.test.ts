import { describe, expect, it } from '@jest/globals';
import { draftGaps, type SequenceFact } from '../../shared/runbooks/sequences.ts';

const BIGINT = '9223372036854775807';
const INTEGER = '2147483647';
const sequence = (last: string, change: Partial<SequenceFact> = {}): SequenceFact => ({
  sequence: 'orders_id_seq',
  last,
  most: BIGINT,
  falling: false,
  ...change,
});
const targetOf = (...[to, from]: [SequenceFact, SequenceFact?]): string | undefined =>
  draftGaps([to], from ? [from] : []).targets[0]?.to;

describe('the gap between two writers’ keys', () => {
  it('begins at whichever side is farther', () => {
    expect(targetOf(sequence('100'), sequence('250'))).toBe('1000250');
    expect(targetOf(sequence('300'), sequence('250'))).toBe('1000300');
  });

  it('begins at the side that is to serve where the other one is silent, or has no such sequence', () => {
    expect(targetOf(sequence('100'))).toBe('1000100');
    expect(targetOf(sequence('100'), sequence('999', { sequence: 'another' }))).toBe('1000100');
  });

  it('counts beyond what a double holds, and downwards where a sequence falls', () => {
    expect(targetOf(sequence('9007199254740993'))).toBe('9007199255740993');
    expect(targetOf(sequence('-5', { falling: true, most: '-9223372036854775808' }))).toBe('-1000005');
  });

  it('is a share of what is left where that is little', () => {
    expect(targetOf(sequence('2147000000', { most: INTEGER }))).toBe('2147024182');
  });

  it('is none where there is no room, and says so', () => {
    const { targets, full } = draftGaps([sequence('32000', { most: '32767' })], [sequence('32500')]);

    expect(targets).toEqual([{ sequence: 'orders_id_seq', to: '32500' }]);
    expect(full).toEqual(['orders_id_seq has room for 267 more']);
  });
});
