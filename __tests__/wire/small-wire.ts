// A wire with nothing behind it but what a test says: what arrives, and what is answered.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import { serveWire, type Wire, type WireCall } from '../../rehearsal/wire/server.ts';

const operator: Caller = { kind: 'operator', arn: 'arn:aws:iam::123456789012:user/operator', account: '123456789012' };
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret', sessionToken: '' };

export interface SmallWire {
  readonly wire: Wire;
  readonly calls: WireCall[];
  /** What the next calls are answered with. */
  answer: (call: WireCall) => object;
  readonly client: {
    region: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  readonly folder: string;
}

/** The timeline of these tests stands still here. */
export const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);

export async function startSmallWire(): Promise<SmallWire> {
  const calls: WireCall[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'small-wire-'));
  const wire = await serveWire({
    port: 0,
    credentials: () => ({
      issue: () => keys,
      revoke: () => undefined,
      operator: keys,
      authenticate: () => ({ caller: operator, scope: undefined, region: 'eu-west-1' }),
    }),
    now: () => NOON,
    requestId: () => '7f0c9a52-0000-4000-8000-000000000001',
    defaultRegion: () => 'eu-west-1',
    folder: () => folder,
    handle: async (call) => {
      const streams = Object.entries(call.input).filter((entry): entry is [string, Readable] => entry[1] instanceof Readable);
      const read = await Promise.all(
        streams.map(async ([name, stream]) => [name, Buffer.concat(await stream.toArray())] as const),
      );
      calls.push({ ...call, input: { ...call.input, ...Object.fromEntries(read) } });
      return small.answer(call);
    },
  });
  const small: SmallWire = {
    wire,
    calls,
    answer: () => ({}),
    client: { region: 'eu-west-1', endpoint: `http://127.0.0.1:${wire.port}`, credentials: keys, maxAttempts: 1 },
    folder,
  };
  return small;
}
