// A small RDS: instances and snapshots that remember what was asked of them. What is begun is done when time passes, and not before.
import type { Instances, Pointer, Servers } from '../../shared/cloud/ports.ts';
import { RunbookError } from '../../shared/errors.ts';
import { isOurs, type InstanceFacts, type SnapshotFacts } from '../../shared/runbooks/instances.ts';
import type { SmallWorld } from './small-world.ts';

export interface SmallRds {
  readonly instances: Map<string, InstanceFacts>;
  readonly snapshots: Map<string, SnapshotFacts>;
  /** By environment. */
  readonly pointers: Map<string, Pointer[]>;
  /** What was asked of RDS, in its order. */
  readonly asked: string[];
  /** Everything that was begun is done. */
  pass(): void;
}

/** Puts it in the place of the small world's ports, which have none. */
export function withRds(world: SmallWorld): SmallWorld & { readonly rds: SmallRds } {
  const rds = { instances: new Map(), snapshots: new Map(), pointers: new Map(), asked: [] } as Omit<SmallRds, 'pass'>;
  let begun: (() => void)[] = [];
  const pass = (): void => {
    const due = begun;
    begun = [];
    for (const finish of due) finish();
  };
  const known = (id: string): InstanceFacts => {
    const found = rds.instances.get(id);
    if (found) return found;
    throw new RunbookError('CloudRefused', `DBInstanceNotFound: ${id}`);
  };
  const become = (id: string, status: string, finish: () => void): void => {
    rds.instances.set(id, { ...known(id), status });
    begun.push(finish);
  };
  /** As RDS: another status is InvalidDBInstanceState. */
  const only = (id: string, ...statuses: string[]): void => {
    if (!statuses.includes(known(id).status))
      throw new RunbookError('CloudRefused', `InvalidDBInstanceState: ${id} is ${known(id).status}`);
  };
  const rest = (id: string, status: string) => () => void rds.instances.set(id, { ...known(id), status });
  const newest = (list: SnapshotFacts[]): SnapshotFacts[] =>
    list.sort((one, other) => (other.takenAt ?? '').localeCompare(one.takenAt ?? ''));
  const all = (): SnapshotFacts[] => newest([...rds.snapshots.values()]);

  const instances: Instances = {
    storageBytes: (id) => Promise.resolve((rds.instances.get(id)?.storageGigabytes ?? 0) * 1024 ** 3),
    find: (id) => Promise.resolve(rds.instances.get(id) ?? null),
    ours: (app) => Promise.resolve([...rds.instances.values()].filter(({ tags }) => isOurs(tags, app))),
    snapshot: (id) => Promise.resolve(rds.snapshots.get(id) ?? null),
    snapshots: (of) =>
      Promise.resolve(
        all().filter((one) => ('resourceId' in of ? one.resourceId === of.resourceId : one.instance === of.instance)),
      ),
    manualSnapshots: () => Promise.resolve(all().filter(({ kind }) => kind === 'manual')),
    ourSnapshots: (app) => Promise.resolve(all().filter(({ kind, tags }) => kind === 'manual' && isOurs(tags, app))),
    window: () => Promise.resolve(null),
  };
  const unasked = (): Promise<never> => Promise.reject(new RunbookError('CloudRefused', 'nobody asks this of the small RDS'));
  const servers: Servers = {
    async takeSnapshot(id, snapshot, tags) {
      only(id, 'available');
      rds.asked.push(`snapshot ${snapshot}`);
      const { resourceId, storageGigabytes } = known(id);
      const taken: SnapshotFacts = {
        id: snapshot,
        arn: `arn:aws:rds:eu-west-1:123456789012:snapshot:${snapshot}`,
        kind: 'manual',
        status: 'creating',
        percent: 0,
        instance: id,
        resourceId,
        takenAt: world.clock.now().toISOString(),
        engineVersion: '18.1',
        gigabytes: storageGigabytes,
        encrypted: true,
        tags,
      };
      rds.snapshots.set(snapshot, taken);
      become(id, 'backing-up', rest(id, 'available'));
      begun.push(() => void rds.snapshots.set(snapshot, { ...taken, status: 'available', percent: 100 }));
      return Promise.resolve();
    },
    restore: unasked,
    async adjust(id, settings) {
      only(id, 'available');
      rds.asked.push(`adjust ${id} ${JSON.stringify(settings)}`);
      rds.instances.set(id, { ...known(id), settings: { ...known(id).settings, ...settings } });
      return Promise.resolve();
    },
    async stop(id) {
      only(id, 'available');
      rds.asked.push(`stop ${id}`);
      become(id, 'stopping', rest(id, 'stopped'));
      return Promise.resolve();
    },
    async start(id) {
      only(id, 'stopped');
      rds.asked.push(`start ${id}`);
      become(id, 'starting', rest(id, 'available'));
      return Promise.resolve();
    },
    async remove(id) {
      only(id, 'available', 'stopped');
      if (known(id).settings.deletionProtection) throw new RunbookError('CloudRefused', `${id} is protected`);
      rds.asked.push(`remove ${id}`);
      become(id, 'deleting', () => void rds.instances.delete(id));
      return Promise.resolve();
    },
    async removeSnapshot(id) {
      rds.asked.push(`remove ${id}`);
      rds.snapshots.delete(id);
      return Promise.resolve();
    },
    async tag(arn, tags) {
      rds.asked.push(`tag ${arn}`);
      const found = all().find((one) => one.arn === arn);
      if (!found) throw new RunbookError('CloudRefused', `DBSnapshotNotFound: ${arn}`);
      rds.snapshots.set(found.id, { ...found, tags: { ...found.tags, ...tags } });
      return Promise.resolve();
    },
  };
  const connections = {
    read: (environment: string) => Promise.resolve(rds.pointers.get(environment) ?? []),
    point: unasked,
  };
  return Object.assign(world, { instances, servers, connections, rds: { ...rds, pass } });
}
