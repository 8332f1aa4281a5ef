// AWS::Lambda::Function.
import type { Architecture, FunctionConfiguration, Runtime } from '@aws-sdk/client-lambda';
import { dictionary, integer, list, oneOf, structure, tag, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { inlineCode } from './inline-code.ts';
import { droppedTags, isMissing, needed, resource, tagMap } from './resource.ts';
import type { Site, Standing } from './resource.ts';

const code = structure({}, { S3Bucket: text, S3Key: text, S3ObjectVersion: text, ZipFile: text }, [
  'ImageUri',
  'S3ObjectStorageMode',
  'SourceKMSKeyArn',
]);
const logging = structure(
  {},
  {
    LogFormat: oneOf('Text', 'JSON'),
    LogGroup: text,
    ApplicationLogLevel: oneOf('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'),
    SystemLogLevel: oneOf('DEBUG', 'INFO', 'WARN'),
  },
);
const settings = {
  Description: text,
  DeadLetterConfig: structure({}, { TargetArn: text }),
  Environment: structure({}, { Variables: dictionary(text) }),
  EphemeralStorage: structure({ Size: integer }, {}),
  Handler: text,
  KmsKeyArn: text,
  LoggingConfig: logging,
  MemorySize: integer,
  Runtime: word<Runtime>(),
  Timeout: integer,
  TracingConfig: structure({}, { Mode: oneOf('Active', 'PassThrough') }),
  VpcConfig: structure({}, { SubnetIds: list(text), SecurityGroupIds: list(text) }, ['Ipv6AllowedForDualStack']),
};
const lambda = structure(
  { Code: code, Role: text },
  {
    ...settings,
    Architectures: list(word<Architecture>()),
    FunctionName: text,
    PackageType: oneOf('Zip', 'Image'),
    ReservedConcurrentExecutions: integer,
    Tags: list(tag),
  },
  [
    'CapacityProviderConfig',
    'CodeSigningConfigArn',
    'DurableConfig',
    'FileSystemConfigs',
    'FunctionScalingConfig',
    'ImageConfig',
    'Layers',
    'PublishToLatestPublished',
    'RecursiveLoop',
    'RuntimeManagementConfig',
    'SnapStart',
    'TenancyConfig',
  ],
);
type Lambda = Read<typeof lambda>;

function checkCode({ Code, PackageType, Runtime: runtime, Handler }: Lambda): string | undefined {
  if (PackageType === 'Image') return 'PackageType Image is not imitated by this cloud';
  if (Handler === undefined || runtime === undefined)
    return 'Runtime and Handler are mandatory parameters for functions created with deployment packages.';
  const fromS3 = Code.S3Bucket !== undefined && Code.S3Key !== undefined;
  if (!fromS3 && Code.ZipFile === undefined)
    return 'Please provide a source for function code: Code needs S3Bucket and S3Key, or ZipFile.';
  return fromS3 && Code.ZipFile !== undefined
    ? 'Please do not provide other FunctionCode parameters when providing a ZipFile.'
    : undefined;
}

const codeOf = ({
  Code: { ZipFile, ...fromS3 },
  Runtime: runtime = 'nodejs24.x',
}: Lambda): typeof fromS3 | { ZipFile: Uint8Array } =>
  ZipFile === undefined ? fromS3 : { ZipFile: inlineCode(ZipFile, runtime) };

/** CloudFormation calls a function made when it can be invoked: `Pending` is not it. */
async function untilReady(FunctionName: string, site: Site): Promise<FunctionConfiguration> {
  for (;;) {
    const { Configuration: now = {} } = await site.call('lambda', 'GetFunction', { FunctionName });
    if (now.State === 'Failed' || now.LastUpdateStatus === 'Failed') {
      throw new Error(now.StateReason ?? now.LastUpdateStatusReason ?? `${FunctionName} failed`);
    }
    if (now.State !== 'Pending' && now.LastUpdateStatus !== 'InProgress') return now;
    await site.wait(500);
  }
}

async function reserve(
  FunctionName: string,
  reserved: number | undefined,
  before: number | undefined,
  site: Site,
): Promise<void> {
  if (reserved === before) return;
  if (reserved === undefined) await site.call('lambda', 'DeleteFunctionConcurrency', { FunctionName });
  else await site.call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: reserved });
}

const settingsOf = (p: Lambda): Pick<Lambda, 'Role' | keyof typeof settings> => {
  const {
    Code: _code,
    Architectures: _a,
    FunctionName: _n,
    PackageType: _p,
    ReservedConcurrentExecutions: _r,
    Tags: _t,
    ...rest
  } = p;
  return rest;
};

/** What an update must say again for a property that the template dropped. */
const DEFAULTS = {
  Description: '',
  Environment: {},
  MemorySize: 128,
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
  EphemeralStorage: { Size: 512 },
  DeadLetterConfig: { TargetArn: '' },
  KMSKeyArn: '',
  LoggingConfig: { LogFormat: 'Text' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
} as const;

async function updateSettings(FunctionName: string, p: Lambda, before: Lambda, site: Site): Promise<void> {
  const { KmsKeyArn, ...now } = settingsOf(p);
  const { KmsKeyArn: keyBefore, ...was } = settingsOf(before);
  const asked = { ...now, ...(KmsKeyArn !== undefined && { KMSKeyArn: KmsKeyArn }) };
  const earlier = { ...was, ...(keyBefore !== undefined && { KMSKeyArn: keyBefore }) };
  if (JSON.stringify(asked) === JSON.stringify(earlier)) return;
  const dropped = Object.entries(DEFAULTS).filter(([key]) => Object.hasOwn(earlier, key) && !Object.hasOwn(asked, key));
  await site.call('lambda', 'UpdateFunctionConfiguration', { FunctionName, ...Object.fromEntries(dropped), ...asked });
  await untilReady(FunctionName, site);
}

async function updateTags(arn: string, p: Lambda, before: Lambda, site: Site): Promise<void> {
  const dropped = droppedTags(before.Tags, p.Tags);
  if (dropped.length > 0) await site.call('lambda', 'UntagResource', { Resource: arn, TagKeys: dropped });
  const tags = tagMap(p.Tags, site);
  if (Object.keys(tags).length > 0) await site.call('lambda', 'TagResource', { Resource: arn, Tags: tags });
}

async function removeFunction({ physicalId }: Standing, _p: unknown, site: Site): Promise<void> {
  await site.call('lambda', 'DeleteFunction', { FunctionName: physicalId }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

export const functionResource = resource<Lambda>({
  type: 'AWS::Lambda::Function',
  shape: lambda,
  attributes: ['Arn'],
  replacedBy: ['FunctionName', 'PackageType'],
  nameProperty: 'FunctionName',
  check: checkCode,
  async create(p, site) {
    const FunctionName = p.FunctionName ?? site.name(64);
    const { KmsKeyArn, ...rest } = settingsOf(p);
    const tags = tagMap(p.Tags, site);
    const made = await site.call('lambda', 'CreateFunction', {
      ...rest,
      FunctionName,
      Code: codeOf(p),
      ...(p.PackageType !== undefined && { PackageType: p.PackageType }),
      ...(p.Architectures !== undefined && { Architectures: p.Architectures }),
      ...(KmsKeyArn !== undefined && { KMSKeyArn: KmsKeyArn }),
      ...(Object.keys(tags).length > 0 && { Tags: tags }),
    });
    const standing = { physicalId: FunctionName, attributes: { Arn: needed(made.FunctionArn, 'FunctionArn') } };
    try {
      await untilReady(FunctionName, site);
      await reserve(FunctionName, p.ReservedConcurrentExecutions, undefined, site);
    } catch (error) {
      await removeFunction(standing, p, site).catch(() => undefined);
      throw error;
    }
    return standing;
  },
  async update(p, before, standing, site) {
    const FunctionName = standing.physicalId;
    if (JSON.stringify([p.Code, p.Architectures]) !== JSON.stringify([before.Code, before.Architectures])) {
      const architectures = p.Architectures ?? (before.Architectures === undefined ? undefined : (['x86_64'] as const));
      await site.call('lambda', 'UpdateFunctionCode', {
        FunctionName,
        ...codeOf(p),
        ...(architectures !== undefined && { Architectures: [...architectures] }),
      });
      await untilReady(FunctionName, site);
    }
    await updateSettings(FunctionName, p, before, site);
    await reserve(FunctionName, p.ReservedConcurrentExecutions, before.ReservedConcurrentExecutions, site);
    await updateTags(standing.attributes['Arn'] ?? '', p, before, site);
    return standing;
  },
  remove: removeFunction,
});
