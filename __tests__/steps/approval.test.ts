import { beforeEach, describe, expect, it } from '@jest/globals';
import { answerApproval } from '../../functions/approve/answer-approval.ts';
import { requestApproval } from '../../functions/approve/request-approval.ts';
import { runStep } from '../../shared/step.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

const run = {
  id: 'night-7',
  execution: 'arn:aws:states:eu-west-1:123456789012:execution:rollcall-dev:night-7',
  machine: 'rollcall-dev',
  mode: 'ask',
  reason: 'Is <anyone> awake?',
  by: 'Ada',
  openedAt: '2026-01-15T03:12:00.000Z',
};
const request = {
  token: 'the-task-token',
  run,
  approver: { name: 'the CTO', topic: 'arn:aws:sns:eu-west-1:123456789012:approver' },
  url: 'https://x.lambda-url.eu-west-1.on.aws/',
  waitSeconds: 14400,
};

let world: SmallWorld;
let link: URL;
beforeEach(async () => {
  world = createSmallWorld();
  await runStep(requestApproval, request, world);
  link = new URL(/https:\S+/.exec(world.mails[0]?.text ?? '')?.[0] ?? '');
});

const get = (search = link.search, method = 'GET') =>
  answerApproval.answer({ method, path: link.pathname, query: new URLSearchParams(search), body: '' }, world);
const post = (fields: Record<string, string>, path = link.pathname) =>
  answerApproval.answer(
    {
      method: 'POST',
      path,
      query: new URLSearchParams(),
      body: new URLSearchParams({ k: link.searchParams.get('k') ?? '', ...fields }).toString(),
    },
    world,
  );

describe('requestApproval', () => {
  it('keeps the task in the ledger with a hash of the secret, and mails the link to the approver alone', () => {
    const stored = JSON.stringify([...world.entries.values()]);

    expect(world.mails).toHaveLength(1);
    expect(world.mails[0]?.to).toBe(request.approver.topic);
    expect(stored).toContain('the-task-token');
    expect(stored).not.toContain(link.searchParams.get('k'));
    expect(world.mails[0]?.text).not.toContain('the-task-token');
  });

  it('mails again when it is run again, and both links lead to one decision', async () => {
    await runStep(requestApproval, request, world);
    const second = new URL(/https:\S+/.exec(world.mails[1]?.text ?? '')?.[0] ?? '');

    await post({ answer: 'approve', reason: 'by the first mail' });
    const late = await post({ answer: 'refuse', k: second.searchParams.get('k') ?? '' }, second.pathname);

    expect(second.pathname).toBe(link.pathname);
    expect(late.html).toContain('by the first mail');
    expect(world.entries.size).toBe(1);
    expect(world.answers).toHaveLength(1);
  });

  it('asks anew for another task of the same run: a retry has a token of its own', async () => {
    await runStep(requestApproval, { ...request, token: 'another-task-token' }, world);

    expect(world.entries.size).toBe(2);
  });

  it('refuses an address that is none, and asks nobody', async () => {
    const fresh = createSmallWorld();

    await expect(runStep(requestApproval, { ...request, url: 'approvals' }, fresh)).rejects.toMatchObject({
      name: 'InputInvalid',
    });
    expect([fresh.writes, fresh.mails]).toEqual([[], []]);
  });
});

describe('answerApproval', () => {
  it('shows what is asked to GET and HEAD, and decides nothing however often they come', async () => {
    for (let i = 0; i < 50; i++) await get(link.search, i % 2 === 0 ? 'GET' : 'HEAD');
    const page = await get();

    expect(page.status).toBe(200);
    expect(page.html).toContain('Is &lt;anyone&gt; awake?');
    expect(world.answers).toEqual([]);
    expect(world.writes).toHaveLength(1);
  });

  it('lets the run go on when the approver presses Approve', async () => {
    const page = await post({ answer: 'approve', reason: 'go' });

    expect(page.html).toContain('approved by the CTO');
    expect(world.answers).toEqual([{ approvedBy: 'the CTO', at: '2026-01-15T03:12:00.000Z', reason: 'go' }]);
  });

  it('takes as many words as the page lets a person write, in lines or not', async () => {
    const words = 'one line\n'.repeat(55).trim();

    const page = await post({ answer: 'approve', reason: words.replaceAll('\n', '\r\n') });

    expect(page.html).toContain('approved by the CTO');
    expect(world.answers).toMatchObject([{ reason: words }]);
  });

  it('tells a link whose task is gone that a newer message may wait', async () => {
    const gone = { ...world, tasks: { ...world.tasks, succeed: () => Promise.resolve('gone' as const) } };
    const form = new URLSearchParams({ k: link.searchParams.get('k') ?? '', answer: 'approve' }).toString();

    const page = await answerApproval.answer(
      { method: 'POST', path: link.pathname, query: new URLSearchParams(), body: form },
      gone,
    );

    expect(page.html).toContain('asked you again in a newer message');
  });

  it('stops the run under ApprovalRefused, with the approver’s words, on Refuse', async () => {
    await post({ answer: 'refuse', reason: 'not tonight' });

    expect(world.answers).toEqual([{ error: 'ApprovalRefused', cause: 'the CTO refused: not tonight' }]);
  });

  it('keeps the first decision and tells a second press who decided and when', async () => {
    await post({ answer: 'approve', reason: 'go' });
    world.setNow('2026-01-15T03:20:00.000Z');

    const second = await post({ answer: 'refuse', reason: 'too late' });

    expect(second.html).toContain('approved by the CTO');
    expect(second.html).toContain('2026-01-15 03:12:00 UTC');
    expect(second.html).toContain('no longer waits');
    expect(world.answers).toHaveLength(1);
  });

  it('lets one of two answers of the same moment decide, and tells both the truth', async () => {
    const pages = await Promise.all([post({ answer: 'approve' }), post({ answer: 'refuse' })]);

    expect(world.answers).toHaveLength(1);
    expect(pages[0].html.includes('approved by')).toBe(pages[1].html.includes('approved by'));
  });

  it('delivers the stored decision when the first delivery was lost', async () => {
    const { tasks } = world;
    const crashed = { ...world, tasks: { ...tasks, succeed: () => Promise.reject(new Error('the Lambda died')) } };
    const form = new URLSearchParams({ k: link.searchParams.get('k') ?? '', answer: 'approve' }).toString();
    await expect(
      answerApproval.answer({ method: 'POST', path: link.pathname, query: new URLSearchParams(), body: form }, crashed),
    ).rejects.toThrow('the Lambda died');

    await get();

    expect(world.answers).toHaveLength(1);
  });

  it('answers the unknown, the forged and the expired with the same bytes', async () => {
    const forged = await get(`?k=${'x'.repeat(43)}`);
    const unknown = await post({ answer: 'approve' }, `/approvals/${'y'.repeat(43)}`);
    const nonsense = await post({ answer: 'approve' }, '/approvals/../../etc/passwd');
    world.setNow('2026-01-15T07:12:00.000Z');
    const expired = await post({ answer: 'approve' });

    expect(new Set([forged, unknown, nonsense, expired].map(({ status, html }) => `${status} ${html}`)).size).toBe(1);
    expect(forged.status).toBe(404);
    expect(world.answers).toEqual([]);
  });

  it.each([{ answer: 'APPROVE' }, { answer: '' }, {}, { answer: 'approve', reason: 'x'.repeat(501) }] as Record<
    string,
    string
  >[])('decides nothing on a form that is not its own: %j', async (fields) => {
    const page = await post(fields);

    expect(page.html).toContain('Opening this page decided nothing');
    expect(world.answers).toEqual([]);
  });
});
