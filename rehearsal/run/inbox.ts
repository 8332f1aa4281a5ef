// The rehearsal's inbox: every message the channels would have carried, newest first, for a person or a program to read; and the
// buttons in Slack's, for a person to press.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cloud } from '../cloud.ts';
import type { Chat } from '../world/chat/chat.ts';
import { linksOf, replaceLinks, type ChatMessage, type SlackFace } from '../world/chat/message.ts';
import { POLICY, renderInbox } from './inbox-page.ts';
import { anchorOf, WORDS } from './slack-view.ts';

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
  /** Who it is from, as its reader sees it. */
  readonly from: string;
  /** All of it as its reader sees it: the subject of a message that has none is its first line. */
  readonly words: string;
  /** As it was sent: Slack's blocks, Discord's embeds, a webhook's whole body; empty for an e-mail. */
  readonly blocks: unknown;
  /** Of a Slack message: which it is, how it is drawn, who sees it. */
  readonly slack?: SlackFace;
}

/** What is enough to be a mail. */
export type Letter = Pick<Mail, 'at' | 'channel' | 'to' | 'subject' | 'text'> &
  Partial<Pick<Mail, 'from' | 'words' | 'blocks' | 'slack'>>;

export interface Inbox {
  readonly mails: readonly Mail[];
  /** The returned function ends it. */
  onMail(listener: (mail: Mail) => void): () => void;
  add(letter: Letter): void;
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
export function mailOf({ at, channel, to, text, pings, edited, blocks, slack }: ChatMessage): Letter {
  const [first = '', ...rest] = text.split('\n');
  const isTitle = channel !== 'webhook' && first.length <= LONGEST_TITLE && linksOf(first).length === 0;
  const rings = pings.length > 0 ? ` (rings ${pings.join(', ')})` : '';
  return {
    at: new Date(at).toISOString(),
    channel,
    to,
    subject: `${isTitle ? first : `Message to ${to}`}${edited ? ' (edited)' : ''}${rings}`,
    text: isTitle ? rest.join('\n') : text,
    from: slack?.app ?? channel,
    words: text,
    blocks,
    ...(slack && { slack }),
  };
}

/** Who sends e-mails for SNS. */
const SENDER = 'AWS Notifications <no-reply@sns.amazonaws.com>';

export function createInbox(cloud: Pick<Cloud, 'ground'>): Inbox {
  const mails: Mail[] = [];
  const listeners = new Set<(mail: Mail) => void>();
  return {
    mails,
    onMail(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add({ from = SENDER, blocks = [], words, slack, ...letter }) {
      const here = (text: string): string => localize(text, cloud.ground.published());
      const text = here(letter.text);
      const full: Mail = {
        ...letter,
        text,
        links: linksOf(text),
        from,
        words: words === undefined ? text : here(words),
        blocks: everyText(blocks, here),
        ...(slack && { slack: { ...slack, markup: here(slack.markup) } }),
      };
      mails.unshift(full);
      listeners.forEach((listener) => listener(full));
    },
  };
}

/** The same value with each text in it changed. */
function everyText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => everyText(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, everyText(field, change)]));
}

const HEADERS = {
  vary: 'accept',
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  // With no referrer at all a browser would not say where a form was posted from.
  'referrer-policy': 'same-origin',
};
const LARGEST_FORM = 64_000;

/** Where the buttons of Slack's messages are pressed. */
export type Buttons = Pick<Chat, 'members' | 'press'>;

/** HTML for a browser, JSON for whoever asks for it; a POST to /press presses, nothing else does. */
export async function serveInbox(inbox: Inbox, buttons?: Buttons): Promise<{ url: string; close: () => Promise<void> }> {
  const plain = (response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void =>
    void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${text}\n`);

  function show(response: ServerResponse, status = 200, note?: string): void {
    const people = buttons?.members() ?? [];
    response.writeHead(status, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
    response.end(renderInbox(inbox.mails, { people, note }));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://inbox');
    if (pathname === '/press') return answerPress(request, response);
    if (pathname !== '/') return plain(response, 404, 'There is only one page: /');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return plain(response, 405, 'The inbox is only read', { allow: 'GET, HEAD' });
    if (!(request.headers.accept ?? '').includes('application/json')) return show(response);
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(inbox.mails));
  }

  async function answerPress(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (buttons === undefined) return plain(response, 404, 'Nothing can be pressed here');
    if (request.method !== 'POST') return plain(response, 405, 'Only a POST presses', { allow: 'POST' });
    const { host = '', origin } = request.headers;
    // Another page in the same browser could post here as well, under a name of its own.
    if (host !== `127.0.0.1:${port()}` || (origin !== undefined && origin !== `http://${host}`))
      return plain(response, 403, 'Pressed from another page');
    const form = await formOf(request);
    if (form === undefined) return plain(response, 413, 'Too much was written');
    const said = await press(buttons, form);
    if (said !== undefined) return show(response, 409, said);
    response.writeHead(303, { location: `/#${anchorOf(form.get('conversation') ?? '', form.get('ts') ?? '')}` }).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      plain(response, 500, error instanceof Error ? error.message : String(error)),
    );
  });
  const port = (): number => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${port()}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Presses what the form says; in one line what went wrong, if something did. */
async function press(buttons: Buttons, form: URLSearchParams): Promise<string | undefined> {
  const [block = '', action = ''] = (form.get('button') ?? '').split(' ').map(decodeURIComponent);
  const written = [...form].filter(([name, value]) => name.startsWith(WORDS) && value !== '');
  const words = Object.fromEntries(written.map(([name, value]) => [name.slice(WORDS.length), value.replaceAll('\r\n', '\n')]));
  const [channel, ts, member] = [form.get('conversation') ?? '', form.get('ts') ?? '', form.get('member') ?? ''];
  try {
    const { status, warned, body } = await buttons.press({ channel, ts, action, block, member, words });
    const why = status === null ? body : `it answered ${status}`;
    return warned ? `Slack would show a warning: the app did not take it (${why})` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) if (text.length <= LARGEST_FORM) text += chunk.toString('latin1');
  return text.length <= LARGEST_FORM ? new URLSearchParams(text) : undefined;
}
