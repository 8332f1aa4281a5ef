// One round lived through on an emptied cloud: a run that is killed, what cleans up after it, another that goes on, and what the world
// says in between and in the end.
import * as z from 'zod';
import type { Cloud } from '../../rehearsal/cloud.ts';
import type { Fault } from '../../rehearsal/faults/faults.ts';
import { packageService } from '../../rehearsal/run/package.ts';
import { runOnce, type Deployed, type Outcome } from '../../rehearsal/run/rehearse.ts';
import { estateOf, setScene, type Scene } from '../../rehearsal/run/stage.ts';
import { spansOf } from '../../rehearsal/run/timeline-view.ts';
import { readEntry } from '../../rehearsal/world/builder/ledger.ts';
import { historySecondsOf } from '../../rehearsal/world/builder/world-file.ts';
import { ERROR_NAMES } from '../../shared/errors.ts';
import type { Killing, Round } from './killed-rounds.ts';
import { NIGHT, type SmallCloud } from './small-cloud.ts';
import { createWitness } from './witness.ts';

export interface Lived {
  readonly round: Round;
  /** Whether what was to kill it met it. */
  readonly killed: boolean;
  readonly first: Outcome;
  readonly next: Outcome;
  /** Whether people are on what they were on before all of it. */
  readonly onOld: boolean;
  /** What must never be, on the way or in the end. */
  readonly findings: readonly string[];
}

const STORY_SECONDS = 60;
/** Resolvers and clients keep an address for a minute. */
const HEARD_AFTER_SECONDS = 70;

export async function liveKilled({ cloud }: SmallCloud, round: Round): Promise<Lived> {
  const { seed, world: file, estate, runbook, request } = round;
  const folder = await packageService(estate === undefined ? {} : { estate });
  await cloud.reset({ startsAt: NIGHT - historySecondsOf(file) * 1000, seed, region: estateOf(estate).region });
  const scene = await setScene(cloud, { folder, estate: estateOf(estate), world: file });
  const began = scene.world.begin();
  await cloud.timeline.leapTo(began + STORY_SECONDS * 1000);
  const witness = await createWitness(cloud, scene.world);
  witness.watch();
  const asked = request(cloud.timeline.now());
  const since = await cameFrom(cloud, round, asked);

  const { outcome: first, killed } = await runKilled(scene, round, JSON.stringify(asked));
  if (round.next.when === 'cleaned up') await untilStill(cloud);
  // What ended well is verified, and a run that is told to go on with it says so.
  const resume = round.next.resume || first.status === 'SUCCEEDED' ? { resume: first.execution } : {};
  const next = await run(scene, runbook, JSON.stringify({ ...asked, ...resume }), {});
  await untilStill(cloud);

  const ends = [...(await judgeEnds(cloud, round.kill)), ...judgeGreen([first, next], round, await witness.isOnOld())];
  const findings = [...ends, ...(await judgeClient(scene)), ...(await witness.judge(since)), ...witness.findings];
  return { round, killed, first, next, onOld: await witness.isOnOld(), findings };
}

/** The oldest instant that anything may come back as of; for rows nothing of what people use goes. */
async function cameFrom(cloud: Cloud, { kind }: Round, { at }: Record<string, unknown>): Promise<number> {
  if (kind === 'rows') return Infinity;
  if (kind === 'now') return cloud.timeline.now();
  if (typeof at === 'string') return Date.parse(at);
  const { DBSnapshots = [] } = await cloud.call('rds', 'DescribeDBSnapshots', { SnapshotType: 'manual' });
  return DBSnapshots[0]?.SnapshotCreateTime?.getTime() ?? Infinity;
}

type Options = Partial<Pick<Parameters<typeof runOnce>[1], 'faults' | 'onEvent'>>;
const run = ({ cloud, ...scene }: Deployed, runbook: string, request: string, options: Options): Promise<Outcome> =>
  runOnce({ cloud, ...scene }, { runbook, request, approve: 'auto', reports: cloud.ground.folder('rounds'), ...options });

/** The first run, with what kills it. */
async function runKilled(scene: Scene, { runbook, kill }: Round, request: string) {
  const { cloud } = scene;
  let stopped: string | undefined;
  let execution: string | undefined;
  const stop = (): void => {
    if (stopped !== undefined || execution === undefined) return;
    const executionArn = (stopped = execution);
    const cause = 'stopped by hand';
    void cloud.timeline.busy(() => cloud.call('states', 'StopExecution', { executionArn, error: 'Aborted', cause }));
  };
  const stopsIn = { retried: '', dead: '', stopped: kill.state, 'stopped dead': '', undoing: kill.undo }[kill.how];
  let calls = 0;
  const unwatchCalls = cloud.watchCalls(({ operation, caller }) => {
    const trace = caller.kind === 'role' ? caller.trace : undefined;
    if (trace?.invocation === undefined || trace.state !== stopsIn || /^(logs|kms):/.test(operation)) return;
    execution = trace.execution;
    if (++calls >= kill.call) stop();
  });
  const unwatchEvents = cloud.services.states.watch((sight) => {
    if (sight.kind !== 'event' || !sight.machineName.startsWith(runbook)) return;
    execution ??= sight.executionArn;
    const [span] = spansOf([sight.event]);
    // It left the state before it made so many calls there: then it is stopped at once.
    if (calls > 0 && span !== undefined && span.name !== stopsIn && stopsIn !== '') stop();
    if (kill.how === 'stopped dead' && /^(LambdaFunction|Task)Failed$/.test(sight.event.type)) stop();
  });
  try {
    const outcome = await run(scene, runbook, request, { faults: faultsOf(kill) });
    const met = cloud.faults.unused().length === 0;
    return { outcome, killed: stopped !== undefined || (kill.how !== 'stopped' && met) };
  } finally {
    unwatchCalls();
    unwatchEvents();
    cloud.faults.set([]);
  }
}

function faultsOf({ how, state, call, side }: Killing): Fault[] {
  if (how === 'stopped') return [];
  const always = how === 'dead' || how === 'undoing';
  return [{ kind: side, state, occurrence: call, times: always ? 'always' : 1 }];
}

const MACHINES = ['restore', 'rewind', 'aftermath'];
const executionsOf = async (cloud: Cloud) => {
  const lists = MACHINES.map((name) => {
    const stateMachineArn = `arn:aws:states:${cloud.region}:${cloud.account}:stateMachine:${name}-dev`;
    return cloud.call('states', 'ListExecutions', { stateMachineArn });
  });
  const found = (await Promise.all(lists)).flatMap(({ executions = [] }) => executions);
  return Promise.all(found.map(({ executionArn }) => cloud.call('states', 'DescribeExecution', { executionArn })));
};

/** EventBridge tells of an end within seconds. */
const TOLD_WITHIN_SECONDS = 60;
/** As long as the longest of its machines may take, twice. */
const STILL_WITHIN_SECONDS = 4 * 3600;

/** RDS goes on with what a run that died has asked of it. */
async function isRdsStill(cloud: Cloud): Promise<boolean> {
  const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {});
  return DBInstances.every(({ DBInstanceStatus = '' }) => /^(available|stopped)$/.test(DBInstanceStatus));
}

/** Until nothing runs any more, nor will begin. */
async function untilStill(cloud: Cloud): Promise<void> {
  const { timeline } = cloud;
  const deadline = timeline.now() + STILL_WITHIN_SECONDS * 1000;
  for (;;) {
    await timeline.leapTo(timeline.now() + TOLD_WITHIN_SECONDS * 1000);
    const running = (await executionsOf(cloud)).filter(({ status }) => status === 'RUNNING');
    if (running.length === 0 && (await isRdsStill(cloud))) return;
    if (timeline.now() > deadline)
      throw new Error(`still running: ${running.map(({ executionArn }) => executionArn).join(', ') || 'RDS'}`);
  }
}

const Lease = z.looseObject({ holder: z.unknown() });
/** How a step ends whose Lambda dies, where we killed it at every try. */
const DEATHS = [
  ...['Runtime.ExitError', 'Lambda.Unknown', 'Sandbox.Timedout'],
  // A machine with a key of its own keeps its error out of the event: what cleans up after it knows that it failed, and no more.
  'FAILED',
];

/** Every run ended, under a name that is known, and nobody holds the lease. */
async function judgeEnds(cloud: Cloud, { how }: Killing): Promise<string[]> {
  const known: readonly string[] = [...ERROR_NAMES, 'Aborted', ...(how === 'dead' || how === 'undoing' ? DEATHS : [])];
  const ends = (await executionsOf(cloud)).flatMap(({ name, status, error }) =>
    status === 'SUCCEEDED' || (status !== 'RUNNING' && known.includes(error ?? ''))
      ? []
      : [`${name} ended ${status} under ${error}`],
  );
  const lease = Lease.safeParse(await readEntry(cloud, 'lease/orders.json'));
  const held = lease.success && lease.data.holder !== null;
  return held ? [...ends, `the lease is held: ${JSON.stringify(lease.data)}`] : ends;
}

/** People are on what comes back exactly where a run says that they are. */
function judgeGreen(outcomes: readonly Outcome[], { kind }: Round, onOld: boolean): string[] {
  if (kind === 'rows') return onOld ? [] : ['rows were brought back, and people are on another instance'];
  const green = outcomes.some(({ status }) => status === 'SUCCEEDED');
  return green && onOld ? ['a run ended green, and people are on what they were on before'] : [];
}

/** Who writes through the public name is answered. */
async function judgeClient({ cloud, world }: Scene): Promise<string[]> {
  await cloud.timeline.leapTo(cloud.timeline.now() + HEARD_AFTER_SECONDS * 1000);
  world.client.rest();
  const { trouble } = await cloud.timeline.busy(() => world.client.probe());
  return trouble === null ? [] : [`a write through the public name failed: ${trouble}`];
}
