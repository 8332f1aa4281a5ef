// Slack: its Web API with a bot's token, and incoming webhooks, each with the refusals of the real one.
import type { Ground } from '../../services/ground.ts';
import { mrkdwnIn, readBlocks, troublesOf } from './blocks.ts';
import { isFalse, jsonReply, parseObject, textOf, textReply, type Asked, type Fields, type Reply } from './http.ts';
import { linksOf, pingsOf, readMrkdwn, type ChatMessage } from './message.ts';

export interface SlackRoom {
  readonly ground: Ground;
  /** `links` are those Slack would unfurl. */
  say(message: ChatMessage, links: readonly string[]): void;
}

export interface BotOptions {
  /** The shared channels the bot was invited to, as `#operations`. */
  readonly channels: readonly string[];
  /** The people of the workspace. */
  readonly members: readonly { readonly id: string; readonly name: string }[];
  readonly scopes?: readonly string[];
}
interface Bot extends BotOptions {
  readonly scopes: readonly string[];
  readonly userId: string;
  readonly botId: string;
}
interface Conversation {
  readonly id: string;
  /** As the inbox names it. */
  readonly name: string;
  readonly kind: 'shared' | 'direct';
}

const IDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LONGEST_TEXT = 40_000;
const NEEDED: Readonly<Record<string, string>> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.open': 'im:write',
};

export function createSlack({ ground, say }: SlackRoom) {
  const team = `T${ground.token(8, IDS)}`;
  const bots = new Map<string, Bot>();
  const hooks = new Map<string, Conversation>();
  const conversations = new Map<string, Conversation>();
  const posted = new Map<string, string>();
  let sequence = 0;

  const nameOf = (member: string): string =>
    [...bots.values()].flatMap(({ members }) => members).find(({ id }) => id === member)?.name ?? member;
  const shared = (name: string): Conversation =>
    remember({ id: `C${ground.token(8, IDS)}`, name: `#${name.replace(/^#/, '')}`, kind: 'shared' });
  const direct = (member: string): Conversation =>
    remember({ id: `D${ground.token(8, IDS)}`, name: `@${nameOf(member)}`, kind: 'direct' });
  /** A conversation is made once; the same name finds it again. */
  function remember(made: Conversation): Conversation {
    const known = [...conversations.values()].find(({ name }) => name === made.name);
    if (known === undefined) conversations.set(made.id, made);
    return known ?? made;
  }
  const refused = (error: string, more: object = {}): Reply => jsonReply(200, { ok: false, error, ...more });

  /** Says the message; undefined, or what is wrong with it in Slack's word. */
  function accept(fields: Fields, to: Conversation, edited: boolean): { error: string; messages?: string[] } | undefined {
    const { blocks: raw } = fields;
    const text = textOf(fields['text']);
    const blocks: unknown = typeof raw === 'string' ? parseList(raw) : raw;
    if (blocks !== undefined) {
      const messages = troublesOf(blocks);
      if (messages.length > 0) return { error: 'invalid_blocks', messages };
    }
    const list = Array.isArray(blocks) ? blocks : [];
    if (text === '' && list.length === 0) return { error: 'no_text' };
    if (text.length > LONGEST_TEXT) return { error: 'msg_too_long' };
    const written = list.length > 0 ? mrkdwnIn(list) : [text];
    const links = [...new Set(written.flatMap((part) => linksOf(readMrkdwn(part, nameOf))))];
    // A link must be fetched to learn whether it is text or a picture: only both words together keep Slack from it.
    const quiet = isFalse(fields['unfurl_links']) && isFalse(fields['unfurl_media']);
    const message: ChatMessage = {
      channel: 'Slack',
      to: to.name,
      text: list.length > 0 ? readBlocks(list, nameOf) : readMrkdwn(text, nameOf),
      blocks: list,
      pings: [...new Set([text, ...written].flatMap(pingsOf))],
      edited,
      at: ground.timeline.now(),
    };
    say(message, quiet ? [] : links);
    return undefined;
  }

  const METHODS: Readonly<Record<string, (fields: Fields, bot: Bot) => Reply>> = {
    'auth.test': (_fields, { userId, botId }) =>
      jsonReply(200, {
        ok: true,
        url: 'https://rehearsal.slack.com/',
        team: 'Rehearsal',
        user: 'changeover',
        team_id: team,
        user_id: userId,
        bot_id: botId,
        is_enterprise_install: false,
      }),
    'conversations.open'({ users, channel }, { members }) {
      const wanted = textOf(users).split(',').filter(Boolean);
      if (wanted.length === 0 && conversations.get(textOf(channel))?.kind === 'direct')
        return jsonReply(200, { ok: true, no_op: true, already_open: true, channel: { id: channel } });
      if (wanted.length === 0) return refused('users_list_not_supplied');
      if (wanted.length > 1) return refused('not_imitated', { needed: 'the rehearsal opens conversations with one person' });
      const [member = ''] = wanted;
      if (!members.some(({ id }) => id === member)) return refused('user_not_found');
      const before = conversations.size;
      const { id } = direct(member);
      const known = before === conversations.size && { no_op: true, already_open: true };
      return jsonReply(200, { ok: true, ...known, channel: { id } });
    },
    'chat.postMessage'(fields, bot) {
      const named = textOf(fields['channel']);
      if (named === '') return refused('channel_not_found');
      const to = conversationOf(named, bot);
      if (typeof to === 'string') return refused(to);
      const trouble = accept(fields, to, false);
      if (trouble) return refusedFor(trouble);
      const ts = `${Math.floor(ground.timeline.now() / 1000)}.${String(++sequence).padStart(6, '0')}`;
      posted.set(`${to.id} ${ts}`, bot.botId);
      const message = { user: bot.userId, type: 'message', ts, bot_id: bot.botId, app_id: 'A0REHEARSAL', text: fields['text'] };
      return jsonReply(200, { ok: true, channel: to.id, ts, message: { ...message, team, blocks: fields['blocks'] } });
    },
    'chat.update'(fields, bot) {
      const [id, ts] = [textOf(fields['channel']), textOf(fields['ts'])];
      const to = conversations.get(id);
      if (to === undefined) return refused('channel_not_found');
      const author = posted.get(`${id} ${ts}`);
      if (author === undefined) return refused('message_not_found');
      if (author !== bot.botId) return refused('cant_update_message');
      const trouble = accept(fields, to, true);
      if (trouble) return refusedFor(trouble);
      const { text } = fields;
      return jsonReply(200, { ok: true, channel: id, ts, text, message: { user: bot.userId, type: 'message', text } });
    },
  };
  const refusedFor = ({ error, messages }: { error: string; messages?: string[] }): Reply =>
    refused(error, messages && { errors: messages, response_metadata: { messages } });

  /** By id, by name, or by the member it is with; a word of refusal where the bot cannot write. */
  function conversationOf(named: string, { channels, members }: Bot): Conversation | string {
    if (members.some(({ id }) => id === named)) return direct(named);
    const bare = named.replace(/^#/, '');
    const known = conversations.get(named) ?? [...conversations.values()].find(({ name }) => name === `#${bare}`);
    if (known === undefined) return 'channel_not_found';
    const invited = known.kind === 'direct' || channels.some((channel) => channel.replace(/^#/, '') === known.name.slice(1));
    return invited ? known : 'not_in_channel';
  }

  function answerMethod(asked: Asked): Reply {
    const method = asked.path.slice('/api/'.length);
    const fields = fieldsOf(asked);
    if (typeof fields === 'string') return refused(fields);
    const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (run === undefined) return refused('unknown_method', { req_method: method });
    const token = /^Bearer (.+)$/i.exec(asked.headers.authorization ?? '')?.[1] ?? textOf(fields['token']);
    if (token === '') return refused('not_authed');
    const bot = bots.get(token);
    if (bot === undefined) return refused('invalid_auth');
    const needed = NEEDED[method];
    if (needed !== undefined && !bot.scopes.includes(needed))
      return refused('missing_scope', { needed, provided: bot.scopes.join(',') });
    const reply = run(fields, bot);
    return { ...reply, headers: { ...reply.headers, 'x-oauth-scopes': bot.scopes.join(',') } };
  }

  function answerHook(asked: Asked): Reply {
    const hook = hooks.get(asked.path);
    if (hook === undefined) return textReply(404, asked.path.startsWith(`/services/${team}/`) ? 'no_service' : 'no_team');
    if (asked.method !== 'POST') return textReply(405, 'method_not_allowed', { allow: 'POST' });
    const form = (asked.headers['content-type'] ?? '').includes('x-www-form-urlencoded');
    const parsed = parseObject(form ? (new URLSearchParams(asked.body).get('payload') ?? '') : asked.body);
    if ('trouble' in parsed) return textReply(400, 'invalid_payload');
    const trouble = accept(parsed.fields, hook, false);
    return trouble ? textReply(400, trouble.error) : textReply(200, 'ok');
  }

  return {
    answerMethod,
    answerHook,
    /** A bot of the workspace; answers its token. */
    bot({ channels, members, scopes = ['chat:write', 'im:write'] }: BotOptions): string {
      const token = `xoxb-${ground.token(12, '0123456789')}-${ground.token(24)}`;
      const [userId, botId] = [`U${ground.token(8, IDS)}`, `B${ground.token(8, IDS)}`];
      bots.set(token, { channels, members, scopes, userId, botId });
      channels.forEach(shared);
      return token;
    },
    /** An incoming webhook of one shared channel; answers its address. */
    webhook(channel: string): string {
      const path = `/services/${team}/B${ground.token(8, IDS)}/${ground.token(24)}`;
      hooks.set(path, shared(channel));
      return `https://hooks.slack.com${path}`;
    },
    rateLimited: (isHook: boolean): Reply =>
      isHook
        ? textReply(429, 'rate_limited', { 'retry-after': '1' })
        : jsonReply(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '1' }),
  };
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Arguments from the query, a form or JSON; Slack's word where it cannot read them. */
function fieldsOf({ method, query, headers, body }: Asked): Fields | string {
  if (method === 'GET') return Object.fromEntries(query);
  if (method !== 'POST') return 'invalid_post_type';
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded') || (type === '' && body === ''))
    return Object.fromEntries(new URLSearchParams(body));
  if (!type.startsWith('application/json')) return 'invalid_post_type';
  const parsed = parseObject(body === '' ? '{}' : body);
  if ('fields' in parsed) return parsed.fields;
  return parsed.trouble === 'no JSON' ? 'invalid_json' : 'json_not_object';
}
