// Versions: revisions frozen under a number that is never used again.
import { AwsError } from '../error.ts';
import { machineAt, refuseDeleting, type Machine, type Version } from './ledger.ts';
import { askMachine, isVersion, pointerOf, validation } from './naming.ts';
import { pageOf } from './page.ts';
import type { Scene, StatesOperations } from './scene.ts';

const MOST_VERSIONS = 1000;

export function versionAt(machine: Machine, arn: string): Version {
  const version = machine.versions.find((known) => known.arn === arn);
  if (version === undefined) {
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }
  return version;
}

/** Publishing a revision twice answers with the version it already has. */
export function publishVersion(machine: Machine, description: string | undefined, at: number): Version {
  const known = machine.versions.find(({ revision }) => revision === machine.revision);
  if (known) return known;
  if (machine.versions.length >= MOST_VERSIONS) {
    throw new AwsError('ServiceQuotaExceededException', `Maximum number of versions reached: '${machine.arn}'`);
  }
  const number = machine.nextVersion++;
  const version = { number, arn: `${machine.arn}:${number}`, revision: machine.revision, description, createdAt: at };
  machine.versions.push(version);
  return version;
}

export function versionOperations({ ledgerOf }: Scene): StatesOperations {
  return {
    PublishStateMachineVersion: {
      asks: (input) => [askMachine('states:PublishStateMachineVersion', input.stateMachineArn)],
      run(input, call) {
        const pointer = pointerOf(input.stateMachineArn ?? '', 'stateMachine');
        if (pointer.qualifier !== undefined) throw validation(`Qualified state machine ARN is not supported: ${pointer.arn}`);
        const machine = machineAt(ledgerOf(call.region), pointer);
        refuseDeleting(machine);
        if (input.revisionId !== undefined && input.revisionId !== machine.revision.id) {
          const message = `Failed to publish the State Machine version for revision ${input.revisionId}. The current State Machine revision is ${machine.revision.id}.`;
          throw new AwsError('ConflictException', message);
        }
        const version = publishVersion(machine, input.description, call.at);
        return { creationDate: new Date(version.createdAt), stateMachineVersionArn: version.arn };
      },
    },
    ListStateMachineVersions: {
      asks: (input) => [askMachine('states:ListStateMachineVersions', input.stateMachineArn)],
      run(input, call) {
        const pointer = pointerOf(input.stateMachineArn ?? '', 'stateMachine');
        const machine = machineAt(ledgerOf(call.region), pointer);
        const page = pageOf([...machine.versions].reverse(), input, ['versions', machine.arn], (version) => version.arn);
        const stateMachineVersions = page.items.map(({ arn, createdAt }) => ({
          stateMachineVersionArn: arn,
          creationDate: new Date(createdAt),
        }));
        return { stateMachineVersions, nextToken: page.next };
      },
    },
    DeleteStateMachineVersion: {
      asks: (input) => [askMachine('states:DeleteStateMachineVersion', input.stateMachineVersionArn)],
      run(input, call) {
        const pointer = pointerOf(input.stateMachineVersionArn ?? '', 'stateMachine');
        if (!isVersion(pointer.qualifier)) throw validation(`Version ARN is required: ${pointer.arn}`);
        const machine = ledgerOf(call.region).machines.get(pointer.machineArn);
        if (machine === undefined) return {};
        const users = [...machine.aliases.values()].filter(({ routes }) =>
          routes.some((route) => route.stateMachineVersionArn === pointer.arn),
        );
        if (users.length > 0) {
          const list = users.map(({ name }) => name).join(', ');
          throw new AwsError(
            'ConflictException',
            `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${list}]`,
          );
        }
        const place = machine.versions.findIndex(({ arn }) => arn === pointer.arn);
        if (place !== -1) machine.versions.splice(place, 1);
        return {};
      },
    },
  };
}
