// One request passed on to an origin and its answer passed back, bodies as streams.
import {
  request as askHttp,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { request as askHttps } from 'node:https';
import { pipeline } from 'node:stream';
import type { Timeline } from '../../time/timeline.ts';
import { changed, endToEnd } from './headers.ts';

type Changes = Readonly<Record<string, string | undefined>>;

export interface Upstream {
  readonly timeline: Timeline;
  /** `http://127.0.0.1:<port>`, or https. */
  readonly origin: string;
  /** For an https origin: the name its certificate must bear, and whom to trust. */
  readonly tls?: { readonly servername: string; readonly ca: string };
  /** Path and query as they are asked of the origin; the visitor's by default. */
  readonly path?: string;
  /** Over the visitor's headers; undefined takes one away. */
  readonly headers?: Changes;
  /** Over the origin's answer; undefined takes one away. */
  readonly answerHeaders?: Changes | ((status: number) => Changes);
  /** How long nothing may come from the origin. */
  readonly idleMilliseconds: number;
}

/** `answered`: the answer is on its way or was cut short, nothing more can be written. The others wrote nothing. */
export type Outcome = 'answered' | 'refused' | 'timed out';

export function passOn(request: IncomingMessage, response: ServerResponse, upstream: Upstream): Promise<Outcome> {
  return new Promise((resolve) => {
    let late = false;
    const asked = ask(request, upstream, (answer) => {
      void answerWith(answer, response, upstream).then(() => resolve('answered'));
    });
    asked.setTimeout(upstream.idleMilliseconds, () => {
      late = true;
      asked.destroy();
    });
    asked.on('error', () => {
      // Half an answer cannot be taken back: the visitor's connection ends where the origin's did.
      if (response.headersSent) response.destroy();
      resolve(response.headersSent || response.destroyed ? 'answered' : late ? 'timed out' : 'refused');
    });
    response.once('close', () => {
      if (!response.writableFinished) asked.destroy();
    });
    if (hasBody(request)) request.pipe(asked);
    else asked.end();
  });
}

function ask(request: IncomingMessage, upstream: Upstream, onAnswer: (answer: IncomingMessage) => void): ClientRequest {
  const { hostname, port, protocol } = new URL(upstream.origin);
  const options: RequestOptions = {
    hostname,
    port,
    method: request.method,
    path: upstream.path ?? request.url,
    headers: changed(endToEnd(request), upstream.headers ?? {}),
    setHost: false,
    // A connection each: what an origin forgot to close cannot spoil the next request.
    agent: false,
  };
  if (protocol !== 'https:') return askHttp(options, onAnswer);
  return askHttps({ ...options, servername: upstream.tls?.servername, ca: upstream.tls?.ca }, onAnswer);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function answerWith(answer: IncomingMessage, response: ServerResponse, upstream: Upstream): Promise<void> {
  const headers = endToEnd(answer);
  headers['date'] ??= [new Date(upstream.timeline.now()).toUTCString()];
  const { statusCode = 502 } = answer;
  const { answerHeaders = {} } = upstream;
  const changes = typeof answerHeaders === 'function' ? answerHeaders(statusCode) : answerHeaders;
  response.writeHead(statusCode, answer.statusMessage, changed(headers, changes));
  return new Promise((resolve) => {
    pipeline(answer, response, () => resolve());
  });
}
