// Slack, by its bot or by an incoming webhook. No link is ever opened by Slack's own preview.
import * as z from 'zod';
import { RunbookError } from '../../errors.ts';
import type { Posted } from '../../runbooks/approval.ts';
import { postJson } from './http.ts';
import { clip, forSlack } from './words.ts';

/** Slack cuts longer texts; escapes make them longer still. */
const MOST_CHARACTERS = 8_000;
const API = 'https://slack.com/api';

const Answer = z.looseObject({ ok: z.boolean(), error: z.string().optional(), channel: z.unknown() });
const Opened = z.looseObject({ id: z.string() });
const PostedMessage = z.object({ channel: z.string(), ts: z.string() });

/** What Slack says of a fault that may pass. */
const PASSING = ['internal_error', 'fatal_error', 'service_unavailable', 'ratelimited', 'rate_limited', 'request_timeout'];

const escaped = (text: string): string => forSlack(clip(text, MOST_CHARACTERS));

const message = (text: string) => ({
  text: escaped(text),
  // Without it a reason with asterisks could look like our own words.
  mrkdwn: false,
  unfurl_links: false,
  unfurl_media: false,
});

/** The Web API answers 200 to everything; whether it did anything is in the body. */
async function call(method: string, token: string, body: object, signal: AbortSignal): Promise<z.infer<typeof Answer>> {
  const text = await postJson({ to: 'Slack', url: `${API}/${method}`, body, token, signal });
  const answer = Answer.safeParse(parsed(text));
  if (answer.success && answer.data.ok) return answer.data;
  const said = answer.success ? (answer.data.error ?? 'no reason') : 'an answer that is not its own';
  throw new RunbookError(PASSING.includes(said) ? 'CloudTransient' : 'CloudRefused', `Slack refused ${method} (${said})`, {
    method,
  });
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export async function postToMember(token: string, member: string, text: string, signal: AbortSignal): Promise<void> {
  const { channel } = await call('conversations.open', token, { users: member }, signal);
  await postToChannel(token, Opened.parse(channel).id, text, signal);
}

export async function postToChannel(token: string, channel: string, text: string, signal: AbortSignal): Promise<void> {
  await call('chat.postMessage', token, { channel, ...message(text), link_names: false }, signal);
}

/** With blocks, of which `text` is what a notification shows. Answers where it stands, so that it can be changed in place. */
export async function postBlocks(token: string, channel: string, said: Blocks, signal: AbortSignal): Promise<Posted> {
  const { text, blocks } = said;
  const answer = await call('chat.postMessage', token, { channel, ...message(text), blocks, link_names: false }, signal);
  return PostedMessage.parse(answer);
}

export async function updateBlocks(
  token: string,
  { channel, ts }: Posted,
  { text, blocks }: Blocks,
  signal: AbortSignal,
): Promise<void> {
  await call('chat.update', token, { channel, ts, text: escaped(text), blocks, link_names: false }, signal);
}

/** Only that member sees it. */
export async function postToOne(token: string, channel: string, user: string, text: string, signal: AbortSignal): Promise<void> {
  await call('chat.postEphemeral', token, { channel, user, text: escaped(text), link_names: false }, signal);
}

export interface Blocks {
  readonly text: string;
  readonly blocks: readonly object[];
}

export async function postToWebhook(url: string, text: string, signal: AbortSignal): Promise<void> {
  await postJson({ to: 'Slack', url, body: message(text), signal });
}
