// The same database by both ways between the same servers, and by ours alone in two sizes.
import { spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Ending } from '../../run/ending.ts';
import { quoted, type CopyServer } from '../../world/postgres/servers.ts';
import { databaseOn } from './adapters.ts';
import type { SyncGround } from './ground.ts';
import { copyOurWay, type Ours } from './ours.ts';
import { type Probes, startReader } from './reader.ts';
import { copySeedsWay, type Seeds } from './seeds.ts';
import { countShop, makeShop, type Shop, using } from './shop.ts';

export interface SeedsRun extends Seeds {
  readonly probes: Probes;
}
export interface OursRun extends Ours {
  readonly probes: Probes;
}
export interface Growth extends Ours {
  readonly bytes: number;
}
export interface Compared {
  readonly bytes: number;
  /** Empty where the machine has no client of the servers' major. */
  readonly seeds: readonly SeedsRun[];
  readonly ours: readonly OursRun[];
  /** Ours without files: the copy, and nothing beside it. */
  readonly alone: readonly OursRun[];
}
export interface Measuring {
  readonly ground: SyncGround;
  readonly ending: Ending;
  readonly say: (text: string) => void;
}

const NAME = 'shop';
/** So long the reader reads on after the last change. */
const AFTER_MILLISECONDS = 500;
let numbers = 0;

export interface Comparing {
  readonly megabytes: number;
  readonly runs: number;
  readonly withSeeds: boolean;
}

export async function compareWays(given: Measuring, { megabytes, runs, withSeeds }: Comparing): Promise<Compared> {
  const { ground, say } = given;
  const [shop] = await Promise.all([makeShop(ground.from, NAME, megabytes), makeShop(ground.to, NAME, megabytes)]);
  say(`the database has ${Math.round(shop.bytes / 1024 ** 2)} MB\n`);
  const [seeds, ours, alone]: [SeedsRun[], OursRun[], OursRun[]] = [[], [], []];
  for (let run = 1; run <= runs; run++) {
    const bySeed = async (): Promise<void> => {
      if (withSeeds) seeds.push(await seedsOnce(given, shop, run));
    };
    const byUs = async (): Promise<number> => ours.push(await oursOnce(given, shop, run));
    const byUsAlone = async (): Promise<number> => alone.push(await oursOnce(given, shop, run, false));
    // Each is the first in half of the runs: what the one before left in memory helps neither.
    for (const way of run % 2 === 1 ? [bySeed, byUs, byUsAlone] : [byUsAlone, byUs, bySeed]) await way();
  }
  await dropShop(ground.from, NAME);
  await dropShop(ground.to, NAME);
  return { bytes: shop.bytes, seeds, ours, alone };
}

async function seedsOnce({ ground, ending, say }: Measuring, shop: Shop, run: number): Promise<SeedsRun> {
  say(`the seed's way, run ${run} … `);
  await settle(ground);
  const stop = await startReader(ground.to.configOf(ground.to.application, NAME), shop.customers, ending);
  const { cloud, authority, from, to, dumpFile: file } = ground;
  const found = await copySeedsWay({ cloud, authority, from, to, name: NAME, file, ending });
  await wait(AFTER_MILLISECONDS);
  const probes = await stop();
  await expectAll(ground, NAME);
  say(`${found.wholeSeconds.toFixed(1)} s\n`);
  return { ...found, probes };
}

async function oursOnce(given: Measuring, shop: Shop, run: number, files = true): Promise<OursRun> {
  const { ground, ending, say } = given;
  say(`${files ? 'our way' : 'our copy alone'}, run ${run} … `);
  await settle(ground);
  const stop = await startReader(ground.to.configOf(ground.to.application, NAME), shop.customers, ending);
  const seen: Probes[] = [];
  const renamed = async (): Promise<void> => {
    await wait(AFTER_MILLISECONDS);
    seen.push(await stop());
    await expectAll(ground, NAME);
  };
  const found = await copyOnce(given, { files, renamed });
  const [probes] = seen;
  if (!probes) throw new Error('the reader told nothing');
  say(`${(files ? found.times.renamed : found.times.built).toFixed(1)} s\n`);
  return { ...found, probes };
}

/** To the changed name and back; what it made is gone afterwards. */
async function copyOnce(
  { ground, ending }: Measuring,
  { files, renamed }: { readonly files: boolean; readonly renamed?: () => Promise<void> },
): Promise<Ours> {
  const { cloud, program, authority, from, to } = ground;
  const number = ++numbers;
  const task = { from: databaseOn(from, NAME), to: databaseOn(to, NAME), number, files };
  const found = await copyOurWay({ cloud, program, authority, task, ending, ...(renamed && { renamed }) });
  if (found.wrong.length > 0)
    throw new Error(`the copy is not its source, and what it took says nothing: ${found.wrong.join('; ')}`);
  await dropShop(to, `${NAME}__undone_${number}`);
  return found;
}

export async function measureGrowth(given: Measuring, megabytes: number): Promise<Growth> {
  const { ground, say } = given;
  const [{ bytes }] = await Promise.all([makeShop(ground.from, NAME, megabytes), makeShop(ground.to, NAME, 1)]);
  say(`our way with ${Math.round(bytes / 1024 ** 2)} MB … `);
  await settle(ground);
  const found = await copyOnce(given, { files: true });
  say(`${found.times.renamed.toFixed(1)} s\n`);
  await dropShop(ground.from, NAME);
  await dropShop(ground.to, NAME);
  return { ...found, bytes };
}

/** Nobody pays for the pages that whoever was before left to be written, by the servers or by the system. */
async function settle({ from, to }: SyncGround): Promise<void> {
  for (const server of [from, to]) await using(server.root('postgres'), (root) => root.query('CHECKPOINT'));
  const { status } = spawnSync('sync');
  if (status !== 0) throw new Error('sync, which writes what the system holds back, is not there');
}

async function expectAll({ from, to }: SyncGround, name: string): Promise<void> {
  const [there, here] = [await countShop(from, name), await countShop(to, name)];
  if (there !== here) throw new Error(`not all rows arrived, and what it took says nothing: ${here}, of ${there}`);
}

const dropShop = (server: CopyServer, name: string): Promise<unknown> =>
  using(server.root('postgres'), (root) => root.query(`DROP DATABASE ${quoted(name)} WITH (FORCE)`));
