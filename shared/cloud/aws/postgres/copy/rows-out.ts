// COPY … TO STDOUT as a stream. The library that we go by in the other direction takes each row by itself, which costs as much as the
// server's reading it: here the rows of what has come are moved in one go, and the protocol is the client's again when they end.
import { Readable } from 'node:stream';
import type { Client } from 'pg';

const ROW = 'd'.charCodeAt(0);
/** A row, and what may come between rows: how they are written, a setting, a notice, a notification. */
const AMONG_ROWS: ReadonlySet<number | undefined> = new Set(Buffer.from('dHSNA'));
const HEAD_BYTES = 5;
/** So much is read ahead of whoever takes it. */
const AHEAD_BYTES = 512 * 1024;

type Hear = (bytes: Buffer) => void;
interface Connection {
  readonly stream: Readable;
  query(text: string): void;
}

class RowsOut extends Readable {
  private connection: Connection | undefined;
  private hand: Hear = () => undefined;
  /** Of the message that is being read: what it is, how much of it is still to come, and its head as far as it has. */
  private kind: number | undefined;
  private left = 0;
  private head: Buffer = Buffer.alloc(0);
  private readonly sql: string;

  constructor(sql: string) {
    super({ highWaterMark: AHEAD_BYTES });
    this.sql = sql;
  }

  /** The client's turn to ask has come: what is answered comes here. */
  submit(connection: Connection): void {
    this.connection = connection;
    const [hand] = connection.stream.listeners('data') as Hear[];
    if (hand) this.hand = hand;
    connection.stream.removeAllListeners('data');
    connection.stream.on('data', this.hear);
    connection.query(this.sql);
  }

  handleError(error: Error): void {
    this.destroy(error);
  }
  handleCommandComplete(): void {
    // How many there were is counted where they arrive.
  }
  handleReadyForQuery(): void {
    this.push(null);
  }

  override _read(): void {
    this.connection?.stream.resume();
  }

  private readonly hear = (bytes: Buffer): void => {
    const rows = Buffer.allocUnsafe(bytes.length);
    let put = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.left === 0) {
        if (this.head.length === 0 && !AMONG_ROWS.has(bytes[at])) break;
        at = this.readHead(bytes, at);
        continue;
      }
      const end = Math.min(at + this.left, bytes.length);
      if (this.kind === ROW) put += bytes.copy(rows, put, at, end);
      this.left -= end - at;
      at = end;
    }
    const hasRoom = put === 0 || this.push(rows.subarray(0, put));
    if (at < bytes.length) this.handBack(bytes.subarray(at));
    else if (!hasRoom) this.connection?.stream.pause();
  };

  /** Answers where it ends: the rest of one may come with the next bytes. */
  private readHead(bytes: Buffer, at: number): number {
    const end = at + HEAD_BYTES - this.head.length;
    if (end > bytes.length) {
      this.head = Buffer.concat([this.head, bytes.subarray(at)]);
      return bytes.length;
    }
    if (this.head.length > 0) {
      const head = Buffer.concat([this.head, bytes.subarray(at, end)]);
      this.head = Buffer.alloc(0);
      this.readHead(head, 0);
    } else {
      this.kind = bytes[at];
      this.left = bytes.readUInt32BE(at + 1) - (HEAD_BYTES - 1);
    }
    return end;
  }

  /** No more rows: what follows, an error as well, is for the client to read. */
  private handBack(bytes: Buffer): void {
    const { stream } = this.connection ?? {};
    stream?.removeListener('data', this.hear);
    stream?.on('data', this.hand);
    this.hand(bytes);
    stream?.resume();
  }
}

/** In a session that nobody else asks. Whoever destroys it ends the session: the server goes on sending. */
export const rowsOut = (client: Client, sql: string): Readable => client.query(new RowsOut(sql));
