import { describe, expect, it } from '@jest/globals';
import { judgeBeside, judgeDressed, judgeTaken, nextShelving, settingsToGive } from '../../shared/runbooks/beside.ts';
import { isShelf, shelfTags, type InstanceFacts } from '../../shared/runbooks/instances.ts';
import { ago, now } from './small-facts.ts';
import { besideWith, instanceWith, restoreRun, SETTINGS, snapshotWith } from './small-restore.ts';

const refusal = (name: string, says: RegExp) =>
  expect.objectContaining({ name, message: expect.stringMatching(says) as unknown });

describe('a snapshot that this run takes', () => {
  const expected = { snapshot: 'own', resourceId: 'db-MAIN', since: ago(30) };
  const own = snapshotWith({ id: 'own', kind: 'manual', takenAt: ago(10) });

  it('tells the instant of what is in it', () => expect(judgeTaken(own, expected)).toBe(ago(10)));

  it.each([
    ['is not told of yet', null, 'NotYet', /does not tell of the snapshot own/],
    ['is creating', { ...own, status: 'creating', percent: 41.6 }, 'NotYet', /own is creating, 42 %/],
    ['has no instant yet', { ...own, takenAt: null }, 'NotYet', /own is available/],
    ['failed', { ...own, status: 'failed' }, 'VerifyFailed', /own failed/],
    [
      'is of another instance',
      { ...own, resourceId: 'db-X', instance: 'x' },
      'VerifyFailed',
      /is of x \(db-X\), expected one of db-MAIN/,
    ],
    ['is from before', { ...own, takenAt: ago(31) }, 'VerifyFailed', /from before this run began/],
    ['is from before and still creating', { ...own, status: 'creating', takenAt: ago(31) }, 'VerifyFailed', /from before/],
  ] as const)('that %s', (_what, found, name, says) => {
    expect(() => judgeTaken(found, expected)).toThrow(refusal(name, says));
  });

  it('may be of before, where the run goes on with another', () => {
    expect(judgeTaken({ ...own, takenAt: ago(9_000) }, { ...expected, since: '' })).toBe(ago(9_000));
  });
});

describe('an instance beside', () => {
  const run = restoreRun();
  const expected = { beside: 'orders-main-rbeside', runs: [run.id] };

  it('is ours and there, or that of the run that this one goes on with', () => {
    expect(judgeBeside(besideWith(run), expected).id).toBe('orders-main-rbeside');
    expect(judgeBeside(besideWith(run), { ...expected, runs: ['back-8', run.id] }).id).toBe('orders-main-rbeside');
  });

  it.each([
    ['is not told of yet', null, 'NotYet', /does not tell of orders-main-rbeside/],
    ['is another’s', besideWith({ ...run, id: 'back-6' }), 'VerifyFailed', /does not bear the tag of this run/],
    [
      'is nobody’s, however far it is',
      instanceWith({ id: 'x', tags: {}, status: 'creating' }),
      'VerifyFailed',
      /^x|bear the tag/,
    ],
    ['is creating', besideWith(run, { status: 'creating' }), 'NotYet', /is creating/],
    ['restarts', besideWith(run, { status: 'rebooting' }), 'NotYet', /is rebooting/],
    ...[
      'failed',
      'incompatible-restore',
      'incompatible-network',
      'inaccessible-encryption-credentials',
      'restore-error',
      'storage-full',
      'insufficient-capacity',
    ].map(
      (status) =>
        [`is ${status}`, besideWith(run, { status }), 'VerifyFailed', new RegExp(`is ${status}, expected available`)] as const,
    ),
  ] as const)('that %s', (_what, found, name, says) => {
    expect(() => judgeBeside(found, expected)).toThrow(refusal(name, says));
  });
});

describe('what an instance beside is to be given', () => {
  it('is what it has not, but for what it has from its making or never', () => {
    const settings = {
      ...SETTINGS,
      backupRetentionDays: 0,
      multiAz: false,
      subnetGroup: 'default',
      encrypted: false,
      kmsKey: null,
    };

    expect(settingsToGive(SETTINGS, besideWith(restoreRun(), { settings }))).toEqual({ backupRetentionDays: 7, multiAz: true });
    expect(settingsToGive(SETTINGS, besideWith(restoreRun()))).toEqual({});
  });
});

describe('an instance beside that was dressed', () => {
  const dressed = besideWith(restoreRun());
  const just = { at: ago(10), now };
  const late = { at: ago(901), now };

  it('answers where it is', () => {
    expect(judgeDressed(SETTINGS, dressed, just)).toEqual({
      instance: 'orders-main-rbeside',
      host: 'orders-main-rbeside.rds.test',
      port: 5432,
    });
  });

  it.each([
    ['another setting', { settings: { ...SETTINGS, multiAz: false } }, /Multi-AZ: false instead of true/],
    ['something pending', { pending: ['DBInstanceClass'] }, /DBInstanceClass waits for the next maintenance/],
  ])('with %s is waited for, and refused when it is late', (_what, change, says) => {
    expect(() => judgeDressed(SETTINGS, { ...dressed, ...change }, just)).toThrow(refusal('NotYet', says));
    expect(() => judgeDressed(SETTINGS, { ...dressed, ...change }, late)).toThrow(refusal('VerifyFailed', says));
  });

  it('without an address is waited for', () => {
    expect(() => judgeDressed(SETTINGS, { ...dressed, host: null }, late)).toThrow(refusal('NotYet', /no address yet/));
  });
});

describe('what is next on the way to the shelf', () => {
  const run = restoreRun();
  const tags = shelfTags({ app: 'orders', run: run.id, environment: 'main' }, now);
  const expected = { resourceId: 'db-MAIN', tagged: (facts: InstanceFacts) => isShelf(facts.tags, run.id) };
  const shelf = (change: Partial<InstanceFacts> = {}) => instanceWith({ id: 'shelf', tags, ...change });

  it.each([
    ['it has its name still', { old: instanceWith(), shelf: null }, { kind: 'rename' }],
    [
      'it is busy under its name',
      { old: instanceWith({ status: 'modifying' }), shelf: null },
      { kind: 'wait', says: 'orders-main is modifying' },
    ],
    ['its name is another’s by now', { old: instanceWith({ resourceId: 'db-NEW' }), shelf: null }, { kind: 'wait' }],
    ['it is between two names', { old: null, shelf: null }, { kind: 'wait' }],
    ['it has the shelf’s name', { old: null, shelf: shelf({ tags: {} }) }, { kind: 'tag', arn: shelf().arn }],
    [
      'it bears another run’s tags',
      { old: null, shelf: shelf({ tags: shelfTags({ app: 'orders', run: 'x', environment: 'main' }, now) }) },
      { kind: 'tag' },
    ],
    ['it is tagged', { old: null, shelf: shelf() }, { kind: 'stop' }],
    ['it stops', { old: null, shelf: shelf({ status: 'stopping' }) }, { kind: 'wait', says: 'shelf is stopping' }],
    ['it stands still', { old: null, shelf: shelf({ status: 'stopped' }) }, { kind: 'done' }],
    [
      'a replica reads from it, so RDS would not stop it',
      { old: null, shelf: shelf({ replicas: ['reader'] }) },
      { kind: 'done' },
    ],
  ])('where %s', (_what, found, next) => expect(nextShelving(found, expected)).toMatchObject(next));

  it('is nothing where a stranger has the shelf’s name', () => {
    expect(() => nextShelving({ old: null, shelf: shelf({ resourceId: 'db-X' }) }, expected)).toThrow(
      refusal('VerifyFailed', /shelf is another instance \(db-X\)/),
    );
  });
});
