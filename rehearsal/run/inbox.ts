// The rehearsal's inbox: every message the channels would have carried, newest first, for a person or a program to read.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cloud } from '../cloud.ts';
import { linksOf, replaceLinks, type ChatMessage } from '../world/chat/message.ts';

export interface Mail {
  readonly at: string;
  /** How it came: `e-mail`, `Slack`, `Discord`, `webhook`. */
  readonly channel: string;
  /** An address, a shared channel (`#operations`) or one person (`@cto`). */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The links in it, as this machine can open them. */
  readonly links: readonly string[];
}

export interface Inbox {
  readonly mails: readonly Mail[];
  /** The returned function ends it. */
  onMail(listener: (mail: Mail) => void): () => void;
  add(mail: Omit<Mail, 'links'>): void;
}

/** Links to public names, replaced by where they are served on this machine. */
export function localize(text: string, published: ReadonlyMap<string, string>): string {
  return replaceLinks(text, (link) => {
    const origin = /^https?:\/\/[^/?#]+/.exec(link)?.[0] ?? link;
    return `${published.get(origin) ?? origin}${link.slice(origin.length)}`;
  });
}

const LONGEST_TITLE = 120;

/** A chat message as the inbox keeps it: its first line is what it is about. */
export function mailOf({ at, channel, to, text, pings, edited }: ChatMessage): Omit<Mail, 'links'> {
  const [first = '', ...rest] = text.split('\n');
  const isTitle = channel !== 'webhook' && first.length <= LONGEST_TITLE && linksOf(first).length === 0;
  const rings = pings.length > 0 ? ` (rings ${pings.join(', ')})` : '';
  return {
    at: new Date(at).toISOString(),
    channel,
    to,
    subject: `${isTitle ? first : `Message to ${to}`}${edited ? ' (edited)' : ''}${rings}`,
    text: isTitle ? rest.join('\n') : text,
  };
}

export function createInbox(cloud: Pick<Cloud, 'ground'>): Inbox {
  const mails: Mail[] = [];
  const listeners = new Set<(mail: Mail) => void>();
  return {
    mails,
    onMail(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add(mail) {
      const text = localize(mail.text, cloud.ground.published());
      const full: Mail = { ...mail, text, links: linksOf(text) };
      mails.unshift(full);
      listeners.forEach((listener) => listener(full));
    },
  };
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const STYLE = `:root{color-scheme:light dark}
body{font:17px/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem}
h1{font-size:1.3rem;margin:.2rem 0 1rem}
article{border:1px solid #8885;border-radius:.7rem;padding:.9rem 1rem;margin:0 0 .9rem}
h2{font-size:1.1rem;line-height:1.35;margin:.3rem 0 .2rem;overflow-wrap:anywhere}
p.meta{display:flex;flex-wrap:wrap;gap:.2rem .6rem;align-items:baseline;margin:0;opacity:.85;font-size:.9rem}
b{border-radius:.4rem;padding:.05rem .45rem;background:#8883;font-weight:600}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.5rem 0 0}
a{color:light-dark(#0b57d0,#9ec5ff);overflow-wrap:anywhere}`;

/** Text with its links as links; everything else is text, whatever it looks like. */
function renderText(text: string): string {
  let html = '';
  let from = 0;
  for (const link of linksOf(text)) {
    const at = text.indexOf(link, from);
    html += `${escape(text.slice(from, at))}<a href="${escape(link)}" rel="noreferrer">${escape(link)}</a>`;
    from = at + link.length;
  }
  return html + escape(text.slice(from));
}

/** `2026-01-15T03:12:04.000Z` as people say it. */
const sayInstant = (at: string): string => at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');

function renderMail({ channel, to, at, subject, text }: Mail): string {
  const meta = `<b>${escape(channel)}</b><span>${escape(to)}</span><time datetime="${escape(at)}">${escape(sayInstant(at))}</time>`;
  const body = text === '' ? '' : `<pre>${renderText(text)}</pre>`;
  return `<article><p class="meta">${meta}</p><h2>${escape(subject)}</h2>${body}</article>`;
}

function renderInbox(mails: readonly Mail[]): string {
  const body = mails.length > 0 ? mails.map(renderMail).join('\n') : '<p>Nothing was sent yet.</p>';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Inbox (${mails.length})</title><style>${STYLE}</style></head><body><h1>Inbox</h1>
${body}</body></html>`;
}

const HEADERS = {
  vary: 'accept',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** HTML for a browser, JSON for whoever asks for it. */
export async function serveInbox(inbox: Inbox): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const known = new URL(request.url ?? '/', 'http://inbox').pathname === '/';
    if (!known)
      return response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is only one page: /\n');
    const json = (request.headers.accept ?? '').includes('application/json');
    response.writeHead(200, { ...HEADERS, 'content-type': json ? 'application/json' : 'text/html; charset=utf-8' });
    return response.end(json ? JSON.stringify(inbox.mails) : renderInbox(inbox.mails));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
