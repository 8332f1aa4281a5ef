// Discord: webhooks, with the refusals of the real ones.
import type { Ground } from '../../services/ground.ts';
import { jsonReply, parseObject, textOf, type Asked, type Fields, type Reply } from './http.ts';
import { linksOf, type ChatMessage } from './message.ts';

export interface DiscordRoom {
  readonly ground: Ground;
  say(message: ChatMessage, links: readonly string[]): void;
}

const DIGITS = '0123456789';
const LONGEST_CONTENT = 2000;
const MOST_EMBEDS = 10;
const LONGEST_EMBEDS = 6000;
/** The flag of a message that shows no previews. */
const SUPPRESS_EMBEDS = 4;

const refused = (status: number, code: number, message: string, more: object = {}): Reply =>
  jsonReply(status, { message, code, ...more });
const invalid = (field: string, code: string, message: string): Reply =>
  refused(400, 50035, 'Invalid Form Body', { errors: { [field]: { _errors: [{ code, message }] } } });

export function createDiscord({ ground, say }: DiscordRoom) {
  const hooks = new Map<string, { readonly token: string; readonly channel: string }>();

  function answer(asked: Asked): Reply {
    const [, id = '', token] = /^\/api(?:\/v\d+)?\/webhooks\/(\d+)\/([\w-]+)$/.exec(asked.path) ?? [];
    if (token === undefined) return refused(404, 0, '404: Not Found');
    const hook = hooks.get(id);
    if (hook === undefined) return refused(404, 10015, 'Unknown Webhook');
    if (hook.token !== token) return refused(401, 50027, 'Invalid Webhook Token');
    if (asked.method !== 'POST') return refused(405, 0, '405: Method Not Allowed');
    if (!(asked.headers['content-type'] ?? '').startsWith('application/json'))
      return refused(400, 50035, 'Invalid Form Body', { errors: { _errors: [{ code: 'CONTENT_TYPE_INVALID' }] } });
    const parsed = parseObject(asked.body);
    if ('trouble' in parsed) return refused(400, 50109, 'The request body contains invalid JSON.');
    const refusal = troubleOf(parsed.fields);
    if (refusal) return refusal;
    return accept(parsed.fields, id, hook.channel, asked.query.get('wait') === 'true');
  }

  function accept(fields: Fields, id: string, to: string, wait: boolean): Reply {
    const content = textOf(fields['content']);
    const text = [content, ...embedsOf(fields).map(readEmbed)].filter((part) => part !== '').join('\n');
    const at = ground.timeline.now();
    const quiet = (Number(fields['flags'] ?? 0) & SUPPRESS_EMBEDS) !== 0;
    // A link between angle brackets is shown and never visited.
    const links = quiet ? [] : linksOf(content.replace(/<https?:[^>]*>/g, ''));
    const message: ChatMessage = {
      channel: 'Discord',
      to,
      text: readMarkdown(text),
      blocks: embedsOf(fields),
      pings: pingsOf(content, fields['allowed_mentions']),
      edited: false,
      at,
    };
    say(message, links);
    if (!wait) return { status: 204, headers: {}, body: '' };
    const timestamp = new Date(at).toISOString();
    return jsonReply(200, { id: ground.token(18, DIGITS), type: 0, content, webhook_id: id, timestamp });
  }

  return {
    answer,
    /** A webhook of one channel; answers its address. */
    webhook(channel: string): string {
      const [id, token] = [`1${ground.token(18, DIGITS)}`, ground.token(68)];
      hooks.set(id, { token, channel: `#${channel.replace(/^#/, '')}` });
      return `https://discord.com/api/webhooks/${id}/${token}`;
    },
    rateLimited: (): Reply =>
      jsonReply(
        429,
        { message: 'You are being rate limited.', retry_after: 1, global: false },
        { 'retry-after': '1', 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1' },
      ),
  };
}

/** A link without its brackets; what a backslash shields is shown without the backslash. */
const readMarkdown = (text: string): string =>
  text.replace(/<(https?:[^>]*)>|\\([!-/:-@[-`{-~])/g, (_all, link?: string, shielded?: string) => link ?? shielded ?? '');

const embedsOf = (fields: Fields): Fields[] => (Array.isArray(fields['embeds']) ? (fields['embeds'] as Fields[]) : []);

function troubleOf(fields: Fields): Reply | undefined {
  const content = fields['content'];
  if (content !== undefined && content !== null && typeof content !== 'string')
    return invalid('content', 'STRING_TYPE_CONVERT', 'Could not interpret value as string.');
  const embeds = embedsOf(fields);
  if (textOf(content).trim() === '' && embeds.length === 0) return refused(400, 50006, 'Cannot send an empty message');
  if (textOf(content).length > LONGEST_CONTENT)
    return invalid('content', 'BASE_TYPE_MAX_LENGTH', `Must be ${LONGEST_CONTENT} or fewer in length.`);
  if (embeds.length > MOST_EMBEDS) return invalid('embeds', 'BASE_TYPE_MAX_LENGTH', `Must be ${MOST_EMBEDS} or fewer in length.`);
  if (embeds.map(readEmbed).join('').length > LONGEST_EMBEDS)
    return invalid('embeds', 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${LONGEST_EMBEDS}`);
  return undefined;
}

function readEmbed({ title, description, url, fields }: Fields): string {
  const named = Array.isArray(fields) ? (fields as Fields[]) : [];
  return [title, description, url, ...named.map(({ name, value }) => `${textOf(name)}: ${textOf(value)}`)]
    .map(textOf)
    .filter((line) => line !== '')
    .join('\n');
}

/** Without `allowed_mentions` everything that looks like a mention rings. */
function pingsOf(content: string, allowed: unknown): string[] {
  const { parse, users = [] } = (allowed ?? { parse: ['everyone', 'users', 'roles'] }) as { parse?: unknown; users?: string[] };
  const kinds = Array.isArray(parse) ? parse : [];
  const found = [...content.matchAll(/@(everyone|here)|<@!?(\d+)>|<@&(\d+)>/g)];
  return found.flatMap(([, group, user, role]) => {
    if (group !== undefined) return kinds.includes('everyone') ? [`@${group}`] : [];
    if (user !== undefined) return kinds.includes('users') || users.includes(user) ? [`@${user}`] : [];
    return kinds.includes('roles') ? [`@${role ?? ''}`] : [];
  });
}
