import { describe, expect, it } from '@jest/globals';
import { draftOf, RUN } from '../steps/small-run.ts';
import { Answer, approvalPathOf, decide, endCountdown, judgeLink, renew } from '../../shared/runbooks/approval.ts';
import { draftApproval } from '../../shared/runbooks/asking.ts';
import { SMALL_ESTATE } from '../steps/small-world.ts';

const run = { ...RUN, reason: 'Anyone?' };
const asked = new Date('2026-01-15T03:12:00.000Z');
const plan = { ...draftOf(run), id: 'night-7/0', hash: 'h' };
const asking = {
  id: 'id',
  token: 'task-token',
  run,
  plan,
  ref: { id: plan.id, hash: plan.hash, summary: plan.title },
  round: 1,
  difference: [],
  people: SMALL_ESTATE,
};
const say = (answer: Answer['answer'], reason = 'go', typed = ''): Answer => ({ answer, reason, typed });
const approval = draftApproval(asking, asked);

describe('an approval', () => {
  it('expires as long after it was asked as its state waits', () => {
    expect(approval).toMatchObject({
      askedAt: '2026-01-15T03:12:00.000Z',
      expiresAt: '2026-01-15T07:12:00.000Z',
      decision: null,
    });
  });

  it.each([
    ['2026-01-15T03:12:00.000Z', 'open'],
    ['2026-01-15T07:11:59.999Z', 'open'],
    ['2026-01-15T07:12:00.000Z', 'unknown'],
    ['2027-01-15T03:12:00.000Z', 'unknown'],
  ])('at %s is %s', (now, standing) => {
    expect(judgeLink(approval, 'cto', new Date(now))).toBe(standing);
  });

  it('once decided stays so, however late it is opened', () => {
    const decided = decide(approval, 'cto', say('approve'), asked);

    expect(decided.decision).toEqual({ answer: 'approve', by: 'cto', at: '2026-01-15T03:12:00.000Z', reason: 'go' });
    expect(judgeLink(decided, 'cto', new Date('2027-01-15T03:12:00.000Z'))).toBe('decided');
  });
});

describe('an answer', () => {
  it.each([{ answer: 'yes' }, { answer: '' }, {}, { answer: 'approve', reason: 'x'.repeat(501) }, { answer: ['approve'] }])(
    'that is neither button decides nothing: %j',
    (form) => {
      expect(Answer.safeParse(form).success).toBe(false);
    },
  );

  it('may be five hundred characters of many lines, as a browser sends them', () => {
    const words = `${'a\r\n'.repeat(249)}bb`;

    expect(Answer.parse({ answer: 'refuse', reason: words }).reason).toHaveLength(500);
  });
});

describe('going alone', () => {
  const emergency = { ...approval, quorum: 2, alone: { types: 'spare', seconds: 60 } };
  const at = (seconds: number): Date => new Date(asked.getTime() + seconds * 1000);
  const counting = decide(emergency, 'cto', say('alone', 'nobody is awake', ' spare '), at(0));

  it('needs the environment’s name, typed', () => {
    expect(decide(emergency, 'cto', say('alone', '', 'main'), at(0)).countdown).toBeNull();
    expect(counting.countdown).toMatchObject({ by: 'cto', until: '2026-01-15T03:13:00.000Z' });
    expect(decide({ ...emergency, alone: null }, 'cto', say('alone', '', 'spare'), at(0)).countdown).toBeNull();
  });

  it('is open to whoever has said yes already, and to nobody a second time', () => {
    const yes = decide(emergency, 'cto', say('approve'), at(0));

    expect(decide(yes, 'cto', say('alone', '', 'spare'), at(1)).countdown?.by).toBe('cto');
    expect(decide(counting, 'ada', say('alone', '', 'spare'), at(1))).toBe(counting);
  });

  it('is a yes from the countdown’s end on, and no moment before', () => {
    expect(endCountdown(counting, at(59)).decision).toBeNull();
    expect(endCountdown(counting, at(60)).decision).toMatchObject({
      answer: 'approve',
      by: 'cto alone',
      reason: 'nobody is awake',
    });
  });

  it('may be stopped by anybody who was asked, as long as it is not over', () => {
    const stopped = decide(counting, 'ada', say('stop', ''), at(30));

    expect(stopped.decision).toMatchObject({ answer: 'refuse', by: 'ada', reason: 'stopped the countdown of cto' });
    expect(endCountdown(stopped, at(60))).toBe(stopped);
    expect(decide(endCountdown(counting, at(60)), 'ada', say('stop', ''), at(61)).decision).toMatchObject({ answer: 'approve' });
  });

  it('goes on past the hour at which the request would have expired', () => {
    const late = { ...counting, expiresAt: at(10).toISOString() };

    expect(judgeLink(late, 'ada', at(30))).toBe('counting');
    expect(decide(late, 'ada', say('stop', ''), at(30)).decision).toMatchObject({ answer: 'refuse' });
  });
});

describe('a refusal', () => {
  it('needs words', () => {
    expect(decide(approval, 'cto', say('refuse', ''), asked)).toBe(approval);
    expect(decide(approval, 'cto', say('refuse', 'not tonight'), asked).decision).toMatchObject({ reason: 'not tonight' });
  });
});

describe('a state that is entered again', () => {
  const draft = { ...approval, tokens: ['second'] };

  it('waits for the same approval under another token', () => {
    expect(renew(approval, draft, asked)).toMatchObject({ tokens: ['task-token', 'second'], askedAt: approval.askedAt });
    expect(renew(approval, approval, asked)).toBe(approval);
  });

  it('asks anew where nobody answered in time: the run was redriven', () => {
    const later = { ...draft, askedAt: '2026-01-15T09:00:00.000Z', expiresAt: '2026-01-15T13:00:00.000Z' };

    expect(renew(approval, later, new Date('2026-01-15T09:00:00.000Z'))).toMatchObject({
      askedAt: '2026-01-15T09:00:00.000Z',
      tokens: ['task-token', 'second'],
    });
  });
});

describe('the path of a link', () => {
  const id = 'abcdefgh2345';

  it.each([
    `/approvals/${id}/`,
    `/approvals/${id}x`,
    `/Approvals/${id}`,
    `/approvals/../${id}`,
    `/approvals/${id.toUpperCase()}`,
    `/approvals/${id}/decoy`,
    '/approvals/',
    '/',
    `//approvals/${id}`,
  ])('that is not exactly ours has no id: %s', (path) => {
    expect(approvalPathOf(path)).toBeUndefined();
  });

  it('that is ours has its id, and a decoy’s word', () => {
    expect(approvalPathOf(`/approvals/${id}`)).toEqual({ id, decoy: undefined });
    expect(approvalPathOf(`/approvals/${id}/${'d'.repeat(22)}`)).toEqual({ id, decoy: 'd'.repeat(22) });
  });
});
