// What is not an ordinary press on the page: decoys, pages that are old, codes, Slack's buttons, one who goes alone, silences.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { announceCountdown } from '../../functions/approve/announce-countdown.ts';
import { heedSilence } from '../../functions/approve/heed-silence.ts';
import { requestApproval } from '../../functions/approve/request-approval.ts';
import { Estate } from '../../shared/estate.ts';
import { readApproval } from '../../shared/ledger/approvals.ts';
import { approvalIdOf } from '../../shared/secret.ts';
import { runStep } from '../../shared/step.ts';
import { ask, linkIn, open, pressIn } from './pressing.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld, SMALL_ESTATE, type SmallWorld } from './small-world.ts';

const URL_OF_PAGE = 'https://x.lambda-url.eu-west-1.on.aws/';
const PEOPLE = [
  { name: 'cto', email: 'cto@orders.test', slack: 'U0CTO' },
  { name: 'ada', email: 'ada@orders.test', slack: 'U0ADA' },
];
const NOW = Date.parse('2026-01-15T03:12:00.000Z');
const after = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();
const ID = approvalIdOf(RUN.execution, 1);

let world: SmallWorld;
/** An estate with these rules, in which `by` has asked. */
async function asked(approval: object, by = 'the owner'): Promise<void> {
  const slack = { bot: 'changeover/slack-bot', channel: '#operations', signing: 'changeover/slack-signing' };
  world = createSmallWorld(undefined, Estate.parse({ ...SMALL_ESTATE, approvers: PEOPLE, approval, channels: { slack } }));
  const run = { ...RUN, by };
  const plan = await planned(world, run);
  await runStep(requestApproval, { token: 'first', run, plan, approved: null, round: 1, url: URL_OF_PAGE }, world);
}
const again = async (token: string, by = 'the owner'): Promise<void> => {
  const run = { ...RUN, by };
  const { plan } = await readApproval(ID, world.ledger);
  await runStep(requestApproval, { token, run, plan, approved: null, round: 1, url: URL_OF_PAGE }, world);
};
const heed = () => runStep(heedSilence, { run: RUN, round: 1 }, world);
const press = (approver: string, fields: Record<string, string>) => pressIn(world, linkIn(world, approver), fields);

beforeEach(() => asked({ quorum: 1 }));

describe('a press on the page', () => {
  it('decides nothing without the page’s own nonce, with another’s, or with one that is an hour old', async () => {
    const link = linkIn(world, 'cto');
    const nonceIn = (html: string): string => /name="n" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const others = nonceIn((await open(world, linkIn(world, 'ada'))).html);
    const own = nonceIn((await open(world, link)).html);
    const post = (n: string) =>
      ask(world, {
        method: 'POST',
        path: link.pathname,
        body: new URLSearchParams({ k: link.searchParams.get('k') ?? '', n, answer: 'approve' }).toString(),
      });

    const answers = [await post(''), await post(others), await post(`${own}x`)];
    world.setNow(after(3_600));
    answers.push(await post(own));

    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
    expect(answers.every(({ html }) => html.includes('read it again, then press'))).toBe(true);
    expect(world.answers).toEqual([]);
  });

  it('refuses with words or not at all', async () => {
    const page = await press('cto', { answer: 'refuse' });

    expect(page.html).toContain('A refusal needs a reason');
    expect(world.answers).toEqual([]);
  });

  it('is told in the shared channel, in the place of what was asked there', async () => {
    await press('cto', { answer: 'approve', reason: 'go' });

    expect(world.posted).toHaveLength(1);
    expect(world.posted[0]).toMatchObject({
      title: 'orders: failover: Approved by cto',
      lines: [expect.stringContaining('go'), expect.anything()],
    });
    expect(world.posted[0]?.asks).toBeUndefined();
  });
});

describe('a code', () => {
  const codeIn = (approver: string): string =>
    /--code (\S+)/.exec(world.mails.find((mail) => mail.approver === approver)?.text ?? '')?.[1] ?? '';

  it('is the same right as the link, for a keyboard: with hyphens or without, in capitals or not', async () => {
    const code = codeIn('cto');
    const at = (k: string): URL => new URL(`/approvals/${ID}?k=${encodeURIComponent(k)}`, URL_OF_PAGE);

    for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' ')])
      expect((await open(world, at(typed))).status).toBe(200);
    const told = (await open(world, at(code))).told as { standing: string; nonce: string; lines: string[] };
    const body = new URLSearchParams({ k: code, n: told.nonce, answer: 'approve' }).toString();
    const decided = await ask(world, { method: 'POST', path: `/approvals/${ID}`, body });

    expect(told).toMatchObject({ standing: 'open' });
    expect(told.lines).toContain('Lost if you approve: nothing: a roll call changes nothing');
    expect(decided.told).toMatchObject({ standing: 'decided' });
    expect(world.answers).toMatchObject([{ approvedBy: 'cto' }]);
  });
});

describe('a decoy', () => {
  const decoyIn = (text: string): URL => new URL(/https:\S+\/approvals\/[a-z2-7]{12}\/\S{22}/.exec(text)?.[0] ?? '');
  const mailed = (): URL => decoyIn(world.mails[0]?.text ?? '');
  const shared = (): URL => new URL(world.announcements[0]?.decoys?.['Slack'] ?? '');

  it('answers as if nothing were there, decides nothing, and is told in message, page and request', async () => {
    const unknown = await ask(world, { method: 'GET', path: `/approvals/${'y'.repeat(12)}` });
    const answers = [await open(world, mailed()), await open(world, shared()), await open(world, shared())];

    expect(new Set([unknown, ...answers].map(({ status, html }) => `${status} ${html}`)).size).toBe(1);
    expect(world.answers).toEqual([]);
    expect((await readApproval(ID, world.ledger)).opened.map(({ where }) => where)).toEqual([
      'the messages to cto',
      'the shared channel of Slack',
    ]);
    expect((await open(world, linkIn(world, 'ada'))).html).toContain(
      'Programs open links in the messages to cto and the shared channel of Slack',
    );
    expect(world.posted[0]?.lines.join()).toContain('Programs open links in');
    expect(world.posted[0]?.asks?.buttons).toEqual(['approve', 'refuse']);
  });

  it('that nobody was given changes nothing', async () => {
    const writes = world.writes.length;

    await ask(world, { method: 'GET', path: `/approvals/${ID}/${'d'.repeat(22)}` });

    expect(world.writes).toHaveLength(writes);
  });
});

describe('a button in Slack', () => {
  const payload = (member: string, answer: string, words = '', approval = ID): string =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: 'block_actions',
        user: { id: member },
        channel: { id: 'C1', name: 'operations' },
        actions: [{ action_id: answer, value: approval, type: 'button' }],
        state: { values: { words: { reason: { type: 'plain_text_input', value: words === '' ? null : words } } } },
      }),
    }).toString();
  const slack = (body: string, signature = 'slack’s own') =>
    ask(world, {
      method: 'POST',
      path: '/slack',
      body,
      headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': '1' },
    });

  it('decides for the approver who is that member, and the message says so in its place', async () => {
    const heard = await slack(payload('U0ADA', 'approve', 'go'));

    expect(heard).toMatchObject({ status: 200, html: '' });
    expect(world.answers).toMatchObject([{ approvedBy: 'ada', reason: 'go' }]);
    expect(world.posted[0]?.title).toBe('orders: failover: Approved by ada');
  });

  it.each([
    ['whose signature is not Slack’s', () => slack(payload('U0ADA', 'approve'), 'forged'), 404],
    ['that has no signature', () => slack(payload('U0ADA', 'approve'), ''), 404],
    ['of somebody who is no approver', () => slack(payload('U0EVE', 'approve')), 200],
    ['that refuses without words', () => slack(payload('U0ADA', 'refuse')), 200],
    ['of another request', () => slack(payload('U0ADA', 'approve', '', 'a'.repeat(12))), 200],
    ['that is none of ours', () => slack(payload('U0ADA', 'alone')), 200],
    ['that is no JSON', () => slack('payload=%7B'), 200],
  ])('%s decides nothing', async (_what, pressing, status) => {
    expect((await pressing()).status).toBe(status);
    expect(world.answers).toEqual([]);
  });

  it('tells a member alone why nothing came of it', async () => {
    await slack(payload('U0EVE', 'approve'));
    await slack(payload('U0ADA', 'refuse'));
    await slack(payload('U0ADA', 'refuse', 'not tonight'));
    await slack(payload('U0CTO', 'approve'));

    expect(world.whispers).toEqual([
      'U0EVE: You are not one of the approvers that the estate names, so nothing was decided.',
      'U0ADA: A refusal needs a reason: write why, then press Refuse again.',
      'U0CTO: This request was decided before, by ada.',
    ]);
    expect(world.answers).toMatchObject([{ error: 'ApprovalRefused', cause: 'ada refused: not tonight' }]);
  });
});

describe('one who goes alone', () => {
  beforeEach(() => asked({ quorum: 2 }));
  const goAlone = () => press('cto', { answer: 'alone', typed: 'orders', reason: 'nobody is awake' });
  const announce = () => runStep(announceCountdown, { token: 'counting', run: RUN, round: 1, url: URL_OF_PAGE }, world);

  it('types the name first', async () => {
    const page = await press('cto', { answer: 'alone', typed: 'main' });

    expect(page.html).toContain('To go alone type orders; found &quot;main&quot;.');
    expect(world.answers).toEqual([]);
  });

  it('is counted down before everybody, once, and is a yes when nobody stopped it', async () => {
    await goAlone();
    await goAlone();
    const heard = [...world.answers];
    await announce();
    world.setNow(after(30));
    const early = await heed();
    world.setNow(after(60));
    const over = await heed();

    expect(heard).toEqual([{ approvedBy: 'cto alone', at: after(0), reason: 'nobody is awake', countdown: true }]);
    expect(world.mails.slice(-2).map(({ approver }) => approver)).toEqual(['cto', 'ada']);
    expect(world.announcements.at(-1)).toMatchObject({ asks: { approval: ID, buttons: ['stop'] } });
    expect(early.standing).toBe('counting');
    expect(over).toMatchObject({ standing: 'approved', approval: { approvedBy: 'cto alone' } });
    expect(world.answers).toHaveLength(1);
  });

  it('is stopped by anybody who was asked, and the run hears of it where it waits', async () => {
    await goAlone();
    await announce();
    const page = await pressIn(world, linkIn(world, 'ada', -1), { answer: 'stop' });
    world.setNow(after(60));

    expect(page.html).toContain('refused by ada');
    expect(world.answers.at(-1)).toEqual({ error: 'ApprovalRefused', cause: 'ada refused: stopped the countdown of cto' });
    await expect(heed()).rejects.toMatchObject({ name: 'ApprovalRefused' });
    expect(world.posted.map(({ title }) => title)).toEqual(Array(2).fill('orders: failover: Refused by ada'));
  });

  it('does not end the countdown that waits by looking at the page', async () => {
    await goAlone();
    await announce();
    await open(world, linkIn(world, 'cto'));
    await open(world, linkIn(world, 'ada'));

    expect(world.answers).toHaveLength(1);
  });
});

describe('four eyes', () => {
  it('let nobody approve their own run, but refuse it, or go alone in an emergency', async () => {
    await asked({ quorum: 1, fourEyes: true }, 'ada');
    const own = await press('ada', { answer: 'approve' });
    const still = [...world.answers];
    await press('cto', { answer: 'approve' });

    expect(own.html).toContain('You asked for this run, and the estate lets nobody approve their own');
    expect(still).toEqual([]);
    expect(world.answers).toMatchObject([{ approvedBy: 'cto' }]);
  });
});

describe('a silence', () => {
  it('asks the next person by the next task, and an answer reaches whichever waits', async () => {
    await asked({ quorum: 1, escalateAfterSeconds: 300 });
    const first = world.mails.map(({ approver }) => approver);
    world.setNow(after(300));
    const heeded = await heed();
    await again('second');

    expect(first).toEqual(['cto']);
    expect(heeded).toMatchObject({ standing: 'waiting' });
    expect(world.mails.map(({ approver }) => approver)).toEqual(['cto', 'ada']);
    expect(world.announcements.at(-1)?.title).toContain('waits for cto and ada');
    await press('cto', { answer: 'approve' });
    expect(world.answers).toHaveLength(1);
  });

  it('reminds who is silent, and says that it does', async () => {
    await asked({ quorum: 1, remindEverySeconds: 600 });
    world.setNow(after(600));
    await again('second');

    expect(world.mails.slice(2).map(({ subject }) => subject)).toEqual(
      Array(2).fill('orders: failover needs your answer (reminder)'),
    );
    expect(world.announcements).toHaveLength(1);
  });

  it('that hides an answer which did not arrive is none', async () => {
    const deaf = { ...world, tasks: { ...world.tasks, succeed: () => Promise.reject(new Error('the Lambda died')) } };
    await expect(pressIn(world, linkIn(world, 'cto'), { answer: 'approve', reason: 'go' }, deaf)).rejects.toThrow(
      'the Lambda died',
    );
    world.setNow(after(14_400));

    expect(await heed()).toMatchObject({ standing: 'approved', approval: { approvedBy: 'cto', reason: 'go', countdown: false } });
  });

  it('to the end is the end', async () => {
    world.setNow(after(14_400));

    expect(await heed()).toMatchObject({ standing: 'expired', approval: null });
  });

  it('of a first person who cannot be told is none: the next is asked at once', async () => {
    const plan = (await readApproval(ID, world.ledger)).plan;
    const estate = Estate.parse({ ...SMALL_ESTATE, approval: { quorum: 1, escalateAfterSeconds: 300 } });
    const post: SmallWorld['post'] = {
      deliver: (mail) => (mail.approver === 'cto' ? Promise.reject(new Error('no such address')) : world.post.deliver(mail)),
    };
    const before = world.mails.length;

    await runStep(
      requestApproval,
      { token: 'other', run: RUN, plan, approved: null, round: 2, url: URL_OF_PAGE },
      { ...world, estate, post },
    );

    expect(world.mails.slice(before).map(({ approver }) => approver)).toEqual(['ada']);
  });
});
