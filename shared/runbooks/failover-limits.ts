// The limits of a failover: who is the writer, whether the standby can serve, whether its data is good enough.
import type { DatabaseFacts, Health } from './facts.ts';
import { DOOR_LIMITS } from './door-limits.ts';
import { distanceOf, isAhead, isFresh } from './heartbeats.ts';
import { writerOf, writerSays } from './lease.ts';
import type { Finding, LimitRule } from './limits.ts';
import type { Scene } from './scene.ts';
import { draftGaps } from './sequences.ts';
import { clockOf, listOf, spanOf } from './words.ts';

function judgeWriter({ facts: { lease }, estate, sides, run }: Scene): Finding {
  const { writer, epoch } = writerOf(lease, estate);
  const says = lease ? writerSays(lease) : `${writer} is the writer (epoch ${epoch})`;
  return {
    breaches: writer === sides.to && run.resume === null ? [says] : [],
    otherwise: says,
    expected: `another environment than ${sides.to} is the writer`,
    wayOut: 'nothing needs to be moved; to move elsewhere, name it by "to"',
  };
}

function judgeAgreement({ facts, estate, sides, names, run, now }: Scene): Finding {
  const { writer } = writerOf(facts.lease, estate);
  const { from, to } = facts.databases;
  const there = from.heartbeats[sides.from];
  const here = to.heartbeats[sides.from];
  // Heartbeats that could not be read in time say nothing of who writes where.
  const told = from.reachable && !isLate(from);
  const breaches = [
    ...(writer === sides.from || writer === sides.to
      ? []
      : [`the lease names ${writer} as the writer, which is no side of this failover`]),
    // A run that goes on with another finds that one's names moved.
    ...(writer === sides.to || run.resume !== null
      ? []
      : names.flatMap((one) => (isMoved(one.move?.leads ?? []) ? [one.name.name] : []))
    ).map((name) => `${name} leads to ${sides.to} already, but ${writer} is the writer by the lease`),
    ...(told && here !== undefined && Date.parse(here) > Date.parse(there ?? '1970-01-01T00:00:00Z')
      ? [`the application of ${sides.from} wrote to the database of ${sides.to} at ${clockOf(here, now)}, later than to its own`]
      : []),
  ];
  return {
    breaches,
    otherwise: told
      ? `${writer} by the lease, by the names and by the data`
      : `${writer} by the lease and by the names; the data of ${sides.from} could not be asked`,
    expected: `the lease, the names and the data all say that ${sides.from} is the writer`,
    wayOut: 'find out who writes where; put the names back, or go on with the run that moved them by "resume"',
  };
}
const isLate = ({ trouble }: DatabaseFacts): boolean => trouble?.includes('changeover_heartbeat') === true;
const isMoved = (leads: readonly string[]): boolean => leads.includes('to') && !leads.includes('from');

function judgeHealth({ facts, estate, sides, names }: Scene): Finding {
  const balancer = facts.doors.to.loadBalancer;
  const named = estate.environments[sides.to]?.web.loadBalancer ?? '';
  const database = facts.databases.to;
  const healthy = balancer?.targets.filter(({ health }) => health === 'healthy').length ?? 0;
  const sick = balancer?.targets.filter(({ health }) => health !== 'healthy') ?? [];
  const reasons = sick.map(({ id, health, reason }) => `${id} is ${health}${reason === '' ? '' : ` (${reason})`}`).join(', ');
  const breaches = [
    ...(database.reachable ? [] : [`the database of ${sides.to} does not answer: ${database.trouble ?? 'no reason given'}`]),
    ...(balancer ? [] : [`there is no load balancer ${named}`]),
    ...(balancer && healthy === 0 ? [`${named} has no healthy target${reasons === '' ? '' : `: ${reasons}`}`] : []),
    ...names.flatMap(({ to }) => (to && !to.active ? [`${to.kind} ${to.id} is not active`] : [])),
    ...names.flatMap(({ name, facts: { health } }) => (name.needs.api ? sicknessOf(name.name, sides.to, health.to) : [])),
  ];
  return {
    breaches: [...new Set(breaches)],
    otherwise: `every name's API answers 200 through ${sides.to}, ${healthy} healthy targets`,
    expected: `${sides.to} answers 200 under every public name, with at least one healthy target`,
    wayOut: `mend ${sides.to}`,
  };
}

function sicknessOf(name: string, side: string, health: Health | null): string[] {
  if (health === null) return [`${name} was not asked of ${side}, which has no door for it`];
  if (health.status === null) return [`${name} through ${side} gave no answer: ${health.trouble ?? 'no reason given'}`];
  if (health.status !== 200) return [`${name} through ${side} answered ${health.status}`];
  return health.environment === null ? [`${name} through ${side} does not say which environment answers`] : [];
}

function judgeDatabase({ facts: { databases }, estate, sides, names, now }: Scene): Finding {
  const { from, to } = databases;
  const nameOf = (side: string): string => estate.environments[side]?.database.name ?? '';
  const left = from.endpoint === null ? null : `${hostOf(from.endpoint)}/${nameOf(sides.from)}`;
  const said = names.some(({ facts: { health } }) => health.to?.database != null);
  const breaches = [
    ...names.flatMap(({ name, facts: { health } }) => strayOf(name.name, sides, health.to, left)),
    ...(from.identity !== null && from.identity === to.identity
      ? [`${sides.from} and ${sides.to} are one database: ${to.identity}`]
      : []),
    ...(to.endpoint !== null && left === `${hostOf(to.endpoint)}/${nameOf(sides.to)}`
      ? [`${sides.from} and ${sides.to} have one endpoint and one database: ${left}`]
      : []),
    ...(isFresh(from.heartbeats[sides.to], now) && !isFresh(to.heartbeats[sides.to], now)
      ? [`the application of ${sides.to} writes its heartbeats into the database of ${sides.from}, not into its own`]
      : []),
  ];
  return {
    breaches: [...new Set(breaches)],
    otherwise: said
      ? `${sides.to} answers from its own database`
      : `${sides.to} has a database of its own; its health does not say which one it answers from`,
    expected: `the application of ${sides.to} on the database of ${sides.to}`,
    wayOut: `point the application of ${sides.to} at its own database`,
  };
}

function strayOf(name: string, { from, to }: Scene['sides'], health: Health | null, left: string | null): string[] {
  if (health === null) return [];
  const { environment, database } = health;
  const [, base = ''] = database?.split('/') ?? [];
  const stray = database !== null && `${hostOf(database)}/${base}` === left;
  return [
    ...(environment !== null && environment !== to ? [`${name} through the door of ${to} is answered by ${environment}`] : []),
    ...(stray ? [`${to} answers ${name} from the database of ${from} (${database})`] : []),
  ];
}
const hostOf = (place: string): string => (place.split('/')[0] ?? '').split(':')[0]?.toLowerCase() ?? '';

function judgeAge({ facts: { databases }, estate, sides, now }: Scene): Finding {
  const { rpoSeconds } = estate.objectives;
  const newest = databases.to.heartbeats[sides.from];
  const expected = `at most ${spanOf(rpoSeconds)} old (the objective in the estate)`;
  const wayOut = wayToCopy(estate, sides);
  if (newest === undefined) {
    const { reachable, trouble } = databases.to;
    const silent = isLate(databases.to) ? (trouble ?? '') : `it carries no heartbeat of ${sides.from}`;
    const why = reachable ? silent : 'its database does not answer';
    return { breaches: [`the age of ${sides.to}'s data is unknown: ${why}`], otherwise: '', expected, wayOut };
  }
  if (isAhead(newest, now)) {
    const says = `the age of ${sides.to}'s data is unknown: its newest heartbeat of ${sides.from} is of ${clockOf(newest, now)}, ${distanceOf(newest, now)}`;
    return { breaches: [says], otherwise: '', expected, wayOut: `set the clock of ${sides.from}'s application, and ${wayOut}` };
  }
  const seconds = (now.getTime() - Date.parse(newest)) / 1000;
  const says = `the data of ${sides.to} is of ${clockOf(newest, now)}, ${spanOf(seconds)} old`;
  return { breaches: seconds > rpoSeconds ? [says] : [], otherwise: says, expected, wayOut };
}

function wayToCopy({ copies }: Scene['estate'], { from, to }: Scene['sides']): string {
  const said = copies.find((copy) => copy.from === from && copy.to === to)?.class ?? 'raw';
  if (said === 'raw') return `copy ${from} to ${to} first`;
  return `copy ${from} to ${to} first, which estate.yml does not allow as it is (class ${said})`;
}

function judgeMigration({ facts: { databases }, sides }: Scene): Finding {
  const { from, to } = databases;
  const told = [from, to].map(({ migration }, at) => `${at === 0 ? sides.from : sides.to} has ${migration ?? 'none'}`);
  const silent = [from, to].flatMap((one, at) => (knowsMigration(one) ? [] : [at === 0 ? sides.from : sides.to]));
  return {
    breaches: silent.length === 0 && from.migration !== to.migration ? [told.join(', ')] : [],
    otherwise: told.join(', '),
    unjudged: silent.length === 0 ? null : `${listOf(silent)} could not be asked`,
    expected: 'the same newest migration on both sides',
    wayOut: `migrate ${sides.to}, or copy again`,
  };
}
const knowsMigration = ({ reachable, trouble }: DatabaseFacts): boolean =>
  reachable && trouble?.includes('schema_migrations') !== true;

function judgeFenceRoom({ facts: { doors }, estate, sides }: Scene): Finding {
  const balancer = doors.from.loadBalancer;
  const taken = (balancer?.listeners ?? []).filter(({ fencedBy, priorities }) => fencedBy === null && priorities.includes(1));
  const named = estate.environments[sides.from]?.web.loadBalancer ?? '';
  return {
    breaches: taken.map(({ protocol, port }) => `a rule of somebody else has priority 1 on ${protocol}:${port} of ${sides.from}`),
    otherwise: 'priority 1 is free on every listener',
    unjudged: balancer ? null : `${sides.from} has no load balancer ${named}`,
    expected: `priority 1 free on every listener of ${sides.from}, so that its fence comes before all rules`,
    wayOut: 'give that rule another priority (overridden, those listeners are not fenced)',
  };
}

export function judgeSequenceRoom({ facts: { databases }, sides }: Scene): Finding {
  const { full } = draftGaps(databases.to.sequences, databases.from.sequences);
  return {
    breaches: full,
    otherwise: `every sequence of ${sides.to} has room for a gap`,
    unjudged: databases.to.reachable ? null : `${sides.to} could not be asked`,
    expected: `room for a gap in every sequence of ${sides.to}, so that no key is given out on both sides`,
    wayOut: 'widen the column and its sequence (overridden, keys of both sides may collide there)',
  };
}

const FENCED_WRITER = 'two writers would be the outcome of a guess';

export const FAILOVER_LIMITS: readonly LimitRule<Scene>[] = [
  { name: 'already-writer', firm: 'there is nothing to move', judge: judgeWriter },
  { name: 'writer-disagrees', firm: FENCED_WRITER, judge: judgeAgreement },
  { name: 'wrong-database', firm: 'the writes of everybody would go to the side that is left', judge: judgeDatabase },
  { name: 'standby-unhealthy', firm: null, judge: judgeHealth },
  { name: 'stale-data', firm: null, judge: judgeAge },
  { name: 'migration-differs', firm: null, judge: judgeMigration },
  { name: 'fence-room', firm: null, judge: judgeFenceRoom },
  { name: 'sequence-room', firm: null, judge: judgeSequenceRoom },
  ...DOOR_LIMITS,
];
