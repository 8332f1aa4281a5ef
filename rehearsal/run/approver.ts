// The person at the other end of a link: opens the real page and presses a real button.
import type { Mail } from './inbox.ts';

/** The approval link of a mail, if it has one. */
export const approvalLink = (mail: Mail): string | undefined => mail.links.find((link) => /\/approvals\/[^?]+\?k=/.test(link));

export interface Press {
  readonly status: number;
  readonly html: string;
}

/** GET the page as a browser would, then POST its form; the page must carry the button that is pressed. */
export async function press(link: string, answer: 'approve' | 'refuse', reason: string): Promise<Press> {
  const opened = await fetch(link);
  const html = await opened.text();
  const action = /<form method="post" action="([^"]+)">/.exec(html)?.[1];
  const secret = /name="k" value="([^"]+)"/.exec(html)?.[1];
  if (action === undefined || secret === undefined || !html.includes(`name="answer" value="${answer}"`)) {
    throw new Error(`the approval page answered ${opened.status} and has no button to ${answer}`);
  }
  const pressed = await fetch(new URL(action, link), {
    method: 'POST',
    body: new URLSearchParams({ k: secret, answer, reason }),
  });
  return { status: pressed.status, html: await pressed.text() };
}
