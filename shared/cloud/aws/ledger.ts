// The ledger on S3: conditional writes, each body with a nonce, so that a write whose answer was lost knows itself again.
import { randomUUID } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../config.ts';
import { RunbookError } from '../../errors.ts';
import type { Entry, Ledger } from '../ports.ts';
import { asking, nameOf, statusOf, translate } from './errors.ts';
import { allPages } from './paging.ts';

interface Condition {
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
}

export function awsLedger(): Ledger {
  const { LEDGER_BUCKET: Bucket } = readConfig('LEDGER_BUCKET');
  const s3 = new S3Client({});

  async function readRaw(key: string): Promise<(Entry & { nonce: unknown }) | undefined> {
    const found = await fetchEntry(key);
    if (!found) return undefined;
    const { nonce, ...body } = parseEntry(key, found.text);
    return { body, nonce, version: found.version };
  }

  async function fetchEntry(key: string): Promise<{ text: string; version: string } | undefined> {
    try {
      const found = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      return { text: (await found.Body?.transformToString()) ?? '', version: found.ETag ?? '' };
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return undefined;
      throw translate(error, `reading ${key}`);
    }
  }

  /** 412 and 409 say that the condition failed, or that our own first try, whose answer was lost, succeeded. */
  async function write(key: string, body: object, condition: Condition): Promise<boolean> {
    const nonce = randomUUID();
    const Body = JSON.stringify({ nonce, ...body });
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key: key, Body, ContentType: 'application/json', ...condition }));
      return true;
    } catch (error) {
      if (![404, 409, 412].includes(statusOf(error) ?? 0)) throw translate(error, `writing ${key}`);
      return (await readRaw(key))?.nonce === nonce;
    }
  }

  return {
    async read(key) {
      const found = await readRaw(key);
      return found && { body: found.body, version: found.version };
    },
    create: (key, body) => write(key, body, { IfNoneMatch: '*' }),
    replace: (key, body, version) => write(key, body, { IfMatch: version }),
    list: (prefix) =>
      asking(`listing ${prefix}`, async () => {
        const objects = await allPages(async (ContinuationToken) => {
          const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken }));
          return { items: page.Contents, next: page.NextContinuationToken };
        });
        return objects
          .map(({ Key = '', LastModified = new Date(0), Size: bytes = 0 }) => ({
            key: Key,
            writtenAt: LastModified.toISOString(),
            bytes,
          }))
          .sort((one, other) => (one.key < other.key ? -1 : 1));
      }),
    async publish(key, text) {
      const ContentType = key.endsWith('.html') ? 'text/html; charset=utf-8' : 'application/json';
      const object = { Bucket, Key: key, Body: text, ContentType };
      await asking(`writing ${key}`, () => s3.send(new PutObjectCommand(object)));
    },
  };
}

/** Somebody else's writing: what is in it is not told, it may be anything. */
function parseEntry(key: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new RunbookError('CloudRefused', `${key} in the ledger is no JSON; restore the version before it`, {
      operation: `reading ${key}`,
    });
  }
}
