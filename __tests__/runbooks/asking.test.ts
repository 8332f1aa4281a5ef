import { describe, expect, it } from '@jest/globals';
import { Estate } from '../../shared/estate.ts';
import { decide, tellIn, type Approval } from '../../shared/runbooks/approval.ts';
import { draftApproval, dueOf, firstPatience, judgeSilence, patienceOf, ruleOf } from '../../shared/runbooks/asking.ts';
import { draftOf, RUN } from '../steps/small-run.ts';
import { SMALL_ESTATE } from '../steps/small-world.ts';

const ASKED = Date.parse('2026-01-15T03:12:00.000Z');
const at = (seconds: number): Date => new Date(ASKED + seconds * 1000);
const NAMES = ['cto', 'ada', 'bob'];
const estateOf = (approval: object, away: Record<string, { from: string; until: string }[]> = {}): Estate =>
  Estate.parse({
    ...SMALL_ESTATE,
    approvers: NAMES.map((name) => ({ name, email: `${name}@orders.test`, away: away[name] ?? [] })),
    approval,
  });
const run = { ...RUN, by: 'the owner' };
const plan = { ...draftOf(run), id: 'night-7/0', hash: 'h' };
const nothing = { ...plan, changes: [] };
const askedOf = (estate: Estate): Approval =>
  draftApproval(
    {
      id: 'id',
      token: 't',
      run,
      plan,
      ref: { id: plan.id, hash: plan.hash, summary: '' },
      round: 1,
      difference: [],
      people: estate,
    },
    at(0),
  );
const namesOf = (estate: Estate, approval: Approval, seconds: number): string[] =>
  dueOf(estate, approval, at(seconds)).map(({ approver, again }) => `${approver}${again ? ' again' : ''}`);

describe('what a yes takes', () => {
  it('is as many as the estate says, and nobody goes alone where one is enough', () => {
    expect(ruleOf(run, plan, estateOf({ quorum: 1 }))).toEqual({ quorum: 1, excluded: null, alone: null });
    expect(ruleOf(run, plan, estateOf({ quorum: 2 }))).toMatchObject({ quorum: 2, alone: { types: 'orders', seconds: 60 } });
  });

  it.each(['ada', 'ADA', 'ada@orders.test'])('leaves out %s, who asked, under four eyes', (by) => {
    const four = estateOf({ fourEyes: true });

    expect(ruleOf({ ...run, by }, plan, four)).toMatchObject({ quorum: 1, excluded: 'ada' });
    expect(ruleOf({ ...run, by }, nothing, four)).toMatchObject({ excluded: null });
    expect(ruleOf({ ...run, by }, plan, estateOf({ fourEyes: false }))).toMatchObject({ excluded: null });
  });

  it('is two under four eyes where nobody knows who asked: one of them may have', () => {
    expect(ruleOf({ ...run, by: 'unknown' }, plan, estateOf({ fourEyes: true }))).toMatchObject({ quorum: 2, excluded: null });
  });

  it('blocks nobody for ever: whoever asks and is the only approver may go alone, whatever the runbook', () => {
    const one = Estate.parse({
      ...SMALL_ESTATE,
      approvers: [{ name: 'cto', email: 'cto@orders.test' }],
      approval: { fourEyes: true },
    });

    expect(ruleOf({ ...run, runbook: 'rollback', by: 'cto' }, plan, one)).toMatchObject({
      excluded: 'cto',
      alone: { types: 'orders', seconds: 60 },
    });
  });

  it('lets nobody go alone outside an emergency, or where the estate forbids it', () => {
    expect(ruleOf({ ...run, runbook: 'rollback' }, plan, estateOf({ quorum: 2 })).alone).toBeNull();
    expect(ruleOf(run, plan, estateOf({ quorum: 2, soloEmergency: false })).alone).toBeNull();
  });
});

describe('who is asked', () => {
  it('is everybody at once without escalation, and once', () => {
    const estate = estateOf({ quorum: 1 });
    const asked = askedOf(estate);

    expect(namesOf(estate, asked, 0)).toEqual(NAMES);
    expect(namesOf(estate, tellIn(asked, ['cto', 'bob'], [], at(0)), 1)).toEqual(['ada']);
  });

  it('is the first in the estate’s order, then one more for each silence', () => {
    const estate = estateOf({ quorum: 1, escalateAfterSeconds: 300 });
    const asked = askedOf(estate);
    const one = tellIn(asked, ['cto'], [], at(0));
    const two = tellIn(one, ['ada'], [], at(300));

    expect(namesOf(estate, asked, 0)).toEqual(['cto']);
    expect(namesOf(estate, one, 298)).toEqual([]);
    expect(namesOf(estate, one, 299.5)).toEqual(['ada']);
    expect(namesOf(estate, two, 600)).toEqual(['bob']);
  });

  it('is as many at first as must agree', () => {
    const estate = estateOf({ quorum: 2, escalateAfterSeconds: 300 });

    expect(namesOf(estate, askedOf(estate), 0)).toEqual(['cto', 'ada']);
  });

  it('is whoever is there before whoever is away, and who may not approve last', () => {
    const away = { cto: [{ from: '2026-01-15', until: '2026-01-20' }] };
    const estate = estateOf({ quorum: 1, escalateAfterSeconds: 300, fourEyes: true }, away);
    const asked = { ...askedOf(estate), excluded: 'ada' };

    expect(namesOf(estate, asked, 0)).toEqual(['bob']);
    expect(namesOf(estate, asked, 300)).toEqual(['bob', 'cto']);
    expect(namesOf(estate, asked, 600)).toEqual(['bob', 'cto', 'ada']);
  });

  it('is whoever is silent again, after as long as the estate says, and not who answered', () => {
    const estate = estateOf({ quorum: 2, remindEverySeconds: 600 });
    const told = tellIn(askedOf(estate), NAMES, [], at(0));
    const answered = decide(told, 'ada', { answer: 'approve', reason: '', typed: '' }, at(10));

    expect(namesOf(estate, answered, 598)).toEqual([]);
    expect(namesOf(estate, answered, 600)).toEqual(['cto again', 'bob again']);
  });
});

describe('how long is waited', () => {
  const estate = estateOf({ quorum: 1, escalateAfterSeconds: 300, remindEverySeconds: 700, expiresAfterSeconds: 2_000 });
  const one = tellIn(askedOf(estate), ['cto'], [], at(0));
  const all = tellIn(one, ['ada', 'bob'], [], at(600));

  it.each([
    ['the next person', one, 0, 300],
    ['the one after, when the first wait is over', tellIn(one, ['ada'], [], at(300)), 300, 300],
    ['a reminder, when all were asked', all, 650, 50],
    ['the end, when nothing comes before it', tellIn(all, NAMES, [], at(1_900)), 1_900, 100],
  ])('is until %s', (_what, approval, now, seconds) => {
    expect(patienceOf(estate, approval, at(now))).toBe(seconds);
  });

  it('begins with whatever comes first', () => {
    expect(firstPatience(estate.approval)).toBe(300);
    expect(firstPatience(estateOf({ quorum: 1 }).approval)).toBe(3_600);
  });

  it('always ends, and on the way everybody is asked in turn and reminded as often as the estate says', () => {
    const letters: string[] = [];
    let [approval, now, wakes] = [askedOf(estate), 0, 0];
    while (judgeSilence(approval, at(now)) !== 'expired') {
      // As the machine does it: how long is known before anybody is written to.
      const patience = patienceOf(estate, approval, at(now));
      const due = namesOf(estate, approval, now);
      letters.push(...due.map((who) => `${now} ${who}`));
      approval = tellIn(
        approval,
        due.map((who) => who.split(' ')[0] ?? ''),
        [],
        at(now),
      );
      now += patience;
      if (++wakes > 50) throw new Error('it never ends');
    }
    expect(now).toBe(2_000);
    expect(letters).toEqual([
      '0 cto',
      '300 ada',
      '600 bob',
      '700 cto again',
      '1000 ada again',
      '1300 bob again',
      '1400 cto again',
      '1700 ada again',
    ]);
  });
});

describe('a silence', () => {
  const estate = estateOf({ quorum: 1 });
  const asked = askedOf(estate);
  const said = (answer: 'approve' | 'refuse') => decide(asked, 'cto', { answer, reason: 'so', typed: '' }, at(1));

  it.each([
    ['an answer that did not arrive', said('approve'), 3_600, 'approved'],
    ['a refusal that did not arrive', said('refuse'), 3_600, 'refused'],
    ['a request that was made void', { ...asked, voided: { at: at(1).toISOString(), why: 'moved' } }, 3_600, 'void'],
    ['nothing yet', asked, 3_600, 'waiting'],
    ['nothing at all', asked, 14_400, 'expired'],
    ['an answer in the last moment', said('approve'), 14_400, 'approved'],
  ])('that was %s comes to that', (_what, approval, now, standing) => {
    expect(judgeSilence(approval, at(now))).toBe(standing);
  });
});
