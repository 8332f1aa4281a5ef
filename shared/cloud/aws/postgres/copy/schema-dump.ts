// A database's schema as pg_dump writes it, as of a snapshot that another session holds. The thread that runs pg_dump asks; the answers
// come through a connection of ours, with its TLS and its password.
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Client } from 'pg';
import { RunbookError } from '../../../../errors.ts';
import { inClient, type Login } from '../session.ts';
import { THREAD, type Dumped, type DumpOrder } from './dump-worker.ts';

/** pg_dump takes a lock that only a migration is in the way of; longer than this nobody is waited for at a time. */
const LOCK_MILLISECONDS = 10_000;
const DUMP_MILLISECONDS = 300_000;

/** Whom things belong to, who may what, subscriptions and large objects are carried by themselves or not at all. */
export const DUMP_ARGUMENTS = [
  '--schema-only',
  '--no-owner',
  '--no-privileges',
  '--no-subscriptions',
  '--no-large-objects',
  `--lock-wait-timeout=${LOCK_MILLISECONDS}`,
];

export const dumpSchema = (login: Login, database: string, snapshot: string): Promise<string> =>
  inClient(login, database, { readOnly: true, statementMilliseconds: DUMP_MILLISECONDS }, async (client) => {
    const parameters = await readParameters(client);
    return runDump(client, [...DUMP_ARGUMENTS, `--snapshot=${snapshot}`], parameters);
  });

const TOLD = ['server_version', 'server_encoding', 'client_encoding', 'standard_conforming_strings', 'integer_datetimes'];

async function readParameters(client: Client): Promise<[string, string][]> {
  const sql = 'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)';
  const { rows } = await client.query<{ name: string; setting: string }>(sql, [TOLD]);
  return [...rows.map(({ name, setting }): [string, string] => [name, setting]), ['is_superuser', 'off']];
}

/** What the client can and its types do not say. */
type Bare = Client & { readonly connection: { readonly stream: NodeJS.ReadWriteStream } };

async function runDump(client: Client, args: readonly string[], parameters: DumpOrder['parameters']): Promise<string> {
  const { stream } = (client as Bare).connection;
  const { port1: ours, port2: theirs } = new MessageChannel();
  const bell = new SharedArrayBuffer(4);
  const workerData: DumpOrder = { changeover: 'pg_dump', args, parameters, port: theirs, bell };
  stream.removeAllListeners('data');
  const worker = new Worker(THREAD, { workerData, transferList: [theirs], stdout: false });
  try {
    return await new Promise<string>((resolve, reject) => {
      const lost = (why: string): void =>
        reject(new RunbookError('CloudTransient', `the connection for the schema was lost (${why}); it is tried again`));
      const answers = createAnswers((answer) => {
        ours.postMessage(answer);
        ring(bell);
      });
      stream.on('data', (bytes: Buffer) => answers(bytes));
      stream.once('close', () => lost('closed'));
      stream.once('error', (error: Error) => lost(error.message));
      worker.once('error', (error) => lost(error.message));
      worker.once('exit', () => lost('pg_dump ended'));
      ours.on('message', (asked: Uint8Array | Dumped) => {
        if (asked instanceof Uint8Array) stream.write(Buffer.from(asked));
        else if ('sql' in asked) resolve(asked.sql);
        else reject(dumpRefused(asked.trouble));
      });
    });
  } finally {
    ours.close();
    await worker.terminate();
    stream.removeAllListeners('data');
  }
}

function ring(bell: SharedArrayBuffer): void {
  const word = new Int32Array(bell);
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
}

/** A migration holds its tables until it is done; a source that went away is another matter. */
export function dumpRefused(trouble: string): RunbookError {
  const says = trouble.replaceAll(/\s+/g, ' ').trim();
  if (/(lock|statement) timeout|deadlock|could not obtain lock/i.test(says))
    return new RunbookError(
      'CloudTransient',
      `a migration holds tables of the source, so its schema waits (${says}); it is tried again`,
    );
  if (/connection|terminat|snapshot/i.test(says))
    return new RunbookError('CloudTransient', `pg_dump was cut off (${says}); it is tried again`);
  return new RunbookError(
    'CloudRefused',
    `pg_dump could not read the schema (${says}); give the master of the source the right that it names`,
  );
}

const READY = 'Z'.charCodeAt(0);

/** Collects what the server says until it is ready for the next question. */
function createAnswers(give: (answer: Uint8Array) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let chunks: Buffer[] = [];
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let at = 0;
    let ready = false;
    while (at + 5 <= rest.length) {
      const length = 1 + rest.readUInt32BE(at + 1);
      if (at + length > rest.length) break;
      ready = rest[at] === READY;
      at += length;
    }
    chunks.push(rest.subarray(0, at));
    rest = rest.subarray(at);
    if (!ready) return;
    give(new Uint8Array(Buffer.concat(chunks)));
    chunks = [];
  };
}
