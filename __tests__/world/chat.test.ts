import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Chat, ChatMessage } from '../../rehearsal/world/chat/chat.ts';
import { openChat, type SmallChat } from './small-chat.ts';

let small: SmallChat;
let chat: Chat;
let said: ChatMessage[];
beforeEach(async () => {
  small = await openChat();
  ({ chat, said } = small);
});
afterEach(() => small.stop());

const send: SmallChat['send'] = (...given) => small.send(...given);
const call: SmallChat['call'] = (...given) => small.call(...given);
const CTO = { id: 'U0CTO', name: 'cto' };
const newBot = (scopes?: string[]): string => chat.bot({ channels: ['#operations'], members: [CTO], ...(scopes && { scopes }) });

describe('a Slack bot', () => {
  it('knows who it is', async () => {
    const token = newBot();

    const answer = await call('auth.test', token, {});

    expect(answer).toMatchObject({ ok: true, user: 'changeover', is_enterprise_install: false });
    expect(answer['user_id']).toMatch(/^U\w{8}$/);
  });

  it('opens a conversation with one person and writes to them alone', async () => {
    const token = newBot();
    const opened = (await call('conversations.open', token, { users: CTO.id })) as { channel: { id: string } };
    const again = await call('conversations.open', token, { users: CTO.id });

    const posted = await call('chat.postMessage', token, { channel: opened.channel.id, text: 'Approve <https://x.test|here>' });

    expect(again).toMatchObject({ ok: true, already_open: true, channel: opened.channel });
    expect(posted).toMatchObject({
      ok: true,
      channel: opened.channel.id,
      ts: expect.stringMatching(/^\d{10}\.\d{6}$/) as unknown,
    });
    expect(said).toMatchObject([{ channel: 'Slack', to: '@cto', text: 'Approve here: https://x.test', edited: false }]);
  });

  it('replaces its own words and nobody else’s', async () => {
    const [mine, other] = [newBot(), newBot()];
    const { channel, ts } = await call('chat.postMessage', mine, { channel: '#operations', text: 'Asked' });

    const foreign = await call('chat.update', other, { channel, ts, text: 'Approved' });
    const own = await call('chat.update', mine, { channel, ts, text: 'Refused' });
    const unknown = await call('chat.update', mine, { channel, ts: '1.000001', text: 'Refused' });

    expect(foreign).toEqual({ ok: false, error: 'cant_update_message' });
    expect(own).toMatchObject({ ok: true, ts, text: 'Refused' });
    expect(unknown).toEqual({ ok: false, error: 'message_not_found' });
    expect(said.map(({ text, edited }) => [text, edited])).toEqual([
      ['Asked', false],
      ['Refused', true],
    ]);
  });

  it.each([
    ['without a token', 'not_authed', '', { channel: '#operations', text: 'x' }],
    ['with a token nobody gave', 'invalid_auth', 'xoxb-1-2', { channel: '#operations', text: 'x' }],
    ['in a channel there is not', 'channel_not_found', undefined, { channel: '#nowhere', text: 'x' }],
    ['to nobody', 'channel_not_found', undefined, { text: 'x' }],
    ['with nothing to say', 'no_text', undefined, { channel: '#operations' }],
    ['with too much to say', 'msg_too_long', undefined, { channel: '#operations', text: 'x'.repeat(40_001) }],
  ])('is refused %s', async (_case, error, token, fields) => {
    const answer = await call('chat.postMessage', token ?? newBot(), fields);

    expect(answer).toMatchObject({ ok: false, error });
    expect(said).toEqual([]);
  });

  it('may only what its scopes say, where it was invited', async () => {
    const [narrow, elsewhere] = [newBot(['chat:write']), chat.bot({ channels: ['#general'], members: [] })];
    newBot();

    const open = await call('conversations.open', narrow, { users: CTO.id });
    const post = await call('chat.postMessage', elsewhere, { channel: '#operations', text: 'x' });

    expect(open).toEqual({ ok: false, error: 'missing_scope', needed: 'im:write', provided: 'chat:write' });
    expect(post).toEqual({ ok: false, error: 'not_in_channel' });
  });

  it('is told what is wrong with its blocks, by their place', async () => {
    const long = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } };

    const answer = await call('chat.postMessage', newBot(), {
      channel: '#operations',
      text: 'fallback',
      blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'no' } }, long],
    });

    expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(answer['errors']).toEqual([
      '[ERROR] must be one of plain_text [json-pointer:/blocks/0/text/type]',
      '[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]',
    ]);
  });

  it('shows its blocks and not the text it keeps for a notification', async () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: 'Failover asks' } },
      { type: 'section', text: { type: 'mrkdwn', text: 'Loses &lt;3 rows&gt;, says <@U0CTO>' } },
      {
        type: 'actions',
        elements: [{ type: 'button', text: { type: 'plain_text', text: 'Read' }, url: 'https://x.test/a?b=1&c=2' }],
      },
    ];

    await call('chat.postMessage', newBot(), { channel: '#operations', text: 'fallback', blocks });

    expect(said).toMatchObject([
      { text: 'Failover asks\nLoses <3 rows>, says @cto\nRead: https://x.test/a?b=1&c=2', pings: ['@U0CTO'] },
    ]);
  });

  it('is sent away for a second when it says too much', async () => {
    const token = newBot();
    chat.silence('slack', 'limited');

    const { status, headers, body } = await send('https://slack.com/api/auth.test', {}, { authorization: `Bearer ${token}` });

    expect([status, headers['retry-after'], JSON.parse(body)]).toEqual([429, '1', { ok: false, error: 'ratelimited' }]);
  });
});

describe('webhooks', () => {
  it('of Slack say ok, or what is wrong', async () => {
    const hook = chat.slackWebhook('#operations');

    const answers = [
      await send(hook, { text: 'Standby lags, <!channel>' }),
      await send(hook, '{"text":'),
      await send(hook, {}),
      await send(hook.slice(0, -3), { text: 'x' }),
      await send('https://hooks.slack.com/services/TNOBODY/B1/x', { text: 'x' }),
    ];

    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, 'ok'],
      [400, 'invalid_payload'],
      [400, 'no_text'],
      [404, 'no_service'],
      [404, 'no_team'],
    ]);
    expect(said).toMatchObject([{ channel: 'Slack', to: '#operations', text: 'Standby lags, @channel', pings: ['@channel'] }]);
  });

  it('of Discord take a message silently, or say what is wrong in numbers', async () => {
    const hook = chat.discordWebhook('operations');

    const answers = [
      await send(hook, { content: 'hello @everyone', allowed_mentions: { parse: [] } }),
      await send(hook, { content: '' }),
      await send(hook, { content: 'x'.repeat(2001) }),
      await send(`${hook}x`, { content: 'x' }),
      await send('https://discord.com/api/webhooks/123/abc', { content: 'x' }),
      await send(`${hook}?wait=true`, { content: 'hello @here' }),
    ];

    expect(answers[0]).toMatchObject({ status: 204, body: '' });
    expect(answers.slice(1).map(({ status, body }) => [status, (JSON.parse(body) as { code?: number }).code])).toEqual([
      [400, 50006],
      [400, 50035],
      [401, 50027],
      [404, 10015],
      [200, undefined],
    ]);
    expect(said.map(({ to, pings }) => [to, pings])).toEqual([
      ['#operations', []],
      ['#operations', ['@here']],
    ]);
  });

  it('of Discord show what is escaped as it was meant', async () => {
    await send(chat.discordWebhook('#ops'), { content: 'fence\\_web of \\@everyone: <https://x.test/a_b>' });

    expect(said).toMatchObject([{ text: 'fence_web of @everyone: https://x.test/a_b' }]);
  });

  it('of anybody else take JSON and nothing else', async () => {
    const hook = chat.webhook();

    const answers = [
      await send(hook, { kind: 'failed', title: 'Failover failed' }),
      await send(hook, 'text', { 'content-type': 'text/plain' }),
      await send('https://hooks.example.test/none', {}),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 415, 404]);
    expect(said).toMatchObject([{ channel: 'webhook', blocks: { kind: 'failed', title: 'Failover failed' } }]);
  });
});

describe('a preview bot', () => {
  it('visits a link that was posted, as a GET', async () => {
    const visitors = await small.open('https://abc.lambda-url.eu-west-1.on.aws');

    await send(chat.slackWebhook('#operations'), {
      text: 'Read <https://abc.lambda-url.eu-west-1.on.aws/approvals/1?k=s&x=1|this>.',
    });
    await chat.settled();

    expect(visitors.map(({ method, url, headers }) => [method, url, headers.host, headers['user-agent']])).toEqual([
      ['GET', '/approvals/1?k=s&x=1', 'abc.lambda-url.eu-west-1.on.aws', expect.stringContaining('Slackbot-LinkExpanding')],
    ]);
    expect(chat.visits).toMatchObject([{ status: 200 }]);
  });

  it('stays away only when told so in both words', async () => {
    const visitors = await small.open('https://abc.lambda-url.eu-west-1.on.aws');
    const text = 'https://abc.lambda-url.eu-west-1.on.aws/';
    const hook = chat.slackWebhook('#operations');

    await send(hook, { text, unfurl_links: false, unfurl_media: false });
    await chat.settled();
    const [afterBoth] = [visitors.length];
    await send(hook, { text, unfurl_links: false });
    await chat.settled();

    expect([afterBoth, visitors.length]).toEqual([0, 1]);
  });

  it('of Discord respects brackets and the flag', async () => {
    const visitors = await small.open('https://abc.lambda-url.eu-west-1.on.aws');
    const hook = chat.discordWebhook('#operations');
    const link = 'https://abc.lambda-url.eu-west-1.on.aws/x';

    await send(hook, { content: `<${link}>` });
    await send(hook, { content: link, flags: 4 });
    await send(hook, { content: link });
    await chat.settled();

    expect(visitors).toHaveLength(1);
  });
});

describe('a silent service', () => {
  it.each(['slack', 'discord', 'webhook'] as const)('refuses the connection, and hears again: %s', async (service) => {
    const hook = { slack: chat.slackWebhook('#o'), discord: chat.discordWebhook('#o'), webhook: chat.webhook() }[service];
    const message = { text: 'x', content: 'x' };

    chat.silence(service);
    const refused = send(hook, message);
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    chat.silence(service, 'failing');
    const failing = await send(hook, message);
    chat.hear(service);
    const heard = await send(hook, message);

    expect(failing.status).toBe(500);
    expect(heard.status).toBeLessThan(300);
    expect(said).toHaveLength(1);
  });

  it('may also say nothing at all', async () => {
    chat.silence('discord', 'hanging');
    const asking = send(chat.discordWebhook('#o'), { content: 'x' });
    const answered = await Promise.race([asking.then(() => true), send(chat.webhook(), {}).then(() => false)]);

    const dropped = asking.then(String, String);
    await chat.stop();

    await expect(dropped).resolves.toContain('socket hang up');
    expect(answered).toBe(false);
    expect(said.map(({ channel }) => channel)).toEqual(['webhook']);
  });
});
