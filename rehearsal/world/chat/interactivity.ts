// Slack's interactivity: a member presses a button, the app is asked over a signed form post, and may answer for half an hour.
import { request } from 'node:http';
import type { Ground } from '../../services/ground.ts';
import { buttonsIn, inputsIn, type Standing } from './block-reading.ts';
import { jsonReply, parseObject, textOf, textReply, type Asked, type Fields, type Reply } from './http.ts';
import { signatureOf } from './signature.ts';
import type { Refusal } from './slack.ts';
import {
  requireInteractivity,
  type Bot,
  type Content,
  type Interactivity,
  type Member,
  type Post,
  type Workspace,
} from './workspace.ts';

export interface Press {
  /** `#operations`, `@cto`, or an id. */
  readonly channel: string;
  /** Without it the newest message that was posted with such a button. */
  readonly ts?: string;
  /** The button's action_id. */
  readonly action: string;
  /** The button's block_id, where several blocks have such a button. */
  readonly block?: string;
  /** The id of who presses. */
  readonly member: string;
  /** What they wrote into the inputs beside it, by action_id. */
  readonly words?: Readonly<Record<string, string>>;
}

export interface Pressed {
  /** Null when no answer came in time. */
  readonly status: number | null;
  /** Whether Slack shows them its warning: the app did not take it. */
  readonly warned: boolean;
  readonly body: string;
}

export interface InteractivityOptions extends Partial<Interactivity> {
  /** The bot's; every bot's there is without it. */
  readonly token?: string;
}

interface Answerable {
  readonly post: Post;
  readonly member: string;
  readonly until: number;
  uses: number;
}

const PATIENCE_MS = 3000;
const ANSWERABLE_MS = 30 * 60 * 1000;
const MOST_ANSWERS = 5;
const AGENT = 'Slackbot 1.0 (+https://api.slack.com/robots)';
const DIGITS = '0123456789';
const ANSWER_FIELDS = ['text', 'blocks', 'mrkdwn', 'response_type', 'replace_original', 'delete_original'];
const NOT_CONFIGURED = 'This app is not configured to handle interactive responses.';

interface Given {
  readonly ground: Ground;
  readonly workspace: Workspace;
  contentOf(fields: Fields): Content | Refusal;
  tell(post: Post): void;
}

export function createInteractions({ ground, workspace, contentOf, tell }: Given) {
  const { team } = workspace;
  const ending = new AbortController();
  const answerable = new Map<string, Answerable>();
  const verificationTokens = new Map<string, string>();
  const seconds = (): number => Math.floor(ground.timeline.now() / 1000);

  /** A message as Slack's answers and payloads carry it. */
  function messageOf({ text, ts, blocks, marked }: Post, { userId, botId, appId }: Bot): Fields {
    const message = { user: userId, type: 'message', ts, bot_id: botId, app_id: appId, text, team };
    return { ...message, ...(blocks.length > 0 && { blocks }), ...(marked && { edited: { user: botId, ts } }) };
  }

  function configure({ token, ...settings }: InteractivityOptions): void {
    requireInteractivity(settings);
    const chosen = [...workspace.bots].filter(([own]) => token === undefined || own === token);
    if (chosen.length === 0) throw new Error('there is no such bot');
    for (const [, bot] of chosen) bot.interactivity = { ...bot.interactivity, ...settings };
  }

  /** The message a member has in mind when they press; throws where there is none they see. */
  function messageFor({ channel, ts, action, member }: Press): Post {
    const person = workspace.members().some(({ id }) => id === member);
    if (!person) throw new Error(`${member} is nobody of this workspace`);
    const to = workspace.conversation(channel);
    if (to === undefined) throw new Error(`there is no conversation ${channel}`);
    if (!workspace.readersOf(to).includes(member)) throw new Error(`${workspace.nameOf(member)} is not in ${to.name}`);
    const seen = workspace.posts().filter((post) => post.to.id === to.id && (post.only ?? member) === member);
    const found =
      ts === undefined ? seen.filter(({ actions }) => actions.has(action)).at(-1) : seen.find((post) => post.ts === ts);
    if (found === undefined)
      throw new Error(`${to.name} has no message with a button ${action}${ts === undefined ? '' : ` at ${ts}`}`);
    return found;
  }

  function buttonOf({ blocks, to }: Post, { action, block }: Press): Standing {
    const found = buttonsIn(blocks).find(
      (button) => button.element['action_id'] === action && (block === undefined || button.block === block),
    );
    if (found === undefined) throw new Error(`the message in ${to.name} has no button ${action} any more`);
    return found;
  }

  /** What stands in the inputs of the message, as the member left them. */
  function stateOf({ blocks }: Post, words: Readonly<Record<string, string>>): Fields {
    const inputs = inputsIn(blocks);
    const strange = Object.keys(words).find((key) => !inputs.some(({ element }) => element['action_id'] === key));
    if (strange !== undefined) throw new Error(`the message has no input ${strange}`);
    const values: Record<string, Fields> = {};
    for (const { block, element } of inputs) {
      const id = textOf(element['action_id']);
      const value = words[id] ?? textOf(element['initial_value']);
      const { max_length: most = 3000, multiline } = element as { max_length?: number; multiline?: boolean };
      if (value.length > most) throw new Error(`the input ${id} takes ${most} characters`);
      if (multiline !== true && /[\r\n]/.test(value)) throw new Error(`the input ${id} takes one line`);
      values[block] = { [id]: { type: 'plain_text_input', value: value === '' ? null : value } };
    }
    return { values };
  }

  /** Once an app: what Slack sent before there were signatures. */
  function verificationTokenOf({ appId }: Bot): string {
    const known = verificationTokens.get(appId) ?? ground.token(24);
    verificationTokens.set(appId, known);
    return known;
  }

  function responseUrl(post: Post, member: string): string {
    const path = `/actions/${team}/${ground.token(12, DIGITS)}/${ground.token(24)}`;
    answerable.set(path, { post, member, until: ground.timeline.now() + ANSWERABLE_MS, uses: 0 });
    return `https://hooks.slack.com${path}`;
  }

  function payloadOf(post: Post, bot: Bot, { block, element }: Standing, person: Member, state: Fields): Fields {
    const { to, ts, only } = post;
    const isEphemeral = only !== undefined;
    const { action_id, text, value, style, url, confirm } = element;
    const optional = Object.entries({ value, style, url, confirm }).filter(([, field]) => field !== undefined);
    return {
      type: 'block_actions',
      user: { id: person.id, username: person.name.toLowerCase().replaceAll(' ', '.'), name: person.name, team_id: team },
      api_app_id: bot.appId,
      token: verificationTokenOf(bot),
      container: { type: 'message', message_ts: ts, channel_id: to.id, is_ephemeral: isEphemeral },
      trigger_id: `${ground.token(13, DIGITS)}.${ground.token(11, DIGITS)}.${ground.token(32, '0123456789abcdef')}`,
      team: { id: team, domain: 'rehearsal' },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: to.id, name: to.kind === 'direct' ? 'directmessage' : to.name.slice(1) },
      // What only one person sees is not sent along.
      ...(!isEphemeral && { message: messageOf(post, bot) }),
      state,
      response_url: responseUrl(post, person.id),
      actions: [
        { action_id, block_id: block, text, ...Object.fromEntries(optional), type: 'button', action_ts: workspace.timestamp() },
      ],
    };
  }

  async function deliver(requestUrl: string, signingSecret: string, payload: Fields): Promise<Pressed> {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const url = new URL(requestUrl);
    const loopback = ground.published().get(url.origin);
    const timestamp = seconds();
    const headers = {
      host: url.host,
      'user-agent': AGENT,
      accept: 'application/json,*/*',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': signatureOf(signingSecret, timestamp, body),
    };
    try {
      if (!loopback?.startsWith('http:')) throw new Error(`nothing is served at ${url.origin}`);
      // Real work takes real time: the wall's seconds, whatever the timeline does.
      const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ending.signal]);
      const answer = await post(`${loopback}${url.pathname}${url.search}`, headers, body, signal);
      return { ...answer, warned: answer.status !== 200 };
    } catch (error) {
      return { status: null, warned: true, body: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Presses, and tells what the app said; throws where nobody could have pressed. */
  async function press(asked: Press): Promise<Pressed> {
    const found = messageFor(asked);
    const button = buttonOf(found, asked);
    const person = workspace.members().find(({ id }) => id === asked.member) ?? { id: asked.member, name: asked.member };
    const state = stateOf(found, asked.words ?? {});
    const { bot } = found;
    const { signingSecret, requestUrl } = bot?.interactivity ?? {};
    if (bot === undefined || signingSecret === undefined || requestUrl === undefined)
      return { status: null, warned: true, body: NOT_CONFIGURED };
    const payload = payloadOf(found, bot, button, person, state);
    return ground.timeline.busy(() => deliver(requestUrl, signingSecret, payload));
  }

  /** What the app posts to a response_url. */
  function answer({ method, path, headers, body }: Asked): Reply {
    const failed = (status: number, error: string, more: object = {}): Reply => jsonReply(status, { ok: false, error, ...more });
    const open = answerable.get(path);
    if (open === undefined) return failed(404, 'invalid_url');
    if (method !== 'POST') return textReply(405, 'method_not_allowed', { allow: 'POST' });
    if (ground.timeline.now() > open.until) return failed(404, 'expired_url');
    if (open.uses >= MOST_ANSWERS) return failed(404, 'used_url');
    if (!(headers['content-type'] ?? '').startsWith('application/json')) return failed(400, 'invalid_payload');
    const object = parseObject(body);
    if ('trouble' in object) return failed(400, 'invalid_payload');
    const { fields } = object;
    const strange = Object.keys(fields).find((key) => !ANSWER_FIELDS.includes(key));
    if (strange !== undefined)
      return failed(400, 'not_imitated', { needed: `the rehearsal does not imitate the field ${strange}` });
    const said = respond(open, fields);
    if ('error' in said) return failed(said.error === 'message_not_found' ? 404 : 400, said.error, said);
    tell(said);
    open.uses += 1;
    return textReply(200, 'ok');
  }

  /** What there is to be told now. */
  function respond({ post: pressed, member }: Answerable, fields: Fields): Post | Refusal {
    const { response_type: type = 'ephemeral', replace_original: replaces = false, delete_original: deletes = false } = fields;
    if (type !== 'ephemeral' && type !== 'in_channel') return { error: 'invalid_payload' };
    if (typeof replaces !== 'boolean' || typeof deletes !== 'boolean') return { error: 'invalid_payload' };
    const { to, ts, bot } = pressed;
    const original = workspace.find(to.id, ts);
    if ((deletes || replaces) && original === undefined) return { error: 'message_not_found' };
    if (deletes && original) return workspace.remove(original);
    const content = contentOf({ text: fields['text'], blocks: fields['blocks'], mrkdwn: fields['mrkdwn'] });
    if ('error' in content) return content;
    if (replaces && original) return workspace.replace(original, content, content.blocks.length === 0);
    return workspace.post(to, bot, content, type === 'ephemeral' ? member : undefined);
  }

  return { press, configure, answer, messageOf, stop: (): void => ending.abort() };
}

function post(
  address: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(address, { method: 'POST', headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
