import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startCloud } from '../../rehearsal/cloud.ts';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { CATALOGUE } from '../../rehearsal/stack/resources/catalogue.ts';

let cloud: Cloud;
let fresh: Record<string, Record<string, unknown>>;
beforeEach(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
  fresh = cloud.inventory();
});
afterEach(() => cloud.stop());

const StackName = 'all';
const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
const att = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });
const ref = (id: string) => ({ Ref: id });
const policy = (Action: string[], rest: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*', ...rest }],
});
const trust = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com', 'states.amazonaws.com'] }, Action: 'sts:AssumeRole' },
  ],
};
const logDelivery = [
  'CreateLogDelivery',
  'GetLogDelivery',
  'UpdateLogDelivery',
  'DeleteLogDelivery',
  'ListLogDeliveries',
  'PutResourcePolicy',
  'DescribeResourcePolicies',
  'DescribeLogGroups',
].map((name) => `logs:${name}`);
const events = { Principal: { Service: 'events.amazonaws.com' } };

/** One of every type; `n` is what an update changes. */
function everything(n: number): string {
  const Tags = [{ Key: 'turn', Value: String(n) }];
  const definition = { StartAt: 'Go', QueryLanguage: 'JSONata', States: { Go: { Type: 'Pass', Output: '${what}', End: true } } };
  const of = (Type: string, Properties: object, rest: object = {}) => ({ Type: `AWS::${Type}`, Properties, ...rest });
  const Resources = {
    Role: of('IAM::Role', {
      AssumeRolePolicyDocument: trust,
      Description: `d${n}`,
      Policies: [{ PolicyName: `p${n}`, PolicyDocument: policy(['s3:GetObject', ...logDelivery, 'sns:Publish']) }],
      Tags,
    }),
    Policy: of('IAM::Policy', {
      PolicyName: `extra${n}`,
      PolicyDocument: policy([
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'kms:*',
      ]),
      Roles: [ref('Role')],
    }),
    Managed: of('IAM::ManagedPolicy', {
      PolicyDocument: policy(n === 1 ? ['s3:PutObject'] : ['s3:DeleteObject']),
      Roles: [ref('Role')],
    }),
    Fn: of(
      'Lambda::Function',
      {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: att('Role', 'Arn'),
        Code: { ZipFile: `exports.handler = async () => ${n}` },
        Timeout: 3 + n,
        Environment: { Variables: { TURN: n } },
        Tags,
      },
      { DependsOn: 'Policy' },
    ),
    Version: of('Lambda::Version', { FunctionName: ref('Fn'), Description: `v${n}` }),
    Live: of('Lambda::Alias', {
      FunctionName: ref('Fn'),
      FunctionVersion: att('Version', 'Version'),
      Name: 'live',
      Description: `a${n}`,
    }),
    Permission: of('Lambda::Permission', {
      FunctionName: ref('Fn'),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: att('Rule', 'Arn'),
    }),
    MayBalance: of('Lambda::Permission', {
      FunctionName: ref('Fn'),
      Action: 'lambda:InvokeFunction',
      Principal: 'elasticloadbalancing.amazonaws.com',
    }),
    Balanced: of(
      'ElasticLoadBalancingV2::TargetGroup',
      {
        TargetType: 'lambda',
        HealthCheckIntervalSeconds: 35 + n,
        TargetGroupAttributes: [{ Key: 'lambda.multi_value_headers.enabled', Value: String(n === 1) }],
        Targets: [{ Id: att('Fn', 'Arn') }],
        Tags,
      },
      { DependsOn: 'MayBalance' },
    ),
    Url: of('Lambda::Url', {
      TargetFunctionArn: att('Fn', 'Arn'),
      AuthType: 'NONE',
      Cors: { AllowOrigins: [`https://turn-${n}.example.com`] },
    }),
    Invoke: of('Lambda::EventInvokeConfig', {
      FunctionName: ref('Fn'),
      Qualifier: '$LATEST',
      MaximumRetryAttempts: n - 1,
      DestinationConfig: { OnFailure: { Destination: ref('Topic') } },
    }),
    Machine: of(
      'StepFunctions::StateMachine',
      {
        DefinitionString: JSON.stringify(definition),
        DefinitionSubstitutions: { what: `turn ${n}` },
        RoleArn: att('Role', 'Arn'),
        LoggingConfiguration: { Level: 'ALL', Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: att('Group', 'Arn') } }] },
        Tags,
      },
      { DependsOn: 'Policy' },
    ),
    MachineVersion: of('StepFunctions::StateMachineVersion', {
      StateMachineArn: ref('Machine'),
      StateMachineRevisionId: att('Machine', 'StateMachineRevisionId'),
    }),
    MachineAlias: of('StepFunctions::StateMachineAlias', {
      Name: 'live',
      RoutingConfiguration: [{ StateMachineVersionArn: ref('MachineVersion'), Weight: 100 }],
    }),
    Rule: of('Events::Rule', {
      ScheduleExpression: `rate(${n + 1} hours)`,
      Targets: [{ Arn: att('Fn', 'Arn'), Id: `t${n}`, Input: '{}' }],
      Tags,
    }),
    Bucket: of('S3::Bucket', {
      VersioningConfiguration: { Status: n === 1 ? 'Enabled' : 'Suspended' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: att('Key', 'Arn') },
            BucketKeyEnabled: true,
          },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'old',
            Status: 'Enabled',
            Prefix: 'dumps/',
            ExpirationInDays: 30 + n,
            NoncurrentVersionExpiration: { NoncurrentDays: 7 },
          },
          { Id: 'parts', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 3 } },
        ],
      },
      Tags,
    }),
    BucketPolicy: of('S3::BucketPolicy', {
      Bucket: ref('Bucket'),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: `s${n}`,
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: { 'Fn::Sub': '${Bucket.Arn}/*' },
            Condition: { Bool: { 'aws:SecureTransport': false } },
          },
        ],
      },
    }),
    Key: of('KMS::Key', {
      Description: `k${n}`,
      EnableKeyRotation: n === 1,
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } },
            Action: 'kms:*',
            Resource: '*',
          },
        ],
      },
      PendingWindowInDays: 7,
      Tags,
    }),
    KeyAlias: of('KMS::Alias', { AliasName: 'alias/all', TargetKeyId: ref('Key') }),
    Topic: of('SNS::Topic', { DisplayName: `t${n}`, Tags }),
    TopicPolicy: of('SNS::TopicPolicy', {
      Topics: [ref('Topic')],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Sid: `s${n}`, Effect: 'Allow', Action: 'sns:Publish', Resource: ref('Topic'), ...events }],
      },
    }),
    Subscription: of('SNS::Subscription', { TopicArn: ref('Topic'), Protocol: 'email', Endpoint: `on-call-${n}@example.com` }),
    Group: of('Logs::LogGroup', { LogGroupName: '/aws/vendedlogs/states/all', RetentionInDays: n === 1 ? 7 : 14, Tags }),
    LogsPolicy: of('Logs::ResourcePolicy', {
      PolicyName: 'logs',
      PolicyDocument: JSON.stringify(policy(['logs:PutLogEvents'], { ...events, Sid: `s${n}` })),
    }),
    Alarm: of('CloudWatch::Alarm', {
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: n,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [ref('Topic')],
      Dimensions: [{ Name: 'StateMachineArn', Value: ref('Machine') }],
      Tags,
    }),
    Parameter: of('SSM::Parameter', { Name: '/all/turn', Type: 'String', Value: `turn ${n}`, Tags: { turn: String(n) } }),
    Secret: of('SecretsManager::Secret', {
      Description: `s${n}`,
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"app"}',
        GenerateStringKey: 'password',
        PasswordLength: 20,
        ExcludePunctuation: true,
      },
      Tags,
    }),
    Reader: of('SSM::Parameter', {
      Type: 'String',
      Value: { 'Fn::Sub': 'u={{resolve:secretsmanager:${Secret}:SecretString:username}}' },
    }),
  };
  return JSON.stringify({ Resources });
}

async function settled(id: string): Promise<string> {
  for (;;) {
    const { Stacks: [stack] = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: id });
    const status = stack?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    await cloud.timeline.letPass(cloud.timeline.wait(20));
  }
}
/** Why the stack is not what was asked for; nothing when it is. */
async function complaints(id: string): Promise<string[]> {
  const { StackEvents = [] } = await cloud.call('cloudformation', 'DescribeStackEvents', { StackName: id });
  return StackEvents.filter((one) => one.ResourceStatus?.endsWith('_FAILED')).map(
    (one) => `${one.LogicalResourceId ?? ''}: ${one.ResourceStatusReason ?? ''}`,
  );
}
const withoutTraces = (inventory: Record<string, Record<string, unknown>>): string =>
  JSON.stringify({ ...inventory, kms: {}, logs: {} });

describe('every resource type', () => {
  it('is in the template that these tests make', () => {
    const { Resources } = JSON.parse(everything(1)) as { Resources: Record<string, { Type: string }> };

    expect([...new Set(Object.values(Resources).map(({ Type }) => Type))].sort()).toEqual([...CATALOGUE.keys()].sort());
  });

  it('is made, changed and taken away through the service’s own API', async () => {
    const { StackId = '' } = await cloud.call('cloudformation', 'CreateStack', {
      StackName,
      TemplateBody: everything(1),
      Capabilities,
    });
    const made = [await settled(StackId), await complaints(StackId)];
    await cloud.call('cloudformation', 'UpdateStack', { StackName, TemplateBody: everything(2), Capabilities });
    const changed = [await settled(StackId), await complaints(StackId)];
    await cloud.call('cloudformation', 'DeleteStack', { StackName });
    const gone = [await settled(StackId), await complaints(StackId)];

    expect(made).toEqual(['CREATE_COMPLETE', []]);
    expect(changed).toEqual(['UPDATE_COMPLETE', []]);
    expect(gone).toEqual(['DELETE_COMPLETE', []]);
    // A key waits out its days before it is gone; the log delivery policy is the account's, not the stack's.
    expect(withoutTraces(cloud.inventory())).toBe(withoutTraces(fresh));
  });

  it('reads a dynamic reference when it is deployed', async () => {
    const { StackId = '' } = await cloud.call('cloudformation', 'CreateStack', {
      StackName,
      TemplateBody: everything(1),
      Capabilities,
    });
    await settled(StackId);

    const { StackResourceDetail } = await cloud.call('cloudformation', 'DescribeStackResource', {
      StackName,
      LogicalResourceId: 'Reader',
    });
    const { Parameter } = await cloud.call('ssm', 'GetParameter', { Name: StackResourceDetail?.PhysicalResourceId });

    expect(Parameter?.Value).toBe('u=app');
  });

  it('is put back by a rollback as it was', async () => {
    // A machine that was put back has a new revision: a version that names the revision would not be the same again.
    const unversioned = (n: number, more: object = {}): string => {
      const { Resources } = JSON.parse(everything(n)) as { Resources: Record<string, unknown> };
      const kept = Object.entries(Resources).filter(([id]) => !id.startsWith('MachineVersion') && !id.startsWith('MachineAlias'));
      return JSON.stringify({ Resources: { ...Object.fromEntries(kept), ...more } });
    };
    const FunctionName = { 'Fn::Sub': 'x-${Alarm}-${Reader}' };
    const TemplateBody = unversioned(2, { Bad: { Type: 'AWS::Lambda::Version', Properties: { FunctionName } } });
    const { StackId = '' } = await cloud.call('cloudformation', 'CreateStack', {
      StackName,
      TemplateBody: unversioned(1),
      Capabilities,
    });
    await settled(StackId);

    await cloud.call('cloudformation', 'UpdateStack', { StackName, TemplateBody, Capabilities });

    expect(await settled(StackId)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await complaints(StackId)).toEqual([expect.stringMatching(/^Bad: /)]);
    const again = cloud.call('cloudformation', 'UpdateStack', { StackName, TemplateBody: unversioned(1), Capabilities });
    await expect(again).rejects.toMatchObject({ message: 'No updates are to be performed.' });
  });
});

describe('the handlers', () => {
  it('call no operation that this cloud does not have, but for those a template cannot reach in a rehearsal', () => {
    const folder = join(__dirname, '../../rehearsal/stack/resources');
    const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const calls = sources.flatMap((source) => [...source.matchAll(/call\(\s*'(\w+)',\s*(?:wanted \? )?'(\w+)'(?: : '(\w+)')?/g)]);
    const asked = calls.flatMap(([, service = '', one = '', other]) => [
      `${service}:${one}`,
      ...(other === undefined ? [] : [`${service}:${other}`]),
    ]);
    const standing = Object.entries(cloud.services).flatMap(([id, { operations }]) =>
      Object.keys(operations).map((name) => `${id}:${name}`),
    );

    const missing = [...new Set(asked)].filter((name) => !standing.includes(name)).sort();

    // Each is refused by name when a template asks for it: changing the key or the protection of a log group that stands.
    expect(missing).toEqual([
      'logs:AssociateKmsKey',
      'logs:DisassociateKmsKey',
      'logs:PutLogGroupDeletionProtection',
      'sns:SetSubscriptionAttributes',
    ]);
  });
});
