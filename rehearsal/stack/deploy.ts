// Deploys what `sls package` wrote, the way `sls deploy` does: the bucket first, the artefacts into it, then the whole stack.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { operatorOf } from '../iam/operator.ts';
import type { Ground } from '../services/ground.ts';
import { entriesOf, isObject, memberOf } from './values.ts';
import type { Json } from './values.ts';

export interface PackageOptions {
  /** Where `sls package` wrote: `.serverless`. */
  readonly folder: string;
  readonly stackName: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Stack {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: readonly StackResource[];
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

const CORE = 'cloudformation-template-create-stack.json';
const WHOLE = 'cloudformation-template-update-stack.json';
const BUCKET = 'ServerlessDeploymentBucket';
const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'] as ('CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM')[];
const POLL_MILLISECONDS = 25;

/** The stack did not become what the package says; the message holds every reason CloudFormation gave. */
export class DeploymentFailed extends Error {
  readonly status: string;
  constructor(stackName: string, status: string, reasons: readonly string[]) {
    super(`stack ${stackName} is ${status}: ${reasons.join('; ')}`);
    this.name = 'DeploymentFailed';
    this.status = status;
  }
}

/** Works through the ground alone, as any client of the cloud would. Safe to repeat: an unchanged package changes nothing. */
export async function deployPackage(ground: Ground, options: PackageOptions): Promise<Stack> {
  const deployer = createDeployer(ground, options);
  const core = readJson(join(options.folder, CORE));
  const whole = readJson(join(options.folder, WHOLE));
  const bucketDeclared = memberOf(memberOf(core, 'Resources'), BUCKET) !== undefined;
  if (bucketDeclared && !(await deployer.exists())) await deployer.create({ TemplateBody: JSON.stringify(core) }, false);
  const resources = await deployer.resources();
  const bucket = bucketDeclared ? resources.find((one) => one.logicalId === BUCKET)?.physicalId : bucketNamed(whole);
  if (bucket === undefined) throw new Error(`${options.folder}: the template names no deployment bucket`);
  await deployer.upload(bucket, artefactsOf(whole, options.folder));
  const Key = `changeover/${options.stackName}/${WHOLE}`;
  await deployer.upload(bucket, new Map([[Key, Buffer.from(JSON.stringify(whole))]]));
  const TemplateURL = `https://s3.${deployer.region}.amazonaws.com/${bucket}/${Key}`;
  if (await deployer.exists()) await deployer.update({ TemplateURL });
  else await deployer.create({ TemplateURL }, true);
  return deployer.describe();
}

const readJson = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json;

const codeOf = (template: Json): Json[] =>
  entriesOf(memberOf(template, 'Resources'))
    .map(([, resource]) => memberOf(memberOf(resource, 'Properties'), 'Code'))
    .filter((code): code is Json => isObject(code) && code['S3Key'] !== undefined);

/** A bucket of the service's own choice is written as a name. */
function bucketNamed(template: Json): string | undefined {
  const names = codeOf(template).map((code) => memberOf(code, 'S3Bucket'));
  return names.find((name): name is string => typeof name === 'string');
}

/** Key to bytes: the zip beside the template that has the key's last name. */
function artefactsOf(template: Json, folder: string): Map<string, Buffer> {
  const keys = codeOf(template).map((code) => memberOf(code, 'S3Key'));
  const beside = new Set(readdirSync(folder));
  return new Map(
    [...new Set(keys)].map((key) => {
      if (typeof key !== 'string') throw new Error(`Code.S3Key must be a text, found ${JSON.stringify(key)}`);
      if (!beside.has(basename(key))) throw new Error(`${folder} has no artefact ${basename(key)} (Code.S3Key ${key})`);
      return [key, readFileSync(join(folder, basename(key)))];
    }),
  );
}

interface Source {
  readonly TemplateBody?: string;
  readonly TemplateURL?: string;
}

function createDeployer(
  ground: Ground,
  { stackName: StackName, parameters = {}, tags = {}, region = ground.region }: PackageOptions,
) {
  const caller = operatorOf(ground.account);
  const describe = async () => {
    const { Stacks: [stack] = [] } = await ground.call(caller, 'cloudformation', 'DescribeStacks', { StackName }, region);
    return stack;
  };
  const request = (source: Source, withParameters: boolean) => ({
    StackName,
    ...source,
    Capabilities: CAPABILITIES,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Parameters: withParameters
      ? Object.entries(parameters).map(([key, value]) => ({ ParameterKey: key, ParameterValue: value }))
      : [],
  });
  const reasons = async (): Promise<string[]> => {
    const events: StackEvent[] = [];
    // What failed first lies pages behind what was rolled back because of it.
    let NextToken: string | undefined;
    do {
      const page = await ground.call(caller, 'cloudformation', 'DescribeStackEvents', { StackName, NextToken }, region);
      events.push(...(page.StackEvents ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    const failed = events.filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED')).reverse();
    return failed.map((one) => `${one.LogicalResourceId ?? ''} (${one.ResourceType ?? ''}): ${one.ResourceStatusReason ?? ''}`);
  };
  const settle = async (): Promise<void> => {
    for (;;) {
      const status = (await describe())?.StackStatus ?? '';
      if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') return;
      if (!status.endsWith('_IN_PROGRESS')) throw new DeploymentFailed(StackName, status, await reasons());
      await ground.timeline.letPass(ground.timeline.wait(POLL_MILLISECONDS));
    }
  };
  return {
    region,
    async exists(): Promise<boolean> {
      return describe().then(
        (stack) => stack !== undefined,
        (error: unknown) => {
          if (error instanceof Error && error.message.includes('does not exist')) return false;
          throw error;
        },
      );
    },
    async create(source: Source, withParameters: boolean): Promise<void> {
      await ground.call(caller, 'cloudformation', 'CreateStack', request(source, withParameters), region);
      await settle();
    },
    async update(source: Source): Promise<void> {
      try {
        await ground.call(caller, 'cloudformation', 'UpdateStack', request(source, true), region);
      } catch (error) {
        if (error instanceof Error && error.message === 'No updates are to be performed.') return;
        throw error;
      }
      await settle();
    },
    async upload(Bucket: string, objects: ReadonlyMap<string, Buffer>): Promise<void> {
      for (const [Key, Body] of objects) await ground.call(caller, 's3', 'PutObject', { Bucket, Key, Body }, region);
    },
    async resources(): Promise<StackResource[]> {
      if (!(await this.exists())) return [];
      const { StackResources = [] } = await ground.call(
        caller,
        'cloudformation',
        'DescribeStackResources',
        { StackName },
        region,
      );
      return StackResources.flatMap(({ LogicalResourceId = '', PhysicalResourceId, ResourceType = '' }) =>
        PhysicalResourceId === undefined
          ? []
          : [{ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType }],
      );
    },
    async describe(): Promise<Stack> {
      const stack = await describe();
      const outputs = (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const);
      return {
        id: stack?.StackId ?? '',
        name: StackName,
        status: stack?.StackStatus ?? '',
        outputs: Object.fromEntries(outputs),
        resources: await this.resources(),
      };
    },
  };
}
