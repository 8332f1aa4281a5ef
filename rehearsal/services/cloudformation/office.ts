// What CloudFormation's operations share: reading what is asked for, and starting work on a stack.
import type { Caller } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { draftBlueprint } from '../../stack/blueprint.ts';
import { collapse } from '../../stack/creation.ts';
import { importer } from '../../stack/exports.ts';
import { checkParameters, resolveParameters } from '../../stack/parameters.ts';
import type { GivenParameter } from '../../stack/parameters.ts';
import type { StackRecord } from '../../stack/record.ts';
import type { Work } from '../../stack/work.ts';
import { invalid, notImitated } from '../../stack/values.ts';
import { checkCapabilities } from './capabilities.ts';
import type { Pages } from './pages.ts';
import { readTemplate } from './source.ts';
import type { TemplateSource } from './source.ts';
import type { Prepared, Room } from './stacks.ts';

export interface Office {
  readonly ground: Ground;
  readonly room: (region: string) => Room;
  readonly pages: Pages;
}

export interface Wanted extends TemplateSource {
  readonly Parameters?: readonly GivenParameter[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
  readonly Tags?: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;
  readonly RoleARN?: string | undefined;
  readonly [key: string]: unknown;
}

const NOT_IMITATED = [
  'DeletionMode',
  'DeploymentMode',
  'ImportExistingResources',
  'IncludeNestedStacks',
  'NotificationARNs',
  'ResourceTypes',
  'ResourcesToImport',
  'RetainExceptOnCreate',
  'RollbackConfiguration',
  'StackPolicyBody',
  'StackPolicyDuringUpdateBody',
  'StackPolicyDuringUpdateURL',
  'StackPolicyURL',
  'TimeoutInMinutes',
];

const isSaid = (value: unknown): boolean =>
  value !== undefined &&
  value !== false &&
  value !== 'STANDARD' &&
  !(Array.isArray(value) && value.length === 0) &&
  !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Settings of a request that this cloud would have to ignore. */
export function refuseUnimitated(request: Readonly<Record<string, unknown>>): void {
  for (const name of NOT_IMITATED) if (isSaid(request[name])) throw notImitated(`${name} of cloudformation`);
}

/** Reads the request into a blueprint; whatever is wrong with it is said here, before anything is made. */
export async function prepare(office: Office, call: Call, wanted: Wanted, stack: StackRecord): Promise<Prepared> {
  refuseUnimitated(wanted);
  const { ground } = office;
  const before = stack.intent;
  const template = await readTemplate(ground, call, wanted, before?.template);
  checkParameters(template);
  const caller = callerOf(office, call, wanted.RoleARN ?? before?.roleArn);
  const parameters = await resolveParameters(template, {
    given: wanted.Parameters ?? [],
    previous: before?.parameters,
    readSsm: (name) => readSsm(office, caller, name, call.region),
  });
  const imports = new Set<string>();
  const exported = importer(() => office.room(call.region).stacks.values(), imports);
  const identity = { stackName: stack.name, stackId: stack.id, region: stack.region, account: stack.account };
  const blueprint = draftBlueprint(template, parameters, identity, exported);
  checkCapabilities(template, wanted.Capabilities);
  const tags = wanted.Tags?.map(({ Key = '', Value = '' }) => ({ Key, Value })) ?? before?.tags ?? [];
  const roleArn = wanted.RoleARN ?? before?.roleArn;
  return { intent: { template, parameters, capabilities: wanted.Capabilities ?? [], tags, roleArn }, blueprint, imports };
}

async function readSsm(office: Office, caller: Caller, name: string, region: string): Promise<string> {
  try {
    const { Parameter } = await office.ground.call(caller, 'ssm', 'GetParameter', { Name: name }, region);
    return Parameter?.Value ?? '';
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') {
      throw invalid(`Unable to fetch parameters [${name}] from parameter store for this account.`);
    }
    throw error;
  }
}

/** The stack's own role, or whoever asks. */
const callerOf = ({ ground }: Office, call: Call, roleArn: string | undefined): Caller =>
  roleArn === undefined ? call.caller : ground.assume(roleArn, 'cloudformation.amazonaws.com', 'AWSCloudFormation');

export function workOn(
  office: Office,
  call: Call,
  stack: StackRecord,
  options: { roleArn?: string | undefined; token?: string | undefined; imports?: Set<string> },
): Work {
  const { roleArn, token, imports = new Set<string>() } = options;
  const exported = importer(() => office.room(stack.region).stacks.values(), imports);
  if (token !== undefined) stack.tokens.add(token);
  return { ground: office.ground, caller: callerOf(office, call, roleArn), stack, token, exported };
}

/** The caller has its answer while the work goes on. */
export function begin(work: Work, act: () => Promise<void>): void {
  void Promise.resolve()
    .then(act)
    .catch((error: unknown) => collapse(work, error));
}
