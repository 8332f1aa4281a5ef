// pg_dump itself, compiled to WASM: it asks and waits for the answer in one breath, so it runs in a thread of its own that may wait.
// The bundle that holds this starts itself again as that thread: nothing lies beside a function's one file.
import fs from 'node:fs';
import { isMainThread, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { PGlite } from '@electric-sql/pglite';
import { pgDump } from '@electric-sql/pglite-tools/pg_dump';
import wasm from 'pg_dump.wasm';

/** What the thread is given; a bundle that finds it in its own `workerData` is that thread. */
export interface DumpOrder {
  readonly changeover: 'pg_dump';
  readonly args: readonly string[];
  /** What the server says of itself to whoever connects. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly port: MessagePort;
  /** Set and waited for: an answer lies in the port. */
  readonly bell: SharedArrayBuffer;
}
export type Dumped = { readonly sql: string } | { readonly trouble: string };

const isOrder = (given: unknown): given is DumpOrder => (given as Partial<DumpOrder> | null)?.changeover === 'pg_dump';

/** The file that this is in, when it runs: a bundle as a rule. */
export const THREAD = __filename;

async function dump({ args, parameters, port, bell }: DumpOrder): Promise<void> {
  serveWasm();
  try {
    const file = await pgDump({ pg: connectionThrough(port, new Int32Array(bell), greetingOf(parameters)), args: [...args] });
    port.postMessage({ sql: await file.text() } satisfies Dumped);
  } catch (error) {
    port.postMessage({ trouble: error instanceof Error ? error.message : String(error) } satisfies Dumped);
  } finally {
    port.close();
  }
}

/** It looks for its code beside the file it is in, which is a bundle by now: this thread's own reading finds it in the bundle. */
function serveWasm(): void {
  const { readFileSync } = fs;
  const served = (path: unknown): boolean => String(path).endsWith('/pg_dump.wasm');
  fs.readFileSync = ((path: fs.PathOrFileDescriptor, options?: BufferEncoding) =>
    served(path) ? Buffer.from(wasm) : readFileSync(path, options)) as typeof fs.readFileSync;
}

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** Whoever let the connection in has done so already: pg_dump is told what it would have been told. */
function greetingOf(parameters: DumpOrder['parameters']): Buffer {
  const told = parameters.map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`)));
  return Buffer.concat([message('R', Buffer.alloc(4)), ...told, message('K', Buffer.alloc(8)), message('Z', Buffer.from('I'))]);
}

const [QUERY, SYNC, TERMINATE] = ['Q', 'S', 'X'].map((letter) => letter.charCodeAt(0));
/** SSLRequest and GSSENCRequest: encryption is the connection's business. */
const ENCRYPTION = [80_877_103, 80_877_104];

/** As pg_dump sees PGlite: bytes go in, bytes come back before the call returns. */
function connectionThrough(port: MessagePort, bell: Int32Array, greeting: Buffer): PGlite {
  let heard: Buffer = Buffer.alloc(0);
  let greeted = false;

  const ask = (bytes: Uint8Array): Uint8Array => {
    Atomics.store(bell, 0, 0);
    port.postMessage(new Uint8Array(bytes));
    for (;;) {
      const answer = receiveMessageOnPort(port) as { message: Uint8Array } | undefined;
      if (answer) return answer.message;
      Atomics.wait(bell, 0, 0);
      Atomics.store(bell, 0, 0);
    }
  };
  /** The next whole message of what was heard so far. */
  const next = (): Buffer | undefined => {
    const head = greeted ? 1 : 0;
    if (heard.length < head + 4) return undefined;
    const length = head + heard.readUInt32BE(head);
    if (heard.length < length) return undefined;
    const whole = heard.subarray(0, length);
    heard = heard.subarray(length);
    return whole;
  };
  const answerTo = (whole: Buffer): Uint8Array | undefined => {
    if (!greeted && ENCRYPTION.includes(whole.readUInt32BE(4))) return Buffer.from('N');
    if (!greeted) {
      greeted = true;
      return greeting;
    }
    if (whole[0] === TERMINATE) return undefined;
    if (whole[0] === QUERY || whole[0] === SYNC) return ask(whole);
    port.postMessage(new Uint8Array(whole));
    return undefined;
  };
  const connection = {
    query: () => Promise.resolve({ rows: [{ search_path: 'pg_catalog' }] }),
    exec: () => Promise.resolve(),
    execProtocolRawStream(bytes: Uint8Array, { onRawData }: { onRawData: (bytes: Uint8Array) => void }): void {
      heard = Buffer.concat([heard, bytes]);
      for (let whole = next(); whole; whole = next()) {
        const answer = answerTo(whole);
        if (answer) onRawData(answer);
      }
    },
  };
  return connection as unknown as PGlite;
}

// Last of all: what it is made of stands by now.
if (!isMainThread && isOrder(workerData)) void dump(workerData);
