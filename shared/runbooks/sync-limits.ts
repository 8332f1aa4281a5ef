// The limits of a copy: who is the writer, whether both sides can be read and written, whether there is room and time.
import type { Copy, Estate } from '../estate.ts';
import type { CopyMark } from './copies.ts';
import type { CopySurvey, SyncDetail } from './copying.ts';
import { writerOf, writerSays, type Lease } from './lease.ts';
import type { Finding, LimitRule } from './limits.ts';
import { MOST_SECONDS, type CopyPrediction } from './copy-predictions.ts';
import type { Run } from './run.ts';
import { SNAPSHOT_LIMITS, type CopyServers } from './sync-snapshot.ts';
import { incomingName, LONGEST_NAME, shelvesOf } from './shelf.ts';
import { listOf, spanOf } from './words.ts';

export interface SyncScene {
  readonly run: Run;
  readonly estate: Estate;
  readonly copy: Copy;
  readonly lease: Lease | undefined;
  readonly survey: CopySurvey;
  /** Of the last copy. */
  readonly mark: CopyMark | null;
  /** The room of the target's instance; null where RDS does not tell. */
  readonly storageBytes: number | null;
  /** Read for a copy by snapshot alone. */
  readonly servers: CopyServers;
  readonly next: SyncDetail['next'];
  readonly prediction: CopyPrediction;
  readonly now: Date;
}

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(bytes < 1024 ** 3 ? 2 : 1)} GB`;

function judgeWriter({ lease, estate, copy }: SyncScene): Finding {
  const { writer, epoch } = writerOf(lease, estate);
  const says = lease ? writerSays(lease) : `${writer} is the writer (epoch ${epoch})`;
  return {
    breaches: writer === copy.from ? [] : [says],
    otherwise: says,
    expected: `${copy.from} is the writer: what is copied over ${copy.to} is newer than what it has`,
    wayOut: `a rollback makes ${copy.from} the writer again, and copies go on by themselves`,
  };
}

function judgeReach({ survey, copy, next }: SyncScene): Finding {
  // What is taken back is all on the target.
  const sides = next === 'undo' ? [survey.to] : [survey.from, survey.to];
  return {
    breaches: sides.flatMap(({ environment, reachable, trouble }) =>
      reachable ? [] : [`the database of ${environment} cannot be read: ${trouble ?? 'no reason given'}`],
    ),
    otherwise: `both databases answer`,
    expected: `the databases of ${copy.from} and ${copy.to} answer`,
    wayOut: `mend what is wrong with it; if ${copy.from} is down, start failover`,
  };
}

function judgeApart({ survey: { from, to } }: SyncScene): Finding {
  const same = from.identity !== null && from.identity === to.identity;
  return {
    breaches: same ? [`${from.environment} and ${to.environment} are one database (${from.identity})`] : [],
    otherwise: 'they are two databases',
    expected: 'two databases',
    wayOut: 'look at the secrets and at database.name of both environments in estate.yml',
  };
}

function judgeVersion({ survey: { from, to } }: SyncScene): Finding {
  return {
    breaches: from.major > to.major ? [`PostgreSQL ${from.major} on ${from.environment}, ${to.major} on ${to.environment}`] : [],
    otherwise: `PostgreSQL ${from.major} and ${to.major}`,
    expected: 'the target is of the same major version, or of a newer one',
    wayOut: `upgrade ${to.environment} first`,
  };
}

function judgeLocale({ survey: { from, to } }: SyncScene): Finding {
  const known = from.locale !== null && to.locale !== null;
  return {
    breaches:
      known && from.locale !== to.locale
        ? [`${from.environment} sorts by ${from.locale ?? ''}, ${to.environment} by ${to.locale ?? ''}`]
        : [],
    otherwise: `both sort by ${from.locale ?? 'nobody knows what'}`,
    expected: 'the same encoding, provider and collation, so that the same rows are unique and come in the same order',
    wayOut: `with the override the copy is made as ${from.environment} is, and the two are alike from then on`,
  };
}

function judgeTime({ prediction, copy, mark }: SyncScene): Finding {
  const rate = `${Math.round(prediction.bytesPerSecond / 1024 ** 2)} MB a second${mark?.bytesPerSecond == null ? ', as nobody has measured it yet' : ', as the last copy went'}`;
  return {
    breaches:
      prediction.seconds > MOST_SECONDS
        ? [`${spanOf(prediction.seconds)} even with ${prediction.parts} functions at once (${rate})`]
        : [],
    otherwise: `about ${spanOf(prediction.seconds)} (${rate})`,
    expected: `less than ${spanOf(MOST_SECONDS)}: no function runs longer than fifteen minutes, and one snapshot is held by one of them`,
    wayOut: `copy ${copy.from} by snapshot: engine: snapshot of the copy in estate.yml, or a lower dumpLimitGigabytes`,
  };
}

/** PostgreSQL lets its log grow to that before it begins to use it again (max_wal_size). */
const LOG_BYTES = 1024 ** 3;

function judgeRoom({ storageBytes, survey: { from, to }, estate, copy }: SyncScene): Finding {
  const instance = estate.environments[copy.to]?.database.instance ?? '';
  // As large as the source's is now and a quarter more, the log that is written meanwhile, and a tenth that nobody should use up.
  const needed = from.bytes * 1.25 + LOG_BYTES;
  const free = storageBytes === null ? null : storageBytes * 0.9 - to.usedBytes;
  return {
    breaches:
      free !== null && free < needed
        ? [
            `${gigabytes(Math.max(0, free))} are left of the ${gigabytes(storageBytes ?? 0)} of ${instance}, and the copy needs ${gigabytes(needed)} beside what is there`,
          ]
        : [],
    otherwise:
      free === null
        ? `RDS does not tell how large ${instance} is`
        : `${gigabytes(free)} are left, ${gigabytes(needed)} are needed`,
    unjudged: free === null ? `RDS does not tell how large ${instance} is` : null,
    expected: 'room for the copy beside the database that people read',
    wayOut: `give ${instance} more storage, or retire a shelf of ${copy.to}`,
  };
}

function judgeRights({ survey: { from, to } }: SyncScene): Finding {
  return {
    breaches: [
      ...to.lacks,
      ...from.forced.map((table) => `${table} of ${from.environment} forces row security, and its owner is held by it as well`),
    ],
    otherwise: 'the masters may do what a copy needs',
    expected: 'a master that may read every row there and make a database for the owner here',
    wayOut: 'GRANT what is named; take FORCE ROW LEVEL SECURITY from a table, or give the owner BYPASSRLS',
  };
}

/** The copy is what a failover leads to: nobody wants it to follow a source that was emptied. */
const SHRUNK = 0.5;

function judgeShrunk({ survey: { from }, mark }: SyncScene): Finding {
  const shrunk = (mark?.tables ?? []).flatMap(({ table, rows }) => {
    const now = from.tables.find((one) => one.table === table);
    if (rows < 100 || now === undefined || now.rows >= rows * SHRUNK) return [];
    return [`${table} has ${Math.round(now.rows)} rows, and had ${rows}`];
  });
  const gone = (mark?.tables ?? []).filter(({ table, rows }) => rows >= 100 && !from.tables.some((one) => one.table === table));
  return {
    breaches: [...shrunk, ...gone.map(({ table, rows }) => `${table}, which had ${rows} rows, is gone`)],
    otherwise: 'no table has lost half of its rows since the last copy',
    expected: 'about as many rows as the last copy had, or more',
    wayOut: 'look what happened to them: the copy has them still',
  };
}

function judgeName({ estate, copy, run }: SyncScene): Finding {
  const live = estate.environments[copy.to]?.database.name ?? '';
  const longest = Buffer.byteLength(incomingName(live, 99_999_999));
  return {
    breaches: longest > LONGEST_NAME ? [`${live} is ${Buffer.byteLength(live)} bytes long`] : [],
    otherwise: `${live} leaves room for what stands beside it`,
    expected: `a name that leaves room for ${longest - Buffer.byteLength(live)} more bytes of the ${LONGEST_NAME} that PostgreSQL has`,
    wayOut: `give the database of ${copy.to} a shorter name (${run.app})`,
  };
}

function judgeShelf({ next, survey: { to }, estate, copy }: SyncScene): Finding {
  const live = estate.environments[copy.to]?.database.name ?? '';
  const none = next === 'undo' && shelvesOf(to.standing, live).length === 0;
  return {
    breaches: none ? [`nothing stands beside ${live}: ${listOf(to.standing.map(({ name }) => name))}`] : [],
    otherwise: 'there is a database to go back to',
    expected: `the database that was read before stands beside ${live}`,
    wayOut: 'the shelf was retired by its age, or there never was a copy; restore a snapshot, or copy anew',
  };
}

const WRITER: LimitRule<SyncScene> = {
  name: 'target-is-writer',
  firm: 'it would write over what people have written since',
  judge: judgeWriter,
};
const REACH: LimitRule<SyncScene> = { name: 'unreachable', firm: 'nobody could read it', judge: judgeReach };
const SHELF: LimitRule<SyncScene> = { name: 'no-shelf', firm: 'there is nothing to go back to', judge: judgeShelf };

const APART: LimitRule<SyncScene> = { name: 'one-database', firm: 'a copy upon itself is none', judge: judgeApart };
const SHRUNKEN: LimitRule<SyncScene> = { name: 'source-shrunk', firm: null, judge: judgeShrunk };

const DUMP_LIMITS: readonly LimitRule<SyncScene>[] = [
  APART,
  { name: 'older-version', firm: 'an older PostgreSQL does not understand it', judge: judgeVersion },
  { name: 'wrong-collation', firm: null, judge: judgeLocale },
  { name: 'too-long', firm: 'it would be cut off half way', judge: judgeTime },
  { name: 'disk-full', firm: 'the database that people read would stop with it', judge: judgeRoom },
  { name: 'rights', firm: 'PostgreSQL would refuse it', judge: judgeRights },
  SHRUNKEN,
  { name: 'name-too-long', firm: 'PostgreSQL would cut it off', judge: judgeName },
];

export const SYNC_LIMITS: readonly LimitRule<SyncScene>[] = [WRITER, REACH, SHELF, ...DUMP_LIMITS, ...SNAPSHOT_LIMITS];

/** Where it must not or cannot be done at all, whatever else stands in the way is nobody's concern. */
export function limitsFor(scene: SyncScene): readonly LimitRule<SyncScene>[] {
  const { next } = scene;
  if (next === 'nothing') return [];
  if (next === 'undo') return [WRITER, REACH, SHELF];
  const first = [WRITER, REACH];
  if (first.some(({ judge }) => judge(scene).breaches.length > 0)) return first;
  return [...first, ...(next === 'snapshot' ? [APART, ...SNAPSHOT_LIMITS, SHRUNKEN] : DUMP_LIMITS)];
}
