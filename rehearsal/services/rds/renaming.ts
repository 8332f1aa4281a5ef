// Another name: the old one is nobody's at once, the new one is known after a while and answers after a restart.
import { addressOf, type Instance, type Rds } from './instance.ts';
import type { Phase } from './lifecycle.ts';
import { arnOf } from './naming.ts';
import { rebooting } from './power.ts';
import { conceal } from './reach.ts';

/** Takes the new name at once, and answers what there is to wait for. */
export function rename(rds: Rds, instance: Instance, wanted: string): Phase[] {
  const region = rds.in(instance.region);
  const { identifier: old } = instance;
  conceal(rds, instance);
  region.instances.delete(old);
  region.instances.set(wanted, instance);
  region.reserved.add(old);
  follow(rds, instance, wanted);
  instance.identifier = wanted;
  instance.address = addressOf(region, wanted);
  instance.arn = arnOf(instance.region, rds.ground.account, 'db', wanted);
  instance.hidden = true;
  const certify = async (): Promise<void> => {
    if (instance.cluster) await rds.host().certify(instance.cluster, instance.address);
  };
  return [
    { status: 'renaming', takes: 'rds:Heeding', then: () => void (instance.hidden = false) },
    { status: 'renaming', takes: 'rds:Renaming', then: () => settle(instance, () => region.reserved.delete(old)) },
    rebooting(rds, instance, certify),
  ];
}

function settle(instance: Instance, free: () => void): void {
  const { identifier: _done, ...rest } = instance.pending;
  instance.pending = rest;
  free();
}

/** Replicas and their source know each other by name. */
function follow(rds: Rds, { identifier: old, region, replicas, replicaOf }: Instance, wanted: string): void {
  const { instances } = rds.in(region);
  for (const name of replicas) {
    const replica = instances.get(name);
    if (replica) replica.replicaOf = wanted;
  }
  const source = replicaOf === undefined ? undefined : instances.get(replicaOf);
  if (source?.replicas.delete(old)) source.replicas.add(wanted);
}
