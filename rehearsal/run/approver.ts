// The person at the other end of a link: opens the real page and presses a real button.
import type { Mail } from './inbox.ts';
import type { Approve } from './situation.ts';

/** The approval link of a mail, if it has one. */
export const approvalLink = (mail: Mail): string | undefined => mail.links.find((link) => /\/approvals\/[^?]+\?k=/.test(link));

export interface Press {
  readonly status: number;
  readonly html: string;
}

/** What the page says when it was throttled or broke down: a person presses again, and gives up in the end. */
const AGAIN = [429, 502, 503];
const MOST_TRIES = 10;
/** Another approver came first: the page says who, and has nothing to press. */
const DECIDED = /<h1>This request was (approved|refused) by /;

export type Button = 'approve' | 'refuse' | 'alone' | 'stop';

/** Opens the page and presses the button, again as long as either asks for another try. */
export async function press(link: string, answer: Button, reason: string): Promise<Press> {
  for (let tries = 1; ; tries++) {
    const pressed = await pressOnce(link, answer, reason);
    if (!AGAIN.includes(pressed.status) || tries === MOST_TRIES) return pressed;
  }
}

/** GET the page as a browser would, then POST its form; the page must carry the button that is pressed. */
async function pressOnce(link: string, answer: Button, reason: string): Promise<Press> {
  const opened = await fetch(link);
  const html = await opened.text();
  if (AGAIN.includes(opened.status) || (opened.status === 200 && DECIDED.test(html))) return { status: opened.status, html };
  const form = html.split('<form ').find((part) => part.includes(`name="answer" value="${answer}"`)) ?? '';
  const action = /^method="post" action="([^"]+)">/.exec(form)?.[1];
  const secret = /name="k" value="([^"]+)"/.exec(form)?.[1];
  const nonce = /name="n" value="([^"]+)"/.exec(form)?.[1];
  if (action === undefined || secret === undefined || nonce === undefined)
    throw new Error(`the approval page answered ${opened.status} and has no button to ${answer}`);
  // As it is asked for beside the field.
  const typed = /<label for="typed">Type <b>([^<]+)<\/b>/.exec(form)?.[1] ?? '';
  const pressed = await fetch(new URL(action, link), {
    method: 'POST',
    body: new URLSearchParams({ k: secret, n: nonce, answer, reason, typed }),
  });
  return { status: pressed.status, html: await pressed.text() };
}

/** How the approvers of a rehearsal behave. */
interface Manner {
  /** The button of the page that is pressed. */
  readonly page?: Button;
  /** The button that is pressed in the shared channel. */
  readonly channel?: 'approve' | 'stop';
  /** Whose letters are answered; everybody's when not said. */
  readonly whose?: 'the first letter' | 'all but the first approver';
}

export const MANNERS: Readonly<Record<Approve, Manner>> = {
  ask: {},
  expire: {},
  auto: { page: 'approve' },
  deny: { page: 'refuse' },
  slack: { channel: 'approve' },
  alone: { page: 'alone', whose: 'the first letter' },
  stopped: { page: 'alone', whose: 'the first letter', channel: 'stop' },
  late: { page: 'approve', whose: 'all but the first approver' },
};

/** Whether a message in a channel has that button. */
export const hasButton = ({ channel, blocks }: Mail, action: string): boolean =>
  channel === 'Slack' && JSON.stringify(blocks ?? []).includes(`"action_id":"${action}"`);
