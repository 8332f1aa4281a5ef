// Change sets: an update described before it is made.
import type { Capability, Change as DescribedChange, ResourceChange } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { handlerOf } from '../../stack/blueprint.ts';
import { changesNothing, changesOf } from '../../stack/changes.ts';
import type { Change } from '../../stack/changes.ts';
import type { StackRecord } from '../../stack/record.ts';
import { turn } from '../../stack/work.ts';
import { invalid, notImitated } from '../../stack/values.ts';
import { onStack } from './asks.ts';
import { parametersOf } from './descriptions.ts';
import { prepare, workOn } from './office.ts';
import type { Office } from './office.ts';
import { freshStack, onFailureOf, refuseUpdate, startCreation, startUpdate } from './operations.ts';
import { checkStackName, constraint, findStack, stackOf } from './stacks.ts';
import type { ChangeSetRecord, Prepared, Room } from './stacks.ts';

type Operations = OperationsOf<Sdks['cloudformation']>;

const NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set.";
const NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

function stackFor(office: Office, call: Call, name: string, type: string, changeSet: string): StackRecord {
  const existing = findStack(office.room(call.region), name);
  if (type === 'CREATE') {
    checkStackName(name);
    if (existing && existing.status !== 'REVIEW_IN_PROGRESS') {
      throw invalid(`Stack [${name}] already exists and cannot be created again with the changeSet [${changeSet}].`);
    }
    return existing ?? freshStack(office, call, name);
  }
  if (type !== 'UPDATE') throw notImitated(`ChangeSetType ${type}`);
  if (!existing) throw invalid(`Stack [${name}] does not exist`);
  refuseUpdate(existing);
  return existing;
}

function changeSetOf(room: Room, name = '', stackName: string | undefined): ChangeSetRecord {
  const stack = stackName === undefined ? undefined : stackOf(room, stackName, (id) => `Stack [${id}] does not exist`);
  if (!name.startsWith('arn:') && !stack)
    throw invalid('StackName must be specified if ChangeSetName is not specified as an ARN.');
  const found = [...room.changeSets.values()].find((one) => one.id === name || (one.name === name && one.stack === stack));
  if (!found) throw new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, { status: 404 });
  return found;
}

function describeChange(change: Change): DescribedChange {
  const replacedBy = change.action === 'Modify' ? handlerOf(change.type).replacedBy : [];
  const recreates = (name: string): 'Always' | 'Never' => (replacedBy === '*' || replacedBy.includes(name) ? 'Always' : 'Never');
  const details = change.properties.map((name) => ({
    Target: {
      Attribute: name === 'Tags' ? ('Tags' as const) : ('Properties' as const),
      Name: name,
      RequiresRecreation: recreates(name),
    },
    Evaluation: 'Static' as const,
    ChangeSource: 'DirectModification' as const,
  }));
  const scope: NonNullable<ResourceChange['Scope']> =
    details.length > 0 ? [...new Set(details.map(({ Target }) => Target.Attribute))] : [];
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: change.action,
      LogicalResourceId: change.id,
      ResourceType: change.type,
      ...(change.physicalId !== undefined && { PhysicalResourceId: change.physicalId }),
      ...(change.replacement !== undefined && { Replacement: change.replacement }),
      Scope: scope,
      Details: details,
    },
  };
}

const headOf = ({ id, name, stack, createdAt, status, reason, executionStatus, description }: ChangeSetRecord) => ({
  ChangeSetId: id,
  ChangeSetName: name,
  StackId: stack.id,
  StackName: stack.name,
  CreationTime: new Date(createdAt),
  Status: status,
  ExecutionStatus: executionStatus,
  ...(reason !== undefined && { StatusReason: reason }),
  ...(description !== undefined && { Description: description }),
});

/** What the change set would do; a stack that does not stand yet has everything added. */
function verdictOf(office: Office, call: Call, stack: StackRecord, prepared: Prepared) {
  const { exported } = workOn(office, call, stack, { imports: prepared.imports });
  const changes = changesOf(stack, prepared.blueprint, prepared.intent, exported);
  const idle = stack.status !== 'REVIEW_IN_PROGRESS' && changesNothing(stack, prepared.blueprint, prepared.intent, exported);
  return { changes, idle };
}

export function changeSetOperations(office: Office): Operations {
  return {
    CreateChangeSet: {
      asks: onStack,
      async run(input, call) {
        const room = office.room(call.region);
        const name = input.ChangeSetName ?? '';
        if (!NAME.test(name))
          throw constraint(name, 'changeSetName', 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
        const type = input.ChangeSetType ?? 'UPDATE';
        const stack = stackFor(office, call, input.StackName ?? '', type, name);
        const twin = [...room.changeSets.values()].find((one) => one.name === name && one.stack === stack);
        if (twin) throw new AwsError('AlreadyExistsException', `ChangeSet ${name} already exists`, { status: 400 });
        const prepared = await prepare(office, call, { ...input }, stack);
        const { changes, idle } = verdictOf(office, call, stack, prepared);
        const id = `arn:aws:cloudformation:${call.region}:${call.account}:changeSet/${name}/${office.ground.uuid()}`;
        if (!room.stacks.has(stack.id)) {
          room.stacks.set(stack.id, stack);
          turn(workOn(office, call, stack, {}), 'REVIEW_IN_PROGRESS', 'User Initiated');
        }
        room.changeSets.set(id, {
          id,
          name,
          stack,
          type,
          description: input.Description,
          createdAt: call.at,
          status: idle ? 'FAILED' : 'CREATE_COMPLETE',
          reason: idle ? NO_CHANGES : undefined,
          changes,
          prepared,
          onFailure: onFailureOf(input.OnStackFailure, undefined),
          executionStatus: idle ? 'UNAVAILABLE' : 'AVAILABLE',
        });
        return { Id: id, StackId: stack.id };
      },
    },
    DescribeChangeSet: {
      asks: onStack,
      run({ ChangeSetName, StackName, NextToken }, call) {
        const found = changeSetOf(office.room(call.region), ChangeSetName, StackName);
        const { intent } = found.prepared;
        const { items, ...next } = office.pages.cut(`DescribeChangeSet ${found.id}`, found.changes, NextToken);
        return {
          ...headOf(found),
          Parameters: parametersOf({ intent }),
          NotificationARNs: [],
          RollbackConfiguration: {},
          Capabilities: [...intent.capabilities] as Capability[],
          Tags: [...intent.tags],
          Changes: items.map(describeChange),
          OnStackFailure: found.onFailure,
          IncludeNestedStacks: false,
          ...next,
        };
      },
    },
    ExecuteChangeSet: {
      asks: onStack,
      run({ ChangeSetName, StackName, ClientRequestToken: token, DisableRollback, RetainExceptOnCreate }, call) {
        if (RetainExceptOnCreate === true) throw notImitated('RetainExceptOnCreate of cloudformation');
        const room = office.room(call.region);
        const found = changeSetOf(room, ChangeSetName, StackName);
        const { stack, prepared, type, status, executionStatus } = found;
        if (executionStatus !== 'AVAILABLE') {
          const said = status === 'FAILED' ? status : executionStatus;
          throw new AwsError(
            'InvalidChangeSetStatus',
            `ChangeSet [${found.id}] cannot be executed in its current status of [${said}]`,
            {
              status: 400,
            },
          );
        }
        if (type === 'UPDATE') refuseUpdate(stack);
        const onFailure = DisableRollback === true ? 'DO_NOTHING' : found.onFailure;
        stack.changeSetId = found.id;
        // Every other change set was drawn up against a stack that is about to be another.
        for (const [id, one] of room.changeSets) if (one.stack === stack && one !== found) room.changeSets.delete(id);
        found.executionStatus = 'EXECUTE_COMPLETE';
        (type === 'CREATE' ? startCreation : startUpdate)(office, call, stack, { prepared, onFailure, token });
        return {};
      },
    },
    DeleteChangeSet: {
      asks: onStack,
      run({ ChangeSetName = '', StackName }, call) {
        const room = office.room(call.region);
        try {
          const found = changeSetOf(room, ChangeSetName, StackName);
          room.changeSets.delete(found.id);
        } catch (error) {
          // AWS finds nothing wrong with a change set that is gone already.
          if (!(error instanceof AwsError) || error.code !== 'ChangeSetNotFound') throw error;
        }
        return {};
      },
    },
    ListChangeSets: {
      asks: onStack,
      run({ StackName, NextToken }, call) {
        const room = office.room(call.region);
        const stack = stackOf(room, StackName, (id) => `Stack [${id}] does not exist`);
        const all = [...room.changeSets.values()].filter((one) => one.stack === stack);
        const { items, ...next } = office.pages.cut(`ListChangeSets ${stack.id}`, all, NextToken);
        return { Summaries: items.map(headOf), ...next };
      },
    },
  };
}
