// What the application does for whoever asks: each route really reads or writes its environment's database.
import * as z from 'zod';
import { answerTrouble, json, reasonOf, refuse, type Answer } from './answers.ts';
import type { Connections } from './database.ts';
import { verifies } from './password.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** Where uploads are kept: the environment's bucket. */
export interface UploadStore {
  put(key: string, body: Buffer, contentType: string): Promise<void>;
  /** Undefined when there is no such object. */
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface Room {
  readonly environment: string;
  readonly build: string;
  /** `<endpoint host>/<database>` */
  readonly database: string;
  readonly connections: Connections;
  readonly uploads: UploadStore;
  now(): Date;
  uuid(): string;
}

type Route = (room: Room, request: Request, id: string) => Promise<Answer>;

const Login = z.strictObject({ email: z.string().max(200), password: z.string().max(200) });
const Order = z.strictObject({
  number: z.string().min(1).max(100),
  customer: z.int().positive().default(1),
  lines: z
    .array(z.strictObject({ sku: z.string().min(1).max(50), quantity: z.int().positive() }))
    .min(1)
    .max(100)
    .default([{ sku: 'sku-1', quantity: 1 }]),
});
const Heartbeat = z.strictObject({ note: z.string().min(1).max(500) });

/** Deep: green only if the database answers. */
const health: Route = async ({ environment, build, database, connections }) => {
  try {
    const [newest] = await connections.query<{ version: string }>(
      'SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1',
    );
    return json(200, { status: 'ok', environment, database, build, migration: newest?.version ?? null });
  } catch (error) {
    const reasons = [`database: ${reasonOf(error)}`];
    return json(503, { status: 'unwell', environment, database, build, migration: null, reasons }, { 'retry-after': '5' });
  }
};

const login: Route = async (room, request) => {
  const { email, password } = parse(Login, request);
  const [person] = await room.connections.query<{ id: string; password_hash: string | null }>(
    'SELECT id, password_hash FROM customers WHERE email = $1',
    [email],
  );
  if (!person?.password_hash || !verifies(password, person.password_hash))
    return refuse(401, 'no such person, or another password');
  const token = room.uuid();
  await room.connections.query('INSERT INTO sessions (token, customer_id, opened_at) VALUES ($1, $2, $3)', [
    token,
    person.id,
    room.now(),
  ]);
  return json(200, { token, environment: room.environment });
};

const listOrders: Route = async ({ connections }) => {
  const rows = await connections.query<{ id: string; number: string; state: string; placed_at: Date }>(
    'SELECT id, number, state, placed_at FROM orders ORDER BY id DESC LIMIT 20',
  );
  const orders = rows.map(({ id, number, state, placed_at }) => ({ id, number, state, placedAt: placed_at.toISOString() }));
  return json(200, { orders });
};

const placeOrder: Route = async ({ environment, connections, now }, request) => {
  const { number, customer, lines } = parse(Order, request);
  const placedAt = now();
  const id = await connections.transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'INSERT INTO orders (number, customer_id, placed_at) VALUES ($1, $2, $3) RETURNING id',
      [number, customer, placedAt],
    );
    const order = rows[0]?.id;
    await client.query('INSERT INTO order_lines (order_id, sku, quantity) SELECT $1, * FROM unnest($2::text[], $3::integer[])', [
      order,
      lines.map(({ sku }) => sku),
      lines.map(({ quantity }) => quantity),
    ]);
    return order;
  });
  return json(201, { id, number, environment, placedAt: placedAt.toISOString() });
};

const takeUpload: Route = async ({ connections, uploads, now, uuid }, { headers, body }) => {
  const key = `uploads/${uuid()}`;
  const contentType = headers['content-type'] ?? 'application/octet-stream';
  // The object first: a row whose object is missing would be worse than an object nobody knows.
  await uploads.put(key, body, contentType);
  const [row] = await connections.query<{ id: string }>(
    'INSERT INTO uploads (object_key, content_type, size_bytes, uploaded_at) VALUES ($1, $2, $3, $4) RETURNING id',
    [key, contentType, body.length, now()],
  );
  return json(201, { id: row?.id, sizeBytes: body.length });
};

const giveUpload: Route = async ({ connections, uploads }, _request, id) => {
  const [row] = await connections.query<{ object_key: string; content_type: string }>(
    'SELECT object_key, content_type FROM uploads WHERE id = $1',
    [id],
  );
  const body = row && (await uploads.get(row.object_key));
  return body ? { status: 200, headers: { 'content-type': row.content_type }, body } : refuse(404, 'no such upload');
};

const heartbeat: Route = async ({ environment, connections, now }, request) => {
  const { note } = parse(Heartbeat, request);
  const writtenAt = now();
  await connections.query('INSERT INTO changeover_heartbeat (environment, written_at, note) VALUES ($1, $2, $3)', [
    environment,
    writtenAt,
    note,
  ]);
  return json(201, { environment, note, writtenAt: writtenAt.toISOString() });
};

const ROUTES: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ['GET', /^\/api\/health$/, health],
  ['POST', /^\/api\/auth\/login$/, login],
  ['GET', /^\/api\/orders$/, listOrders],
  ['POST', /^\/api\/orders$/, placeOrder],
  ['POST', /^\/api\/uploads$/, takeUpload],
  ['GET', /^\/api\/uploads\/(\d{1,18})$/, giveUpload],
  ['POST', /^\/api\/heartbeat$/, heartbeat],
];

class BadRequest extends Error {}

function parse<Schema extends z.ZodType>(schema: Schema, { body }: Request): z.infer<Schema> {
  let said: unknown;
  try {
    said = JSON.parse(body.toString('utf8'));
  } catch {
    throw new BadRequest('the body is no JSON');
  }
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  return parsed.data;
}

export async function answerApi(room: Room, request: Request): Promise<Answer> {
  const here = ROUTES.filter(([, path]) => path.test(request.path));
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = here.find(([known]) => known === method);
  if (!found) {
    if (here.length === 0) return refuse(404, 'no such thing');
    return json(405, { error: 'not this method' }, { allow: here.map(([known]) => known).join(', ') });
  }
  const [, path, route] = found;
  try {
    return await route(room, request, path.exec(request.path)?.[1] ?? '');
  } catch (error) {
    return error instanceof BadRequest ? refuse(400, error.message) : answerTrouble(error);
  }
}
