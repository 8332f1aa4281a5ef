// Snapshots from before the story begins. What is in one is what its instance holds when the world is founded.
import type { Instance, Rds } from './instance.ts';
import { sourceOf, stored } from './keeping.ts';
import { arnOf, requireIdentifier } from './naming.ts';
import { LONGEST_NAME, requireRoom } from './vault.ts';

export interface PastSnapshot {
  readonly identifier: string;
  readonly at: number;
  readonly tags: Readonly<Record<string, string>>;
}

export async function keepPast(rds: Rds, instance: Instance, { identifier: given, at, tags }: PastSnapshot): Promise<void> {
  const { region, cluster } = instance;
  if (!cluster) throw new Error(`${instance.identifier} has no storage`);
  const identifier = requireIdentifier(given, 'DBSnapshotIdentifier', LONGEST_NAME);
  requireRoom(rds, rds.in(region), identifier);
  const image = await rds.host().image(cluster);
  rds.vault(region).snapshots.set(identifier, {
    identifier,
    arn: arnOf(region, rds.ground.account, 'snapshot', identifier),
    region,
    type: 'manual',
    of: sourceOf(instance),
    dataAt: at,
    begunAt: at,
    readyAt: at,
    copiedFrom: undefined,
    tags: new Map(Object.entries(tags)),
    data: stored(image),
    sharedWith: new Set(),
  });
}
