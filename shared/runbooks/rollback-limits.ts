// The limits of a rollback: whether there is a way back that was recorded, whether the old side can serve again, and what becomes of
// the rows that each side has written by itself.
import { conflictsOf, keylessOf, rowsSay, strangersOf, tableSays, tablesSay, type Divergence } from './divergence.ts';
import { FAILOVER_LIMITS } from './failover-limits.ts';
import { writerOf, writerSays } from './lease.ts';
import { judgeLimits, type Finding, type LimitRule } from './limits.ts';
import type { Limit } from './plan.ts';
import { sameRecords } from './record-sets.ts';
import { winnerOf, type ReturnScene } from './rollback.ts';
import { disputed, onBoth, onlyThere, unbringable } from './uploads.ts';
import { countOf } from './words.ts';

function judgeWriter({ facts: { lease }, estate, sides, run }: ReturnScene): Finding {
  const { writer } = writerOf(lease, estate);
  const says = lease ? writerSays(lease) : `${writer} is the writer`;
  return {
    breaches: writer === sides.to && run.resume === null ? [says] : [],
    otherwise: says,
    expected: `another environment than ${sides.to} is the writer`,
    wayOut: 'nothing needs to be taken back',
  };
}

function judgeFlights({ departure, names, sides }: ReturnScene): Finding {
  const lost = names.flatMap(({ name, move }) =>
    departure && !departure.flights[name.name] && move?.leads.includes('from') === true
      ? [`${departure.run} left no flight record of ${name.name}, which leads to ${sides.from}`]
      : [],
  );
  return {
    breaches: departure ? lost : [`the ledger has no flight record of a run that made ${sides.from} the writer`],
    otherwise: `every name goes back by the flight record of ${departure?.run ?? 'nobody'}`,
    expected: 'a flight record of every name, by the run that moved it',
    wayOut: `restore the newest versions under dns/ and runs/ in the ledger's bucket, which keeps them; where there never was one, lead the names back and lift the fences of ${sides.to} by hand, as the README says`,
  };
}

function judgeRecords({ departure, names }: ReturnScene): Finding {
  const moved = names.flatMap(({ name, facts }) => {
    const flight = departure?.flights[name.name];
    const known = !flight || sameRecords(facts.records, flight.after) || sameRecords(facts.records, flight.before);
    return known ? [] : [`the records of ${name.name} are not those that ${departure.run} left`];
  });
  return {
    breaches: moved,
    otherwise: 'every record is as the move left it',
    expected: 'the records as the move left them, so that its inverse leads back exactly',
    wayOut: 'look who changed them; put them back, or move on from here by a failover, which drafts them anew',
  };
}

/** Behind its fences the application cannot answer; whether it lives is told by how its targets fail. */
const ANSWERS = 'Target.ResponseCodeMismatch';

function judgeIll({ facts, estate, sides, departure, names }: ReturnScene): Finding {
  const { loadBalancer } = facts.doors.to;
  const database = facts.databases.to;
  const named = estate.environments[sides.to]?.web.loadBalancer ?? '';
  const targets = loadBalancer?.targets ?? [];
  const living = targets.filter(({ health, reason }) => health === 'healthy' || (database.fenced && reason === ANSWERS));
  const ill = targets.map(({ id, health, reason }) => `${id} is ${health}${reason === '' ? '' : ` (${reason})`}`);
  const open = !departure?.webFence && !database.fenced;
  const breaches = [
    ...(database.reachable ? [] : [`the database of ${sides.to} does not answer: ${database.trouble ?? 'no reason given'}`]),
    ...(loadBalancer ? [] : [`there is no load balancer ${named}`]),
    ...(loadBalancer && living.length === 0 ? [`${named} has no target that lives: ${ill.join(', ') || 'it has none'}`] : []),
    ...names.flatMap(({ to }) => (to && !to.active ? [`${to.kind} ${to.id} is not active`] : [])),
    ...names.flatMap(({ name, facts: { health } }) =>
      open && name.needs.api && health.to?.status !== 200
        ? [`${name.name} through ${sides.to} answered ${health.to?.status ?? health.to?.trouble ?? 'nothing'}`]
        : [],
    ),
  ];
  return {
    breaches: [...new Set(breaches)],
    otherwise: `${sides.to} lives; that it serves is shown before the names move`,
    expected: `the database of ${sides.to} answers, and its application runs`,
    wayOut: `mend ${sides.to}; until then ${sides.from} goes on serving`,
  };
}

/** A rule about what the comparison found; where there is none, nothing can be said. */
const aboutRows =
  (breachesOf: (found: Divergence, scene: ReturnScene) => readonly string[], said: Omit<Finding, 'breaches' | 'unjudged'>) =>
  (scene: ReturnScene): Finding => {
    const { divergence } = scene.compared;
    return {
      ...said,
      unjudged: divergence ? null : 'the databases were not compared',
      breaches: divergence ? breachesOf(divergence, scene) : [],
    };
  };

const judgeCompared = ({ compared: { divergence, trouble }, sides }: ReturnScene): Finding => ({
  breaches: divergence
    ? divergence.uncompared.map((one) => `not compared: ${one}`)
    : [`the databases could not be compared: ${trouble ?? 'no reason given'}`],
  otherwise: 'both databases were compared whole',
  expected: `every table of ${sides.from} compared with its twin of ${sides.to}`,
  wayOut: 'compare by hand what is too large, or make the database reachable',
});

const judgeSchema = aboutRows(({ schema }) => schema, {
  otherwise: 'both schemas are alike',
  expected: 'the same tables with the same columns and keys on both sides',
  wayOut: 'migrate the side that is behind (overridden, these tables are left as they are)',
});

const judgeDivergence = aboutRows(
  (found, { request, sides, uploads }) => {
    if (request.divergence !== 'refuse') return [];
    const differing = found.tables.map((table) => tableSays(found, table)).filter((line) => line !== '');
    const rows = strangersOf(found) + conflictsOf(found);
    const files = uploads.found ? onlyThere(uploads.found).length + onBoth(uploads.found).length : 0;
    return [
      ...(rows + keylessOf(found).length > 0
        ? [`${sides.from} has ${rowsSay(rows)} that ${sides.to} has not: ${differing.join('; ')}`]
        : []),
      ...(files > 0 ? [`the bucket of ${sides.from} has ${countOf(files, 'uploaded file')} that ${sides.to} has not`] : []),
    ];
  },
  {
    otherwise: 'what becomes of the rows and files that only one side has is said, or there are none',
    expected: 'no rows and no files that only the side has that is left, or a request that says what becomes of them',
    wayOut: 'say "divergence": "merge" to bring them along, or "discard" to leave them behind',
  },
);

const judgeConflicts = aboutRows(
  (found, { request, sides }) => {
    const count = conflictsOf(found);
    if (request.divergence !== 'merge' || count === 0 || winnerOf(request, sides) !== 'nobody') return [];
    const where = found.tables.filter(({ changedBoth }) => changedBoth > 0);
    return [`${countOf(count, 'row')} of ${tablesSay(where)} ${count === 1 ? 'was' : 'were'} changed on both sides`];
  },
  {
    otherwise: 'no row was changed on both sides, or the request says whose stands',
    expected: 'rows changed on one side only, or a request that says whose stand',
    wayOut: 'read them side by side in the report, then say "wins" with the name of the environment whose rows are to stand',
  },
);

const judgeCollisions = aboutRows(
  ({ collisions }, { request }) =>
    request.divergence === 'merge'
      ? collisions.map(
          ({ table, index, key, other }) => `${table} ${key} would stand beside ${other} under ${index}, which allows one`,
        )
      : [],
  {
    otherwise: 'no two rows ask for one place',
    expected: 'no row of the one side in the place of another row of the other',
    wayOut: 'change one of the two by hand',
  },
);

const judgeKeyless = aboutRows(
  (found, { request }) => (request.divergence === 'merge' ? keylessOf(found).map((table) => tableSays(found, table)) : []),
  {
    otherwise: 'every table that differs has a primary key',
    expected: 'a primary key in every table that differs, by which rows are told apart',
    wayOut: 'give it one, or bring its rows along by hand (overridden, they stay behind)',
  },
);

/** A bucket that nobody could list may hold what nobody has copied. */
function judgeUploads({ uploads: { found, trouble }, request, sides, departure }: ReturnScene): Finding {
  const troubles = found
    ? unbringable(found, winnerOf(request, sides))
    : [`the buckets could not be compared: ${trouble ?? 'no reason given'}`];
  return {
    breaches: departure && request.divergence !== 'discard' ? troubles : [],
    otherwise: 'both buckets were compared, or what was uploaded is left behind',
    expected: 'both buckets listed to their ends, and no more files than a merge can copy in its time',
    wayOut: 'copy by hand what is too much, or make the bucket readable (overridden, uploaded files stay where they are)',
  };
}

const judgeUploadConflicts = ({ uploads: { found }, request, sides }: ReturnScene): Finding => ({
  breaches: found && request.divergence === 'merge' ? disputed(found, winnerOf(request, sides)) : [],
  otherwise: 'no two files ask for one name, or the request says whose stands',
  expected: 'names that one side has only, or a request that says whose files stand and a bucket that keeps versions',
  wayOut: 'say "wins" with the name of the environment whose files are to stand; let its bucket keep versions first',
});

const judgeWins = ({ request: { wins }, sides }: ReturnScene): Finding => ({
  breaches: wins === undefined || wins === sides.from || wins === sides.to ? [] : [`wins: found ${wins}`],
  otherwise: wins === undefined ? 'nobody was said to win' : `the rows of ${wins} stand`,
  expected: `${sides.to} or ${sides.from}`,
  wayOut: 'name one of the two',
});

/** What holds for every change of the writer. What needs an answer through the old side's doors is asked when its fences are lifted. */
const SHARED: readonly string[] = [
  'wrong-database',
  'migration-differs',
  'fence-room',
  'sequence-room',
  'door-missing',
  'https-missing',
  'certificate',
  'alternate-name',
];
const SAID = 'the request itself must say what is to become of them';

const ALREADY: LimitRule<ReturnScene> = { name: 'already-writer', firm: 'there is nothing to take back', judge: judgeWriter };
export const ROLLBACK_LIMITS: readonly LimitRule<ReturnScene>[] = [
  ALREADY,
  { name: 'no-flight-record', firm: 'a record is put back as it was, never as somebody types it', judge: judgeFlights },
  { name: 'record-moved', firm: 'the inverse of a move leads back only from where it led', judge: judgeRecords },
  { name: 'primary-ill', firm: 'nobody would serve', judge: judgeIll },
  { name: 'wins', firm: 'there are two sides only', judge: judgeWins },
  { name: 'uncompared', firm: null, judge: judgeCompared },
  { name: 'schema-differs', firm: null, judge: judgeSchema },
  { name: 'divergence', firm: SAID, judge: judgeDivergence },
  { name: 'conflicts', firm: SAID, judge: judgeConflicts },
  { name: 'collisions', firm: 'the database would refuse them', judge: judgeCollisions },
  { name: 'keyless-table', firm: null, judge: judgeKeyless },
  { name: 'uploads', firm: null, judge: judgeUploads },
  { name: 'upload-conflicts', firm: SAID, judge: judgeUploadConflicts },
  ...FAILOVER_LIMITS.filter(({ name }) => SHARED.includes(name)),
];

/** Where nothing needs to be taken back, whatever else might stand in the way is nobody's concern. */
export function judgeReturn(scene: ReturnScene): Limit[] {
  const first = judgeLimits([ALREADY], scene, scene.run.override);
  const isOver = first.some(({ verdict }) => verdict === 'exceeded');
  return isOver ? first : judgeLimits(ROLLBACK_LIMITS, scene, scene.run.override);
}
