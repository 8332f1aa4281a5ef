// Slack: its Web API with a bot's token, and incoming webhooks, each with the refusals of the real one.
import type { Ground } from '../../services/ground.ts';
import { completed, mrkdwnIn, readBlocks } from './block-reading.ts';
import { LONGEST_BLOCKS, troublesOf } from './blocks.ts';
import { isFalse, jsonReply, parseObject, textOf, textReply, type Asked, type Fields, type Reply } from './http.ts';
import { createInteractions } from './interactivity.ts';
import { linksOf, pingsOf, readMrkdwn, type ChatMessage } from './message.ts';
import { createWorkspace, IDS, type Bot, type BotOptions, type Content, type Conversation, type Post } from './workspace.ts';

export type { BotOptions, Interactivity, Member } from './workspace.ts';

export interface SlackRoom {
  readonly ground: Ground;
  /** `links` are those Slack would unfurl. */
  say(message: ChatMessage, links: readonly string[]): void;
}

/** A message as somebody who reads it now sees it. */
export interface SlackMessage {
  readonly conversation: string;
  /** A shared channel, as `#operations`, or one person, as `@cto`. */
  readonly to: string;
  readonly ts: string;
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly Fields[];
  readonly edited: boolean;
  /** The id of the one person who sees it, of an ephemeral message. */
  readonly only?: string;
}

const LONGEST_TEXT = 40_000;
const APP = 'Changeover';
const NEEDED: Readonly<Record<string, string>> = {
  'chat.postMessage': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.open': 'im:write',
};
/** Arguments that Slack documents and the rehearsal would have to ignore. */
const NOT_IMITATED = [
  ...['attachments', 'markdown_text', 'metadata', 'file_ids', 'thread_ts', 'reply_broadcast'],
  ...['as_user', 'username', 'icon_emoji', 'icon_url', 'parse'],
];

export interface Refusal {
  readonly error: string;
  readonly messages?: readonly string[];
  readonly needed?: string;
}

export function createSlack({ ground, say }: SlackRoom) {
  const workspace = createWorkspace(ground);
  const { team, bots, nameOf } = workspace;
  const hooks = new Map<string, Conversation>();

  const refused = (error: string, more: object = {}): Reply => jsonReply(200, { ok: false, error, ...more });
  const refusedFor = ({ error, messages, needed }: Refusal): Reply =>
    refused(error, {
      ...(messages && { errors: messages, response_metadata: { messages } }),
      ...(needed !== undefined && { needed }),
    });

  /** What the fields say, or what is wrong with it in Slack's word. */
  function contentOf(fields: Fields): Content | Refusal {
    const strange = NOT_IMITATED.find((name) => fields[name] !== undefined);
    if (strange !== undefined) return { error: 'not_imitated', needed: `the rehearsal does not imitate the argument ${strange}` };
    const { blocks: raw } = fields;
    const text = textOf(fields['text']);
    const blocks: unknown = typeof raw === 'string' ? parsed(raw) : (raw ?? []);
    if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format' };
    const messages = troublesOf(blocks);
    if (messages.length > 0) return { error: 'invalid_blocks', messages };
    if (text === '' && blocks.length === 0) return { error: 'no_text' };
    if (text.length > LONGEST_TEXT) return { error: 'msg_too_long' };
    if (JSON.stringify(blocks).length > LONGEST_BLOCKS) return { error: 'msg_blocks_too_long' };
    return { text, mrkdwn: !isFalse(fields['mrkdwn']), blocks: completed(blocks as Fields[], () => ground.token(5)) };
  }

  const readable = ({ text, blocks }: Content): string =>
    blocks.length > 0 ? readBlocks(blocks, nameOf) : readMrkdwn(text, nameOf);
  const nameFor = ({ to, only }: Post): string => (only === undefined ? to.name : `${to.name} (only @${nameOf(only)} sees it)`);

  function tell(post: Post, fields: Fields = {}): void {
    const { to, ts, text, mrkdwn, blocks, only, edited, marked, deleted } = post;
    const written = blocks.length > 0 ? mrkdwnIn(blocks) : [text];
    const links = [...new Set(written.flatMap((part) => linksOf(readMrkdwn(part, nameOf))))];
    // A link must be fetched to learn whether it is text or a picture: only both words together keep Slack from it.
    const quiet = isFalse(fields['unfurl_links']) && isFalse(fields['unfurl_media']);
    const readers = only === undefined ? workspace.readersOf(to) : [only];
    const message: ChatMessage = {
      channel: 'Slack',
      to: nameFor(post),
      text: deleted ? 'This message was deleted.' : readable(post),
      blocks,
      pings: [...new Set([text, ...written].flatMap(pingsOf))],
      edited,
      at: ground.timeline.now(),
      slack: { app: APP, conversation: to.id, ts, markup: text, mrkdwn, marked, deleted, readers },
    };
    say(message, quiet ? [] : links);
  }

  const interactions = createInteractions({ ground, workspace, contentOf, tell });

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
      if (wanted.length === 0 && workspace.conversationById(textOf(channel))?.kind === 'direct')
        return jsonReply(200, { ok: true, no_op: true, already_open: true, channel: { id: channel } });
      if (wanted.length === 0) return refused('users_list_not_supplied');
      if (wanted.length > 1) return refused('not_imitated', { needed: 'the rehearsal opens conversations with one person' });
      const [member = ''] = wanted;
      if (!members.some(({ id }) => id === member)) return refused('user_not_found');
      const known = workspace.conversation(member) && { no_op: true, already_open: true };
      return jsonReply(200, { ok: true, ...known, channel: { id: workspace.direct(member).id } });
    },
    'chat.postMessage'(fields, bot) {
      const to = conversationOf(textOf(fields['channel']), bot);
      if (typeof to === 'string') return refused(to);
      const content = contentOf(fields);
      if ('error' in content) return refusedFor(content);
      const post = workspace.post(to, bot, content);
      tell(post, fields);
      return jsonReply(200, { ok: true, channel: to.id, ts: post.ts, message: interactions.messageOf(post, bot) });
    },
    'chat.postEphemeral'(fields, bot) {
      const to = conversationOf(textOf(fields['channel']), bot);
      if (typeof to === 'string') return refused(to);
      const user = textOf(fields['user']);
      if (user === '')
        return refused('invalid_arguments', { response_metadata: { messages: ['[ERROR] missing required field: user'] } });
      if (!workspace.readersOf(to).includes(user)) return refused('user_not_in_channel');
      const content = contentOf(fields);
      if ('error' in content) return refusedFor(content);
      const post = workspace.post(to, bot, content, user);
      tell(post, fields);
      return jsonReply(200, { ok: true, message_ts: post.ts });
    },
    'chat.update'(fields, bot) {
      const [id, ts] = [textOf(fields['channel']), textOf(fields['ts'])];
      if (workspace.conversationById(id) === undefined) return refused('channel_not_found');
      const post = workspace.find(id, ts);
      // What only one person saw is nowhere to be found again.
      if (post === undefined || post.only !== undefined) return refused('message_not_found');
      if (post.bot?.botId !== bot.botId) return refused('cant_update_message');
      const content = contentOf(fields);
      if ('error' in content) return refusedFor(content);
      const edited = workspace.replace(post, content, content.blocks.length === 0);
      tell(edited, fields);
      const { text } = content;
      return jsonReply(200, { ok: true, channel: id, ts, text, message: interactions.messageOf(edited, bot) });
    },
  };

  /** A word of refusal where the bot cannot write. */
  function conversationOf(named: string, { channels, members }: Bot): Conversation | string {
    if (named === '') return 'channel_not_found';
    if (members.some(({ id }) => id === named)) return workspace.direct(named);
    const known = workspace.conversationById(named) ?? workspace.sharedNamed(named);
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
    if (asked.path.startsWith('/actions/')) return interactions.answer(asked);
    const hook = hooks.get(asked.path);
    if (hook === undefined) return textReply(404, asked.path.startsWith(`/services/${team}/`) ? 'no_service' : 'no_team');
    if (asked.method !== 'POST') return textReply(405, 'method_not_allowed', { allow: 'POST' });
    const form = (asked.headers['content-type'] ?? '').includes('x-www-form-urlencoded');
    const object = parseObject(form ? (new URLSearchParams(asked.body).get('payload') ?? '') : asked.body);
    if ('trouble' in object) return textReply(400, 'invalid_payload');
    const content = contentOf(object.fields);
    if ('error' in content) return textReply(400, content.error);
    tell(workspace.post(hook, undefined, content), object.fields);
    return textReply(200, 'ok');
  }

  return {
    answerMethod,
    answerHook,
    press: interactions.press,
    interactivity: interactions.configure,
    stop: interactions.stop,
    members: workspace.members,
    /** What a reader sees now, oldest first; of one conversation, or of all. */
    messages(channel?: string): SlackMessage[] {
      const wanted = channel === undefined ? undefined : workspace.conversation(channel)?.id;
      const posts = workspace.posts().filter(({ to }) => channel === undefined || to.id === wanted);
      return posts.map((post) => {
        const { to, ts, at, blocks, edited, only } = post;
        const seen = { conversation: to.id, to: to.name, ts, at, text: readable(post), blocks, edited };
        return { ...seen, ...(only !== undefined && { only }) };
      });
    },
    /** A bot of the workspace; answers its token. */
    bot(options: BotOptions): string {
      const token = workspace.hire(options);
      options.channels.forEach(workspace.shared);
      return token;
    },
    /** An incoming webhook of one shared channel; answers its address. */
    webhook(channel: string): string {
      const path = `/services/${team}/B${ground.token(8, IDS)}/${ground.token(24)}`;
      hooks.set(path, workspace.shared(channel));
      return `https://hooks.slack.com${path}`;
    },
    rateLimited: (isHook: boolean): Reply =>
      isHook
        ? textReply(429, 'rate_limited', { 'retry-after': '1' })
        : jsonReply(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '1' }),
  };
}

function parsed(text: string): unknown {
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
  const object = parseObject(body === '' ? '{}' : body);
  if ('fields' in object) return object.fields;
  return object.trouble === 'no JSON' ? 'invalid_json' : 'json_not_object';
}
