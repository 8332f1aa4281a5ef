// The page as people, programs and Slack ask it, over a small world.
import { answerApproval } from '../../functions/approve/answer-approval.ts';
import type { PageRequest } from '../../shared/page.ts';
import type { SmallWorld } from './small-world.ts';

type Desk = Parameters<typeof answerApproval.answer>[1];
type Asked = Partial<PageRequest> & { readonly method: string; readonly path: string };

const HOST = { host: 'x.lambda-url.eu-west-1.on.aws' };

/** The link in the newest-but-`nth` letter to that approver, the oldest first. */
export function linkIn({ mails }: SmallWorld, approver: string, nth = 0): URL {
  const letters = mails.filter((mail) => mail.approver === approver);
  return new URL(/https:\S+\?k=\S+/.exec(letters.at(nth)?.text ?? '')?.[0] ?? '');
}

export function ask(to: Desk, asked: Asked) {
  const body = asked.body ?? '';
  return answerApproval.answer({ query: new URLSearchParams(), headers: HOST, raw: Buffer.from(body), body, ...asked }, to);
}

export const open = (to: Desk, at: URL) => ask(to, { method: 'GET', path: at.pathname, query: at.searchParams });

/** As a person does it: opens the page, and presses a button of it. */
export async function pressIn(world: SmallWorld, at: URL, fields: Record<string, string>, to: Desk = world) {
  const page = await open(world, at);
  const n = /name="n" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const body = new URLSearchParams({ k: at.searchParams.get('k') ?? '', n, ...fields }).toString();
  return ask(to, { method: 'POST', path: at.pathname, body });
}
