// What happens in the world while a run is on its way: somebody moves a record by hand, stops the execution, another run comes first.
import type { DBInstance } from '@aws-sdk/client-rds';
import * as z from 'zod';
import type { Cloud } from '../cloud.ts';
import { Happening } from './happening.ts';
import type { Cluster } from '../world/contract.ts';
import { LEDGER, putEntry, readEntry, startHolder } from '../world/builder/ledger.ts';
import type { World } from '../world/builder/builder.ts';
import { doorKind } from '../world/builder/web.ts';

const HeldLease = z.looseObject({ fencing: z.int() });

/** Does it, whoever has to be asked; what it changes is done when it returns. */
export async function happen(cloud: Cloud, world: World | undefined, execution: string, what: Happening): Promise<void> {
  if (what.do === 'stop') {
    await cloud.call('states', 'StopExecution', { executionArn: execution, error: 'Aborted', cause: 'stopped by hand' });
    return;
  }
  if (!world) throw new Error(`"${what.do}" needs a world to happen in`);
  switch (what.do) {
    case 'point':
      return point(cloud, world, what);
    case 'insync':
      return cloud.services.route53.own.insyncSeconds(what.seconds);
    case 'lose':
      return cloud.timeline.busy(() => world.lose(what.environment, what));
    case 'mend':
      return cloud.timeline.busy(() => world.mend(what.environment));
    case 'write':
      return cloud.timeline.busy(async () => {
        const beside = what.on === 'beside' ? await besideOf(cloud, what.environment) : undefined;
        await world.write(what.environment, what.sql, beside);
      });
    case 'upload':
      return cloud.timeline.busy(() => world.upload(what.environment, what.count));
    case 'remove':
      return cloud.timeline.busy(() => world.remove(what.environment, what.keys));
    case 'session':
      return cloud.timeline.busy(() => world.enter(what.environment, what));
    case 'migrate':
      return cloud.timeline.busy(() => world.migrate(what.environment, what.sql, what.seconds));
    case 'forget':
      return forget(cloud, what.entries);
    case 'silence':
      return world.chat.silence(what.channel, 'refused');
    case 'lease': {
      const key = `lease/${world.estate.app}.json`;
      const standing = HeldLease.safeParse(await readEntry(cloud, key));
      const lease = standing.success
        ? standing.data
        : { app: world.estate.app, writer: world.primary.id, epoch: 1, fencing: 0, since: iso(cloud) };
      await putEntry(cloud, key, { ...lease, fencing: lease.fencing + 1, holder: await startHolder(cloud, what.by) });
    }
  }
}

async function forget(cloud: Cloud, Prefix: string): Promise<void> {
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket: LEDGER, Prefix });
  if (Contents.length === 0) throw new Error(`the ledger has nothing under ${Prefix} to be lost`);
  for (const { Key } of Contents) await cloud.call('s3', 'DeleteObject', { Bucket: LEDGER, Key });
}

/** The instance that a run has restored beside an environment's. */
async function besideOf(cloud: Cloud, environment: string): Promise<Cluster> {
  const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
  const has = ({ TagList = [] }: DBInstance, key: string, value: string): boolean =>
    TagList.some(({ Key, Value }) => Key === key && Value === value);
  const found = DBInstances.find(
    (one) => has(one, 'changeover:what', 'restored') && has(one, 'changeover:environment', environment),
  );
  const cluster = cloud.services.rds.own.clusterOf(found?.DBInstanceIdentifier ?? '');
  if (cluster) return cluster;
  throw new Error(`nothing stands beside the database of ${environment}`);
}

const iso = (cloud: Cloud): string => new Date(cloud.timeline.now()).toISOString();

/** As somebody would in the console: every type the name has goes to another door. */
async function point(cloud: Cloud, world: World, { name, to, via }: Extract<Happening, { do: 'point' }>): Promise<void> {
  const known = world.estate.names.find((one) => one.name === name);
  const standing = world.environments.get(to);
  if (!known || !standing) throw new Error(`the estate has no ${known ? to : name}`);
  const kind = via ?? doorKind(known, to, standing.environment);
  const door = standing.doors[kind];
  if (!door) throw new Error(`${to} has no ${kind}`);
  const AliasTarget = { HostedZoneId: door.zoneId, DNSName: `${door.dnsName}.`, EvaluateTargetHealth: false };
  const { ResourceRecordSets = [] } = await cloud.call('route53', 'ListResourceRecordSets', { HostedZoneId: known.zone });
  const Changes = ResourceRecordSets.filter((set) => set.Name === name && set.AliasTarget).map(({ Type }) => ({
    Action: 'UPSERT' as const,
    ResourceRecordSet: { Name: name, Type, AliasTarget },
  }));
  await cloud.call('route53', 'ChangeResourceRecordSets', { HostedZoneId: known.zone, ChangeBatch: { Changes } });
}
