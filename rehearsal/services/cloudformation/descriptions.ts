// What CloudFormation tells about stacks: Describe…, List…, GetTemplate.
import type { Stack, StackEvent, StackResource, StackSummary } from '@aws-sdk/client-cloudformation';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { AwsError } from '../error.ts';
import type { ResourceRecord, StackRecord } from '../../stack/record.ts';
import { invalid } from '../../stack/values.ts';
import { onStack } from './asks.ts';
import type { Office } from './office.ts';
import { stackOf } from './stacks.ts';

type Operations = OperationsOf<Sdks['cloudformation']>;

const date = (at: number): Date => new Date(at);
const HIDDEN = '****';
const DRIFT = { StackDriftStatus: 'NOT_CHECKED' } as const;
const RESOURCE_DRIFT = { StackResourceDriftStatus: 'NOT_CHECKED' } as const;

export function parametersOf({ intent }: Pick<StackRecord, 'intent'>): NonNullable<Stack['Parameters']> {
  return [...(intent?.parameters.values() ?? [])].map(({ name, given, hidden, resolved }) => ({
    ParameterKey: name,
    ParameterValue: hidden ? HIDDEN : given,
    ...(resolved !== undefined && { ResolvedValue: resolved }),
  }));
}

function describeStack(stack: StackRecord): Stack {
  const { intent } = stack;
  const description = intent?.template.description;
  return {
    StackId: stack.id,
    StackName: stack.name,
    ...(description !== undefined && { Description: description }),
    ...(stack.changeSetId !== undefined && { ChangeSetId: stack.changeSetId }),
    Parameters: parametersOf(stack),
    CreationTime: date(stack.createdAt),
    ...(stack.updatedAt !== undefined && { LastUpdatedTime: date(stack.updatedAt) }),
    ...(stack.deletedAt !== undefined && { DeletionTime: date(stack.deletedAt) }),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    ...(stack.reason !== undefined && { StackStatusReason: stack.reason }),
    DisableRollback: stack.disableRollback,
    NotificationARNs: [],
    Capabilities: [...(intent?.capabilities ?? [])] as NonNullable<Stack['Capabilities']>,
    Outputs: stack.outputs.map(({ name, value, description: said, exportName }) => ({
      OutputKey: name,
      OutputValue: value,
      ...(said !== undefined && { Description: said }),
      ...(exportName !== undefined && { ExportName: exportName }),
    })),
    ...(intent?.roleArn !== undefined && { RoleARN: intent.roleArn }),
    Tags: [...(intent?.tags ?? [])],
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: DRIFT,
  };
}

const summarise = (stack: StackRecord): StackSummary => ({
  StackId: stack.id,
  StackName: stack.name,
  ...(stack.intent?.template.description !== undefined && { TemplateDescription: stack.intent.template.description }),
  CreationTime: date(stack.createdAt),
  ...(stack.updatedAt !== undefined && { LastUpdatedTime: date(stack.updatedAt) }),
  ...(stack.deletedAt !== undefined && { DeletionTime: date(stack.deletedAt) }),
  StackStatus: stack.status,
  ...(stack.reason !== undefined && { StackStatusReason: stack.reason }),
  DriftInformation: DRIFT,
});

const describeEvent = (stack: StackRecord, event: StackRecord['events'][number]): StackEvent => ({
  StackId: stack.id,
  StackName: stack.name,
  EventId: event.id,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId,
  ResourceType: event.type,
  Timestamp: date(event.at),
  ResourceStatus: event.status,
  ...(event.reason !== undefined && { ResourceStatusReason: event.reason }),
  ...(event.token !== undefined && { ClientRequestToken: event.token }),
});

interface Told {
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ResourceType: string;
  ResourceStatus: ResourceRecord['status'];
  ResourceStatusReason?: string;
  DriftInformation: typeof RESOURCE_DRIFT;
}

const tellOf = (one: ResourceRecord): Told => ({
  LogicalResourceId: one.id,
  ...(one.standing && { PhysicalResourceId: one.standing.physicalId }),
  ResourceType: one.type,
  ResourceStatus: one.status,
  ...(one.reason !== undefined && { ResourceStatusReason: one.reason }),
  DriftInformation: RESOURCE_DRIFT,
});

const describeResource = (stack: StackRecord, one: ResourceRecord): StackResource & Told & { Timestamp: Date } => ({
  StackName: stack.name,
  StackId: stack.id,
  ...tellOf(one),
  Timestamp: date(one.at),
});

const missing = (name: string): string => `Stack [${name}] does not exist`;
const STATUS_FILTER_LIMIT = 24;

export function descriptions(office: Office): Operations {
  const stacksOf = (call: Call): StackRecord[] => [...office.room(call.region).stacks.values()].reverse();
  const stackNamed = (call: Call, name: string | undefined, message?: (id: string) => string): StackRecord =>
    stackOf(office.room(call.region), name, message);
  return {
    DescribeStacks: {
      asks: onStack,
      run({ StackName, NextToken }, call) {
        if (StackName !== undefined) return { Stacks: [describeStack(stackNamed(call, StackName))] };
        const standing = stacksOf(call).filter(({ status }) => status !== 'DELETE_COMPLETE');
        const { items, ...next } = office.pages.cut('DescribeStacks', standing, NextToken);
        return { Stacks: items.map(describeStack), ...next };
      },
    },
    ListStacks: {
      asks: (_input, call) => onStack({}, call).map((ask) => ({ ...ask, resource: '*' })),
      run({ StackStatusFilter = [], NextToken }, call) {
        if (StackStatusFilter.length > STATUS_FILTER_LIMIT) throw invalid('Too many stack statuses in StackStatusFilter');
        const wanted = stacksOf(call).filter(
          ({ status }) => StackStatusFilter.length === 0 || StackStatusFilter.includes(status),
        );
        const { items, ...next } = office.pages.cut(`ListStacks ${StackStatusFilter.join()}`, wanted, NextToken);
        return { StackSummaries: items.map(summarise), ...next };
      },
    },
    DescribeStackEvents: {
      asks: onStack,
      run({ StackName, NextToken }, call) {
        const stack = stackNamed(call, StackName, missing);
        const { items, ...next } = office.pages.cut(`DescribeStackEvents ${stack.id}`, [...stack.events].reverse(), NextToken);
        return { StackEvents: items.map((event) => describeEvent(stack, event)), ...next };
      },
    },
    DescribeStackResource: {
      asks: onStack,
      run({ StackName, LogicalResourceId: id = '' }, call) {
        const stack = stackNamed(call, StackName, (name) => `Stack '${name}' does not exist`);
        const one = stack.resources.get(id);
        if (!one) throw invalid(`Resource ${id} does not exist for stack ${stack.name}`);
        const { Timestamp, ...rest } = describeResource(stack, one);
        const metadata = one.metadata === undefined ? {} : { Metadata: JSON.stringify(one.metadata) };
        return { StackResourceDetail: { ...rest, LastUpdatedTimestamp: Timestamp, ...metadata } };
      },
    },
    DescribeStackResources: {
      asks: onStack,
      run({ StackName, LogicalResourceId, PhysicalResourceId }, call) {
        if ((StackName === undefined) === (PhysicalResourceId === undefined)) {
          throw invalid('Exactly one of StackName or PhysicalResourceId must be specified');
        }
        const holding = ({ resources }: StackRecord): boolean =>
          [...resources.values()].some(({ standing }) => standing?.physicalId === PhysicalResourceId);
        const stack = StackName === undefined ? stacksOf(call).find(holding) : stackNamed(call, StackName);
        if (!stack) throw invalid(`Stack for ${PhysicalResourceId ?? ''} does not exist`);
        const all = [...stack.resources.values()].filter(({ id }) => LogicalResourceId === undefined || id === LogicalResourceId);
        return { StackResources: all.map((one) => describeResource(stack, one)) };
      },
    },
    ListStackResources: {
      asks: onStack,
      run({ StackName, NextToken }, call) {
        const stack = stackNamed(call, StackName);
        const all = [...stack.resources.values()];
        const { items, ...next } = office.pages.cut(`ListStackResources ${stack.id}`, all, NextToken);
        return { StackResourceSummaries: items.map((one) => ({ ...tellOf(one), LastUpdatedTimestamp: date(one.at) })), ...next };
      },
    },
    GetTemplate: {
      asks: onStack,
      run({ StackName, ChangeSetName }, call) {
        const StagesAvailable = ['Original', 'Processed'] as ('Original' | 'Processed')[];
        if (ChangeSetName !== undefined) {
          const found = [...office.room(call.region).changeSets.values()].find((one) =>
            [one.name, one.id].includes(ChangeSetName),
          );
          if (!found) throw new AwsError('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`, { status: 404 });
          return { TemplateBody: found.prepared.intent.template.text, StagesAvailable };
        }
        const stack = stackNamed(call, StackName);
        if (!stack.intent) throw invalid(`Template not available for stack ${stack.name}`);
        return { TemplateBody: stack.intent.template.text, StagesAvailable };
      },
    },
  };
}
