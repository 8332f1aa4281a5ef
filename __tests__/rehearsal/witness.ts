// Who watches a database while runs that are killed work on it: which instance people use, which take their writes, and whether
// anything that ever held their data is gone. Everything is asked of RDS, the secrets and PostgreSQL.
import type { DBInstance, DBSnapshot } from '@aws-sdk/client-rds';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { lookAtInstances, type Instances } from '../../rehearsal/run/afterwards-instances.ts';
import { spansOf } from '../../rehearsal/run/timeline-view.ts';
import type { World } from '../../rehearsal/world/builder/builder.ts';
import { accountFor, type Book } from '../../rehearsal/world/client.ts';

const MAIN = 'main';
/** What acts, and what undoes: only these change what people use. */
const CHANGING =
  /^(FenceDatabase|Swap|TradeNames|Tell|Verify|VerifyWrite|Shelve|BringBack|Settle|Report|Undo\w*|SettleFailure|ReportFailure)$/;

export interface Witness {
  /** Every state that was entered, of every run, with a look at the world at each that matters. */
  watch(): void;
  /** What was seen on the way that must never be. */
  readonly findings: readonly string[];
  /** What must be true when nothing runs any more; `since` is the instant of what may have come back. */
  judge(since: number): Promise<string[]>;
  /** Whether people are on the instance that the world was founded with. */
  isOnOld(): Promise<boolean>;
}

interface Look {
  readonly main: Instances;
  /** By resource id, which stays what it is through every renaming. */
  readonly live: string | undefined;
  readonly standing: readonly DBInstance[];
  readonly snapshots: readonly DBSnapshot[];
}

export async function createWitness(cloud: Cloud, world: World): Promise<Witness> {
  const findings: string[] = [];
  const seen = new Set<string>();
  const kept = new Set<string>();
  const lived = new Set<string>();
  const note = (found: readonly string[], where: string): void => found.forEach((one) => void findings.push(`${where}: ${one}`));

  async function look(): Promise<Look> {
    const { DBInstances: standing = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
    const { DBSnapshots: snapshots = [] } = await cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual' });
    const main = (await lookAtInstances(cloud, world))[MAIN] ?? { live: null, others: [] };
    const live = standing.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === main.live?.id)?.DbiResourceId;
    if (live !== undefined) lived.add(live);
    return { main, live, standing, snapshots };
  }

  function remember({ standing, snapshots }: Look): void {
    standing.forEach(({ DbiResourceId = '' }) => seen.add(DbiResourceId));
    snapshots.forEach(({ DBSnapshotIdentifier: id = '', Status }) => Status === 'available' && kept.add(id));
  }

  /** At most one of those that people were on takes writes. */
  function judgeTakers({ main, standing }: Look): string[] {
    const takers = [main.live, ...main.others].filter((one) => one?.open === true && lived.has(resourceOf(standing, one.id)));
    return takers.length > 1 ? [`${takers.map((one) => one?.id).join(' and ')} admit the application at once`] : [];
  }

  /** What is deleted does not come back: once, in the end, is often enough. */
  function judgeKept({ standing, snapshots }: Look): string[] {
    const ids = new Set(standing.map(({ DbiResourceId }) => DbiResourceId));
    const usable = snapshots.flatMap(({ DBSnapshotIdentifier, Status }) => (Status === 'available' ? DBSnapshotIdentifier : []));
    return [
      ...[...seen].filter((id) => !ids.has(id)).map((id) => `the instance ${id} is gone`),
      ...[...kept].filter((id) => !usable.includes(id)).map((id) => `the snapshot ${id} is gone`),
    ];
  }

  remember(await look());
  const [old] = lived;

  return {
    findings,
    watch() {
      cloud.services.states.watch((sight) => {
        if (sight.kind !== 'event' || !sight.event.type.endsWith('StateEntered')) return;
        const name = spansOf([sight.event])[0]?.name ?? '';
        if (!CHANGING.test(name)) return;
        const where = `${sight.machineName} at ${name}`;
        const check = async (): Promise<void> => {
          // A step may be at work between one question and the next: what is so is so the second time as well.
          const found = await look();
          remember(found);
          if (judgeTakers(found).length > 0) note(judgeTakers(await look()), where);
        };
        cloud.timeline.busy(check).catch((error: unknown) => void findings.push(`${where}: ${String(error)}`));
      });
    },
    async judge(since) {
      const found = await look();
      return [...judgeKept(found), ...judgeMain(found, lived), ...(await judgeWrites(cloud, world, found, { lived, since }))];
    },
    isOnOld: async () => (await look()).live === old,
  };
}

const resourceOf = (standing: readonly DBInstance[], name: string): string =>
  standing.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === name)?.DbiResourceId ?? '';

/** The application's database is one of old and new: it stands, it takes writes, and none beside it does that people were on. */
function judgeMain({ main: { live, others }, standing }: Look, lived: ReadonlySet<string>): string[] {
  if (!live) return ['what leads to the database leads to no instance'];
  const before = others.filter(({ id }) => lived.has(resourceOf(standing, id)));
  return [
    ...(live.status === 'available' ? [] : [`${live.id}, which people use, is ${live.status}`]),
    ...(live.open === true ? [] : [`${live.id}, which people use, admits no application`]),
    ...before.filter(({ open }) => open === true).map(({ id }) => `${id} admits the application beside it`),
    ...before.filter(({ status }) => !/^(available|stopped)$/.test(status)).map(({ id, status }) => `${id} is ${status}`),
  ];
}

/** Every acknowledged write is with people, or on an instance that they were on; none is missing from before what came back. */
async function judgeWrites(
  cloud: Cloud,
  world: World,
  { main, live, standing }: Look,
  { lived, since }: { lived: ReadonlySet<string>; since: number },
): Promise<string[]> {
  const bookOf = (id: string): Book[] => {
    const cluster = cloud.services.rds.own.clusterOf(id);
    return cluster ? [{ environment: id, cluster, database: world.primary.environment.database.name }] : [];
  };
  const [people] = bookOf(main.live?.id ?? '');
  const [spare] = bookOf(world.standby?.environment.database.instance ?? '');
  if (!people || !spare) return ['there is no database to look for writes in'];
  const before = standing.filter(({ DbiResourceId = '' }) => lived.has(DbiResourceId) && DbiResourceId !== live);
  const shelves = before.flatMap(({ DBInstanceIdentifier }) => bookOf(DBInstanceIdentifier ?? ''));
  const books = { primary: people, standby: spare, shelves, writer: people.environment };
  const { lost, doubled } = await accountFor(world.client.acknowledged, books);
  const nowhere = lost.filter(({ stillOn }) => !stillOn.some((one) => one !== spare.environment));
  const early = lost.filter(({ at }) => at < since);
  const said = (what: string, writes: readonly { number: string }[]): string[] =>
    writes.length > 0 ? [`${writes.length} acknowledged writes ${what}: ${writes.map(({ number }) => number).join(', ')}`] : [];
  return [
    ...said('are in no database that people were on', nowhere),
    ...said('from before what came back are missing', early),
    ...(doubled.length > 0 ? [`written twice: ${doubled.join(', ')}`] : []),
  ];
}
