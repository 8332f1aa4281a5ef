// State machines: made, changed, described, listed and deleted.
import { isDeepStrictEqual } from 'node:util';
import type { DescribeStateMachineOutput } from '@aws-sdk/client-sfn';
import type { Ask } from '../../iam/ask.ts';
import { passRole } from '../../iam/pass-role.ts';
import { AwsError } from '../error.ts';
import type { Call } from '../service.ts';
import { diagnosticsOf, draftRevision } from './blueprint.ts';
import { readWithKey } from './encryption.ts';
import {
  absentMachine,
  buryIfDone,
  executionAt,
  machineAt,
  refuseDeleting,
  type Ledger,
  type Machine,
  type Revision,
} from './ledger.ts';
import { askMachine, checkName, isVersion, pointerOf, validation } from './naming.ts';
import { pageOf } from './page.ts';
import type { Scene, StatesOperations } from './scene.ts';
import { addTags, tagContext } from './tags.ts';
import { publishVersion, versionAt } from './versions.ts';

export function machineOperations(scene: Scene): StatesOperations {
  const { ground, ledgerOf } = scene;
  const arnOf = (call: Call, name: string) => `arn:aws:states:${call.region}:${call.account}:stateMachine:${name}`;

  return {
    CreateStateMachine: {
      asks: (input, call) => {
        const resource = arnOf(call, input.name ?? '');
        const asked: Ask[] = [
          { action: 'states:CreateStateMachine', resource, context: tagContext(input.tags) },
          passRole(input.roleArn ?? '', 'states.amazonaws.com'),
        ];
        if (input.publish === true) asked.push({ action: 'states:PublishStateMachineVersion', resource });
        if (input.tags?.length) asked.push({ action: 'states:TagResource', resource, context: tagContext(input.tags) });
        return asked;
      },
      async run(input, call) {
        const { name = '', definition = '', roleArn = '', type } = input;
        checkName(name);
        refuseExpress(type);
        checkVersionDescription(input);
        const ledger = ledgerOf(call.region);
        const arn = arnOf(call, name);
        const revision = await draftRevision(ground, call, arn, {
          id: 'INITIAL',
          definition,
          roleArn,
          logging: input.loggingConfiguration,
          tracing: input.tracingConfiguration?.enabled ?? false,
          encryption: input.encryptionConfiguration,
        });
        // Looked for only now: another may have been made while this one was settled.
        const known = ledger.machines.get(arn);
        if (known) refuseDeleting(known);
        const machine = known ? sameOrRefuse(known, revision) : newMachine(call, name, arn, revision);
        addTags(machine, input.tags ?? []);
        ledger.machines.set(arn, machine);
        const version = input.publish === true ? publishVersion(machine, input.versionDescription, call.at) : undefined;
        return { stateMachineArn: arn, creationDate: new Date(machine.createdAt), stateMachineVersionArn: version?.arn };
      },
    },
    UpdateStateMachine: {
      asks: (input) => {
        const resource = input.stateMachineArn ?? '';
        const asked: Ask[] = [{ action: 'states:UpdateStateMachine', resource }];
        if (input.roleArn !== undefined) asked.push(passRole(input.roleArn, 'states.amazonaws.com'));
        if (input.publish === true) asked.push({ action: 'states:PublishStateMachineVersion', resource });
        return asked;
      },
      async run(input, call) {
        const pointer = pointerOf(input.stateMachineArn ?? '', 'stateMachine');
        if (pointer.qualifier !== undefined) throw validation(`Qualified state machine ARN is not supported: ${pointer.arn}`);
        const machine = machineAt(ledgerOf(call.region), pointer);
        refuseDeleting(machine);
        checkVersionDescription(input);
        const { definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration } = input;
        if (!definition && !roleArn && !loggingConfiguration && !tracingConfiguration && !encryptionConfiguration) {
          throw new AwsError(
            'MissingRequiredParameter',
            'Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration or the EncryptionConfiguration must be specified',
          );
        }
        const { revision: old } = machine;
        machine.revision = await draftRevision(ground, call, machine.arn, {
          id: ground.uuid(),
          definition: definition ?? old.definition,
          roleArn: roleArn ?? old.roleArn,
          logging: loggingConfiguration ?? old.logging,
          tracing: tracingConfiguration?.enabled ?? old.tracing,
          encryption: encryptionConfiguration ?? old.encryption,
        });
        machine.keyGoodUntil = 0;
        const version = input.publish === true ? publishVersion(machine, input.versionDescription, call.at) : undefined;
        return { updateDate: new Date(call.at), revisionId: machine.revision.id, stateMachineVersionArn: version?.arn };
      },
    },
    DeleteStateMachine: {
      asks: (input) => [{ action: 'states:DeleteStateMachine', resource: input.stateMachineArn ?? '' }],
      run(input, call) {
        const pointer = pointerOf(input.stateMachineArn ?? '', 'stateMachine');
        if (pointer.qualifier !== undefined) throw validation(`Qualified state machine ARN is not supported: ${pointer.arn}`);
        const ledger = ledgerOf(call.region);
        const machine = ledger.machines.get(pointer.machineArn);
        if (machine === undefined) return {};
        machine.status = 'DELETING';
        machine.versions.length = 0;
        machine.aliases.clear();
        buryIfDone(ledger, machine);
        return {};
      },
    },
    DescribeStateMachine: {
      asks: (input) => [askMachine('states:DescribeStateMachine', input.stateMachineArn)],
      async run(input, call) {
        const { machine, revision, shown } = describedAt(ledgerOf(call.region), input.stateMachineArn ?? '');
        const whole = input.includedData !== 'METADATA_ONLY';
        if (whole) await readWithKey(ground, call, machine, revision);
        return { ...describe(revision, whole), ...shown, name: machine.name, status: machine.status, type: 'STANDARD' };
      },
    },
    DescribeStateMachineForExecution: {
      asks: (input) => [{ action: 'states:DescribeStateMachineForExecution', resource: input.executionArn ?? '' }],
      async run(input, call) {
        const { machine, revision } = executionAt(ledgerOf(call.region), input.executionArn ?? '');
        const whole = input.includedData !== 'METADATA_ONLY';
        if (whole) await readWithKey(ground, call, machine, revision);
        return {
          ...describe(revision, whole),
          stateMachineArn: machine.arn,
          name: machine.name,
          updateDate: new Date(revision.madeAt),
        };
      },
    },
    ListStateMachines: {
      asks: (_input, call) => [{ action: 'states:ListStateMachines', resource: arnOf(call, '*') }],
      run(input, call) {
        const all = [...ledgerOf(call.region).machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const page = pageOf(all, input, ['machines'], (machine) => machine.arn);
        const stateMachines = page.items.map(({ arn, name, createdAt }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD' as const,
          creationDate: new Date(createdAt),
        }));
        return { stateMachines, nextToken: page.next };
      },
    },
    ValidateStateMachineDefinition: {
      asks: () => [{ action: 'states:ValidateStateMachineDefinition', resource: '*' }],
      run(input) {
        refuseExpress(input.type);
        const all = diagnosticsOf(input.definition ?? '');
        const diagnostics = all.slice(0, input.maxResults === undefined || input.maxResults === 0 ? 100 : input.maxResults);
        return { result: all.length > 0 ? 'FAIL' : 'OK', diagnostics, truncated: diagnostics.length < all.length };
      },
    },
  };
}

function checkVersionDescription(input: { versionDescription?: string | undefined; publish?: boolean | undefined }): void {
  if (input.versionDescription === undefined || input.publish === true) return;
  throw validation('Version description can only be set when publish is true');
}

function refuseExpress(type: string | undefined): void {
  if (type === undefined || type === 'STANDARD') return;
  if (type !== 'EXPRESS')
    throw validation(
      `1 validation error detected: Value '${type}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]`,
    );
  throw new AwsError('NotImplemented', 'EXPRESS state machines are not imitated by the embedded cloud: use STANDARD', {
    status: 501,
  });
}

function newMachine(call: Call, name: string, arn: string, revision: Revision): Machine {
  return {
    name,
    arn,
    region: call.region,
    createdAt: call.at,
    status: 'ACTIVE',
    revision,
    versions: [],
    aliases: new Map(),
    tags: new Map(),
    nextVersion: 1,
    logStream: undefined,
    keyGoodUntil: 0,
  };
}

/** Creating the same again is answered as the first time; role and tags do not count, and are not changed. */
function sameOrRefuse(known: Machine, wanted: Revision): Machine {
  const trait = ({ definition, logging, tracing, encryption }: Revision) => ({ definition, logging, tracing, encryption });
  if (isDeepStrictEqual(trait(known.revision), trait(wanted))) return known;
  throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${known.arn}'`);
}

function describedAt(ledger: Ledger, arn: string) {
  const pointer = pointerOf(arn, 'stateMachine');
  const machine = machineAt(ledger, pointer);
  if (pointer.qualifier === undefined) {
    return {
      machine,
      revision: machine.revision,
      shown: { stateMachineArn: machine.arn, creationDate: new Date(machine.createdAt) },
    };
  }
  if (!isVersion(pointer.qualifier)) throw absentMachine(arn);
  const version = versionAt(machine, arn);
  const { revision, description, createdAt } = version;
  return { machine, revision, shown: { stateMachineArn: version.arn, creationDate: new Date(createdAt), description } };
}

type Described = Pick<
  DescribeStateMachineOutput,
  | 'definition'
  | 'roleArn'
  | 'loggingConfiguration'
  | 'tracingConfiguration'
  | 'revisionId'
  | 'encryptionConfiguration'
  | 'variableReferences'
>;

function describe(revision: Revision, whole: boolean): Described {
  const { variableReferences } = revision.loaded;
  const references = Object.fromEntries(Object.entries(variableReferences).map(([state, names]) => [state, [...names]]));
  return {
    definition: whole ? revision.definition : undefined,
    roleArn: revision.roleArn,
    loggingConfiguration: revision.logging,
    tracingConfiguration: { enabled: revision.tracing },
    revisionId: revision.id === 'INITIAL' ? undefined : revision.id,
    encryptionConfiguration: revision.encryption,
    variableReferences: whole ? references : undefined,
  };
}
