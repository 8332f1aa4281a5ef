// The rehearsal's inbox: every message the channels would have carried, newest first, for a person or a program to read.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cloud } from '../cloud.ts';

export interface Mail {
  readonly at: string;
  readonly channel: string;
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

/** Public names inside a text, replaced by where they are served on this machine. */
export function localize(text: string, published: ReadonlyMap<string, string>): string {
  return [...published].reduce((said, [origin, local]) => said.replaceAll(origin, local), text);
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
      const full: Mail = { ...mail, text, links: text.match(/https?:\/\/[^\s<>"]+/g) ?? [] };
      mails.unshift(full);
      listeners.forEach((listener) => listener(full));
    },
  };
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem}
article{border:1px solid #8886;border-radius:.6rem;padding:1rem 1.2rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:0}
p.meta{margin:.1rem 0 .6rem;opacity:.7;font-size:.9rem}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:0}`;

function renderInbox(mails: readonly Mail[]): string {
  const articles = mails.map((mail) => {
    const text = escape(mail.text).replace(/https?:\/\/[^\s<>&]+/g, (link) => `<a href="${link}">${link}</a>`);
    return `<article><h2>${escape(mail.subject)}</h2><p class="meta">${mail.channel} to ${escape(mail.to)} at ${mail.at}</p><pre>${text}</pre></article>`;
  });
  const body = articles.length > 0 ? articles.join('') : '<p>Nothing was sent yet.</p>';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Inbox</title><style>${STYLE}</style></head><body><h1>Inbox</h1>${body}</body></html>`;
}

/** HTML for a browser, JSON for whoever asks for it. */
export async function serveInbox(inbox: Inbox): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const json = (request.headers.accept ?? '').includes('application/json');
    response.setHeader('content-type', json ? 'application/json' : 'text/html; charset=utf-8');
    response.end(json ? JSON.stringify(inbox.mails) : renderInbox(inbox.mails));
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
