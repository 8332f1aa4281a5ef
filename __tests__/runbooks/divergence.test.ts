import { describe, expect, it } from '@jest/globals';
import { classify, fieldsOf, type Kind, type Seen } from '../../shared/runbooks/divergence.ts';

const seen = (digest: string, fresh: boolean | null): Seen => ({ digest, fresh });

describe('one key on two sides', () => {
  it.each<[string, Seen | undefined, Seen | undefined, Kind | undefined]>([
    ['agrees', seen('a', true), seen('a', true), undefined],
    ['was changed there', seen('a', false), seen('b', true), 'changedThere'],
    ['was changed here', seen('a', true), seen('b', false), 'changedHere'],
    ['was changed on both', seen('a', true), seen('b', true), 'changedBoth'],
    ['differs since before they parted', seen('a', false), seen('b', false), 'changedBoth'],
    ['differs, and nobody noted since when here', seen('a', null), seen('b', true), 'changedBoth'],
    ['differs, and nobody noted since when there', seen('a', false), seen('b', null), 'changedBoth'],
    ['is new there', undefined, seen('b', true), 'onlyThere'],
    ['is there, and nobody knows since when', undefined, seen('b', null), 'onlyThere'],
    ['was deleted here', undefined, seen('b', false), 'goneHere'],
    ['is new here', seen('a', true), undefined, 'onlyHere'],
    ['was deleted there', seen('a', false), undefined, 'goneThere'],
    ['is nowhere', undefined, undefined, undefined],
  ])('%s', (_says, here, there, kind) => {
    expect(classify(here, there)).toBe(kind);
  });
});

describe('the fields of a record', () => {
  it.each<[string, (string | null)[]]>([
    ['(1,abc)', ['1', 'abc']],
    ['(,"")', [null, '']],
    ['(,)', [null, null]],
    ['("a ""b"" c","d,e","f(g)")', ['a "b" c', 'd,e', 'f(g)']],
    ['("a\\\\b",2)', ['a\\b', '2']],
    ['("two\nlines",x y)', ['two\nlines', 'x y']],
  ])('%s', (record, fields) => {
    expect(fieldsOf(record)).toEqual(fields);
  });
});
