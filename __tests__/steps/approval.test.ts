import { beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { requestApproval } from '../../functions/approve/request-approval.ts';
import { RunbookError } from '../../shared/errors.ts';
import type { PlanRef } from '../../shared/runbooks/plan.ts';
import { voidApprovals } from '../../shared/ledger/approvals.ts';
import { sealPlan } from '../../shared/ledger/plans.ts';
import { Estate } from '../../shared/estate.ts';
import { runStep } from '../../shared/step.ts';
import { ask, linkIn, pressIn } from './pressing.ts';
import { draftOf, planned, RUN } from './small-run.ts';
import { createSmallWorld, SMALL_ESTATE, type SmallWorld } from './small-world.ts';

const request = {
  token: 'the-task-token',
  run: RUN,
  approved: null,
  round: 1,
  url: 'https://x.lambda-url.eu-west-1.on.aws/',
};
const linkTo = (approver: string, nth = 0): URL => linkIn(world, approver, nth);

let world: SmallWorld;
let plan: PlanRef;
let link: URL;
beforeEach(async () => {
  world = createSmallWorld();
  plan = await planned(world, RUN, {
    limits: [
      { name: 'stale-data', verdict: 'overridden', observed: 'the data is 9 h old', expected: 'at most 6 h', wayOut: 'wait' },
    ],
    loss: { ...draftOf(RUN).loss, how: 'measured', band: 'under 100', says: '3 customers & 17 orders' },
  });
  await runStep(requestApproval, { ...request, plan }, world);
  link = linkTo('cto');
});
const writesOf = (prefix: string): string[] => world.writes.filter((key) => key.startsWith(prefix));

const get = (search = link.search, method = 'GET') =>
  ask(world, { method, path: link.pathname, query: new URLSearchParams(search) });
const post = (fields: Record<string, string>, path = link.pathname) => {
  const at = new URL(link);
  at.pathname = path;
  if (fields['k'] !== undefined) at.searchParams.set('k', fields['k']);
  return pressIn(world, at, fields);
};

describe('requestApproval', () => {
  it('keeps the task in the ledger with hashes of the secrets, and sends each approver a link of their own', () => {
    const stored = JSON.stringify([...world.entries.values()]);

    expect(world.mails.map(({ approver }) => approver)).toEqual(['cto', 'ada']);
    expect(link.searchParams.get('k')).not.toBe(linkTo('ada').searchParams.get('k'));
    expect(stored).toContain('the-task-token');
    expect(stored).not.toContain(link.searchParams.get('k'));
    expect(world.mails.map(({ text }) => text).join()).not.toContain('the-task-token');
  });

  it('stops where fewer could be told than must agree: silence would be waited for', async () => {
    const estate = { ...SMALL_ESTATE, approval: { ...SMALL_ESTATE.approval, quorum: 2 } };
    const post: SmallWorld['post'] = {
      deliver: (mail) =>
        mail.approver === 'ada' ? Promise.reject(new RunbookError('CloudRefused', 'no such topic')) : world.post.deliver(mail),
    };

    await expect(runStep(requestApproval, { ...request, round: 2, plan }, { ...world, estate, post })).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('only 1 of the 2 approvers that must agree could be told: ada could not') as unknown,
    });
    expect(readFileSync('docs/errors.md', 'utf8')).toContain('`only 1 of the 2 approvers that must agree could be told`');
  });

  it('tells the channels what is asked, who may answer and what would be lost, and no secret', () => {
    const said = JSON.stringify(world.announcements);

    expect(world.announcements).toHaveLength(1);
    expect(said).toContain('3 customers & 17 orders');
    expect(said).toContain('OVERRIDDEN: STALE-DATA');
    for (const { text } of world.mails) {
      expect(said).not.toContain(/k=(\S+)/.exec(text)?.[1]);
      expect(said).not.toContain(/--code (\S+)/.exec(text)?.[1]);
    }
  });

  it('tells again whom it had not told when it died, and all links lead to one decision', async () => {
    world = createSmallWorld();
    plan = await planned(world);
    const { ledger } = world;
    const dying = { ...world, channels: { ...world.channels, announce: () => Promise.reject(new Error('the Lambda died')) } };
    await expect(runStep(requestApproval, { ...request, plan }, dying)).rejects.toThrow('the Lambda died');
    await runStep(requestApproval, { ...request, plan }, { ...world, ledger });
    link = linkTo('cto');
    const second = linkTo('cto', 1);

    await post({ answer: 'approve', reason: 'by the first message' });
    const late = await post({ answer: 'refuse', k: second.searchParams.get('k') ?? '' }, second.pathname);

    expect(second.pathname).toBe(link.pathname);
    expect(late.html).toContain('by the first message');
    expect(new Set(writesOf('approvals/')).size).toBe(1);
    expect(world.answers).toHaveLength(1);
  });

  it('tells nobody twice when it is run again for the same task, or for another of the same round', async () => {
    await runStep(requestApproval, { ...request, plan }, world);
    await runStep(requestApproval, { ...request, plan, token: 'another-task-token' }, world);

    expect(world.mails).toHaveLength(2);
    expect(world.announcements).toHaveLength(1);
    expect(new Set(writesOf('approvals/')).size).toBe(1);
  });

  it('hands a decision to the task that waits now, whichever it was asked for', async () => {
    await runStep(requestApproval, { ...request, plan, token: 'another-task-token' }, world);
    const heard: string[] = [];
    const tasks = { ...world.tasks, succeed: (token: string) => Promise.resolve((heard.push(token), 'delivered' as const)) };

    await pressIn(world, link, { answer: 'approve' }, { ...world, tasks });

    expect(heard).toEqual(['another-task-token']);
  });

  it('shows, when it asks again, what is different from what was approved', async () => {
    const now = draftOf(RUN, {
      changes: [
        {
          act: 'SwapNames',
          target: 'app.orders.test. A',
          says: 'app.orders.test. A',
          before: 'alias other',
          after: 'alias spare',
        },
      ],
    });
    const moved = await sealPlan(world.ledger, now, plan);

    await runStep(requestApproval, { ...request, token: 'the second token', plan: moved, approved: plan, round: 2 }, world);

    expect(world.mails.at(-2)?.text).toContain('now: app.orders.test. A: alias other → alias spare');
    expect(world.mails.at(-2)?.subject).toContain('asked again');
  });

  it('goes on when one approver cannot be told, and says so in the journal', async () => {
    const deaf = {
      ...world,
      post: {
        deliver: (mail: { approver: string }) =>
          mail.approver === 'cto'
            ? Promise.reject(new Error('no such address'))
            : Promise.resolve({ sent: ['e-mail'], silent: [] }),
      },
    };

    await runStep(requestApproval, { ...request, round: 2, plan }, deaf);

    expect(JSON.stringify(world.entries.get('runs/night-7.json'))).toContain('cto could not be told: no such address');
  });

  it('stops, to be tried again, when nobody at all can be told', async () => {
    const deaf = { ...world, post: { deliver: () => Promise.reject(new Error('Slack is down')) } };

    await expect(runStep(requestApproval, { ...request, round: 2, plan }, deaf)).rejects.toMatchObject({
      name: 'CloudTransient',
      message: expect.stringContaining('Slack is down') as unknown,
    });
  });

  it('refuses an address that is none, and asks nobody', async () => {
    const fresh = createSmallWorld();

    await expect(runStep(requestApproval, { ...request, plan, url: 'approvals' }, fresh)).rejects.toMatchObject({
      name: 'InputInvalid',
    });
    expect([fresh.writes, fresh.mails]).toEqual([[], []]);
  });
});

describe('answerApproval', () => {
  it('shows what is asked to GET and HEAD, and decides nothing however often they come', async () => {
    const writes = writesOf('approvals/').length;
    for (let i = 0; i < 50; i++) await get(link.search, i % 2 === 0 ? 'GET' : 'HEAD');
    const page = await get();

    expect(page.status).toBe(200);
    expect(page.html).toContain('Is &lt;anyone&gt; awake?');
    expect(page.html).toContain('3 customers &amp; 17 orders');
    expect(page.html).toContain('OVERRIDDEN: STALE-DATA (the data is 9 h old)');
    expect(page.html).toContain('alias spare');
    expect(world.answers).toEqual([]);
    expect(writesOf('approvals/').length).toBe(writes);
  });

  it('has everything a person at a telephone decides by before its buttons, all else below, and a second pair at the end', async () => {
    const { html } = await get();
    const at = (text: string): number => html.indexOf(text);
    const first = at('value="approve"');

    for (const early of [
      'OVERRIDDEN: STALE-DATA',
      'Lost if you approve',
      'Ada asks: Is &lt;anyone&gt; awake?',
      'silence is a no',
    ])
      expect([early, at(early) !== -1 && at(early) < first]).toEqual([early, true]);
    for (const late of ['What will change', '>Limits<', 'Facts it rests on', RUN.execution])
      expect([late, at(late) > first && at(late) < html.lastIndexOf('value="approve"')]).toEqual([late, true]);
    expect(html.match(/<form /g)).toHaveLength(1);
    expect(html.lastIndexOf('value="refuse"')).toBeLessThan(at('</form>'));
    expect(html).toMatch(/body\{[^}]*overflow-wrap:anywhere/);
  });

  it('lets the run go on when the approver presses Approve', async () => {
    const page = await post({ answer: 'approve', reason: 'go' });

    expect(page.html).toContain('approved by cto');
    expect(world.answers).toEqual([{ approvedBy: 'cto', at: '2026-01-15T03:12:00.000Z', reason: 'go', countdown: false }]);
  });

  it('takes as many words as the page lets a person write, in lines or not', async () => {
    const words = 'one line\n'.repeat(55).trim();

    const page = await post({ answer: 'approve', reason: words.replaceAll('\n', '\r\n') });

    expect(page.html).toContain('approved by cto');
    expect(world.answers).toMatchObject([{ reason: words }]);
  });

  it('tells a link whose task is gone that a newer message may wait', async () => {
    const gone = { ...world, tasks: { ...world.tasks, succeed: () => Promise.resolve('gone' as const) } };

    const page = await pressIn(world, link, { answer: 'approve' }, gone);

    expect(page.html).toContain('asked you again in a newer message');
  });

  it('stops the run under ApprovalRefused, with the approver’s words, on Refuse', async () => {
    await post({ answer: 'refuse', reason: 'not tonight' });

    expect(world.answers).toEqual([{ error: 'ApprovalRefused', cause: 'cto refused: not tonight' }]);
  });

  it('keeps the first decision and tells a second press who decided and when', async () => {
    await post({ answer: 'approve', reason: 'go' });
    world.setNow('2026-01-15T03:20:00.000Z');

    const second = await post({ answer: 'refuse', reason: 'too late' });

    expect(second.html).toContain('approved by cto');
    expect(second.html).toContain('2026-01-15 03:12:00 UTC');
    expect(second.html).toContain('no longer waits');
    expect(world.answers).toHaveLength(1);
  });

  it('lets one of two answers of the same moment decide, and tells both the truth', async () => {
    const pages = await Promise.all([post({ answer: 'approve' }), post({ answer: 'refuse', reason: 'no' })]);

    expect(world.answers).toHaveLength(1);
    expect(pages[0].html.includes('approved by')).toBe(pages[1].html.includes('approved by'));
  });

  it('delivers the stored decision when the first delivery was lost', async () => {
    const { tasks } = world;
    const crashed = { ...world, tasks: { ...tasks, succeed: () => Promise.reject(new Error('the Lambda died')) } };
    await expect(pressIn(world, link, { answer: 'approve' }, crashed)).rejects.toThrow('the Lambda died');

    await get();

    expect(world.answers).toHaveLength(1);
  });

  it('answers the unknown, the forged and the expired with the same bytes', async () => {
    const forged = await get(`?k=${'x'.repeat(43)}`);
    const unknown = await post({ answer: 'approve' }, `/approvals/${'y'.repeat(12)}`);
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

  it('is void once the writer is another: nobody can approve an older world', async () => {
    await voidApprovals('orders', 2, 'spare is the writer since 03:13 (epoch 2)', world.clock.now(), world.ledger);
    const seen = await get();
    const silentOn = [...world.answers];

    const page = await post({ answer: 'approve' });

    expect(seen.html).toContain('This request is void');
    expect(silentOn).toEqual([]);
    expect(page.html).toContain('spare is the writer since 03:13 (epoch 2)');
    expect(world.answers).toMatchObject([{ error: 'PlanStale' }]);
  });

  it('waits for as many as the estate asks for, each counted once; one no is a no', async () => {
    const two = createSmallWorld(undefined, Estate.parse({ ...SMALL_ESTATE, approval: { quorum: 2 } }));
    const ref = await planned(two);
    await runStep(requestApproval, { ...request, plan: ref }, two);
    const press = (approver: string) => pressIn(two, linkIn(two, approver), { answer: 'approve' });

    const first = await press('cto');
    const again = await press('cto');
    const heardAfterOne = [...two.answers];
    await press('ada');

    expect(first.html).toContain('1 of 2 have approved');
    expect(again.html).toContain('1 of 2 have approved');
    expect(heardAfterOne).toEqual([]);
    expect(two.answers).toMatchObject([{ approvedBy: 'cto and ada' }]);
  });
});
