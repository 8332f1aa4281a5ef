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

  it('of a bucket that is not there are refused by its name', async () => {
    await expect(awsUploads().countSince('nobody-uploads', new Date(0))).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('nobody-uploads') as unknown,
    });
  });
});
