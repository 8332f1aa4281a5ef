// The application of one environment: a small web server that really reads and writes its database, and a heartbeat.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Estate } from '../../../shared/estate.ts';
import type { Timeline } from '../../time/timeline.ts';
import { refuse, type Answer } from './answers.ts';
import { openConnections, type Connections, type DatabaseAccess } from './database.ts';
import { buildFrontEnd } from './front-end.ts';
import { answerApi, type Room, type UploadStore } from './routes.ts';

export interface ApplicationOptions {
  readonly environment: string;
  readonly build: string;
  readonly timeline: Timeline;
  readonly database: DatabaseAccess;
  /** Where its configuration says that its database is, read when it starts and when it is told; `database` where it has none. */
  readonly find?: () => Promise<DatabaseAccess>;
  readonly uploads: UploadStore;
  /** Baked into the front-end's bundle. */
  readonly apiUrl: string;
  /** Whose pages may call the API. */
  readonly corsOrigins: readonly string[];
  readonly frontEnd: boolean;
  /** Where it is asked, as the estate has it. */
  readonly paths: Estate['application'];
  uuid(): string;
}

export interface Application {
  readonly environment: string;
  /** `http://127.0.0.1:<port>`, the same after every start. */
  readonly url: string;
  readonly running: boolean;
  start(): Promise<void>;
  /** Connections are refused from then on; nothing beats. */
  stop(): Promise<void>;
}

/** By whatever path the estate says that it is told. */
const RELOAD = '/changeover/reload';
const HEARTBEAT_MILLISECONDS = 10_000;
/** Of a wait of hours only the last heartbeats can be seen. */
const HEARTBEATS_LIVED_THROUGH = 3;
const BODY_LIMIT_BYTES = 1_048_576;

export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { timeline, environment } = options;
  let { database } = options;
  const bundle = buildFrontEnd(options.apiUrl);
  const asked = new Map([
    [options.paths.health, '/api/health'],
    [options.paths.heartbeat, '/api/heartbeat'],
    ...(options.paths.reload === undefined ? [] : [[options.paths.reload, RELOAD] as const]),
  ]);
  let server: Server | undefined;
  let connections: Connections | undefined;
  let silence: () => void = () => undefined;
  let port = 0;

  /** Whoever is under way on the old connections finishes there. */
  async function reload(): Promise<Answer> {
    const found = (await options.find?.()) ?? database;
    const old = connections;
    if (found.endpoint !== database.endpoint) {
      database = found;
      connections = openConnections(found);
      await old?.end();
    }
    return { status: 204, headers: {}, body: '' };
  }

  async function serve(open: Connections, request: IncomingMessage): Promise<Answer> {
    const body = await readBody(request);
    if (body === undefined) return refuse(413, 'more than a megabyte');
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    const path = asked.get(pathname) ?? pathname;
    if (path === RELOAD && request.method === 'POST') return reload();
    if (path.startsWith('/api/')) {
      if (request.method === 'OPTIONS') return { status: 204, headers: preflight, body: '' };
      const room: Room = {
        environment,
        build: options.build,
        database: `${database.endpoint}/${database.name}`,
        connections: open,
        uploads: options.uploads,
        now: () => new Date(timeline.now()),
        uuid: options.uuid,
      };
      return answerApi(room, { method: request.method ?? 'GET', path, headers: headersOf(request), body });
    }
    const file = options.frontEnd ? bundle.files.get(path) : undefined;
    if (!file) return refuse(404, 'no such thing');
    return { status: 200, headers: { 'content-type': file.contentType }, body: file.body };
  }

  /** Whether it was written is in the database; an application whose database is away goes on trying. */
  async function beat(open: Connections): Promise<void> {
    const row = [environment, new Date(timeline.now())];
    await open.query('INSERT INTO changeover_heartbeat (environment, written_at) VALUES ($1, $2)', row).catch(() => undefined);
  }

  async function start(): Promise<void> {
    if (server) return;
    database = (await options.find?.()) ?? database;
    const open = openConnections(database);
    const listener = createServer((request, response) => {
      // Answering is work: time must not jump over it.
      const release = timeline.hold();
      response.once('close', release);
      serve(connections ?? open, request).then(
        (answer) => write(options, request, response, answer),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(port, '127.0.0.1', resolve));
    listener.unref();
    port = (listener.address() as AddressInfo).port;
    server = listener;
    connections = open;
    silence = timeline.every(HEARTBEAT_MILLISECONDS, () => beat(connections ?? open), { most: HEARTBEATS_LIVED_THROUGH });
  }

  async function stop(): Promise<void> {
    silence();
    const [listener, open] = [server, connections];
    server = connections = undefined;
    if (listener) {
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      });
    }
    await open?.end();
  }

  await start();
  return {
    environment,
    url: `http://127.0.0.1:${port}`,
    get running() {
      return server !== undefined;
    },
    start,
    stop,
  };
}

const preflight = {
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers': 'content-type, authorization',
  'access-control-max-age': '600',
};

const headersOf = ({ headers }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end all the same: a client that is still sending would not hear the answer.
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return size <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined;
}

/** The date is the timeline's: whoever reads it must see one clock. */
function write(
  { timeline, corsOrigins }: ApplicationOptions,
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): void {
  const { origin } = request.headers;
  response.sendDate = false;
  response.writeHead(status, {
    date: new Date(timeline.now()).toUTCString(),
    vary: 'Origin',
    ...(origin !== undefined && corsOrigins.includes(origin) && { 'access-control-allow-origin': origin }),
    ...headers,
    ...(status !== 204 && { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
