// npm run bench [-- --runs N] [--tests] [--out FILE.json]; npm run bench -- sync is in bench-sync.ts
import './quiet.ts';
import { runCommand } from './command.ts';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { costRows, failoverRows, sizeRows, startRow, testsRow, type Row } from '../bench/bars.ts';
import { timeHere, timeInFreshCopy } from '../bench/command.ts';
import { measureFailover, SITUATION, type Failover } from '../bench/failover.ts';
import { readSizes } from '../bench/sizes.ts';
import { middleOf } from '../bench/spread.ts';
import { sharesTable, tableOf } from '../bench/table.ts';
import { heedSignals, type Ending } from '../run/ending.ts';
import { packageService } from '../run/package.ts';
import { latencies } from '../world/latencies.ts';
import { benchSync } from './bench-sync.ts';

const USAGE = `npm run bench
  --runs N          failovers for each INSYNC (default: 5)
  --tests           npm test is measured as well; it takes minutes
  --out FILE.json   every measurement, for a program
npm run bench -- sync
  a copy, held against pg_dump and pg_restore: see --help there
`;

/** As usual, and so short that it hides nothing. */
const INSYNC_SECONDS = [35, 5];

interface Options {
  readonly runs: number;
  readonly tests: boolean;
}

const say = (text: string): void => void process.stdout.write(text);

export async function main(argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === 'sync') return await benchSync(argv.slice(1));
    const options = {
      runs: { type: 'string' },
      tests: { type: 'boolean' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    } as const;
    const { values } = parseArgs({ args: [...argv], options });
    if (values.help === true) {
      say(USAGE);
      return 0;
    }
    const runs = values.runs ?? '5';
    if (!/^[1-9]\d?$/.test(runs)) throw new Error(`--runs: found "${runs}", expected a whole number from 1 to 99`);
    const ending = heedSignals();
    const { rows, ...found } = await ending.unlessEnding(
      measureAll({ runs: Number(runs), tests: values.tests === true }, ending),
    );
    ending.over();
    say(`\n${tableOf(rows)}\n`);
    if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify({ ...found, rows }, null, 2)}\n`);
    return rows.some(({ met }) => met === false) ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

async function measureAll({ runs, tests }: Options, ending: Ending) {
  const folder = await packageService({ onStart: () => say('packaging the service …\n') });
  say(
    `on ${cpus().length} cores, ${loadavg()[0]?.toFixed(1) ?? '?'} processes waiting for them when it began; node ${process.version}\n`,
  );
  const series = new Map<number, Failover[]>();
  for (const insyncSeconds of INSYNC_SECONDS) {
    const found = await measureSeries({ folder, insyncSeconds, runs, ending });
    series.set(insyncSeconds, found);
    const middle = middleOf(found, ({ ratio }) => ratio);
    say(`\nseconds that run ${middle.seed} spent beside its critical path, by state:\n\n${sharesTable(middle)}\n`);
  }
  // Nothing asks more often than a run whose change takes longest.
  const longest = latencies()['route53:INSYNC']?.seconds[1] ?? 0;
  const dearest = await measureSeries({ folder, insyncSeconds: longest, runs: 1, ending });
  const sizes = await readSizes(folder);
  say('npm start in a fresh copy …\n');
  const start = await timeInFreshCopy('start', ending);
  if (tests) say('npm test …\n');
  const test = tests ? await timeHere('test', ending) : undefined;
  const rows: Row[] = [
    ...[...series].flatMap(([insyncSeconds, found]) => failoverRows(insyncSeconds, found)),
    ...costRows([...[...series.values()].flat(), ...dearest]),
    ...sizeRows(sizes),
    startRow(start.seconds),
    testsRow(test?.seconds),
  ];
  return { rows, failovers: [...[...series.values()].flat(), ...dearest], sizes };
}

interface Series {
  readonly folder: string;
  readonly insyncSeconds: number;
  readonly runs: number;
  readonly ending: Ending;
}

async function measureSeries({ runs, ...given }: Series): Promise<Failover[]> {
  const found: Failover[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    say(`${SITUATION}, INSYNC ${given.insyncSeconds} s, run ${seed} of ${runs} … `);
    const run = await measureFailover({ ...given, seed });
    found.push(run);
    say(`${run.wallSeconds.toFixed(1)} s over ${run.criticalSeconds.toFixed(1)} s\n`);
  }
  return found;
}

if (require.main === module) runCommand(main, process.argv.slice(2));
