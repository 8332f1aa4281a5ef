import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { rowsOut } from '../../shared/cloud/aws/postgres/copy/rows-out.ts';

const message = (kind: string, text = ''): Buffer => {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeUInt32BE(text.length + 4, 1);
  return Buffer.concat([head, Buffer.from(text)]);
};
const ROWS = [message('H', 'how'), message('d', '1\ta\n'), message('N', 'd: a notice'), message('d'), message('d', '2\tb\n')];
const END = Buffer.concat([message('c'), message('C', 'COPY 2'), message('Z', 'I')]);

interface Query {
  submit(connection: unknown): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

/** A session as far as it matters here: what the server says, and what of it comes back to the client. */
function startSession() {
  const stream = new Readable({ read: () => undefined });
  const heard: Buffer[] = [];
  const asked: Query[] = [];
  stream.on('data', (bytes: Buffer) => heard.push(bytes));
  const client = {
    query(query: Query) {
      asked.push(query);
      query.submit({ stream, query: () => undefined });
      return query;
    },
  };
  const rows = rowsOut(client as unknown as Client, 'COPY a TO STDOUT');
  return {
    ...{ stream, rows },
    heard: () => Buffer.concat(heard),
    say: (bytes: Buffer): void => void stream.push(bytes),
    query: () => asked[0],
  };
}
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the rows that a server sends', () => {
  const all = Buffer.concat([...ROWS, END]);

  it.each(Array.from({ length: all.length }, (_, n) => n + 1))(
    'come whole in pieces of %i bytes, and what follows them is the client’s',
    async (size) => {
      const { rows, say, heard, query } = startSession();
      const taken: Buffer[] = [];
      rows.on('data', (piece: Buffer) => taken.push(piece));
      for (let at = 0; at < all.length; at += size) say(all.subarray(at, at + size));
      await soon();
      await soon();

      expect(Buffer.concat(taken).toString()).toBe('1\ta\n2\tb\n');
      expect(heard()).toEqual(END);
      query()?.handleReadyForQuery();
      await new Promise((resolve) => rows.once('end', resolve));
    },
  );

  it('end with the server’s error, which the client reads', async () => {
    const { rows, say, heard, query } = startSession();
    const failed = new Promise<Error>((resolve) => rows.once('error', resolve));
    const error = message('E', 'canceled');
    say(Buffer.concat([message('d', '1\n'), error]));
    rows.resume();
    await soon();
    expect(heard()).toEqual(error);
    query()?.handleError(new Error('canceled'));

    expect((await failed).message).toBe('canceled');
  });

  it('wait at the server’s while nobody takes them', async () => {
    const { stream, rows, say } = startSession();
    say(message('d', 'x'.repeat(600_000)));
    await soon();
    expect(stream.isPaused()).toBe(true);

    expect((rows.read() as Buffer).length).toBe(600_000);
    expect(stream.isPaused()).toBe(false);
  });
});
