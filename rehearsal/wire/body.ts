// A request's body: collected within a limit, or spooled to disk where it may be large, checked against what was signed.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../services/error.ts';

/** More than any request that is not an object's bytes may have; Lambda's own limit is 6 MB plus base64. */
const MAX_COLLECTED_BYTES = 80 * 1024 * 1024;
/** Below this an object's bytes stay in memory. */
const MAX_IN_MEMORY_BYTES = 1024 * 1024;

export async function collectBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_COLLECTED_BYTES) throw new AwsError('RequestEntityTooLarge', 'Request body is too large', { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

export interface Spooled {
  readonly body: Readable;
  readonly length: number;
  /** Lower-case trailer names, as `x-amz-checksum-crc32`. */
  readonly trailers: Record<string, string>;
  discard(): void;
}

let spools = 0;

/** Takes an object's bytes off the wire: aws-chunked undone, length and SHA-256 held against the headers. */
export async function spoolBody(request: IncomingMessage, folder: () => string): Promise<Spooled> {
  const signed = String(request.headers['x-amz-content-sha256'] ?? '');
  const chunked = signed.startsWith('STREAMING-') || /\baws-chunked\b/.test(request.headers['content-encoding'] ?? '');
  const decoder = chunked ? awsChunked() : undefined;
  const hash = /^[0-9a-f]{64}$/.test(signed) ? createHash('sha256') : undefined;
  const sink = createSink(folder, hash);
  try {
    if (decoder) await pipeline(request, decoder.stream, sink.write);
    else await pipeline(request, sink.write);
    const trailers = decoder?.trailers() ?? {};
    checkLength(request, chunked, sink.length());
    if (hash && hash.digest('hex') !== signed) {
      throw new AwsError(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        {
          status: 400,
        },
      );
    }
    return { body: sink.read(), length: sink.length(), trailers, discard: sink.discard };
  } catch (error) {
    sink.discard();
    throw error;
  }
}

function checkLength(request: IncomingMessage, chunked: boolean, found: number): void {
  const said = chunked ? request.headers['x-amz-decoded-content-length'] : request.headers['content-length'];
  if (said !== undefined && Number(said) !== found) {
    throw new AwsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header', {
      status: 400,
    });
  }
}

function createSink(folder: () => string, hash: Hash | undefined) {
  const chunks: Buffer[] = [];
  let length = 0;
  let path: string | undefined;
  let file: ReturnType<typeof createWriteStream> | undefined;
  const spill = (): void => {
    const place = folder();
    mkdirSync(place, { recursive: true });
    path = join(place, `spool-${process.pid}-${spools++}`);
    file = createWriteStream(path);
    for (const chunk of chunks.splice(0)) file.write(chunk);
  };
  return {
    async write(source: AsyncIterable<Buffer>): Promise<void> {
      for await (const chunk of source) {
        length += chunk.length;
        hash?.update(chunk);
        if (!file && length > MAX_IN_MEMORY_BYTES) spill();
        if (!file) chunks.push(chunk);
        else if (!file.write(chunk)) await new Promise<void>((resolve) => file?.once('drain', () => resolve()));
      }
      if (file)
        await new Promise<void>((resolve, reject) => file?.end((error?: Error | null) => (error ? reject(error) : resolve())));
    },
    length: () => length,
    read: (): Readable => (path === undefined ? Readable.from(chunks, { objectMode: false }) : createReadStream(path)),
    discard: (): void => {
      file?.destroy();
      if (path !== undefined) rmSync(path, { force: true });
    },
  };
}

/** `<hex size>[;chunk-signature=…]CRLF data CRLF … 0 CRLF trailers CRLF`. */
function awsChunked(): { stream: Transform; trailers: () => Record<string, string> } {
  let buffered: Buffer = Buffer.alloc(0);
  let remaining = 0;
  let stage: 'size' | 'data' | 'end-of-chunk' | 'trailers' = 'size';
  const trailers: Record<string, string> = {};
  const broken = (): AwsError => new AwsError('InvalidRequest', 'The body is not valid aws-chunked content.', { status: 400 });

  const line = (): string | undefined => {
    const end = buffered.indexOf('\r\n');
    if (end === -1) {
      if (buffered.length > 8192) throw broken();
      return undefined;
    }
    const text = buffered.subarray(0, end).toString('latin1');
    buffered = buffered.subarray(end + 2);
    return text;
  };
  /** Takes one step; false when more bytes are needed. */
  const step = (push: (data: Buffer) => void): boolean => {
    if (stage === 'data') {
      if (buffered.length === 0) return false;
      const data = buffered.subarray(0, remaining);
      buffered = buffered.subarray(data.length);
      remaining -= data.length;
      push(data);
      if (remaining === 0) stage = 'end-of-chunk';
      return true;
    }
    const text = line();
    if (text === undefined) return false;
    if (stage === 'end-of-chunk') {
      if (text !== '') throw broken();
      stage = 'size';
    } else if (stage === 'size') {
      const size = /^([0-9a-fA-F]{1,12})(;|$)/.exec(text)?.[1];
      if (size === undefined) throw broken();
      remaining = Number.parseInt(size, 16);
      stage = remaining === 0 ? 'trailers' : 'data';
    } else if (text !== '') {
      const colon = text.indexOf(':');
      if (colon === -1) throw broken();
      trailers[text.slice(0, colon).trim().toLowerCase()] = text.slice(colon + 1).trim();
    }
    return true;
  };
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
      try {
        while (step((data) => this.push(Buffer.from(data))));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      done(
        stage === 'trailers' ? null : new AwsError('IncompleteBody', 'The request body terminated unexpectedly', { status: 400 }),
      );
    },
  });
  return { stream, trailers: () => trailers };
}
