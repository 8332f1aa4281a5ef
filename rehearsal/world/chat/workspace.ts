// A Slack workspace: its people and bots, its conversations, and every message in them as a reader sees it now.
import type { Ground } from '../../services/ground.ts';
import { buttonsIn } from './block-reading.ts';
import { textOf, type Fields } from './http.ts';

export interface Member {
  readonly id: string;
  readonly name: string;
  /** The shared channels they joined; every one unless told. */
  readonly channels?: readonly string[];
}

export interface Interactivity {
  readonly signingSecret: string;
  /** Where what people press is sent; can be told later, when the deployment has made it. */
  readonly requestUrl: string;
}

/** What Slack's own form refuses. */
export function requireInteractivity({ signingSecret, requestUrl }: Partial<Interactivity>): void {
  if (signingSecret === '') throw new Error('a signing secret is not empty');
  if (requestUrl !== undefined && !(URL.canParse(requestUrl) && new URL(requestUrl).protocol === 'https:'))
    throw new Error(`Slack sends what people press to https only: found ${requestUrl}`);
}

export interface BotOptions extends Partial<Interactivity> {
  /** The shared channels the bot was invited to, as `#operations`. */
  readonly channels: readonly string[];
  /** The people of the workspace. */
  readonly members: readonly Member[];
  readonly scopes?: readonly string[];
}
export interface Bot extends BotOptions {
  readonly scopes: readonly string[];
  readonly userId: string;
  readonly botId: string;
  readonly appId: string;
  interactivity: Partial<Interactivity>;
}

export interface Conversation {
  readonly id: string;
  /** As the inbox names it. */
  readonly name: string;
  readonly kind: 'shared' | 'direct';
  /** Whom a direct conversation is with. */
  readonly member?: string;
}

export interface Content {
  readonly text: string;
  readonly mrkdwn: boolean;
  readonly blocks: readonly Fields[];
}

export interface Post extends Content {
  readonly to: Conversation;
  readonly ts: string;
  readonly at: number;
  /** Undefined for an incoming webhook's. */
  readonly bot: Bot | undefined;
  /** The one person who sees it; undefined for everybody in the conversation. */
  readonly only: string | undefined;
  readonly edited: boolean;
  /** Whether Slack says so beside it. */
  readonly marked: boolean;
  readonly deleted: boolean;
  /** Every button it ever had. */
  readonly actions: ReadonlySet<string>;
}

export const IDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const bare = (name: string): string => name.replace(/^[#@]/, '');

export function createWorkspace(ground: Ground) {
  const team = `T${ground.token(8, IDS)}`;
  const bots = new Map<string, Bot>();
  const conversations = new Map<string, Conversation>();
  const posts = new Map<string, Post>();
  let sequence = 0;

  const members = (): Member[] => {
    const all = [...bots.values()].flatMap((bot) => bot.members);
    return all.filter(({ id }, i) => all.findIndex((other) => other.id === id) === i);
  };
  const nameOf = (member: string): string => members().find(({ id }) => id === member)?.name ?? member;

  /** A conversation is made once; who asks for it again gets the same. */
  function remember(made: Conversation): Conversation {
    const same = ({ name, member }: Conversation): boolean =>
      made.member === undefined ? name === made.name : member === made.member;
    const known = [...conversations.values()].find(same);
    if (known === undefined) conversations.set(made.id, made);
    return known ?? made;
  }
  const sharedNamed = (named: string): Conversation | undefined =>
    [...conversations.values()].find(({ name, kind }) => kind === 'shared' && name === `#${named.replace(/^#/, '')}`);
  const timestamp = (): string => `${Math.floor(ground.timeline.now() / 1000)}.${String(++sequence).padStart(6, '0')}`;

  function keep(post: Post): Post {
    posts.set(`${post.to.id} ${post.ts}`, post);
    return post;
  }
  const actionsOf = (blocks: readonly Fields[]): string[] => buttonsIn(blocks).map(({ element }) => textOf(element['action_id']));

  return {
    team,
    bots: bots as ReadonlyMap<string, Bot>,
    members,
    nameOf,
    timestamp,
    /** A bot of the workspace; answers its token. */
    hire({ scopes = ['chat:write', 'im:write'], ...options }: BotOptions): string {
      const token = `xoxb-${ground.token(12, '0123456789')}-${ground.token(24)}`;
      const [userId, botId] = [`U${ground.token(8, IDS)}`, `B${ground.token(8, IDS)}`];
      requireInteractivity(options);
      const { signingSecret, requestUrl } = options;
      const interactivity = {
        ...(signingSecret !== undefined && { signingSecret }),
        ...(requestUrl !== undefined && { requestUrl }),
      };
      bots.set(token, { ...options, scopes, userId, botId, appId: `A${botId.slice(1)}`, interactivity });
      return token;
    },
    shared: (name: string): Conversation => remember({ id: `C${ground.token(8, IDS)}`, name: `#${bare(name)}`, kind: 'shared' }),
    direct: (member: string): Conversation =>
      remember({ id: `D${ground.token(8, IDS)}`, name: `@${nameOf(member)}`, kind: 'direct', member }),
    /** By id, by name, or by the member it is with: as a person finds it. An app has ids and the names of channels. */
    conversation: (named: string): Conversation | undefined =>
      conversations.get(named) ??
      [...conversations.values()].find(({ name, member }) => name === named || member === named) ??
      sharedNamed(named),
    conversationById: (id: string): Conversation | undefined => conversations.get(id),
    sharedNamed,
    /** The ids of everybody in a conversation. */
    readersOf: ({ kind, name, member }: Conversation): string[] =>
      kind === 'direct'
        ? [member ?? '']
        : members()
            .filter(({ channels }) => channels === undefined || channels.some((channel) => bare(channel) === bare(name)))
            .map(({ id }) => id),

    post(to: Conversation, bot: Bot | undefined, content: Content, only?: string): Post {
      const actions = new Set(actionsOf(content.blocks));
      const at = ground.timeline.now();
      const now = { edited: false, marked: false, deleted: false, actions };
      return keep({ ...content, to, ts: timestamp(), at, bot, only, ...now });
    },
    replace(post: Post, content: Content, marked: boolean): Post {
      const actions = new Set([...post.actions, ...actionsOf(content.blocks)]);
      return keep({ ...post, ...content, edited: true, marked, actions });
    },
    remove: (post: Post): Post => keep({ ...post, text: '', blocks: [], edited: true, deleted: true }),
    /** A message that was deleted is not found. */
    find(conversation: string, ts: string): Post | undefined {
      const post = posts.get(`${conversation} ${ts}`);
      return post?.deleted === true ? undefined : post;
    },
    /** What there is to be seen now, oldest first. */
    posts: (): Post[] => [...posts.values()].filter(({ deleted }) => !deleted),
  };
}
export type Workspace = ReturnType<typeof createWorkspace>;
