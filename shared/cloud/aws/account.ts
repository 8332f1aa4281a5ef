// An account as `npm run estate:new` reads it: descriptions and tags, never what is in a database, a bucket or a secret.
import {
  CloudFrontClient,
  ListDistributionsCommand,
  ListTagsForResourceCommand,
  type DistributionSummary,
} from '@aws-sdk/client-cloudfront';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeDBInstancesCommand, RDSClient, type DBInstance } from '@aws-sdk/client-rds';
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { RunbookError } from '../../errors.ts';
import { plainName, targetName } from '../../runbooks/record-sets.ts';
import type { Accounts, Distribution, Instance, LoadBalancer, Tags, Thing } from '../account.ts';
import { asking, nameOf, statusOf } from './errors.ts';
import { allPages } from './paging.ts';
import { awsZones } from './zones.ts';

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}
const tagsOf = (tags: readonly Tag[] = []): Tags => Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

export function awsAccounts(): Accounts {
  return {
    async read(asked) {
      const region = asked ?? (await usualRegion());
      const [described, loadBalancers, distributions, zones, buckets] = await Promise.all([
        asking(`reading the instances in ${region}`, () => readInstances(region)),
        asking(`reading the load balancers in ${region}`, () => readLoadBalancers(region)),
        asking('reading the distributions', readDistributions),
        awsZones(),
        asking(`reading the buckets in ${region}`, () => readBuckets(region)),
      ]);
      const id = /^arn:[^:]*:rds:[^:]*:(\d{12}):/.exec(described[0]?.DBInstanceArn ?? '')?.[1];
      const instances = described.map(instanceOf);
      return { ...(id !== undefined && { id }), region, instances, loadBalancers, distributions, zones, buckets };
    },
  };
}

/** AWS_REGION and the profile's are the SDK's own ways; AWS_DEFAULT_REGION is what the command line reads. */
async function usualRegion(): Promise<string> {
  const said = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (said !== undefined && said !== '') return said;
  try {
    return await new RDSClient({}).config.region();
  } catch (cause) {
    const says = 'region: found none, expected one; say --region eu-west-1, or set AWS_REGION';
    throw new RunbookError('InputInvalid', says, {}, { cause });
  }
}

async function readInstances(region: string): Promise<DBInstance[]> {
  const rds = new RDSClient({ region });
  return allPages(async (Marker) => {
    const page = await rds.send(new DescribeDBInstancesCommand({ Marker }));
    return { items: page.DBInstances, next: page.Marker };
  });
}

function instanceOf(one: DBInstance): Instance {
  const { DBClusterIdentifier: cluster, ReadReplicaSourceDBInstanceIdentifier: replicaOf, DBName: database } = one;
  return {
    name: one.DBInstanceIdentifier ?? '',
    tags: tagsOf(one.TagList),
    engine: one.Engine ?? '',
    status: one.DBInstanceStatus ?? '',
    ...(isSaid(cluster) && { cluster }),
    ...(isSaid(replicaOf) && { replicaOf }),
    ...(isSaid(database) && { database }),
    multiAz: one.MultiAZ ?? false,
    keepsBackups: (one.BackupRetentionPeriod ?? 0) > 0,
    subnets: (one.DBSubnetGroup?.Subnets ?? []).flatMap(({ SubnetIdentifier: id }) => id ?? []),
    securityGroups: (one.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
  };
}
const isSaid = (text: string | undefined): text is string => text !== undefined && text !== '';

/** DescribeTags takes no more at once. */
const MOST_TAGGED = 20;

async function readLoadBalancers(region: string): Promise<LoadBalancer[]> {
  const elb = new ElasticLoadBalancingV2Client({ region });
  const found = await allPages(async (Marker) => {
    const page = await elb.send(new DescribeLoadBalancersCommand({ Marker }));
    return { items: page.LoadBalancers, next: page.NextMarker };
  });
  const arns = found.flatMap(({ LoadBalancerArn: arn }) => arn ?? []);
  const tags = new Map<string, Tags>();
  for (let at = 0; at < arns.length; at += MOST_TAGGED) {
    const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: arns.slice(at, at + MOST_TAGGED) }));
    for (const { ResourceArn = '', Tags: said } of TagDescriptions ?? []) tags.set(ResourceArn, tagsOf(said));
  }
  return found.map((one) => ({
    name: one.LoadBalancerName ?? '',
    tags: tags.get(one.LoadBalancerArn ?? '') ?? {},
    dnsName: targetName(one.DNSName ?? ''),
    type: one.Type ?? '',
    internal: one.Scheme === 'internal',
  }));
}

async function readDistributions(): Promise<Distribution[]> {
  // CloudFront is one for all Regions, and answers in this one.
  const cloudfront = new CloudFrontClient({ region: 'us-east-1' });
  const found = await allPages(async (Marker) => {
    const { DistributionList: page } = await cloudfront.send(new ListDistributionsCommand({ Marker }));
    return { items: page?.Items, next: page?.IsTruncated === true ? page.NextMarker : undefined };
  });
  return inTurn(found, async (one) => {
    const { Tags: said } = await cloudfront.send(new ListTagsForResourceCommand({ Resource: one.ARN }));
    return distributionOf(one, tagsOf(said?.Items));
  });
}

const distributionOf = (one: DistributionSummary, tags: Tags): Distribution => ({
  name: one.Id ?? '',
  tags,
  dnsName: plainName(one.DomainName ?? ''),
  comment: one.Comment ?? '',
  enabled: one.Enabled ?? false,
  aliases: (one.Aliases?.Items ?? []).map(plainName),
  origins: (one.Origins?.Items ?? []).map(({ DomainName }) => targetName(DomainName ?? '')),
});

/** A page of ListBuckets; without a number S3 answers all of them at once, and refuses an account that has too many. */
const BUCKETS_ON_PAGE = 1_000;

async function readBuckets(region: string): Promise<Thing[]> {
  const s3 = new S3Client({ region });
  const found = await allPages(async (ContinuationToken) => {
    const asked = { BucketRegion: region, MaxBuckets: BUCKETS_ON_PAGE, ContinuationToken };
    const page = await s3.send(new ListBucketsCommand(asked));
    return { items: page.Buckets, next: page.ContinuationToken };
  });
  return inTurn(found, async ({ Name: name = '' }) => ({ name, tags: await tagsOfBucket(s3, name) }));
}

/** A bucket without tags answers 404. One whose own policy shuts us out is still there, under its name. */
async function tagsOfBucket(s3: S3Client, Bucket: string): Promise<Tags> {
  try {
    return tagsOf((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet);
  } catch (error) {
    if (nameOf(error) === 'NoSuchTagSet' || statusOf(error) === 403) return {};
    throw error;
  }
}

/** Questions about one thing each, a few at a time: an account may have hundreds, and AWS answers only so many a second. */
const AT_ONCE = 8;
async function inTurn<In, Out>(all: readonly In[], ask: (one: In) => Promise<Out>): Promise<Out[]> {
  const answers: Out[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) answers.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(ask))));
  return answers;
}
