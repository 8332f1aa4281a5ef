// What becomes of those who were at it when the cloud was emptied or stopped.
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { S3 } from '@aws-sdk/client-s3';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';

const start = (): Promise<Cloud> => startCloud({ pace: { kind: 'virtual' } });
const clientOf = ({ endpoint, region, operator }: Cloud): S3 =>
  new S3({ endpoint, region, credentials: operator, maxAttempts: 1 });
const Bucket = 'ends-here';

async function bucketIn(cloud: Cloud): Promise<S3> {
  const s3 = clientOf(cloud);
  await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
  return s3;
}
/** Settles when the door has let the call in. */
const reached = (cloud: Cloud): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (cloud.faults.unused().length === 0) resolve();
      else setImmediate(look);
    };
    look();
  });

describe('a cloud that is emptied', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await start();
  });
  afterEach(() => cloud.reset());
  afterAll(() => cloud.stop());

  it('cuts off a request that it will never answer', async () => {
    const s3 = await bucketIn(cloud);
    cloud.faults.set([{ kind: 'slow', operation: 's3:PutObject', milliseconds: 3_600_000 }]);
    const put = s3.putObject({ Bucket, Key: 'late', Body: 'x' });
    const heard = put.then(
      () => 'answered',
      () => 'cut off',
    );
    await reached(cloud);

    await cloud.reset();

    expect(await heard).toBe('cut off');
    expect(cloud.inventory()['s3']).toEqual({});
  });

  it('lets exactly one of many write a key that must not be there, and one replace it, whoever asks', async () => {
    await bucketIn(cloud);
    const clients = Array.from({ length: 8 }, () => clientOf(cloud));
    const race = async (condition: { IfNoneMatch: '*' } | { IfMatch: string }, Key: string) => {
      const all = await Promise.allSettled(clients.map((s3, i) => s3.putObject({ Bucket, Key, Body: `by ${i}`, ...condition })));
      return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.ETag ?? ''] : []));
    };

    const winners: number[] = [];
    for (let round = 0; round < 50; round++) {
      const [created = '', ...more] = await race({ IfNoneMatch: '*' }, `key-${round}`);
      const replaced = await race({ IfMatch: created }, `key-${round}`);
      winners.push(1 + more.length, replaced.length);
    }

    expect(winners).toEqual(Array.from({ length: 100 }, () => 1));
    clients.forEach((s3) => s3.destroy());
  });
});

describe('a cloud that begins anew in another Region', () => {
  it('has everything there, and is back where it was started the next time', async () => {
    const cloud = await start();
    const homes: (string | undefined)[] = [];
    const look = async (): Promise<void> => {
      const { TopicArn } = await cloud.call('sns', 'CreateTopic', { Name: 'told' });
      homes.push(cloud.region, TopicArn?.split(':')[3]);
    };

    await cloud.reset({ region: 'us-west-1' });
    await look();
    await cloud.reset();
    await look();

    await cloud.stop();
    expect(homes).toEqual(['us-west-1', 'us-west-1', 'eu-west-1', 'eu-west-1']);
  });
});

describe('a cloud that is stopped', () => {
  it('ends while clients upload and one says nothing at all, and leaves no folder', async () => {
    const cloud = await start();
    const s3 = await bucketIn(cloud);
    const folder = cloud.ground.folder('.');
    const silent = connect(Number(new URL(cloud.endpoint).port), '127.0.0.1');
    silent.on('error', () => undefined);
    silent.write(`PUT /${Bucket}/slow HTTP/1.1\r\nHost: x\r\n`);
    const uploads = Array.from({ length: 10 }, (_, i) =>
      s3.putObject({ Bucket, Key: `key-${i}`, Body: Buffer.alloc(3_000_000) }).catch(() => undefined),
    );
    await uploads[0];

    await cloud.stop();
    await Promise.all(uploads);

    expect(existsSync(folder)).toBe(false);
    expect(() => cloud.ground.folder('late')).toThrow('the cloud was stopped');
    silent.destroy();
    s3.destroy();
  });
});
