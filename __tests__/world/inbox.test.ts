import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInbox, mailOf, serveInbox } from '../../rehearsal/run/inbox.ts';
import { createChat } from '../../rehearsal/world/chat/chat.ts';
import { openChat, type SmallChat } from './small-chat.ts';

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
