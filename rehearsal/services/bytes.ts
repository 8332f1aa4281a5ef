// A streaming member travels between services as bytes or as a stream.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** All of it; nothing is no bytes. */
export const bytesOf = async (body: Uint8Array | Readable | undefined): Promise<Buffer> =>
  body instanceof Readable ? buffer(body) : Buffer.from(body ?? []);
