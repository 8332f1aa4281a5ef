// The limits of a restore: what it is from, what is there to be replaced, whether what came back may take its place.
import type { Estate } from '../estate.ts';
import type { CopyMark } from './copies.ts';
import { keylessOf, type TableDivergence } from './divergence.ts';
import type { DatabaseFacts } from './facts.ts';
import { isOfRun, snapshotSays, type InstanceFacts, type SnapshotFacts } from './instances.ts';
import type { Lease } from './lease.ts';
import type { Finding, LimitRule } from './limits.ts';
import { instanceAt, isOfEnvironment, type Names, type Source, type Wanted } from './restoring.ts';
import { shrunkOf, type RestoredProof } from './restored.ts';
import type { Compared } from './rollback.ts';
import type { Run } from './run.ts';
import type { DoorFacts } from './scene.ts';
import { listOf } from './words.ts';

/** Everything a plan of a restore rests on. */
export interface RestoreScene {
  readonly run: Run;
  readonly estate: Estate;
  readonly lease: Lease | undefined;
  readonly wanted: Wanted;
  readonly names: Names;
  /** The database that people use, and the instance it is on; null where there is no such instance. */
  readonly live: DatabaseFacts;
  readonly instance: InstanceFacts | null;
  /** Who could connect before a run that this one goes on with closed it; null where none did. */
  readonly connectBefore: readonly string[] | null;
  readonly source: Source | null;
  readonly snapshot: SnapshotFacts | null;
  readonly standing: readonly SnapshotFacts[];
  readonly window: { readonly earliest: string; readonly latest: string } | null;
  readonly beside: InstanceFacts | null;
  /** Null before anything was restored. */
  readonly proof: RestoredProof | null;
  readonly compared: Compared | null;
  readonly copy: CopyMark | null;
  readonly uploads: { readonly count: number; readonly more: boolean } | null;
  readonly doors: DoorFacts;
  readonly readAt: string;
  readonly now: Date;
}

const instanceOf = ({ estate, wanted }: RestoreScene): string => estate.environments[wanted.environment]?.database.instance ?? '';

function judgeSource(scene: RestoreScene): Finding {
  const { source, snapshot, wanted, standing, instance } = scene;
  const known = standing.slice(0, 5).map(snapshotSays);
  const missing = wanted.snapshot === 'newest' || wanted.snapshot === null ? 'none is there' : `${wanted.snapshot} is not there`;
  const unready = source?.kind === 'snapshot' && !source.taken && snapshot !== null && snapshot.status !== 'available';
  return {
    breaches:
      wanted.snapshot === null
        ? []
        : source === null
          ? [`${missing}; ${instance?.id ?? instanceOf(scene)} has ${known.length === 0 ? 'no snapshot' : listOf(known)}`]
          : unready
            ? [`${snapshot.id} is ${snapshot.status}`]
            : [],
    otherwise:
      source?.kind === 'snapshot' ? (snapshot ? snapshotSays(snapshot) : `${source.snapshot}, which is taken first`) : 'the log',
    expected: 'a snapshot that is available',
    wayOut: 'name one by "snapshot", take one by "snapshot": "now", or start rewind with an instant',
  };
}

function judgeForeign(scene: RestoreScene): Finding {
  const { snapshot, instance, wanted } = scene;
  const foreign = snapshot !== null && !isOfEnvironment(snapshot, instanceOf(scene), instance);
  return {
    breaches: foreign ? [`${snapshot.id} is of ${snapshot.instance} (${snapshot.resourceId})`] : [],
    otherwise: `it is of ${wanted.environment}`,
    expected: `a snapshot of ${instanceOf(scene)}`,
    wayOut: `name one of ${wanted.environment}`,
  };
}

function judgeWindow({ wanted: { moment }, window, instance }: RestoreScene): Finding {
  const outside =
    moment === null
      ? []
      : window === null
        ? [`${instance?.id ?? 'the instance'} has no backups to be rewound by`]
        : moment.at < window.earliest || moment.at > window.latest
          ? [`${moment.says} is not between ${window.earliest} and ${window.latest}`]
          : [];
  return {
    breaches: outside,
    otherwise: window === null ? 'nothing is rewound' : `from ${window.earliest} to ${window.latest}`,
    expected:
      'an instant that RDS can restore: not older than its backups, not newer than what it has uploaded of its log, five minutes',
    wayOut: 'name an instant in between, wait until RDS is so far, or start restore with a snapshot',
  };
}

/** Under the name that everything leads to already: nothing is swapped, and nobody need be told. */
function byHand(scene: RestoreScene): string {
  const { source, standing, live } = scene;
  const name = instanceAt(live.endpoint) || instanceOf(scene);
  const chosen = source?.kind === 'snapshot' && !source.taken ? source.snapshot : standing[0]?.id;
  return [
    'aws rds restore-db-instance-from-db-snapshot',
    `--db-instance-identifier ${name}`,
    `--db-snapshot-identifier ${chosen ?? '<its newest snapshot>'}`,
    '--db-subnet-group-name <its subnet group>',
    '--vpc-security-group-ids <its security groups>',
  ].join(' ');
}

function judgeInstance(scene: RestoreScene): Finding {
  const { instance, live } = scene;
  return {
    breaches:
      instance === null ? [`nothing answers to ${live.endpoint ?? instanceOf(scene)}, so nobody can tell how it was set up`] : [],
    otherwise: `${instance?.id ?? ''} is ${instance?.status ?? ''}`,
    expected: 'the instance whose place is taken, for its class, groups, protection and backups',
    wayOut: `restore it by hand under its own name: ${byHand(scene)}; when it is available, give its master the password of its secret`,
  };
}

function judgeAble({ wanted, instance }: RestoreScene): Finding {
  const busy = wanted.snapshot === 'now' && instance !== null && instance.status !== 'available';
  return {
    breaches: busy ? [`${instance.id} is ${instance.status}`] : [],
    otherwise: `${instance?.id ?? 'it'} is ${instance?.status ?? 'not there'}`,
    expected: 'an instance that is available, for RDS takes a snapshot of no other',
    wayOut: 'restore the newest there is, or wait',
  };
}

export function judgeReplicas({ instance, wanted }: Pick<RestoreScene, 'instance' | 'wanted'>): Finding {
  const replicas = wanted.next === 'swap' ? (instance?.replicas ?? []) : [];
  return {
    breaches:
      replicas.length === 0
        ? []
        : [`${listOf(replicas)} ${replicas.length === 1 ? 'reads' : 'read'} from ${instance?.id ?? 'it'}`],
    otherwise: 'no replica reads from it',
    expected: 'no read replica: it would go on with the data that is left, and RDS stops no instance that has one',
    wayOut: 'make it anew from the restored one afterwards; until then the shelf runs on, and costs as before',
  };
}

export function judgeTold({ estate, wanted }: Pick<RestoreScene, 'estate' | 'wanted'>): Finding {
  const swap = estate.environments[wanted.environment]?.database.swap;
  const deaf = swap?.by === 'connection' && swap.name === undefined && estate.application.reload === undefined;
  return {
    breaches: wanted.next === 'swap' && deaf ? ['nothing tells the application where its database is'] : [],
    otherwise: 'the application hears where its database is',
    expected: 'application.reload, a CNAME of its own (database.swap.name), or database.swap.by: rename',
    wayOut: 'say one of them in estate.yml, or restart the application by hand within two minutes of the swap',
  };
}

export function judgeName({ beside, run, names }: Pick<RestoreScene, 'beside' | 'run' | 'names'>): Finding {
  const strange = beside !== null && run.resume === null && !isOfRun(beside.tags, run.id);
  return {
    breaches: strange ? [`${beside.id} stands already, and is not this run's`] : [],
    otherwise: beside === null ? `${names.beside} is free` : `${beside.id} is ours`,
    expected: `the name ${names.beside} free, or ours`,
    wayOut: 'look whose it is; start again under another name of the execution',
  };
}

/**
 * As many as the last copy had, or where there is none as people have now: a table that grows fast is not one that has lost rows, and
 * whoever emptied one may have done it before the snapshot.
 */
function judgeShrunk({ proof, live, wanted, copy }: RestoreScene): Finding {
  const counts = copy?.tables ?? (live.reachable ? live.tables : []);
  const before = Object.fromEntries(counts.map(({ table, rows }) => [table, rows]));
  const shrunk = proof === null || wanted.next !== 'swap' ? [] : shrunkOf(proof.examined.rows, before);
  return {
    breaches: shrunk,
    otherwise: proof === null ? 'not restored yet' : 'no table has lost half of its rows',
    expected: 'about as many rows as the last copy had, or where there is none as people have now, or more',
    wayOut: 'name another snapshot or an earlier instant; if that many rows are to go, say so',
  };
}

function judgeSchema({ proof, live, wanted }: RestoreScene): Finding {
  const [was, is] = [proof?.examined.facts.migration ?? null, live.migration];
  const apart = proof !== null && wanted.next === 'swap' && live.reachable && was !== is;
  return {
    breaches: apart ? [`it is at the migration ${was ?? 'none'}, and the one that people use at ${is ?? 'none'}`] : [],
    otherwise: proof === null ? 'not restored yet' : `both are at the migration ${was ?? 'none'}`,
    expected: 'the schema that the application was built for',
    wayOut: 'roll the application back to the build of that schema first, or migrate the restored one by hand and start again',
  };
}

/** Of the tables that are to get rows back. */
function judgeTables({ wanted, proof, live, compared }: RestoreScene): Finding {
  const named = wanted.tables ?? [];
  const found = compared?.divergence ?? null;
  const keyless: readonly TableDivergence[] = found === null ? [] : keylessOf(found).filter(({ table }) => named.includes(table));
  const missing =
    proof === null
      ? named
          .filter((table) => live.reachable && !live.tables.some((one) => one.table === table))
          .map((table) => `${table} is not in the database that people use`)
      : named.filter((table) => !(table in proof.examined.rows)).map((table) => `${table} was not there at that instant`);
  const schema = (found?.schema ?? []).filter((line) => named.some((table) => line.startsWith(`${table} `)));
  return {
    breaches: [
      ...missing,
      ...schema,
      ...keyless.map(({ table }) => `${table} has no primary key, so no row of it can be told apart`),
      ...(found?.collisions ?? []).map(({ table, index }) => `a row of ${table} would take another one's place (${index})`),
      ...(named.length > 0 && compared?.trouble != null ? [compared.trouble] : []),
      ...(named.length > 0 ? (found?.uncompared ?? []) : []),
    ],
    otherwise: named.length === 0 ? 'all of it is rewound' : `${listOf([...named])} can be brought back by key`,
    expected: 'tables with a primary key, alike then and now',
    wayOut: 'name other tables, or rewind the whole database',
  };
}

export const RESTORE_LIMITS: readonly LimitRule<RestoreScene>[] = [
  { name: 'no-instance', firm: 'a restored instance with defaults for all of it is no replacement', judge: judgeInstance },
  { name: 'no-snapshot', firm: 'there is nothing to restore from', judge: judgeSource },
  { name: 'foreign-snapshot', firm: null, judge: judgeForeign },
  { name: 'outside-window', firm: 'RDS has no log of that instant', judge: judgeWindow },
  { name: 'not-available', firm: 'RDS would refuse it', judge: judgeAble },
  { name: 'name-taken', firm: 'it is somebody else’s', judge: judgeName },
  { name: 'replicas', firm: null, judge: judgeReplicas },
  { name: 'untold', firm: null, judge: judgeTold },
  { name: 'shrunk', firm: null, judge: judgeShrunk },
  { name: 'other-schema', firm: null, judge: judgeSchema },
  { name: 'tables', firm: 'nobody could tell which row is which', judge: judgeTables },
];
