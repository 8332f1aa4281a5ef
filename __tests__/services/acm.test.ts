import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACMClient,
  AddTagsToCertificateCommand,
  DescribeCertificateCommand,
  GetCertificateCommand,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
  RemoveTagsFromCertificateCommand,
  type ListCertificatesCommandInput,
} from '@aws-sdk/client-acm';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';

const REGION = 'eu-west-1';
const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);

let cloud: Cloud;
let acm: ACMClient;
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: NOON });
  acm = new ACMClient({ endpoint: cloud.endpoint, region: REGION, credentials: cloud.operator, maxAttempts: 1 });
});
afterEach(async () => {
  acm.destroy();
  await cloud.stop();
});

const found = (names: string[], more: object = {}) => cloud.services.acm.own.found({ region: REGION, names, ...more });
const describeAt = async (CertificateArn: string) =>
  (await acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate;
const list = async (input: ListCertificatesCommandInput = {}) =>
  acm.send(new ListCertificatesCommand({ Includes: { keyTypes: ['EC_prime256v1'] }, ...input }));

describe('a certificate', () => {
  it('is described as what it is', async () => {
    const arn = await found(['app.orders.test', '*.orders.test']);
    cloud.services.acm.own.use(arn, 'arn:aws:cloudfront::123456789012:distribution/E1');

    const described = await describeAt(arn);

    expect(described).toMatchObject({
      DomainName: 'app.orders.test',
      SubjectAlternativeNames: ['app.orders.test', '*.orders.test'],
      Status: 'ISSUED',
      Type: 'AMAZON_ISSUED',
      InUseBy: ['arn:aws:cloudfront::123456789012:distribution/E1'],
      RenewalEligibility: 'ELIGIBLE',
      KeyAlgorithm: 'EC-prime256v1',
      DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }, { ValidationStatus: 'SUCCESS' }],
    });
    expect(described?.NotAfter?.getTime()).toBeGreaterThan(NOON + 300 * DAY_MS);
  });

  it('is fetched with its chain, by which anybody can check it', async () => {
    const arn = await found(['app.orders.test']);

    const { Certificate = '', CertificateChain = '' } = await acm.send(new GetCertificateCommand({ CertificateArn: arn }));

    const leaf = new X509Certificate(Certificate);
    expect(leaf.verify(new X509Certificate(CertificateChain).publicKey)).toBe(true);
    expect(leaf.checkHost('app.orders.test')).toBe('app.orders.test');
    expect(leaf.toString()).toBe(new X509Certificate(cloud.services.acm.own.keyPairOf(arn)?.certificate ?? '').toString());
  });

  it('expires when its day comes, by the timeline', async () => {
    const arn = await found(['app.orders.test'], { notAfter: NOON + DAY_MS });
    const before = await describeAt(arn);

    await cloud.timeline.passTo(NOON + DAY_MS + 1000);

    expect([before?.Status, (await describeAt(arn))?.Status]).toEqual(['ISSUED', 'EXPIRED']);
  });

  it('that nobody has validated yet has no body', async () => {
    const arn = await found(['app.orders.test'], { status: 'PENDING_VALIDATION' });

    const fetching = acm.send(new GetCertificateCommand({ CertificateArn: arn }));

    await expect(fetching).rejects.toMatchObject({ name: 'RequestInProgressException' });
    const described = await describeAt(arn);
    expect([described?.NotAfter, described?.DomainValidationOptions?.[0]?.ValidationStatus]).toEqual([
      undefined,
      'PENDING_VALIDATION',
    ]);
    expect(described?.DomainValidationOptions?.[0]?.ResourceRecord?.Name).toMatch(/^_[0-9a-f]{32}\.app\.orders\.test\.$/);
  });

  it('is known in its own Region only', async () => {
    const arn = await found(['app.orders.test'], { region: 'us-east-1' });

    const elsewhere = describeAt(arn);

    await expect(elsewhere).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Could not find certificate ${arn}.`,
    });
    expect((await list()).CertificateSummaryList).toEqual([]);
    await expect(found(['x.test'], { arn })).rejects.toThrow('is in another Region than eu-west-1');
  });

  it.each([
    ['arn:aws:acm:eu-west-1:123456789012:domain/orders', 'InvalidArnException'],
    ['orders.test certificate', 'ValidationException'],
    ['arn:aws:acm:eu-west-1:123456789012:certificate/none', 'ResourceNotFoundException'],
  ])('named %s is refused as %s', async (arn, name) => {
    const describing = describeAt(arn);

    await expect(describing).rejects.toMatchObject({ name });
  });
});

describe('a listing', () => {
  it('leaves out keys that are no RSA ones, unless it is asked for them', async () => {
    await found(['app.orders.test']);

    const [usual, all] = [await acm.send(new ListCertificatesCommand({})), await list()];

    expect(usual.CertificateSummaryList).toEqual([]);
    expect(all.CertificateSummaryList).toMatchObject([{ DomainName: 'app.orders.test', InUse: false }]);
  });

  it('takes filters, an order and pages', async () => {
    await found(['old.test'], { status: 'EXPIRED' });
    await found(['young.test'], { notBefore: NOON - DAY_MS, notAfter: NOON + 90 * DAY_MS });
    await found(['younger.test'], { notBefore: NOON - 1000, notAfter: NOON + 90 * DAY_MS });
    const names = (answer: Awaited<ReturnType<typeof list>>) =>
      answer.CertificateSummaryList?.map(({ DomainName }) => DomainName);
    const sorted = { SortBy: 'CREATED_AT', SortOrder: 'DESCENDING', MaxItems: 2 } as const;

    const issued = await list({ CertificateStatuses: ['ISSUED'] });
    const first = await list(sorted);
    const second = await list({ ...sorted, NextToken: first.NextToken });

    expect(names(issued)).toEqual(['young.test', 'younger.test']);
    expect([names(first), names(second), second.NextToken]).toEqual([['younger.test', 'young.test'], ['old.test'], undefined]);
  });

  it.each([
    [{ SortBy: 'CREATED_AT' as const }, 'InvalidArgsException'],
    [{ SortOrder: 'SIDEWAYS' as never }, 'ValidationException'],
    [{ CertificateStatuses: ['FRESH' as never] }, 'ValidationException'],
    [{ MaxItems: 1001 }, 'ValidationException'],
    [{ NextToken: 'made-up' }, 'InvalidArgsException'],
  ])('is refused with %j', async (input, name) => {
    const listing = list(input);

    await expect(listing).rejects.toMatchObject({ name });
  });
});

describe('tags of a certificate', () => {
  it('are added and taken away, by key or by key and value', async () => {
    const CertificateArn = await found(['app.orders.test']);
    const Tags = [
      { Key: 'team', Value: 'orders' },
      { Key: 'tier', Value: '1' },
    ];
    await acm.send(new AddTagsToCertificateCommand({ CertificateArn, Tags }));

    await acm.send(
      new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'team', Value: 'other' }, { Key: 'tier' }] }),
    );

    const left = await acm.send(new ListTagsForCertificateCommand({ CertificateArn }));
    expect(left.Tags).toEqual([{ Key: 'team', Value: 'orders' }]);
  });

  it.each([
    ['a reserved key', { Key: 'aws:team', Value: 'x' }, 'InvalidTagException'],
    ['a value too long', { Key: 'team', Value: 'x'.repeat(257) }, 'ValidationException'],
  ])('are refused with %s', async (_what, tag, name) => {
    const CertificateArn = await found(['app.orders.test']);

    const adding = acm.send(new AddTagsToCertificateCommand({ CertificateArn, Tags: [tag] }));

    await expect(adding).rejects.toMatchObject({ name });
  });

  it('are what a permission may depend on', async () => {
    const [ours, theirs] = [await found(['ours.test']), await found(['theirs.test'])];
    await acm.send(new AddTagsToCertificateCommand({ CertificateArn: ours, Tags: [{ Key: 'team', Value: 'orders' }] }));
    const role = await roleWith('acm:DescribeCertificate', { StringEquals: { 'aws:ResourceTag/team': 'orders' } });
    const describeAs = (CertificateArn: string) =>
      cloud.ground.call(role, 'acm', 'DescribeCertificate', { CertificateArn }, REGION);

    await expect(describeAs(ours)).resolves.toMatchObject({ Certificate: { DomainName: 'ours.test' } });
    await expect(describeAs(theirs)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});

async function roleWith(Action: string, Condition: object): Promise<Caller> {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const document = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { Role } = await cloud.call('iam', 'CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument: document(trust) });
  const PolicyDocument = document({ Effect: 'Allow', Action, Resource: '*', Condition });
  await cloud.call('iam', 'PutRolePolicy', { RoleName: 'reader', PolicyName: 'reads', PolicyDocument });
  return cloud.ground.assume(Role?.Arn ?? '', 'lambda.amazonaws.com', 'test');
}
