import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { awsUploads } from '../../shared/cloud/aws/uploads.ts';
import { standOn } from './on-aws.ts';

let cloud: Cloud;
let restore: () => void;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
beforeEach(async () => {
  restore = standOn(cloud);
  const CreateBucketConfiguration = { LocationConstraint: cloud.region as 'eu-west-1' };
  await cloud.call('s3', 'CreateBucket', { Bucket: 'orders-main-uploads', CreateBucketConfiguration });
});
afterEach(async () => {
  restore();
  await cloud.reset();
});
afterAll(() => cloud.stop());

const upload = (Key: string) => cloud.call('s3', 'PutObject', { Bucket: 'orders-main-uploads', Key, Body: Buffer.from('x') });

describe('uploads', () => {
  it('are counted from the second they are asked about', async () => {
    await upload('before');
    await cloud.timeline.passTo(cloud.timeline.now() + 60_000);
    const since = new Date(cloud.timeline.now());
    await upload('a/after');
    await upload('z/after');

    await expect(awsUploads().countSince('orders-main-uploads', since)).resolves.toEqual({ count: 2, more: false });
  });

  it('are counted over the pages of the listing', async () => {
    const since = new Date(cloud.timeline.now() - 1_000);
    for (let i = 0; i < 1_001; i++) await upload(`upload-${i}`);

    await expect(awsUploads().countSince('orders-main-uploads', since)).resolves.toEqual({ count: 1_001, more: false });
  });

  describe('of two sides', () => {
    beforeEach(async () => {
      const CreateBucketConfiguration = { LocationConstraint: cloud.region as 'eu-west-1' };
      await cloud.call('s3', 'CreateBucket', { Bucket: 'orders-spare-uploads', CreateBucketConfiguration });
    });
    const onSpare = (Key: string, text = 'x') =>
      cloud.call('s3', 'PutObject', { Bucket: 'orders-spare-uploads', Key, Body: Buffer.from(text), Tagging: 'kind=photo' });
    const compare = (since: Date) => awsUploads().compare('orders-main-uploads', 'orders-spare-uploads', since);

    it('are told by name: what was written there since, and what stands here under the same names, however old', async () => {
      await upload('shared');
      await onSpare('copied long ago');
      await cloud.timeline.passTo(cloud.timeline.now() + 60_000);
      const since = new Date(cloud.timeline.now());
      await upload('only here');
      await onSpare('only there', 'yes');
      await onSpare('shared', 'changed');

      const found = await compare(since);

      expect(found.there.map(({ key, size }) => [key, size])).toEqual([
        ['only there', 3],
        ['shared', 7],
      ]);
      expect(found.here).toEqual([{ key: 'shared', size: 1, etag: expect.any(String) as unknown }]);
      expect(found).toMatchObject({ more: false, keepsVersions: false });
    });

    it('are copied with what belongs to them, whatever their names, and twice without harm', async () => {
      const since = new Date(cloud.timeline.now() - 1_000);
      const names = ['photos/2026/a b+c%20é?.png', '100%', 'plain'];
      for (const name of names) await onSpare(name, `the ${name}`);

      await awsUploads().copy('orders-spare-uploads', 'orders-main-uploads', names);
      await awsUploads().copy('orders-spare-uploads', 'orders-main-uploads', names);

      for (const Key of names) {
        const object = { Bucket: 'orders-main-uploads', Key };
        const { Body } = await cloud.call('s3', 'GetObject', object);
        expect(Body instanceof Readable ? Buffer.concat(await Body.toArray()).toString() : String(Body)).toBe(`the ${Key}`);
        expect((await cloud.call('s3', 'GetObjectTagging', object)).TagSet).toEqual([{ Key: 'kind', Value: 'photo' }]);
      }
      const { there, here } = await compare(since);
      expect(here).toEqual(there);
    });
  });

  it('of a bucket that is not there are refused by its name', async () => {
    await expect(awsUploads().countSince('nobody-uploads', new Date(0))).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('nobody-uploads') as unknown,
    });
  });
});
