import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { signatureOf } from '../../rehearsal/world/chat/signature.ts';
import { button, openChat, plain, why, type SmallChat, type Visitor } from './small-chat.ts';

let small: SmallChat;
beforeEach(async () => {
  small = await openChat();
});
afterEach(() => small.stop());

const CTO = { id: 'U0CTO', name: 'cto' };
const OPS = { id: 'U0OPS', name: 'ops', channels: ['#operations'] };
const GUEST = { id: 'U0GUEST', name: 'guest', channels: ['#general'] };
const SECRET = 'e4f0b2c1a9d84f6e8b7a6c5d4e3f2a1b';
const APP = 'https://abc.lambda-url.eu-west-1.on.aws';
const newBot = (): string => small.chat.bot({ channels: ['#operations'], members: [CTO, OPS, GUEST], signingSecret: SECRET });

const ASKING = [
  { type: 'header', text: plain('Failover asks') },
  why({ max_length: 20 }),
  {
    type: 'actions',
    block_id: 'decision',
    elements: [button('approve', { value: 'run-1', style: 'primary' }), button('deny', { value: 'run-1', style: 'danger' })],
  },
];

interface Payload extends Record<string, unknown> {
  readonly response_url: string;
  readonly message: { readonly blocks: readonly Record<string, unknown>[] };
}
const payloadOf = ({ body }: Visitor): Payload => JSON.parse(new URLSearchParams(body).get('payload') ?? '') as Payload;

async function ask(token: string, fields: object = {}): Promise<{ channel: string; ts: string }> {
  const posted = await small.call('chat.postMessage', token, { channel: '#operations', text: 'asks', blocks: ASKING, ...fields });
  expect(posted).toMatchObject({ ok: true });
  return posted as unknown as { channel: string; ts: string };
}

describe('a press', () => {
  it('is signed as Slack’s own example is', () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

    const signature = signatureOf('8f742231b10e8888abcd99yyyzzz85a5', 1531420618, body);

    expect(signature).toBe('v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503');
  });

  it('is told to the app with all that Slack tells, and signed', async () => {
    const visitors = await small.open(APP);
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: `${APP}/slack` });
    const { channel, ts } = await ask(token);

    const pressed = await small.chat.press({ channel: '#operations', action: 'deny', member: CTO.id, words: { why: 'not now' } });

    const [visitor] = visitors;
    const { method, url, headers, body } = visitor as Visitor;
    const stamp = String(headers['x-slack-request-timestamp']);
    expect(pressed).toEqual({ status: 200, warned: false, body: 'a page' });
    expect([method, url, headers.host, headers['content-type']]).toEqual([
      'POST',
      '/slack',
      'abc.lambda-url.eu-west-1.on.aws',
      'application/x-www-form-urlencoded',
    ]);
    expect(headers['user-agent']).toBe('Slackbot 1.0 (+https://api.slack.com/robots)');
    expect(headers['x-slack-signature']).toBe(`v0=${createHmac('sha256', SECRET).update(`v0:${stamp}:${body}`).digest('hex')}`);
    expect(Math.abs(Number(stamp) - small.cloud.timeline.now() / 1000)).toBeLessThan(10);
    const payload = payloadOf(visitor as Visitor);
    expect(payload).toMatchObject({
      type: 'block_actions',
      user: { id: CTO.id, username: 'cto', name: 'cto', team_id: expect.stringMatching(/^T/) },
      api_app_id: expect.stringMatching(/^A/),
      token: expect.any(String),
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{32}$/),
      team: { id: expect.stringMatching(/^T/), domain: 'rehearsal' },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: channel, name: 'operations' },
      message: { type: 'message', text: 'asks', ts, bot_id: expect.stringMatching(/^B/) },
      state: { values: { reason: { why: { type: 'plain_text_input', value: 'not now' } } } },
      response_url: expect.stringMatching(/^https:\/\/hooks\.slack\.com\/actions\/T\w+\/\d+\/\w+$/),
    });
    expect(payload.message.blocks.map(({ type }) => type)).toEqual(['header', 'input', 'actions']);
    expect(payload['actions']).toEqual([
      {
        action_id: 'deny',
        block_id: 'decision',
        text: { type: 'plain_text', text: 'deny', emoji: true },
        value: 'run-1',
        style: 'danger',
        type: 'button',
        action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
      },
    ]);
  });

  it('says that nothing was written, where nothing was', async () => {
    const visitors = await small.open(APP);
    small.chat.interactivity({ token: newBot(), requestUrl: APP });
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    await ask(token);

    await small.chat.press({ channel: '#operations', action: 'approve', member: OPS.id });

    expect(payloadOf(visitors[0] as Visitor)['state']).toEqual({
      values: { reason: { why: { type: 'plain_text_input', value: null } } },
    });
  });

  it('warns who pressed when the app is refused, wrong, late or not there', async () => {
    let status: number | undefined = 500;
    await small.open(APP, () => status);
    const token = newBot();
    const press = () => small.chat.press({ channel: '#operations', action: 'approve', member: CTO.id });
    await ask(token);

    const unconfigured = await press();
    small.chat.interactivity({ requestUrl: `${APP}/slack` });
    const failed = await press();
    status = undefined;
    const began = performance.now();
    const late = await press();
    const waited = performance.now() - began;
    small.cloud.ground.unpublish(APP);
    const gone = await press();

    expect([unconfigured, failed, late, gone].map((pressed) => [pressed.status, pressed.warned])).toEqual([
      [null, true],
      [500, true],
      [null, true],
      [null, true],
    ]);
    expect(waited).toBeGreaterThan(2900);
    expect(waited).toBeLessThan(6000);
  });

  it('holds the timeline while the app answers', async () => {
    await small.open(APP, () => new Promise((resolve) => setTimeout(() => resolve(200), 100)));
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    await ask(token);
    let passed = false;
    small.cloud.timeline.after(60 * 60 * 1000, () => (passed = true));

    const pressing = small.chat.press({ channel: '#operations', action: 'approve', member: CTO.id });
    await small.cloud.timeline.letPass(pressing);

    expect(passed).toBe(false);
  });

  it('is nobody’s who is not there', async () => {
    const visitors = await small.open(APP);
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    const { channel } = (await small.call('conversations.open', token, { users: CTO.id })) as { channel: { id: string } };
    await ask(token);
    await ask(token, { channel: channel.id });
    const press = (where: string, member: string, more: object = {}) =>
      small.chat.press({ channel: where, action: 'approve', member, ...more });

    await expect(press('#operations', 'U0NOBODY')).rejects.toThrow('nobody of this workspace');
    await expect(press('#operations', GUEST.id)).rejects.toThrow('guest is not in #operations');
    await expect(press('@cto', OPS.id)).rejects.toThrow('ops is not in @cto');
    await expect(press('#nowhere', CTO.id)).rejects.toThrow('no conversation');
    await expect(press('#operations', CTO.id, { action: 'explode' })).rejects.toThrow('no message with a button explode');
    await expect(press('#operations', CTO.id, { ts: '1.000001' })).rejects.toThrow('at 1.000001');
    await expect(press('#operations', CTO.id, { words: { who: 'x' } })).rejects.toThrow('no input who');
    await expect(press('#operations', CTO.id, { words: { why: 'x'.repeat(21) } })).rejects.toThrow('takes 20 characters');
    await expect(press('#operations', CTO.id, { words: { why: 'a\nb' } })).rejects.toThrow('takes one line');
    small.chat.silence('slack');
    await expect(press('#operations', CTO.id)).rejects.toThrow('Slack does not answer');
    small.chat.hear('slack');
    expect(visitors).toEqual([]);

    const own = await press('@cto', CTO.id);

    expect(own.status).toBe(200);
    expect(payloadOf(visitors[0] as Visitor)['channel']).toEqual({ id: channel.id, name: 'directmessage' });
  });

  it('finds the message as it stands: what lost its buttons is pressed no more', async () => {
    const visitors = await small.open(APP);
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    const first = await ask(token);
    const second = await ask(token);
    await small.call('chat.postMessage', token, { channel: '#operations', text: 'By the way' });
    const press = (ts?: string) =>
      small.chat.press({ channel: '#operations', action: 'approve', member: CTO.id, ...(ts !== undefined && { ts }) });
    await press();

    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*Approved* by cto' } }];
    const updated = await small.call('chat.update', token, { channel: second.channel, ts: second.ts, text: 'done', blocks });

    await expect(press()).rejects.toThrow('no button approve any more');
    await press(first.ts);
    expect(updated).toMatchObject({ ok: true, ts: second.ts });
    expect(visitors.map((visitor) => payloadOf(visitor)['container'])).toMatchObject([
      { message_ts: second.ts },
      { message_ts: first.ts },
    ]);
    expect(small.chat.messages('#operations').map(({ ts, text, edited }) => [ts, text.split('\n')[0], edited])).toEqual([
      [first.ts, 'Failover asks', false],
      [second.ts, '*Approved* by cto', true],
      [expect.any(String), 'By the way', false],
    ]);
  });

  it('of a webhook’s button is taken by no app', async () => {
    newBot();
    await small.send(small.chat.slackWebhook('#operations'), { text: 'asks', blocks: ASKING });

    const pressed = await small.chat.press({ channel: '#operations', action: 'approve', member: CTO.id });

    expect(pressed).toMatchObject({ status: null, warned: true, body: expect.stringContaining('not configured') });
  });

  it('of a button that stands in several blocks is told by its block', async () => {
    const visitors = await small.open(APP);
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    const blocks = ['main', 'spare'].map((block_id) => ({ type: 'actions', block_id, elements: [button('fence')] }));
    await ask(token, { blocks });

    await small.chat.press({ channel: '#operations', action: 'fence', block: 'spare', member: CTO.id });

    expect(payloadOf(visitors[0] as Visitor)['actions']).toMatchObject([{ block_id: 'spare', action_id: 'fence' }]);
  });

  it('of a message whose words were replaced finds its blocks gone as well', async () => {
    const token = newBot();
    const { channel, ts } = await ask(token);

    await small.call('chat.update', token, { channel, ts, text: 'Approved' });

    expect(small.chat.messages()).toMatchObject([{ text: 'Approved', blocks: [] }]);
    expect(small.said.at(-1)?.slack).toMatchObject({ ts, marked: true });
  });
});

describe('an answer to a press', () => {
  async function pressed(): Promise<{ token: string; responseUrl: string }> {
    const visitors = await small.open(APP);
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    await ask(token);
    await small.chat.press({ channel: '#operations', action: 'approve', member: CTO.id });
    return { token, responseUrl: payloadOf(visitors[0] as Visitor).response_url };
  }

  it('is for who pressed, for the channel, or in the place of what was pressed', async () => {
    const { responseUrl } = await pressed();

    const answers = [
      await small.send(responseUrl, { text: 'Not yours to press' }),
      await small.send(responseUrl, { text: 'cto approved', response_type: 'in_channel' }),
      await small.send(responseUrl, { text: 'Approved by cto', replace_original: true }),
      await small.send(responseUrl, { delete_original: true }),
    ];

    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(4).fill([200, 'ok']));
    expect(small.said.slice(1).map(({ to, text, edited }) => [to, text, edited])).toEqual([
      ['#operations (only @cto sees it)', 'Not yours to press', false],
      ['#operations', 'cto approved', false],
      ['#operations', 'Approved by cto', true],
      ['#operations', 'This message was deleted.', true],
    ]);
    expect(small.chat.messages().map(({ text, only }) => [text, only])).toEqual([
      ['Not yours to press', CTO.id],
      ['cto approved', undefined],
    ]);
  });

  it('can be given five times, within half an hour', async () => {
    const { responseUrl } = await pressed();

    const answers = [];
    for (let n = 1; n <= 6; n++) answers.push(await small.send(responseUrl, { text: `${n}` }));
    const { responseUrl: another } = await pressed();
    await small.cloud.timeline.passTo(small.cloud.timeline.now() + 31 * 60 * 1000);
    const late = await small.send(another, { text: 'late' });
    const nobody = await small.send(`${another}x`, { text: 'x' });

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404]);
    expect([answers[5], late, nobody].map((answer) => JSON.parse(answer?.body ?? '') as unknown)).toEqual([
      { ok: false, error: 'used_url' },
      { ok: false, error: 'expired_url' },
      { ok: false, error: 'invalid_url' },
    ]);
  });

  it('is refused by what is wrong with it, and counts for nothing then', async () => {
    const { responseUrl } = await pressed();

    const answers = [
      await small.send(responseUrl, '{"text":'),
      await small.send(responseUrl, 'text=x', { 'content-type': 'application/x-www-form-urlencoded' }),
      await small.send(responseUrl, { text: '' }),
      await small.send(responseUrl, { text: 'x', thread_ts: '1.1' }),
      await small.send(responseUrl, { blocks: [{ type: 'video' }] }),
      await small.send(responseUrl, { text: 'x', response_type: 'loud' }),
    ];
    const taken = await small.send(responseUrl, { text: 'x' });

    expect(answers.map(({ status, body }) => [status, (JSON.parse(body) as { error: string }).error])).toEqual([
      [400, 'invalid_payload'],
      [400, 'invalid_payload'],
      [400, 'no_text'],
      [400, 'not_imitated'],
      [400, 'invalid_blocks'],
      [400, 'invalid_payload'],
    ]);
    expect(taken.status).toBe(200);
  });
});

describe('an ephemeral message', () => {
  it('is one person’s, and nobody else presses it', async () => {
    const visitors = await small.open(APP);
    const token = newBot();
    small.chat.interactivity({ token, requestUrl: APP });
    const fields = { channel: '#operations', user: CTO.id, text: 'x', blocks: ASKING };

    const posted = await small.call('chat.postEphemeral', token, fields);
    const { conversation = '' } = small.said[0]?.slack ?? {};
    const updated = await small.call('chat.update', token, { channel: conversation, ts: posted['message_ts'], text: 'x' });
    await small.chat.press({ channel: '#operations', action: 'approve', member: CTO.id });

    expect(posted).toEqual({ ok: true, message_ts: expect.stringMatching(/^\d+\.\d{6}$/) });
    expect(small.said).toMatchObject([{ to: '#operations (only @cto sees it)', slack: { readers: [CTO.id] } }]);
    expect(updated).toEqual({ ok: false, error: 'message_not_found' });
    await expect(small.chat.press({ channel: '#operations', action: 'approve', member: OPS.id })).rejects.toThrow('no message');
    const payload = payloadOf(visitors[0] as Visitor);
    expect(payload).toMatchObject({ container: { is_ephemeral: true } });
    expect(payload).not.toHaveProperty('message');
  });

  it.each([
    ['who is not there', 'user_not_in_channel', { channel: '#operations', user: GUEST.id, text: 'x' }],
    ['whom nobody knows', 'user_not_in_channel', { channel: '#operations', user: 'U0NOBODY', text: 'x' }],
    ['nobody', 'invalid_arguments', { channel: '#operations', text: 'x' }],
    ['in a channel there is not', 'channel_not_found', { channel: '#nowhere', user: CTO.id, text: 'x' }],
    ['with nothing to say', 'no_text', { channel: '#operations', user: CTO.id }],
  ])('is refused for somebody %s', async (_case, error, fields) => {
    const answer = await small.call('chat.postEphemeral', newBot(), fields);

    expect(answer).toMatchObject({ ok: false, error });
    expect(small.said).toEqual([]);
  });

  it('needs the right to write', async () => {
    const token = small.chat.bot({ channels: ['#operations'], members: [CTO], scopes: ['im:write'] });

    const answer = await small.call('chat.postEphemeral', token, { channel: '#operations', user: CTO.id, text: 'x' });

    expect(answer).toMatchObject({ error: 'missing_scope', needed: 'chat:write' });
  });
});

it('sends what people press to https only, under a secret', () => {
  const token = newBot();

  expect(() => small.chat.interactivity({ token, requestUrl: 'http://abc.test/' })).toThrow('https only');
  expect(() => small.chat.interactivity({ token, signingSecret: '' })).toThrow('not empty');
  expect(() => small.chat.interactivity({ token: 'xoxb-1', requestUrl: APP })).toThrow('no such bot');
});
