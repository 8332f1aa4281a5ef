import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import type { FaultKind } from '../../rehearsal/faults/faults.ts';
import { awsLedger } from '../../shared/cloud/aws/ledger.ts';
import { createSmallWorld } from '../steps/small-world.ts';
import { holdsTheLedgerContract } from './ledger.port.ts';

let cloud: Cloud;
const before = { ...process.env };
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
afterEach(() => cloud.reset());
afterAll(async () => {
  process.env = before;
  await cloud.stop();
});

/** The adapter itself, on the embedded cloud, by the environment Lambda would give it. */
async function ledgerOnAws() {
  const { accessKeyId, secretAccessKey } = cloud.operator;
  Object.assign(process.env, {
    LEDGER_BUCKET: 'ledger-under-test',
    AWS_REGION: cloud.region,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  await cloud.call('s3', 'CreateBucket', {
    Bucket: 'ledger-under-test',
    CreateBucketConfiguration: { LocationConstraint: cloud.region as 'eu-west-1' },
  });
  return awsLedger();
}

describe('the small world’s ledger', () => {
  holdsTheLedgerContract(() => createSmallWorld().ledger);
});

describe('the ledger on S3', () => {
  holdsTheLedgerContract(ledgerOnAws);

  const strike = (kind: FaultKind, times = 1): void => cloud.faults.set([{ kind, operation: 's3:PutObject', times }]);

  it('recognises its own create when the answer was lost', async () => {
    const ledger = await ledgerOnAws();
    strike('lost-after');

    await expect(ledger.create('runs/a.json', { epoch: 1 })).resolves.toBe(true);
    expect((await ledger.read('runs/a.json'))?.body).toEqual({ epoch: 1 });
  });

  it('recognises its own replacement when the answer was lost', async () => {
    const ledger = await ledgerOnAws();
    await ledger.create('lease/app.json', { epoch: 1 });
    const seen = (await ledger.read('lease/app.json'))?.version ?? '';
    strike('lost-after');

    await expect(ledger.replace('lease/app.json', { epoch: 2 }, seen)).resolves.toBe(true);
  });

  it('rides out a throttled call by itself, and says CloudTransient when it lasts', async () => {
    const ledger = await ledgerOnAws();
    strike('throttled');
    await expect(ledger.create('runs/a.json', {})).resolves.toBe(true);
    strike('throttled', 10);

    await expect(ledger.create('runs/b.json', {})).rejects.toMatchObject({
      name: 'CloudTransient',
      facts: { operation: 'writing runs/b.json' },
    });
  });

  it('says CloudRefused, with what AWS said, when it may not', async () => {
    const ledger = await ledgerOnAws();
    strike('denied');

    await expect(ledger.create('runs/a.json', {})).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('s3:PutObject') as unknown,
    });
  });

  it('refuses an entry that is no JSON, without telling what is in it', async () => {
    const ledger = await ledgerOnAws();
    await cloud.call('s3', 'PutObject', { Bucket: 'ledger-under-test', Key: 'runs/a.json', Body: Buffer.from('secret words') });

    await expect(ledger.read('runs/a.json')).rejects.toMatchObject({
      name: 'CloudRefused',
      message: 'runs/a.json in the ledger is no JSON; restore the version before it',
    });
  });

  it('keeps its nonce to itself', async () => {
    const ledger = await ledgerOnAws();
    await ledger.create('runs/a.json', { epoch: 1 });

    expect(Object.keys((await ledger.read('runs/a.json'))?.body as object)).toEqual(['epoch']);
  });
});
