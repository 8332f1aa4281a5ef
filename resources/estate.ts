// What CloudFormation must know of the estate: the names that rights are limited to, and the resources that exist once for each
// approver or environment. serverless.yml takes each export by its name, through estate.serverless.cjs.
import { join, resolve } from 'node:path';
import type { Estate, Network } from '../shared/estate.ts';
import { namePatterns } from '../shared/runbooks/instances.ts';
import { firstPatience } from '../shared/runbooks/asking.ts';
import { policyOf } from '../shared/runbooks/retention.ts';
import { ESTATE_FILE, readEstateFile } from '../shared/estate-file.ts';

type Value = string | { readonly [intrinsic: string]: unknown };
type Resources = Readonly<Record<string, object>>;

const ROOT = join(__dirname, '..');
const chosen = process.env['CHANGEOVER_ESTATE'] ?? ESTATE_FILE;
/** As the service is packaged: the file that CHANGEOVER_ESTATE names, from the service's root. */
export const packagedEstate = (): Estate => readEstateFile(resolve(ROOT, chosen), chosen);

const arn = (rest: string): Value => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
const here = (service: string, resource: string): Value => arn(`${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
const ref = (logicalId: string): Value => ({ Ref: logicalId });
/** IAM refuses an empty list, so where the estate names none it gets one that no resource can bear. */
const some = (list: readonly Value[], none: Value): readonly Value[] => (list.length > 0 ? list : [none]);
/** Logical ids have no hyphens, and `a-1` is not `a1`. */
const idOf = (prefix: string, name: string, suffix: string): string => {
  const word = name.replaceAll('-', 'Dash');
  return `${prefix}${word.charAt(0).toUpperCase()}${word.slice(1)}${suffix}`;
};
const topicOf = (approver: string): string => idOf('Approver', approver, 'Topic');
const groupOf = (environment: string): string => idOf('Fence', environment, 'Group');
const present = (list: readonly (string | undefined)[]): string[] => [...new Set(list.filter((one) => one !== undefined))];

/** A record's name as Route 53's condition keys have it: lower case, no final dot, anything unusual as an octal escape. */
export const normalizedName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9._-]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** Six letters that Secrets Manager puts after the name. */
const secretArn = (name: string): Value => here('secretsmanager', `secret:${name}-??????`);
const secretArns = (names: readonly (string | undefined)[]): readonly Value[] =>
  some(present(names).map(secretArn), secretArn('~none'));

/** One network from which the primary's and the standby's databases are reached. */
function networkOf({ environments, copies }: Estate): Network {
  const [primary, standby] = ['primary', 'standby'].map((role) =>
    Object.entries(environments).find(([, one]) => one.role === role),
  );
  const declared = copies.find(
    ({ from, to, network }) => network && [from, to].every((end) => [primary?.[0], standby?.[0]].includes(end)),
  );
  const network = declared?.network ?? primary?.[1].network;
  if (network === undefined) throw new Error('an estate without a primary was let through');
  return network;
}

const subscriptions = (addresses: readonly string[]) => addresses.map((Endpoint) => ({ Protocol: 'email', Endpoint }));

function topics(estate: Estate, prefix: string): Resources {
  const topic = (TopicName: string, addresses: readonly string[]) => ({
    Type: 'AWS::SNS::Topic',
    Properties: { TopicName, KmsMasterKeyId: ref('LedgerKey'), Subscription: subscriptions(addresses) },
  });
  return {
    // One subscriber each: what is published here carries a secret link.
    ...Object.fromEntries(
      estate.approvers.map(({ name, email }) => [topicOf(name), topic(`${prefix}-approver-${name}`, [email])]),
    ),
    ...(estate.channels.email.length > 0 && { ChannelTopic: topic(`${prefix}-channel`, estate.channels.email) }),
  };
}

/** Where a fenced load balancer sends everything: a function of ours answers 503 with Retry-After, which a fixed response cannot carry. */
function fences(estate: Estate): Resources {
  const groups = Object.keys(estate.environments).map((environment) => [
    groupOf(environment),
    {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      // A target that the group may not call is refused.
      DependsOn: 'FencedPermission',
      Properties: { TargetType: 'lambda', Targets: [{ Id: { 'Fn::GetAtt': ['FencedLambdaFunction', 'Arn'] } }] },
    },
  ]);
  return {
    FencedPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': ['FencedLambdaFunction', 'Arn'] },
        Principal: 'elasticloadbalancing.amazonaws.com',
        // A group can be made only when it is allowed already, so none can be named.
        SourceArn: here('elasticloadbalancing', 'targetgroup/*'),
      },
    },
    ...(Object.fromEntries(groups) as Resources),
  };
}

/** One rule for each copy that is made by itself. What it says of itself tells a person’s run from the schedule’s. */
const syncSchedules = ({ copies }: Estate, prefix: string) =>
  copies.flatMap(({ from, to, class: kind, everySeconds }) =>
    kind !== 'raw' || everySeconds === undefined
      ? []
      : [
          {
            schedule: {
              name: `sync-${from}-${to}-${prefix}`,
              rate: rateOf(everySeconds),
              input: { from, to, scheduled: true, by: 'EventBridge', reason: 'The schedule of the estate' },
            },
          },
        ],
  );
/** Nobody is told of a copy that was not made by whoever should have made it: the age of what is there tells, and its silence. */
function staleAlarms({ app, copies }: Estate, prefix: string): Resources {
  const HOUR = 3600;
  const scheduled = copies.filter(({ class: kind, everySeconds }) => kind === 'raw' && everySeconds !== undefined);
  return Object.fromEntries(
    scheduled.map(({ from, to }) => [
      `${idOf('Stale', from, '')}${idOf('To', to, 'Alarm')}`,
      {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: `${prefix}-stale-${from}-${to}`,
          AlarmDescription: `What ${to} has of ${from} is more than an hour older than its schedule lets it become, or nobody could read it. Look at the last runs of sync`,
          Namespace: 'Changeover',
          MetricName: 'CopyOverdueSeconds',
          Dimensions: Object.entries({ App: app, From: from, To: to }).map(([Name, Value]) => ({ Name, Value })),
          Statistic: 'Maximum',
          Period: HOUR,
          EvaluationPeriods: 2,
          Threshold: HOUR,
          ComparisonOperator: 'GreaterThanThreshold',
          TreatMissingData: 'breaching',
          AlarmActions: [ref('AlarmTopic')],
          OKActions: [ref('AlarmTopic')],
        },
      },
    ]),
  );
}
const isScheduled = ({ copies }: Estate): boolean =>
  copies.some(({ class: kind, everySeconds }) => kind === 'raw' && everySeconds !== undefined);

function rateOf(everySeconds: number): string {
  const minutes = Math.max(1, Math.floor(everySeconds / 60));
  return `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`;
}

/** The one function that runs pg_dump: from the registry's package in its bundle, or the distribution's in an image of its own. */
function layCopy(estate: Estate) {
  const { subnets, securityGroups } = networkOf(estate);
  const common = {
    description: 'Makes the database aside, with the schema',
    role: 'LayCopyRole',
    memorySize: 1769,
    timeout: 900,
    vpc: { subnetIds: subnets, securityGroupIds: securityGroups },
  };
  // Where Lambda's runtime keeps the authority of RDS.
  const environment = { LEDGER_BUCKET: '${self:custom.ledger}', NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem' };
  if (estate.postgres.dump === 'npm') return { handler: 'functions/act/lay-copy.handler', environment, ...common };
  return { image: { name: 'native' }, environment: { ...environment, PG_DUMP: 'pg_dump' }, ...common };
}
/** Built by Docker when the service is packaged; nothing where no function asks for it. */
const images = (estate: Estate) =>
  estate.postgres.dump === 'npm' ? {} : { native: { path: '.', file: 'resources/native/Dockerfile', platform: 'linux/arm64' } };

/** A mapping from name to ARN, as one environment variable. */
const mapping = (names: readonly string[], logicalIdOf: (name: string) => string): Value => ({
  'Fn::Sub': `{${names.map((name) => `"${name}":"\${${logicalIdOf(name)}}"`).join(',')}}`,
});

export function forCloudFormation(estate: Estate, prefix = '${self:service}-${sls:stage}') {
  const environments = Object.values(estate.environments);
  const { slack, discord, webhook, email } = estate.channels;
  const balancers = environments.map(({ web }) => web.loadBalancer);
  const balancing = (kind: string) => balancers.map((name) => here('elasticloadbalancing', `${kind}/app/${name}/*`));
  const { subnets, securityGroups } = networkOf(estate);
  const approverTopicArns = estate.approvers.map(({ name }) => ref(topicOf(name)));
  const channelTopicArns = email.length > 0 ? [ref('ChannelTopic')] : [];
  return {
    region: estate.region,
    /** What is ours bears it as a tag. */
    app: estate.app,
    /** How long the first wait for an answer is; after it the machine looks whom to ask next. */
    firstPatienceSeconds: firstPatience(estate.approval),
    countdownSeconds: estate.approval.countdownSeconds,
    /** For `vpc:` of the functions that speak to PostgreSQL. */
    network: { subnetIds: subnets, securityGroupIds: securityGroups },

    recordNames: present(estate.names.map(({ name }) => normalizedName(name))),
    recordTypes: present(estate.names.flatMap(({ types }) => types)),
    zoneArns: present(estate.names.map(({ zone }) => zone)).map((zone) => arn(`route53:::hostedzone/${zone}`)),

    masterSecretArns: secretArns(environments.map(({ database: { secrets } }) => secrets.master)),
    applicationSecretArns: secretArns(environments.map(({ database: { secrets } }) => secrets.application)),
    /** The estate's instances under every name that they may bear, and those that we make beside them. */
    instanceArns: environments.flatMap(({ database: { instance } }) => [
      here('rds', `db:${instance}`),
      ...namePatterns(instance).instances.map((name) => here('rds', `db:${name}`)),
    ]),
    besideArns: environments.flatMap(({ database: { instance } }) =>
      namePatterns(instance).instances.map((name) => here('rds', `db:${name}`)),
    ),
    snapshotArns: environments.flatMap(({ database: { instance } }) =>
      namePatterns(instance).snapshots.map((name) => here('rds', `snapshot:${name}`)),
    ),
    anyInstanceArns: [here('rds', 'db:*'), here('rds', 'auto-backup:*')],
    anySnapshotArns: [here('rds', 'snapshot:*')],
    /** Parameter, option and subnet groups: whichever an instance has. */
    groupArns: ['pg', 'og', 'subgrp'].map((kind) => here('rds', `${kind}:*`)),
    pointerParameterArns: some(
      present(environments.map(({ database }) => database.swap.parameter)).map((name) => here('ssm', `parameter${name}`)),
      here('ssm', 'parameter/~none'),
    ),
    pointerZoneArns: some(
      present(environments.map(({ database }) => database.swap.name?.zone)).map((zone) => arn(`route53:::hostedzone/${zone}`)),
      arn('route53:::hostedzone/~none'),
    ),
    pointerNames: some(
      present(environments.map(({ database }) => database.swap.name && normalizedName(database.swap.name.name))),
      '~none',
    ),
    databaseSecretArns: secretArns(environments.flatMap(({ database: { secrets } }) => [secrets.master, secrets.application])),
    /** Whatever a message needs, to an approver or to the team. */
    channelSecretArns: secretArns([slack?.bot, slack?.webhook, discord, webhook]),
    /** What the page needs to know Slack and to say what was decided. */
    deskSecretArns: secretArns([slack?.bot, slack?.signing]),

    listenerArns: balancing('listener'),
    listenerRuleArns: balancing('listener-rule'),
    distributionArns: some(
      present(environments.map(({ web }) => web.distribution)).map((id) =>
        arn(`cloudfront::\${AWS::AccountId}:distribution/${id}`),
      ),
      arn('cloudfront::${AWS::AccountId}:distribution/~none'),
    ),
    uploadBucketArns: environments.map(({ buckets }) => arn(`s3:::${buckets.uploads}`)),
    uploadObjectArns: environments.map(({ buckets }) => arn(`s3:::${buckets.uploads}/*`)),

    /** Whoever may decide hears of what failed. */
    alarmSubscriptions: subscriptions(estate.approvers.map((one) => one.email)),
    topicArns: [...approverTopicArns, ...channelTopicArns],
    channelTopicArns: some(channelTopicArns, here('sns', '~none')),
    approverTopics: mapping(
      estate.approvers.map(({ name }) => name),
      topicOf,
    ),
    /** No variable at all where no address reads along. */
    channelTopic: channelTopicArns[0] ?? ref('AWS::NoValue'),
    fenceTargetGroups: mapping(Object.keys(estate.environments), groupOf),

    layCopy: layCopy(estate),
    images: images(estate),
    syncSchedules: syncSchedules(estate, '${sls:stage}'),
    freshnessSchedule: isScheduled(estate) ? [{ schedule: { rate: 'rate(20 minutes)', input: {} } }] : [],
    staleAlarms: staleAlarms(estate, prefix),
    dumpDays: policyOf(estate).dumpDays,
    reportDays: policyOf(estate).reportDays,

    topics: topics(estate, prefix),
    fences: fences(estate),
  };
}
