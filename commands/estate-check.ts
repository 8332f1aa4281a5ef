// npm run estate:check -- [FILE]: tells every mistake in an estate, or what it says. 0 sound, 1 mistakes, 2 no file that could be one.
import { RunbookError } from '../shared/errors.ts';
import type { Estate } from '../shared/estate.ts';
import { ESTATE_FILE, parseEstate, textOf } from '../shared/estate-file.ts';
import { policyOf } from '../shared/runbooks/retention.ts';

interface Terminal {
  out(text: string): void;
  err(text: string): void;
}
const terminal: Terminal = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) };

export function main(argv: readonly string[], { out, err }: Terminal = terminal): number {
  const [file = process.env['CHANGEOVER_ESTATE'] ?? ESTATE_FILE, ...more] = argv;
  if (more.length > 0 || file.startsWith('-')) {
    err('npm run estate:check -- [FILE]: one file at a time\n');
    return 2;
  }
  let text;
  try {
    text = textOf(file, file);
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    err(`${error.message}\n`);
    return 2;
  }
  try {
    out(`${file} is sound.\n\n${summary(parseEstate(text, file))}`);
    return 0;
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    const { mistakes } = error.facts;
    err(`${error.message}\n${String(mistakes)} ${mistakes === 1 ? 'mistake' : 'mistakes'} in ${file}\n`);
    return 1;
  }
}

const DURATIONS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;
function duration(seconds: number): string {
  const [unit, size] = DURATIONS.find(([, size]) => seconds % size === 0) ?? ['s', 1];
  return `${seconds / size} ${unit}`;
}

const often = (seconds: number | undefined): string => (seconds === undefined ? 'when asked' : `every ${duration(seconds)}`);

/** Rows under a heading, their columns below each other. */
function table(heading: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `${heading}\n  none`;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
  return [heading, ...lines].join('\n');
}

export function summary(estate: Estate): string {
  const { objectives, environments, names, copies, approvers, approval } = estate;
  const doorOf = (environment: string, via: Readonly<Record<string, string>>) =>
    via[environment] ?? (environments[environment]?.web.distribution === undefined ? 'loadBalancer' : 'distribution');
  const who = approval.fourEyes ? ', never who asked' : '';
  return `${[
    `${estate.app} in ${estate.region}, strategy ${estate.strategy}: back within ${duration(objectives.rtoSeconds)}, ` +
      `on data no older than ${duration(objectives.rpoSeconds)}`,
    table(
      'environments',
      Object.entries(environments).map(([name, { role, database, web, buckets }]) => [
        name,
        role,
        `${database.instance}/${database.name}`,
        [web.loadBalancer, web.distribution].filter(Boolean).join(' '),
        buckets.uploads,
      ]),
    ),
    table(
      'names',
      names.map(({ name, types, via }) => [
        name,
        types.join(' '),
        Object.keys(environments)
          .map((environment) => `${environment} by ${doorOf(environment, via)}`)
          .join(', '),
      ]),
    ),
    table(
      'copies',
      copies.map((copy) => [
        `${copy.from} to ${copy.to}`,
        copy.class,
        ...(copy.class === 'forbid' ? ['never', ''] : [often(copy.everySeconds), copy.engine]),
      ]),
    ),
    table(
      `approvers, ${approval.quorum} of ${approvers.length}${who}, within ${duration(approval.expiresAfterSeconds)}`,
      approvers.map(({ name, email, slack }) => [name, email, slack === undefined ? '' : `Slack ${slack}`]),
    ),
    table(
      'runbooks',
      Object.entries(RUNBOOKS).map(([runbook, could]) => [runbook, could(estate)]),
    ),
  ].join('\n\n')}\n`;
}

/** By what way a restored instance would take the place, environment by environment. */
function swaps(from: string): (estate: Estate) => string {
  return ({ environments, application }) => {
    const ways = Object.entries(environments).map(([name, { database }]) => {
      const { by, name: alias } = database.swap;
      const deaf = by === 'connection' && alias === undefined && application.reload === undefined;
      return `${name} by ${by}${deaf ? ', with nobody to tell the application' : ''}`;
    });
    return `could bring back from ${from}: ${ways.join('; ')}`;
  };
}

/** What each runbook could do in an estate, or why it would refuse; whether it may today is the world's to say. */
export const RUNBOOKS: Readonly<Record<string, (estate: Estate) => string>> = {
  failover({ environments, strategy, names }) {
    const named = (role: string) => Object.keys(environments).find((name) => environments[name]?.role === role);
    const [from, to] = [named('primary') ?? '', named('standby')];
    if (to === undefined) return 'would refuse: no environment has role standby';
    if (strategy !== 'warm') return `would refuse: strategy ${strategy} is not there yet, only warm`;
    return `could move ${names.map(({ name }) => name).join(', ')} from ${from} to ${to}`;
  },
  rollback: ({ environments }) => {
    const primary = Object.keys(environments).find((name) => environments[name]?.role === 'primary');
    return `could lead back to whatever a failover left, as ${primary ?? 'nobody'}`;
  },
  sync({ copies }) {
    const pair = ({ from, to }: Estate['copies'][number]): string => `${from} to ${to}`;
    const raw = copies.filter((copy) => copy.class === 'raw');
    if (copies.length === 0) return 'would refuse: the estate allows no copy';
    if (raw.length === 0)
      return `would refuse: ${copies.map((copy) => `${pair(copy)} is ${copy.class}`).join(', ')}, and only raw is there yet`;
    const how = ({ engine, dumpLimitGigabytes }: Estate['copies'][number]): string =>
      engine === 'snapshot' ? 'by snapshot' : `row by row up to ${dumpLimitGigabytes} GB`;
    return `could copy ${raw.map((copy) => `${pair(copy)} ${often(copy.everySeconds)}, ${how(copy)}`).join('; ')}`;
  },
  restore: swaps('a snapshot'),
  rewind: swaps('a second that somebody names'),
  retention: (estate) => {
    const { snapshotDays, shelfDays, keepLast } = policyOf(estate);
    return `could let snapshots go after ${snapshotDays} d but the last${keepLast === 1 ? '' : ` ${keepLast}`} of each instance, and ask about shelves after ${shelfDays} d`;
  },
  rollcall: ({ approvers }) => `could ask ${approvers.map(({ name }) => name).join(', ')}`,
};

if (require.main === module) process.exitCode = main(process.argv.slice(2));
