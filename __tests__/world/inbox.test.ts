import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInbox, mailOf, serveInbox, type Inbox } from '../../rehearsal/run/inbox.ts';
import { drawMrkdwn } from '../../rehearsal/run/slack-view.ts';
import { createChat } from '../../rehearsal/world/chat/chat.ts';
import { button, openChat, plain, why, type SmallChat, type Visitor } from './small-chat.ts';

let small: SmallChat;
beforeEach(async () => {
  small = await openChat();
});
afterEach(() => small.stop());

describe('the inbox', () => {
  it('shows what the channels carried, newest first, as a page or as JSON', async () => {
    await small.open('https://abc.lambda-url.eu-west-1.on.aws');
    const inbox = createInbox(small.cloud);
    const seen = await createChat(small.cloud.ground, (message) => inbox.add(mailOf(message)));
    const address = 'https://abc.lambda-url.eu-west-1.on.aws/approvals/1?k=s&x=<b>';
    await small.send(seen.slackWebhook('#operations'), {
      text: 'Failover asks\nOpen <https://abc.lambda-url.eu-west-1.on.aws/approvals/1?k=s|the plan>.',
    });
    await small.send(seen.discordWebhook('#ops'), { content: `Failover failed\n<script>alert(1)</script> ${address}` });
    await seen.stop();
    const served = await serveInbox(inbox);

    const page = await (await fetch(served.url)).text();
    const mails = (await (await fetch(served.url, { headers: { accept: 'application/json' } })).json()) as typeof inbox.mails;
    await served.close();

    expect(mails.map(({ channel, to, subject }) => [channel, to, subject])).toEqual([
      ['Discord', '#ops', 'Failover failed'],
      ['Slack', '#operations', 'Failover asks'],
    ]);
    expect(mails[1]?.links).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/approvals\/1\?k=s$/)]);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toMatch(/<a href="http:\/\/127\.0\.0\.1:\d+\/approvals\/1\?k=s&amp;x="/);
    expect(page.indexOf('Failover failed')).toBeLessThan(page.indexOf('Failover asks'));
  });
});

const CTO = { id: 'U0CTO', name: 'cto' };
const OPS = { id: 'U0OPS', name: 'ops' };
const APP = 'https://abc.lambda-url.eu-west-1.on.aws';
const ASKING = [
  { type: 'header', text: plain('Failover asks <now>') },
  {
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: '*55 rows* are `lost`, says <@U0CTO> &lt;b&gt;\n<https://abc.lambda-url.eu-west-1.on.aws/p|the plan>',
    },
  },
  why({ placeholder: plain('What made you') }),
  {
    type: 'actions',
    block_id: 'decision',
    elements: [button('approve', { style: 'primary' }), button('deny', { style: 'danger' })],
  },
  { type: 'context', elements: [plain('Run 1')] },
];

describe('Slack’s messages in the inbox', () => {
  let inbox: Inbox;
  let served: Awaited<ReturnType<typeof serveInbox>>;
  let token: string;
  let visitors: Visitor[];
  beforeEach(async () => {
    inbox = createInbox(small.cloud);
    visitors = await small.open(APP);
    token = small.chat.bot({
      channels: ['#operations'],
      members: [CTO, OPS],
      signingSecret: 'secret',
      requestUrl: `${APP}/slack`,
    });
    served = await serveInbox(inbox, small.chat);
  });
  afterEach(() => served.close());

  async function post(fields: object, method = 'chat.postMessage'): Promise<{ channel: string; ts: string }> {
    const answer = await small.call(method, token, {
      channel: '#operations',
      unfurl_links: false,
      unfurl_media: false,
      ...fields,
    });
    small.said.splice(0).forEach((message) => inbox.add(mailOf(message)));
    return answer as unknown as { channel: string; ts: string };
  }
  const page = async (): Promise<string> => (await fetch(served.url)).text();
  /** As a browser posts the form: what stands in it, the words, and the button that was pressed. */
  async function press(html: string, action: string, more: Record<string, string> = {}, headers = {}): Promise<Response> {
    const hidden = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    const pressed = new RegExp(`name="button" value="([^"]*${action})"`).exec(html)?.[1] ?? '';
    const fields = { ...(Object.fromEntries(hidden) as Record<string, string>), member: CTO.id, button: pressed, ...more };
    return fetch(new URL('/press', served.url), {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
      headers,
    });
  }

  it('look as in Slack, and nothing in them is more than text', async () => {
    await post({ text: 'fallback', blocks: ASKING });

    const { headers } = await fetch(served.url);
    const html = await page();

    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(html).toContain('<h3>Failover asks &lt;now&gt;</h3>');
    expect(html).toContain('<b>55 rows</b> are <code>lost</code>, says <span class="at">@cto</span> &lt;b&gt;');
    expect(html).toMatch(/<a href="http:\/\/127\.0\.0\.1:\d+\/p" rel="noreferrer">the plan<\/a>/);
    expect(html).toMatch(/<button class="button primary" name="button" value="decision approve">approve<\/button>/);
    expect(html).toMatch(/<option value="U0CTO">cto<\/option><option value="U0OPS">ops<\/option>/);
    expect(html).not.toMatch(/<script| style=| on\w+=|fallback/);
  });

  it('are pressed by a POST, and by nothing else', async () => {
    await post({ text: 'x', blocks: ASKING });
    const html = await page();

    const got = await fetch(new URL('/press?button=decision+approve&member=U0CTO', served.url));
    const foreign = await press(html, 'approve', {}, { origin: 'https://evil.test' });
    const [before] = [visitors.length];
    const pressed = await press(html, 'approve', { 'words:why': 'the site is down' }, { origin: served.url.slice(0, -1) });

    expect([got.status, got.headers.get('allow'), foreign.status, before]).toEqual([405, 'POST', 403, 0]);
    expect([pressed.status, pressed.headers.get('location')]).toEqual([303, expect.stringMatching(/^\/#m-C\w+-\d+-\d+$/)]);
    const payload = JSON.parse(new URLSearchParams(visitors[0]?.body).get('payload') ?? '') as Record<string, unknown>;
    expect(payload).toMatchObject({
      user: { id: CTO.id },
      actions: [{ action_id: 'approve', block_id: 'decision' }],
      state: { values: { reason: { why: { value: 'the site is down' } } } },
    });
  });

  it('tell in one line why a press came to nothing', async () => {
    const { channel, ts } = await post({ text: 'x', blocks: ASKING });
    const html = await page();
    small.cloud.ground.unpublish(APP);
    const warned = await press(html, 'approve');
    const nobody = await press(html, 'approve', { member: 'U0<b>' });
    await post({ channel, ts, text: 'Approved by <@U0CTO>' }, 'chat.update');

    const late = await press(html, 'approve');

    expect([warned.status, nobody.status, late.status]).toEqual([409, 409, 409]);
    expect(await warned.text()).toContain('Slack would show a warning: the app did not take it (nothing is served at');
    expect(await nobody.text()).toContain('role="alert">U0&lt;b&gt; is nobody of this workspace</p>');
    expect(await late.text()).toContain('role="alert">the message in #operations has no button approve any more</p>');
  });

  it('stand once, as they are now', async () => {
    const { channel, ts } = await post({ text: 'x', blocks: ASKING });
    await post({ text: 'By the way' });
    await post({ channel, ts, text: '*Approved* by <@U0CTO>' }, 'chat.update');

    const html = await page();

    expect(html.match(/<article/g)).toHaveLength(2);
    expect(html).toContain('<b>Approved</b> by <span class="at">@cto</span> <span class="edited">(edited)</span>');
    expect(html).not.toContain('<form');
    expect(html.indexOf('By the way')).toBeLessThan(html.indexOf('Approved'));
    expect(inbox.mails.map(({ subject, text }) => [subject, text.split('\n')[0]])).toEqual([
      ['*Approved* by @cto (edited) (rings @U0CTO)', ''],
      ['By the way', ''],
      ['Failover asks <now> (rings @U0CTO)', '*55 rows* are `lost`, says @cto <b>'],
    ]);
  });

  it('are drawn with everything Slack would have asked first', async () => {
    const confirm = { title: plain('Sure?'), text: plain('It moves.'), confirm: plain('Yes'), deny: plain('No') };
    await post({
      blocks: [{ type: 'actions', elements: [button('go', { confirm }), button('read', { url: 'https://x.test/' })] }],
    });

    const html = await page();

    expect(html).toMatch(
      /<summary class="button">go<\/summary>.*Sure\?.*It moves\..*<button class="button primary" name="button".*Yes/,
    );
    expect(html).toContain('<a class="button" href="https://x.test/" rel="noreferrer">read</a>');
  });
});

describe('an e-mail in the inbox', () => {
  it('has its lines', async () => {
    const inbox = createInbox(small.cloud);
    inbox.add({
      at: '2026-01-15T03:12:00.000Z',
      channel: 'e-mail',
      to: 'cto@orders.test',
      subject: 'failover asks',
      text: 'Read',
    });
    const served = await serveInbox(inbox);

    const html = await (await fetch(served.url)).text();
    const pressed = await fetch(new URL('/press', served.url), { method: 'POST', body: '' });
    await served.close();

    expect(html).toContain('<dt>From</dt><dd>AWS Notifications &lt;no-reply@sns.amazonaws.com&gt;</dd>');
    expect(html).toContain('<dt>Date</dt><dd>2026-01-15 03:12:00 UTC</dd>');
    expect(pressed.status).toBe(404);
  });
});

describe('mrkdwn', () => {
  const draw = (text: string): string => drawMrkdwn(text, (member) => member.toLowerCase());

  it.each([
    ['*bold* _italic_ ~struck~', '<b>bold</b> <i>italic</i> <s>struck</s>'],
    ['2*3*4 snake_case_name a ~ b ~', '2*3*4 snake_case_name a ~ b ~'],
    ['`*not* bold` ```a\n  *b*```', '<code>*not* bold</code> <pre>a\n  *b*</pre>'],
    ['&lt;script&gt; &amp;amp; "x"', '&lt;script&gt; &amp;amp; &quot;x&quot;'],
    ['<javascript:alert(1)|press>', 'press'],
    ['<https://x.test/?a=1&amp;b="|*x*>', '<a href="https://x.test/?a=1&amp;b=&quot;" rel="noreferrer">*x*</a>'],
    ['see https://x.test/a_b_c.', 'see <a href="https://x.test/a_b_c" rel="noreferrer">https://x.test/a_b_c</a>.'],
    [
      '<!here> <@U1> <#C1|ops> :warning:',
      '<span class="at all">@here</span> <span class="at">@u1</span> <span class="at">#ops</span> ⚠️',
    ],
    ['\uE0000\uE001 *a*', '0 <b>a</b>'],
    ['https://x.test/`a`', '<a href="https://x.test/" rel="noreferrer">https://x.test/</a><code>a</code>'],
    ['&gt; said\nso', '<q>said</q>so'],
  ])('%s', (text, html) => {
    expect(draw(text)).toBe(html);
  });

  it('is only text where the sender says so', () => {
    expect(drawMrkdwn('*a* `b` <https://x.test/|c>', String, false)).toBe(
      '*a* `b` <a href="https://x.test/" rel="noreferrer">c</a>',
    );
  });
});
