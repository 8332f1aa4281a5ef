// Whether an instance can be reached under its name: it has one, and a security group of its own lets the estate's functions in.
import { PORT, type Instance, type Rds } from './instance.ts';

export const originOf = (address: string): string => `postgres://${address}:${PORT}`;

/** A name stays known while its instance does not answer: whoever connects is refused, as by a host without a server. */
export function expose(rds: Rds, { address, cluster, settings, region }: Instance): void {
  const { admitting } = rds.in(region);
  const admitted = settings.securityGroups.some((group) => admitting.has(group));
  if (cluster && admitted) rds.ground.publish(originOf(address), `tcp://127.0.0.1:${cluster.port}`);
  else rds.ground.unpublish(originOf(address));
}

export const conceal = (rds: Rds, { address }: Pick<Instance, 'address'>): void => rds.ground.unpublish(originOf(address));
