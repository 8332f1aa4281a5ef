// npm run bench -- sync [--runs N] [--megabytes N] [--out FILE.json]
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { copyRows, growthRows } from '../bench/sync/bars.ts';
import { standGround } from '../bench/sync/ground.ts';
import { compareWays, type Growth, measureGrowth } from '../bench/sync/measure.ts';
import { clientMajor } from '../bench/sync/seeds.ts';
import { tableOf } from '../bench/table.ts';
import { heedSignals, type Ending } from '../run/ending.ts';
import { lackOf, type Major, MAJORS } from '../world/postgres/servers.ts';

const USAGE = `npm run bench -- sync
  --runs N          copies by each way (default: 3; then it takes about ten minutes)
  --megabytes N     of the database that both ways copy (default: 1150)
  --out FILE.json   every measurement, for a program
`;
const GROWTH_MEGABYTES = [50, 470];

const say = (text: string): void => void process.stdout.write(text);

interface Options {
  readonly runs: number;
  readonly megabytes: number;
}

export async function benchSync(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { runs: { type: 'string' }, megabytes: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    say(USAGE);
    return 0;
  }
  const { runs = '3', megabytes = '1150' } = values;
  if (!/^[1-9]\d?$/.test(runs)) throw new Error(`--runs: found "${runs}", expected a whole number from 1 to 99`);
  if (!/^[1-9]\d{0,3}$/.test(megabytes))
    throw new Error(`--megabytes: found "${megabytes}", expected a whole number from 1 to 9999`);
  const ending = heedSignals();
  const found = await ending.unlessEnding(measureAll({ runs: Number(runs), megabytes: Number(megabytes) }, ending));
  ending.over();
  say(`\n${tableOf(found.rows)}\n`);
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(found, null, 2)}\n`);
  return found.rows.some(({ met }) => met === false) ? 1 : 0;
}

async function measureAll({ runs, megabytes }: Options, ending: Ending) {
  const { major, withSeeds, why } = chooseServers();
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  say(`on ${cpus().length} cores, ${load} processes waiting for them when it began; node ${process.version}\n${why}\n`);
  const ground = await standGround(major, ending);
  try {
    const given = { ground, ending, say };
    const compared = await compareWays(given, { megabytes, runs, withSeeds });
    const growth: Growth[] = [];
    for (const size of GROWTH_MEGABYTES) growth.push(await measureGrowth(given, size));
    return { rows: [...copyRows(compared), ...growthRows(growth)], compared, growth };
  } finally {
    await ground.stop();
  }
}

/** The distribution's client speaks to servers of its own major and older; those of its own are the fair ones. */
function chooseServers(): { major: Major; withSeeds: boolean; why: string } {
  const found = clientMajor();
  const major = MAJORS.find((one) => one === found && lackOf(one) === undefined);
  if (major !== undefined)
    return {
      major,
      withSeeds: true,
      why: `servers of PostgreSQL ${major} for both ways, as this machine's pg_dump and pg_restore are`,
    };
  const own = MAJORS.findLast((one) => lackOf(one) === undefined);
  if (own === undefined) throw new Error(lackOf(18) ?? 'PostgreSQL is not installed here');
  const client =
    found === undefined ? 'no pg_dump and pg_restore' : `pg_dump and pg_restore ${found}, and no servers of that major`;
  return { major: own, withSeeds: false, why: `this machine has ${client}: no ratio can be taken, and ours is told alone` };
}
