// The chat services on a cloud of their own, and how a function's process or Slack's servers reach whom.
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { createChat, type Chat, type ChatMessage } from '../../rehearsal/world/chat/chat.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Visitor {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface SmallChat {
  readonly cloud: Cloud;
  readonly chat: Chat;
  readonly said: ChatMessage[];
  /** As a function's process reaches a public name: rerouted to where it is published, with its own Host. */
  send(address: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A method of Slack's Web API. */
  call(method: string, token: string, fields: object): Promise<Record<string, unknown>>;
  /** A public address that keeps who came; `answer` may never answer. */
  open(origin: string, answer?: (visitor: Visitor) => number | undefined | Promise<number>): Promise<Visitor[]>;
  stop(): Promise<void>;
}

export async function openChat(): Promise<SmallChat> {
  const cloud = await startCloud({ pace: { kind: 'virtual' } });
  const said: ChatMessage[] = [];
  const servers: Server[] = [];
  const chat = await createChat(cloud.ground, (message) => said.push(message));

  function send(address: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const url = new URL(address);
    const loopback = cloud.ground.published().get(url.origin) ?? 'http://127.0.0.1:1';
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const all = { 'content-type': 'application/json; charset=utf-8', host: url.host, ...headers };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', headers: all, agent: false as const };
      const asking = request(`${loopback}${url.pathname}${url.search}`, options, (response) => {
        const { statusCode = 0, headers: got } = response;
        textOf(response).then((read) => resolve({ status: statusCode, headers: got, body: read }), reject);
      });
      asking.on('error', reject);
      asking.end(text);
    });
  }

  return {
    cloud,
    chat,
    said,
    send,
    async call(method, token, fields) {
      const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
      const { body } = await send(`https://slack.com/api/${method}`, fields, headers);
      return JSON.parse(body) as Record<string, unknown>;
    },
    async open(origin, answer = () => 200) {
      const visitors: Visitor[] = [];
      const server = createServer((incoming, response) => {
        const { method, url, headers } = incoming;
        void textOf(incoming).then(async (body) => {
          const visitor = { method, url, headers, body };
          visitors.push(visitor);
          const status = await answer(visitor);
          if (status !== undefined) response.writeHead(status).end('a page');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      cloud.ground.publish(origin, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      return visitors;
    },
    async stop() {
      await chat.stop();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await cloud.stop();
    },
  };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// Of Block Kit, what the tests send.
export const plain = (text: string) => ({ type: 'plain_text', text });
export const button = (action_id: string, more: object = {}) => ({ type: 'button', text: plain(action_id), action_id, ...more });
export const why = (more: object = {}) => ({
  type: 'input',
  block_id: 'reason',
  label: plain('Why?'),
  element: { type: 'plain_text_input', action_id: 'why', ...more },
});
