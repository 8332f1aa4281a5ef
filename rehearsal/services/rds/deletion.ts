// DeleteDBInstance: what is kept of an instance is said in the request, and what is not said is gone.
import type { DeleteDBInstanceMessage } from '@aws-sdk/client-rds';
import { notImitated } from '../error.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { describe } from './description.ts';
import { invalidCombination, invalidState, refuseOthers } from './failures.ts';
import { find, known, type Instance, type Rds } from './instance.ts';
import { tell } from './journal.ts';
import { proceed, type Phase } from './lifecycle.ts';
import { askAbout, identifierIn, requireIdentifier } from './naming.ts';
import { conceal } from './reach.ts';

const IMITATED = ['DBInstanceIdentifier', 'SkipFinalSnapshot', 'FinalDBSnapshotIdentifier', 'DeleteAutomatedBackups'];
const LONGEST_SNAPSHOT = 255;

export function createDeletion(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    DeleteDBInstance: {
      asks(input, call) {
        const { DBInstanceIdentifier: name, FinalDBSnapshotIdentifier: snapshot } = input;
        const db = askAbout('DeleteDBInstance', 'db', name, call, known(rds, call, name)?.tags);
        return snapshot === undefined ? [db] : [db, askAbout('CreateDBSnapshot', 'snapshot', snapshot, call)];
      },
      run(input, call) {
        refuseOthers('DeleteDBInstance', input, IMITATED);
        const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
        const snapshot = requireDeletable(rds, instance, input);
        remove(rds, instance, { snapshot, keepBackups: input.DeleteAutomatedBackups === false });
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
  };
}

/** Answers the name of the final snapshot, if there is to be one. */
function requireDeletable(rds: Rds, instance: Instance, input: DeleteDBInstanceMessage): string | undefined {
  const { SkipFinalSnapshot: skip = false, FinalDBSnapshotIdentifier: given } = input;
  const { identifier, status, settings, replicas, replicaOf } = instance;
  if (skip && given !== undefined)
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true.');
  if (!skip && given === undefined)
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  if (settings.deletionProtection)
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  if (status === 'deleting') throw invalidState(`Instance ${identifier} is already being deleted.`);
  if (replicas.size > 0)
    throw invalidState(`Cannot delete DB instance ${identifier} because it has read replicas: ${[...replicas].join(', ')}.`);
  if (given === undefined) return requireReady(instance, ['available', 'failed', 'stopped']);
  if (replicaOf !== undefined)
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting a read replica.');
  requireReady(instance, ['available', 'stopped']);
  if (!rds.snapshots) throw notImitated('final snapshots');
  const snapshot = requireIdentifier(given, 'FinalDBSnapshotIdentifier', LONGEST_SNAPSHOT);
  rds.snapshots.requireRoom(rds.in(instance.region), snapshot);
  return snapshot;
}

function requireReady({ identifier, status, busy }: Instance, states: readonly string[]): undefined {
  if (!states.includes(status) || busy)
    throw invalidState(`Instance ${identifier} is not currently available; its state is ${status}.`);
}

function remove(rds: Rds, instance: Instance, kept: { snapshot: string | undefined; keepBackups: boolean }): void {
  const deleting: Phase = {
    status: 'deleting',
    takes: 'rds:Deleting',
    async first() {
      if (kept.snapshot !== undefined) await rds.snapshots?.take(instance, kept.snapshot);
      conceal(rds, instance);
      await instance.cluster?.stop('fast');
    },
    // A last snapshot is complete before what it was taken of goes.
    notBefore: () => readyAt(rds, instance, kept.snapshot),
    async then() {
      await rds.snapshots?.forget(instance, kept);
      await instance.cluster?.remove();
      instance.cluster = undefined;
      const region = rds.in(instance.region);
      // Its name is free from now on, and not a moment earlier.
      region.instances.delete(instance.identifier);
      if (instance.replicaOf !== undefined) region.instances.get(instance.replicaOf)?.replicas.delete(instance.identifier);
      tell(rds, instance, 'deleted');
    },
  };
  proceed(rds, instance, [deleting], 'deleted');
}

/** When a snapshot that is taken with something else is complete; long ago where there is none. */
export const readyAt = (rds: Rds, { region }: Instance, snapshot: string | undefined): number =>
  (snapshot === undefined ? undefined : rds.vault(region).snapshots.get(snapshot)?.readyAt) ?? 0;
