// An HTTP or HTTPS listener at a free port of the loopback: what load balancers and distributions show to the world.
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Timeline } from '../../time/timeline.ts';
import type { KeyPair } from '../contract.ts';
import { contextFor } from './hosts.ts';

export interface EdgeOptions {
  readonly timeline: Timeline;
  /** HTTPS when given: asked at every handshake, with the name if there is one; the first is shown to whoever names an unknown one. */
  readonly certificates?: (name?: string) => readonly KeyPair[];
  /** Answers one request to its end. A throw becomes a 500 where nothing was written yet. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
  /** What answers carry as `Server` when the edge itself refuses. */
  readonly server: string;
}

export interface Edge {
  readonly port: number;
  /** `http://127.0.0.1:<port>`, or https. */
  readonly origin: string;
  /** Cuts every connection; the port refuses from then on. */
  close(): Promise<void>;
}

/** As long as a load balancer keeps an idle connection. */
const IDLE_MS = 60_000;

export async function serveEdge(options: EdgeOptions): Promise<Edge> {
  const { certificates } = options;
  const listener = listenerOf(options);
  const server = certificates ? secure(certificates, listener) : createHttp(listener);
  server.keepAliveTimeout = IDLE_MS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A connection somebody keeps alive must not keep the process.
    socket.unref();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${certificates ? 'https' : 'http'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function secure(certificates: (name?: string) => readonly KeyPair[], listener: RequestListener): Server {
  const server = createHttps(
    {
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => {
        try {
          const context = contextFor(name, certificates(name));
          if (context) done(null, context);
          else done(new Error('no certificate to show'));
        } catch (error) {
          done(error instanceof Error ? error : new Error(String(error)));
        }
      },
    },
    listener,
  );
  let shown: KeyPair | undefined;
  // Whoever names no host at all is shown the first: what that is may have changed since the last visitor.
  server.prependListener('connection', () => {
    const [first] = certificates();
    if (first === shown || first === undefined) return;
    shown = first;
    server.setSecureContext({ cert: first.certificate, key: first.key, minVersion: 'TLSv1.2' });
  });
  return server;
}

function listenerOf({ timeline, onRequest, server }: EdgeOptions): RequestListener {
  return (request, response) => {
    // Answering is work: time must not jump over it.
    const release = timeline.hold();
    response.once('close', release);
    response.sendDate = false;
    void Promise.resolve()
      .then(() => (isUpgrade(request) ? refuseUpgrade(response, timeline, server) : onRequest(request, response)))
      .catch((error: unknown) => {
        // What fails here is our bug: the message is kept for the developer.
        const body = `the embedded cloud failed: ${String(error)}\n`;
        if (response.headersSent) response.destroy();
        else writeAnswer(response, timeline, { status: 500, headers: { server }, body });
      });
  };
}

/** An offer of HTTP/2 in the clear may be passed over, as RFC 9110 says; a WebSocket cannot go on as anything else. */
const isUpgrade = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

const refuseUpgrade = (response: ServerResponse, timeline: Timeline, server: string): void =>
  writeAnswer(response, timeline, {
    status: 501,
    headers: { server, 'content-type': 'text/plain' },
    body: 'the embedded cloud does not imitate WebSockets\n',
  });

export interface EdgeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

/** The edge's own answer, dated by the timeline. */
export function writeAnswer(response: ServerResponse, timeline: Timeline, { status, headers, body }: EdgeAnswer): void {
  const bytes = Buffer.from(body);
  const bodiless = status < 200 || status === 204 || status === 304;
  response.writeHead(status, {
    date: new Date(timeline.now()).toUTCString(),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
    ...(!bodiless && { 'content-length': bytes.length }),
  });
  response.end(bodiless ? undefined : bytes);
}
