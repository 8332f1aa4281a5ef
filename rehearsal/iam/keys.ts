// The condition keys this IAM can evaluate. A policy that names any other refuses to load: a condition nobody can evaluate
// would allow or deny by accident.

/** Filled in by the judge, from the caller and the scene. */
const GLOBAL = [
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:PrincipalAccount',
  'aws:PrincipalArn',
  'aws:PrincipalIsAWSService',
  'aws:PrincipalServiceName',
  'aws:PrincipalTag/*',
  'aws:PrincipalType',
  'aws:RequestedRegion',
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'aws:SourceOwner',
  'aws:username',
  'aws:ViaAWSService',
  'kms:CallerAccount',
  'kms:GrantIsForAWSResource',
];

/** Supplied by the services, in the `context` of what they ask. */
const ASKED = [
  'aws:RequestTag/*',
  'aws:ResourceTag/*',
  'aws:TagKeys',
  'cloudwatch:namespace',
  'elasticloadbalancing:CreateAction',
  'elasticloadbalancing:ResourceTag/*',
  'events:detail-type',
  'events:source',
  'events:TargetArn',
  'iam:PassedToService',
  'iam:PolicyARN',
  'iam:ResourceTag/*',
  'kms:EncryptionContext:*',
  'kms:EncryptionContextKeys',
  'kms:GrantOperations',
  'kms:ViaService',
  'lambda:EventSourceToken',
  'lambda:FunctionArn',
  'lambda:FunctionUrlAuthType',
  'lambda:InvokedViaFunctionUrl',
  'lambda:Principal',
  'rds:DatabaseClass',
  'rds:DatabaseEngine',
  'rds:DatabaseName',
  'rds:MultiAz',
  'rds:StorageEncrypted',
  'rds:StorageSize',
  'rds:Vpc',
  'rds:auto-backup-tag/*',
  'rds:db-tag/*',
  'rds:es-tag/*',
  'rds:og-tag/*',
  'rds:pg-tag/*',
  'rds:req-tag/*',
  'rds:secgrp-tag/*',
  'rds:snapshot-tag/*',
  'rds:subgrp-tag/*',
  'route53:ChangeResourceRecordSetsActions',
  'route53:ChangeResourceRecordSetsNormalizedRecordNames',
  'route53:ChangeResourceRecordSetsRecordTypes',
  's3:delimiter',
  's3:ExistingObjectTag/*',
  's3:if-match',
  's3:if-none-match',
  's3:locationconstraint',
  's3:max-keys',
  's3:ObjectCreationOperation',
  's3:prefix',
  's3:RequestObjectTag/*',
  's3:RequestObjectTagKeys',
  's3:VersionId',
  's3:x-amz-acl',
  's3:x-amz-copy-source',
  's3:x-amz-metadata-directive',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:x-amz-storage-class',
  'secretsmanager:ForceDeleteWithoutRecovery',
  'secretsmanager:Name',
  'secretsmanager:RecoveryWindowInDays',
  'secretsmanager:ResourceTag/*',
  'secretsmanager:SecretId',
  'secretsmanager:SecretPrimaryRegion',
  'secretsmanager:VersionId',
  'secretsmanager:VersionStage',
  'sns:Endpoint',
  'sns:Protocol',
  'ssm:Overwrite',
  'ssm:Recursive',
  'states:StateMachineQualifier',
  'sts:ExternalId',
  'sts:RoleSessionName',
];

const exact = new Set<string>();
const families: string[] = [];
for (const key of [...GLOBAL, ...ASKED].map((k) => k.toLowerCase())) {
  if (key.endsWith('*')) families.push(key.slice(0, -1));
  else exact.add(key);
}

/** Condition keys are not case-sensitive. */
export function canEvaluate(key: string): boolean {
  const lower = key.toLowerCase();
  return exact.has(lower) || families.some((family) => lower.startsWith(family) && lower.length > family.length);
}
