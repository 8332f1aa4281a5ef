// Failovers of the main situation with a given INSYNC, each in a cloud and a world of its own, and what each of them took.
import type { Estate } from '../../shared/estate.ts';
import type { Cloud } from '../cloud.ts';
import { judgeOutcome } from '../run/console.ts';
import type { Ending } from '../run/ending.ts';
import { loadSituation, worldOf } from '../run/situation.ts';
import { estateOf, startCloudFor } from '../run/stage.ts';
import { liveThrough } from '../run/story.ts';
import { readCalls } from './calls.ts';
import { measure, type Change, type Measured } from './critical-path.ts';
import { dollarsOf } from './price.ts';

export const SITUATION = 'failover/primary-unreachable';
/** The state whose end is the verified answer from outside. */
const VERIFIED = 'VerifyWrite';

export interface Failover extends Measured {
  readonly seed: number;
  readonly transitions: number;
  readonly calls: number;
  /** Of the whole run, to its report: transitions, requests and memory. */
  readonly costUsd: number;
}

export interface FailoverOptions {
  /** The package. */
  readonly folder: string;
  readonly insyncSeconds: number;
  readonly seed: number;
  readonly ending: Ending;
}

export async function measureFailover({ folder, insyncSeconds, seed, ending }: FailoverOptions): Promise<Failover> {
  const situation = loadSituation(SITUATION);
  const file = worldOf(situation);
  const estate = estateOf(situation.estate);
  const pace = { kind: 'virtual' } as const;
  const cloud = await startCloudFor(file, { pace, seed, region: estate.region });
  const takeBack = ending.undo(cloud.stop);
  try {
    const changes = await watchChanges(cloud, estate);
    // The button is pressed the moment the letter is there: no second of the run is a person's.
    const { outcome, told } = await liveThrough(cloud, {
      situation,
      folder,
      approve: 'auto',
      faults: [],
      reports: cloud.ground.folder('reports'),
      onReady: () => cloud.services.route53.own.insyncSeconds(insyncSeconds),
    });
    const reasons = judgeOutcome({ situation, approve: 'auto', faults: [], pace, seed }, outcome, told);
    if (reasons.length > 0) throw new Error(`${SITUATION} is red, and what it took says nothing: ${reasons.join('; ')}`);
    const verifiedAt = outcome.states.findLast(({ name }) => name === VERIFIED)?.exitedAt;
    if (verifiedAt === undefined) throw new Error(`${SITUATION} did not go through ${VERIFIED}`);
    const calls = (await readCalls(cloud, outcome.startedAt)).filter(({ from }) => from <= outcome.endedAt);
    const { startedAt, states, transitions } = outcome;
    return {
      ...measure({ startedAt, verifiedAt, states, calls, changes }),
      seed,
      transitions,
      calls: calls.length,
      costUsd: outcome.costUsd + dollarsOf(calls),
    };
  } finally {
    takeBack();
    await cloud.stop();
  }
}

/** At the instant a change lands, whatever a resolver still remembers of the names is what was true before it. */
async function watchChanges(cloud: Cloud, { names, resolvers }: Estate): Promise<Change[]> {
  const { own } = cloud.services.route53;
  const servers = await own.dns({ resolvers });
  const questions = names.flatMap(({ name, types }) => [...types, 'CNAME'].map((type) => ({ name, type })));
  const changes: Change[] = [];
  own.onLanded(({ submittedAt, landedAt }) => {
    const instants = questions.map(({ name, type }) => servers.rememberedUntil(name, type) ?? landedAt);
    changes.push({ submittedAt, landedAt, forgottenAt: Math.max(landedAt, ...instants) });
  });
  return changes;
}
