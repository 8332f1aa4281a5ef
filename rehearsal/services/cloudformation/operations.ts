// CreateStack, UpdateStack, DeleteStack, UpdateTerminationProtection.
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { changesNothing } from '../../stack/changes.ts';
import { createStack, deleteStack } from '../../stack/creation.ts';
import type { OnFailure } from '../../stack/creation.ts';
import { exportsOf, importersOf } from '../../stack/exports.ts';
import { isBusy, liveResources } from '../../stack/record.ts';
import type { StackRecord } from '../../stack/record.ts';
import { updateStack } from '../../stack/update.ts';
import { turn } from '../../stack/work.ts';
import { invalid } from '../../stack/values.ts';
import { onAnything, onStack } from './asks.ts';
import { begin, prepare, refuseUnimitated, workOn } from './office.ts';
import type { Office } from './office.ts';
import { checkStackName, constraint, findStack, newStack, stackOf } from './stacks.ts';
import type { Prepared } from './stacks.ts';

type Operations = OperationsOf<Sdks['cloudformation']>;

const UPDATABLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_FAILED'];

const newStackId = ({ ground }: Office, { region, account }: Call, name: string): string =>
  `arn:aws:cloudformation:${region}:${account}:stack/${name}/${ground.uuid()}`;

export const freshStack = (office: Office, call: Call, name: string): StackRecord =>
  newStack(name, { id: newStackId(office, call, name), region: call.region, account: call.account, createdAt: call.at });

export interface Start {
  readonly prepared: Prepared;
  readonly onFailure: OnFailure;
  readonly token?: string | undefined;
}

export function startCreation(office: Office, call: Call, stack: StackRecord, { prepared, onFailure, token }: Start): void {
  const { intent, blueprint, imports } = prepared;
  const work = workOn(office, call, stack, { roleArn: intent.roleArn, token, imports });
  stack.intent = intent;
  stack.imports = imports;
  stack.disableRollback = onFailure === 'DO_NOTHING';
  turn(work, 'CREATE_IN_PROGRESS', 'User Initiated');
  begin(work, () => createStack(work, blueprint, intent, onFailure, () => [...office.room(stack.region).stacks.values()]));
}

export function startUpdate(office: Office, call: Call, stack: StackRecord, { prepared, onFailure, token }: Start): void {
  const { intent, blueprint, imports } = prepared;
  const work = workOn(office, call, stack, { roleArn: intent.roleArn, token, imports });
  stack.updatedAt = call.at;
  stack.disableRollback = onFailure === 'DO_NOTHING';
  turn(work, 'UPDATE_IN_PROGRESS', 'User Initiated');
  begin(work, () => updateStack(work, blueprint, intent, () => [...office.room(stack.region).stacks.values()], imports));
}

const ON_FAILURE = ['ROLLBACK', 'DELETE', 'DO_NOTHING'] as const;

export function onFailureOf(asked: string | undefined, disableRollback: boolean | undefined): OnFailure {
  if (asked !== undefined && disableRollback !== undefined) throw invalid('Cannot specify both OnFailure and DisableRollback');
  const known = ON_FAILURE.find((one) => one === (asked ?? 'ROLLBACK'));
  if (!known) throw constraint(asked ?? '', 'onFailure', 'Member must satisfy enum value set: [ROLLBACK, DELETE, DO_NOTHING]');
  return disableRollback === true ? 'DO_NOTHING' : known;
}

export function refuseUpdate(stack: StackRecord): void {
  if (!UPDATABLE.includes(stack.status)) throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}

const missing = (name: string): string => `Stack [${name}] does not exist`;

export function stackOperations(office: Office): Operations {
  return {
    CreateStack: {
      asks: onStack,
      async run(input, call) {
        const room = office.room(call.region);
        const name = input.StackName ?? '';
        checkStackName(name);
        const existing = findStack(room, name);
        const token = input.ClientRequestToken;
        if (existing && token !== undefined && existing.tokens.has(token)) return { StackId: existing.id };
        const refuse = (): void => {
          if (findStack(room, name))
            throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`, { status: 400 });
        };
        refuse();
        const onFailure = onFailureOf(input.OnFailure, input.DisableRollback);
        const stack = freshStack(office, call, name);
        const prepared = await prepare(office, call, { ...input }, stack);
        // Another creation may have come first while the template was read.
        refuse();
        stack.terminationProtection = input.EnableTerminationProtection ?? false;
        room.stacks.set(stack.id, stack);
        startCreation(office, call, stack, { prepared, onFailure, token });
        return { StackId: stack.id };
      },
    },
    UpdateStack: {
      asks: onStack,
      async run(input, call) {
        const stack = stackOf(office.room(call.region), input.StackName, missing);
        refuseUpdate(stack);
        const token = input.ClientRequestToken;
        if (token !== undefined && stack.tokens.has(token)) {
          throw new AwsError('TokenAlreadyExistsException', `Token ${token} already exists`, { status: 400 });
        }
        const prepared = await prepare(office, call, { ...input }, stack);
        refuseUpdate(stack);
        const { exported } = workOn(office, call, stack, { imports: prepared.imports });
        const idle = stack.status !== 'UPDATE_FAILED' && changesNothing(stack, prepared.blueprint, prepared.intent, exported);
        if (idle) throw invalid('No updates are to be performed.');
        startUpdate(office, call, stack, { prepared, onFailure: onFailureOf(undefined, input.DisableRollback), token });
        return { StackId: stack.id };
      },
    },
    DeleteStack: {
      asks: onStack,
      run(input, call) {
        const room = office.room(call.region);
        const { StackName, RetainResources: retained = [], RoleARN, ClientRequestToken: token } = input;
        refuseUnimitated({ ...input, DeletionMode: input.DeletionMode === 'STANDARD' ? undefined : input.DeletionMode });
        const stack = findStack(room, StackName ?? '');
        // Deleting what is not there is done already.
        if (!stack || stack.status === 'DELETE_COMPLETE') return {};
        if (stack.terminationProtection)
          throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
        if (stack.status === 'DELETE_IN_PROGRESS') return {};
        if (isBusy(stack)) throw invalid(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
        checkRetained(stack, retained);
        const work = workOn(office, call, stack, { roleArn: RoleARN ?? stack.intent?.roleArn, token });
        turn(work, 'DELETE_IN_PROGRESS', 'User Initiated');
        for (const [id, one] of room.changeSets) if (one.stack === stack) room.changeSets.delete(id);
        begin(work, () => deleteStack(work, retained, () => [...room.stacks.values()]));
        return {};
      },
    },
    UpdateTerminationProtection: {
      asks: onStack,
      run(input, call) {
        const stack = stackOf(office.room(call.region), input.StackName, missing);
        stack.terminationProtection = input.EnableTerminationProtection ?? false;
        return { StackId: stack.id };
      },
    },
    ListExports: {
      asks: onAnything,
      run(input, call) {
        const exported = exportsOf(office.room(call.region).stacks.values());
        const all = exported.map(({ stack, name: Name, value: Value }) => ({ ExportingStackId: stack.id, Name, Value }));
        const { items, ...next } = office.pages.cut('ListExports', all, input.NextToken);
        return { Exports: items, ...next };
      },
    },
    ListImports: {
      asks: onAnything,
      run(input, call) {
        const name = input.ExportName ?? '';
        const users = importersOf(office.room(call.region).stacks.values(), name);
        if (users.length === 0) throw invalid(`Export '${name}' is not imported by any stack.`);
        const { items, ...next } = office.pages.cut(
          `ListImports ${name}`,
          users.map((one) => one.name),
          input.NextToken,
        );
        return { Imports: items, ...next };
      },
    },
  };
}

function checkRetained(stack: StackRecord, retained: readonly string[]): void {
  if (retained.length === 0) return;
  if (stack.status !== 'DELETE_FAILED') {
    throw invalid('Invalid operation on stack. Specify resources to retain only when stack is in the DELETE_FAILED state.');
  }
  const known = new Set(liveResources(stack).map(({ id }) => id));
  const strangers = retained.filter((id) => !known.has(id));
  if (strangers.length > 0) throw invalid(`Resources to retain do not exist: [${strangers.join(', ')}]`);
}
