// An instance is restarted, put to rest and woken again: its PostgreSQL goes and comes with it.
import type { StopDBInstanceMessage } from '@aws-sdk/client-rds';
import { notImitated } from '../error.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { readyAt } from './deletion.ts';
import { describe, LONGEST_STOP_MILLISECONDS } from './description.ts';
import { invalidCombination, invalidState, refuseOthers, requireAvailable } from './failures.ts';
import { find, known, type Instance, type Rds } from './instance.ts';
import { tell } from './journal.ts';
import { proceed, type Phase } from './lifecycle.ts';
import { askAbout, identifierIn, requireIdentifier } from './naming.ts';
import { impress } from './parameters.ts';
import { expose } from './reach.ts';

const LONGEST_SNAPSHOT = 255;

export function createPower(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    RebootDBInstance: {
      asks: ({ DBInstanceIdentifier: name }, call) => [
        askAbout('RebootDBInstance', 'db', name, call, known(rds, call, name)?.tags),
      ],
      run(input, call) {
        const { ForceFailover: failover = false } = input;
        refuseOthers('RebootDBInstance', input, ['DBInstanceIdentifier', 'ForceFailover']);
        const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
        if (instance.busy && instance.status === 'available')
          throw invalidState('Instance cannot currently reboot due to an in-progress management operation.');
        requireAvailable(instance);
        if (failover && !instance.settings.multiAz)
          throw invalidCombination('ForceFailover cannot be specified since the instance is not configured for Multi-AZ.');
        proceed(rds, instance, [failover ? failingOver(rds, instance) : rebooting(rds, instance)]);
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
    StopDBInstance: {
      asks({ DBInstanceIdentifier: name, DBSnapshotIdentifier: snapshot }, call) {
        const db = askAbout('StopDBInstance', 'db', name, call, known(rds, call, name)?.tags);
        return snapshot === undefined ? [db] : [db, askAbout('CreateDBSnapshot', 'snapshot', snapshot, call)];
      },
      run(input, call) {
        refuseOthers('StopDBInstance', input, ['DBInstanceIdentifier', 'DBSnapshotIdentifier']);
        const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
        const snapshot = requireStoppable(rds, instance, input);
        proceed(rds, instance, [stopping(rds, instance, snapshot)], 'stopped');
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
    StartDBInstance: {
      asks: ({ DBInstanceIdentifier: name }, call) => [
        askAbout('StartDBInstance', 'db', name, call, known(rds, call, name)?.tags),
      ],
      run(input, call) {
        const instance = find(rds, call.region, identifierIn(input.DBInstanceIdentifier ?? '', call));
        if (instance.status !== 'stopped') throw invalidState(`Instance ${instance.identifier} is not in stopped state.`);
        proceed(rds, instance, [starting(rds, instance)]);
        return { DBInstance: describe(instance, rds.in(call.region), call) };
      },
    },
  };
}

/** Sessions end when it begins, and nobody gets in before it is over. */
export const rebooting = (rds: Rds, instance: Instance, meanwhile?: () => Promise<void>): Phase => ({
  status: 'rebooting',
  takes: 'rds:Rebooting',
  async first() {
    tell(rds, instance, 'shutDown');
    await instance.cluster?.stop('fast');
    await meanwhile?.();
  },
  async then() {
    await rise(rds, instance);
    tell(rds, instance, 'restarted');
  },
});

/** The other zone's machine takes over: the first one is not asked, and what was committed is there. */
const failingOver = (rds: Rds, instance: Instance): Phase => ({
  status: 'rebooting',
  takes: 'rds:FailingOver',
  async first() {
    tell(rds, instance, 'failingOver');
    await instance.cluster?.stop('immediate');
  },
  async then() {
    const { availabilityZone, secondaryZone = availabilityZone } = instance.settings;
    instance.settings = { ...instance.settings, availabilityZone: secondaryZone, secondaryZone: availabilityZone };
    await rise(rds, instance);
    tell(rds, instance, 'restarted');
    tell(rds, instance, 'failedOver');
  },
});

/** A server that starts reads its parameters anew. */
export async function rise(rds: Rds, instance: Instance): Promise<void> {
  await instance.cluster?.start();
  await attune(rds, instance);
  if (instance.settings.parameterStatus === 'pending-reboot')
    instance.settings = { ...instance.settings, parameterStatus: 'in-sync' };
  expose(rds, instance);
}

/** What its group says is written down where PostgreSQL finds it when it starts. */
export async function attune(rds: Rds, instance: Instance): Promise<void> {
  if (!(await impress(rds, instance))) return;
  await instance.cluster?.stop('fast');
  await instance.cluster?.start();
}

function requireStoppable(rds: Rds, instance: Instance, { DBSnapshotIdentifier: given }: StopDBInstanceMessage) {
  requireAvailable(instance);
  const { identifier, replicas, replicaOf } = instance;
  if (replicas.size > 0 || replicaOf !== undefined)
    throw invalidState(
      `Cannot stop DB instance ${identifier}: ${replicaOf === undefined ? 'it has read replicas' : 'it is a read replica'}.`,
    );
  if (given === undefined) return undefined;
  if (!rds.snapshots) throw notImitated('snapshots');
  const snapshot = requireIdentifier(given, 'DBSnapshotIdentifier', LONGEST_SNAPSHOT);
  rds.snapshots.requireRoom(rds.in(instance.region), snapshot);
  return snapshot;
}

const stopping = (rds: Rds, instance: Instance, snapshot: string | undefined): Phase => ({
  status: 'stopping',
  takes: 'rds:Stopping',
  async first() {
    if (snapshot !== undefined) await rds.snapshots?.take(instance, snapshot);
    await instance.cluster?.stop('fast');
  },
  notBefore: () => readyAt(rds, instance, snapshot),
  then: () => rested(rds, instance),
});

export function rested(rds: Rds, instance: Instance): void {
  tell(rds, instance, 'stopped');
  const stoppedAt = rds.ground.timeline.now();
  instance.stoppedAt = stoppedAt;
  // Periodic work of one time: nobody waits for it, so no virtual time passes to get there.
  const end = rds.ground.timeline.every(LONGEST_STOP_MILLISECONDS, () => (end(), wake(rds, instance, stoppedAt)), {
    most: 1,
    from: stoppedAt + LONGEST_STOP_MILLISECONDS,
  });
}

/** RDS starts by itself what has rested for a week. */
function wake(rds: Rds, instance: Instance, stoppedAt: number): void {
  if (instance.status !== 'stopped' || instance.stoppedAt !== stoppedAt) return;
  tell(rds, instance, 'startedBySelf');
  proceed(rds, instance, [starting(rds, instance)]);
}

const starting = (rds: Rds, instance: Instance): Phase => ({
  status: 'starting',
  takes: 'rds:Starting',
  async then() {
    await rise(rds, instance);
    instance.stoppedAt = undefined;
    tell(rds, instance, 'started');
  },
});
