// Which actions exist: the operations of the SDK's clients, and what IAM calls by a name no operation has. A policy that names
// any other was mistyped, and AWS would never say so.
import * as acm from '@aws-sdk/client-acm';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudfront from '@aws-sdk/client-cloudfront';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as elasticloadbalancing from '@aws-sdk/client-elastic-load-balancing-v2';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as rds from '@aws-sdk/client-rds';
import * as route53 from '@aws-sdk/client-route-53';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as states from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import type { PolicyDocument } from './ask.ts';
import { listOf, statementsOf } from './evaluation.ts';
import { matchesPattern } from './pattern.ts';

const CLIENTS: Readonly<Record<string, object>> = {
  acm,
  cloudformation,
  cloudfront,
  cloudwatch,
  elasticloadbalancing,
  events,
  iam,
  kms,
  lambda,
  logs,
  rds,
  route53,
  secretsmanager,
  sns,
  ssm,
  states,
  sts,
};

/** Permissions without an operation of that name, and the few we let a policy name of services that are not imitated. */
const BESIDE_OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  cloudtrail: ['LookupEvents'],
  ec2: [
    ...['AssignPrivateIpAddresses', 'CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces'],
    ...['DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcs', 'UnassignPrivateIpAddresses'],
  ],
  events: ['InvokeApiDestination', 'RetrieveConnectionCredentials'],
  iam: ['PassRole'],
  kms: ['ReEncryptFrom', 'ReEncryptTo'],
  lambda: ['InvokeFunction', 'InvokeFunctionUrl', 'DisableReplication', 'EnableReplication'],
  logs: [
    ...['CreateLogDelivery', 'DeleteLogDelivery', 'GetLogDelivery', 'ListLogDeliveries', 'UpdateLogDelivery'],
    ...['Link', 'StopLiveTail', 'Unmask'],
  ],
  rds: ['AddRoleToDBInstance', 'CrossRegionCommunication'],
  'rds-db': ['connect'],
  // S3's operations and its actions share few names, so these are all of them.
  s3: [
    ...['AbortMultipartUpload', 'BypassGovernanceRetention', 'CreateBucket', 'DeleteBucket', 'DeleteBucketPolicy'],
    ...['DeleteBucketWebsite', 'DeleteObject', 'DeleteObjectTagging', 'DeleteObjectVersion', 'DeleteObjectVersionTagging'],
    ...[
      'GetAccelerateConfiguration',
      'GetAccountPublicAccessBlock',
      'GetAnalyticsConfiguration',
      'GetBucketAcl',
      'GetBucketCORS',
    ],
    ...['GetBucketLocation', 'GetBucketLogging', 'GetBucketNotification', 'GetBucketObjectLockConfiguration'],
    ...['GetBucketOwnershipControls', 'GetBucketPolicy', 'GetBucketPolicyStatus', 'GetBucketPublicAccessBlock'],
    ...['GetBucketRequestPayment', 'GetBucketTagging', 'GetBucketVersioning', 'GetBucketWebsite', 'GetEncryptionConfiguration'],
    ...[
      'GetIntelligentTieringConfiguration',
      'GetInventoryConfiguration',
      'GetLifecycleConfiguration',
      'GetMetricsConfiguration',
    ],
    ...['GetObject', 'GetObjectAcl', 'GetObjectAttributes', 'GetObjectLegalHold', 'GetObjectRetention', 'GetObjectTagging'],
    ...['GetObjectTorrent', 'GetObjectVersion', 'GetObjectVersionAcl', 'GetObjectVersionAttributes', 'GetObjectVersionTagging'],
    ...['GetReplicationConfiguration', 'ListAllMyBuckets', 'ListBucket', 'ListBucketMultipartUploads', 'ListBucketVersions'],
    ...['ListMultipartUploadParts', 'PutAccelerateConfiguration', 'PutAccountPublicAccessBlock', 'PutBucketAcl', 'PutBucketCORS'],
    ...['PutBucketLogging', 'PutBucketNotification', 'PutBucketObjectLockConfiguration', 'PutBucketOwnershipControls'],
    ...['PutBucketPolicy', 'PutBucketPublicAccessBlock', 'PutBucketRequestPayment', 'PutBucketTagging', 'PutBucketVersioning'],
    ...['PutBucketWebsite', 'PutEncryptionConfiguration', 'PutLifecycleConfiguration', 'PutMetricsConfiguration', 'PutObject'],
    ...['PutObjectAcl', 'PutObjectLegalHold', 'PutObjectRetention', 'PutObjectTagging', 'PutObjectVersionAcl'],
    ...['PutObjectVersionTagging', 'PutReplicationConfiguration', 'ReplicateDelete', 'ReplicateObject', 'RestoreObject'],
  ],
  ses: ['SendEmail', 'SendRawEmail'],
  states: ['InvokeHTTPEndpoint', 'RevealSecrets'],
  sts: ['SetSourceIdentity', 'TagSession'],
  xray: ['GetSamplingRules', 'GetSamplingStatisticSummaries', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'],
};

/** Operations that IAM knows under another name only. */
const NOT_ACTIONS = new Set(['lambda:Invoke', 'lambda:InvokeWithResponseStream', 'kms:ReEncrypt']);

let known: Map<string, string[]> | undefined;

/** Built at first use: reading fifteen clients is not free. */
function actions(): Map<string, string[]> {
  if (known) return known;
  known = new Map();
  for (const [prefix, client] of Object.entries(CLIENTS)) known.set(prefix, operationsOf(client));
  for (const [prefix, names] of Object.entries(BESIDE_OPERATIONS)) known.set(prefix, [...(known.get(prefix) ?? []), ...names]);
  for (const [prefix, names] of known) {
    known.set(
      prefix,
      names.filter((name) => !NOT_ACTIONS.has(`${prefix}:${name}`)),
    );
  }
  return known;
}

const operationsOf = (client: object): string[] =>
  Object.keys(client)
    .filter((name) => name.endsWith('Command') && !name.startsWith('$'))
    .map((name) => name.slice(0, -'Command'.length));

/** The actions of a document that name nothing: no action of ours, and no pattern that matches one. */
export function unknownActions(document: PolicyDocument): string[] {
  const written = statementsOf(document).flatMap((statement) => [...listOf(statement.Action), ...listOf(statement.NotAction)]);
  return [...new Set(written)].filter((pattern) => !isKnown(pattern));
}

function isKnown(pattern: string): boolean {
  if (pattern === '*') return true;
  const [prefix = '', name = ''] = pattern.split(':');
  const names = actions().get(prefix.toLowerCase()) ?? [];
  return names.some((action) => matchesPattern(name, action, { ignoreCase: true }));
}
