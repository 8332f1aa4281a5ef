import { describe, expect, it } from '@jest/globals';
import { draftOf, RUN } from '../steps/small-run.ts';
import { Answer, approvalIdOf, decide, draftApproval, judgeLink } from '../../shared/runbooks/approval.ts';

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
  slots: [{ approver: 'cto', secretHash: 'hash' }],
  rules: { quorum: 1, expiresAfterSeconds: 14_400 },
};
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
    const decided = decide(approval, 'cto', { answer: 'approve', reason: ' go ' }, asked);

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

describe('the path of a link', () => {
  const id = 'x'.repeat(43);

  it.each([
    `/approvals/${id}/`,
    `/approvals/${id}x`,
    `/Approvals/${id}`,
    `/approvals/../${id}`,
    '/approvals/',
    '/',
    `//approvals/${id}`,
  ])('that is not exactly ours has no id: %s', (path) => {
    expect(approvalIdOf(path)).toBeUndefined();
  });

  it('that is ours has its id', () => {
    expect(approvalIdOf(`/approvals/${id}`)).toBe(id);
  });
});
