// Two instances that change names on a small RDS: a name is gone at once, and answers under the new one a while later.
import { describe, expect, it } from '@jest/globals';
import type { InstanceFacts } from '../../shared/runbooks/instances.ts';
import { nextRenaming, type Standing, type Trading } from '../../shared/runbooks/renaming.ts';
import { instanceWith } from './small-restore.ts';

const FORTH: Trading = { live: 'main', aside: 'shelf', coming: 'beside', liveId: 'db-OLD', comingId: 'db-NEW' };
const BACK: Trading = { live: 'main', aside: 'beside', coming: 'shelf', liveId: 'db-NEW', comingId: 'db-OLD' };
const old = (id: string, status = 'available'): InstanceFacts => instanceWith({ id, resourceId: 'db-OLD', status });
const fresh = (id: string, status = 'available'): InstanceFacts => instanceWith({ id, resourceId: 'db-NEW', status });
const none: Standing = { live: null, aside: null, coming: null };

const STATES: readonly (readonly [string, Partial<Standing>, object])[] = [
  ['nothing was done', { live: old('main'), coming: fresh('beside') }, { kind: 'rename', from: 'main', to: 'shelf' }],
  ['the first stepped aside', { aside: old('shelf'), coming: fresh('beside') }, { kind: 'rename', from: 'beside', to: 'main' }],
  [
    'the first is told of nowhere',
    { coming: fresh('beside') },
    { kind: 'wait', says: expect.stringMatching(/shelf/) as unknown },
  ],
  [
    'the first still steps aside',
    { aside: old('shelf', 'renaming'), coming: fresh('beside') },
    { kind: 'wait', says: expect.stringMatching(/not free yet/) as unknown },
  ],
  ['both have their names', { live: fresh('main'), aside: old('shelf') }, { kind: 'done' }],
  [
    'the old one is busy',
    { live: old('main', 'backing-up'), coming: fresh('beside') },
    { kind: 'wait', says: expect.stringMatching(/main is backing-up/) as unknown },
  ],
  [
    'the new one is busy',
    { aside: old('shelf'), coming: fresh('beside', 'modifying') },
    { kind: 'wait', says: expect.stringMatching(/beside is modifying/) as unknown },
  ],
  [
    'the new one restarts under its name',
    { live: fresh('main', 'rebooting') },
    { kind: 'wait', says: expect.stringMatching(/main is rebooting/) as unknown },
  ],
  ['nothing answers', {}, { kind: 'wait', says: expect.stringMatching(/nothing answers/) as unknown }],
  [
    'only the shelf answers',
    { aside: old('shelf') },
    { kind: 'wait', says: expect.stringMatching(/nothing answers as main or beside/) as unknown },
  ],
  [
    'another one stands beside',
    { aside: old('shelf'), coming: instanceWith({ id: 'beside', resourceId: 'db-X' }) },
    { kind: 'wait' },
  ],
];

describe('what is next when two change names', () => {
  it.each(STATES)('where %s', (_what, standing, next) => {
    expect(nextRenaming({ ...none, ...standing }, FORTH)).toMatchObject(next);
  });

  it('is nothing where a third one has the name: somebody made it', () => {
    const stranger = instanceWith({ id: 'main', resourceId: 'db-STRANGER' });

    expect(() => nextRenaming({ ...none, live: stranger, coming: fresh('beside') }, FORTH)).toThrow(
      expect.objectContaining({ name: 'VerifyFailed', message: expect.stringContaining('somebody made another') as unknown }),
    );
  });

  it('leaves nobody’s instance behind where nothing bore the name', () => {
    const trading = { ...FORTH, liveId: null };

    expect(nextRenaming({ ...none, coming: fresh('beside') }, trading)).toMatchObject({
      kind: 'rename',
      from: 'beside',
      to: 'main',
    });
    expect(() => nextRenaming({ ...none, live: old('main') }, trading)).toThrow(
      expect.objectContaining({ name: 'VerifyFailed' }),
    );
  });
});

/** Names by identity: what a renaming changes, and how often it was asked for. */
function follow(names: Record<string, string>, trading: Trading, most = 10): { names: Record<string, string>; asked: number } {
  const at = (name: string): InstanceFacts | null => {
    const resourceId = Object.keys(names).find((id) => names[id] === name);
    return resourceId === undefined ? null : instanceWith({ id: name, resourceId });
  };
  for (let asked = 0; asked < most; asked++) {
    const next = nextRenaming({ live: at(trading.live), aside: at(trading.aside), coming: at(trading.coming) }, trading);
    if (next.kind !== 'rename') return { names, asked };
    const moved = Object.keys(names).find((id) => names[id] === next.from) ?? '';
    names = { ...names, [moved]: next.to };
  }
  throw new Error('it never ends');
}

describe('two that change names', () => {
  const before = { 'db-OLD': 'main', 'db-NEW': 'beside' };
  const after = { 'db-OLD': 'shelf', 'db-NEW': 'main' };

  it('are done after two renamings, and stay so', () => {
    expect(follow(before, FORTH)).toEqual({ names: after, asked: 2 });
    expect(follow(after, FORTH)).toEqual({ names: after, asked: 0 });
  });

  it.each([
    ['all of it', after, 2],
    ['half of it', { 'db-OLD': 'shelf', 'db-NEW': 'beside' }, 1],
    ['nothing of it', before, 0],
  ])('go back when %s was done', (_what, names, asked) => {
    expect(follow(names, BACK)).toEqual({ names: before, asked });
  });
});
