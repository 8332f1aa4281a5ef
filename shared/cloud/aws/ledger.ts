// The ledger on S3: conditional writes, each body with a nonce, so that a write whose answer was lost knows itself again.
import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../config.ts';
import type { Entry, Ledger } from '../ports.ts';
import { nameOf, statusOf, translate } from './errors.ts';

interface Condition {
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
}

export function awsLedger(): Ledger {
  const { LEDGER_BUCKET: Bucket } = readConfig('LEDGER_BUCKET');
  const s3 = new S3Client({});

  async function readRaw(key: string): Promise<(Entry & { nonce: unknown }) | undefined> {
    try {
      const found = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      const { nonce, ...body } = JSON.parse((await found.Body?.transformToString()) ?? '{}') as Record<string, unknown>;
      return { body, nonce, version: found.ETag ?? '' };
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
    async publish(key, html) {
      try {
        await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: html, ContentType: 'text/html; charset=utf-8' }));
      } catch (error) {
        throw translate(error, `writing ${key}`);
      }
    },
  };
}
