// Who a policy may name, and in which kind of policy it may name anybody.
import { malformed } from './malformed.ts';

type Fields = Readonly<Record<string, unknown>>;

export function checkPrincipal(statement: Fields, kind: 'identity' | 'trust' | 'resource'): void {
  const present = ['Principal', 'NotPrincipal'].filter((field) => statement[field] !== undefined);
  if (kind === 'identity') {
    if (present.length > 0) throw malformed('Policy document should not specify a principal.');
    return;
  }
  if (present.length === 0) throw malformed('Missing required field Principal');
  if (present.length > 1) throw malformed('Syntax errors in policy.');
  if (kind === 'trust' && present[0] === 'NotPrincipal') throw malformed('Has prohibited field NotPrincipal');
  if (statement.NotPrincipal !== undefined && statement.Effect === 'Allow') {
    throw malformed('Allow with NotPrincipal is not supported.');
  }
  checkNames(statement[present[0] ?? '']);
}

function checkNames(principal: unknown): void {
  if (principal === '*') return;
  if (typeof principal !== 'object' || principal === null || Array.isArray(principal)) {
    throw malformed(`Invalid principal in policy: ${JSON.stringify(principal)}`);
  }
  const kinds = Object.entries(principal);
  if (kinds.length === 0) throw malformed('Invalid principal in policy');
  for (const [kind, value] of kinds) {
    const names: unknown[] = Array.isArray(value) ? value : [value];
    if (names.length === 0) throw malformed(`Invalid principal in policy: "${kind}"`);
    for (const name of names) checkName(kind, name);
  }
}

const ACCOUNT = /^\d{12}$/;
const PRINCIPAL_ARN = /^arn:aws:(iam::\d{12}:(root|user\/[^*]+|role\/[^*]+)|sts::\d{12}:assumed-role\/[^*/]+\/[^*/]+)$/;
/** The services a policy may name, with or without a Region before `amazonaws.com`: AWS refuses one that does not exist. */
const SERVICES = [
  ...['access-analyzer', 'acm', 'apigateway', 'application-autoscaling', 'appsync', 'athena', 'automation', 'autoscaling'],
  ...['backup', 'batch', 'billingconsole', 'bedrock', 'cloudformation', 'cloudfront', 'cloudtrail', 'cloudwatch', 'codebuild'],
  ...['codedeploy', 'codepipeline', 'cognito-idp', 'config', 'delivery.logs', 'dms', 'dynamodb', 'ec2', 'ecs', 'ecs-tasks'],
  ...['edgelambda', 'eks', 'elasticache', 'elasticloadbalancing', 'elasticfilesystem', 'es', 'events', 'export.rds', 'firehose'],
  ...[
    'glue',
    'guardduty',
    'inspector2',
    'iot',
    'kinesis',
    'kms',
    'lambda',
    'lambda.alarms.cloudwatch',
    'logdelivery.elasticloadbalancing',
  ],
  ...['logging.s3', 'logs', 'monitoring.rds', 'opensearchservice', 'pipes', 'rds', 'rds.application-autoscaling', 'redshift'],
  ...['replicator.lambda', 'route53', 'route53resolver', 's3', 'sagemaker', 'scheduler', 'secretsmanager', 'securityhub'],
  ...[
    'serverlessrepo',
    'servicecatalog',
    'ses',
    'sns',
    'sqs',
    'ssm',
    'states',
    'sts',
    'transfer',
    'vpc-flow-logs',
    'wafv2',
    'xray',
  ],
];
const SERVICE = new RegExp(
  `^(${SERVICES.map((s) => s.replaceAll('.', '\\.')).join('|')})(\\.[a-z]{2}-[a-z]+-\\d)?\\.amazonaws\\.com$`,
);

function checkName(kind: string, name: unknown): void {
  const invalid = malformed(`Invalid principal in policy: "${kind}":${JSON.stringify(name)}`);
  if (typeof name !== 'string') throw invalid;
  if (kind === 'AWS') {
    if (name !== '*' && !ACCOUNT.test(name) && !PRINCIPAL_ARN.test(name)) throw invalid;
  } else if (kind === 'Service') {
    if (!SERVICE.test(name)) throw malformed(`Invalid principal in policy: "SERVICE":"${name}"`);
  } else {
    // Federated and CanonicalUser exist in AWS; nobody here could ever be one.
    throw invalid;
  }
}
