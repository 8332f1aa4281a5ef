// The chat services of the rehearsal: Slack, Discord and any webhook, on one loopback listener under their public names.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ground } from '../../services/ground.ts';
import { createDiscord } from './discord.ts';
import { jsonReply, parseObject, textReply, type Asked, type Reply } from './http.ts';
import type { ChatMessage } from './message.ts';
import { createPreviews, type Visit } from './preview.ts';
import type { InteractivityOptions, Press, Pressed } from './interactivity.ts';
import { createSlack, type BotOptions, type Member, type SlackMessage } from './slack.ts';

export type { Press, Pressed } from './interactivity.ts';
export type { ChatMessage } from './message.ts';
export type { Member, SlackMessage } from './slack.ts';

export type ChatService = 'slack' | 'discord' | 'webhook';
/** `refused` is a closed port, `hanging` takes the request and never answers, `failing` says 500, `limited` says 429. */
export type Silence = 'refused' | 'hanging' | 'failing' | 'limited';

export interface Chat {
  /** A Slack bot that was invited to these channels; answers its token, `xoxb-…`. */
  bot(options: BotOptions): string;
  /** Where what people press is sent, and what signs it: known only when the service is deployed. */
  interactivity(options: InteractivityOptions): void;
  /** A member presses a button in Slack; throws where nobody could, answers what became of it where somebody did. */
  press(press: Press): Promise<Pressed>;
  /** The people of the Slack workspace. */
  members(): readonly Member[];
  /** What a reader of Slack sees now, oldest first; of one conversation, or of all. */
  messages(channel?: string): readonly SlackMessage[];
  /** Addresses of webhooks, each of one channel. */
  slackWebhook(channel: string): string;
  discordWebhook(channel: string): string;
  webhook(): string;
  /** What the preview bots fetched, and what they were answered. */
  readonly visits: readonly Visit[];
  /** Resolves when no preview bot is on its way. */
  settled(): Promise<void>;
  silence(service: ChatService, how?: Silence): void;
  /** Ends a silence. */
  hear(service: ChatService): void;
  stop(): Promise<void>;
}

const HOSTS: Readonly<Record<string, ChatService>> = {
  'slack.com': 'slack',
  'hooks.slack.com': 'slack',
  'discord.com': 'discord',
  'hooks.example.test': 'webhook',
};
/** Nothing listens there, and nobody but root could. */
const CLOSED = 'http://127.0.0.1:1';
const LARGEST_BODY = 1_000_000;

export async function createChat(ground: Ground, onMessage: (message: ChatMessage) => void): Promise<Chat> {
  const previews = createPreviews(ground);
  const saying = (service: 'Slack' | 'Discord') => ({
    ground,
    say(message: ChatMessage, links: readonly string[]) {
      onMessage(message);
      previews.visit(links, service);
    },
  });
  const slack = createSlack(saying('Slack'));
  const discord = createDiscord(saying('Discord'));
  const hooks = new Set<string>();
  const silences = new Map<ChatService, Silence>();

  function answer(host: string, asked: Asked): Reply {
    const limited = silences.get(HOSTS[host] ?? 'webhook') === 'limited';
    if (host === 'slack.com') {
      if (!asked.path.startsWith('/api/')) return textReply(404, 'Not found');
      return limited ? slack.rateLimited(false) : slack.answerMethod(asked);
    }
    if (host === 'hooks.slack.com') return limited ? slack.rateLimited(true) : slack.answerHook(asked);
    if (host === 'discord.com') return limited ? discord.rateLimited() : discord.answer(asked);
    return limited ? textReply(429, 'Too Many Requests', { 'retry-after': '1' }) : answerWebhook(asked);
  }

  function answerWebhook({ method, path, headers, body }: Asked): Reply {
    if (!hooks.has(path)) return jsonReply(404, { error: 'not found' });
    if (method !== 'POST') return jsonReply(405, { error: 'method not allowed' }, { allow: 'POST' });
    if (!(headers['content-type'] ?? '').startsWith('application/json'))
      return jsonReply(415, { error: 'expected application/json' });
    const parsed = parseObject(body);
    if ('trouble' in parsed) return jsonReply(400, { error: 'expected a JSON object' });
    const text = JSON.stringify(parsed.fields, null, 2);
    const at = ground.timeline.now();
    onMessage({ channel: 'webhook', to: 'hooks.example.test', text, blocks: parsed.fields, pings: [], edited: false, at });
    return jsonReply(202, { accepted: true });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = (request.headers.host ?? '').toLowerCase().replace(/:443$/, '');
    const service = Object.hasOwn(HOSTS, host) ? HOSTS[host] : undefined;
    if (service === undefined) return write(response, textReply(421, `no chat service is called ${host}`));
    const how = silences.get(service);
    // A connection made before the port was closed dies with it.
    if (how === 'refused') return void request.socket.destroy();
    if (how === 'hanging') return void request.resume();
    const body = await bodyOf(request);
    if (how === 'failing') return write(response, textReply(500, 'Internal Server Error'));
    if (body === undefined) return write(response, textReply(413, 'Request Entity Too Large'));
    const url = new URL(request.url ?? '/', 'http://chat');
    const { method = 'GET', headers } = request;
    write(response, answer(host, { method, path: url.pathname, query: url.searchParams, headers, body }));
  }

  function write(response: ServerResponse, { status, headers, body }: Reply): void {
    response.sendDate = false;
    const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    response.writeHead(status, { date: new Date(ground.timeline.now()).toUTCString(), ...headers, ...length });
    response.end(body);
  }

  const server = createServer((request, response) => {
    ground.timeline.busy(() => serve(request, response)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const open = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publish = (service: ChatService, where: string): void =>
    Object.entries(HOSTS).forEach(([host, of]) => of === service && ground.publish(`https://${host}`, where));
  const services: readonly ChatService[] = ['slack', 'discord', 'webhook'];
  services.forEach((service) => publish(service, open));

  return {
    bot: (options) => slack.bot(options),
    interactivity: (options) => slack.interactivity(options),
    async press(press) {
      const silence = silences.get('slack');
      if (silence !== undefined && silence !== 'limited') throw new Error('Slack does not answer: nobody presses anything there');
      return slack.press(press);
    },
    members: () => slack.members(),
    messages: (channel) => slack.messages(channel),
    slackWebhook: (channel) => slack.webhook(channel),
    discordWebhook: (channel) => discord.webhook(channel),
    webhook() {
      const path = `/${ground.token(32)}`;
      hooks.add(path);
      return `https://hooks.example.test${path}`;
    },
    visits: previews.visits,
    settled: () => previews.settled(),
    silence(service, how = 'refused') {
      silences.set(service, how);
      publish(service, how === 'refused' ? CLOSED : open);
    },
    hear(service) {
      silences.delete(service);
      publish(service, open);
    },
    async stop() {
      Object.keys(HOSTS).forEach((host) => ground.unpublish(`https://${host}`));
      slack.stop();
      await previews.stop();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size <= LARGEST_BODY ? Buffer.concat(chunks).toString('utf8') : undefined;
}
