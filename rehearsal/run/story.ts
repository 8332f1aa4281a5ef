// A situation from its founding to what the world says afterwards: whoever rehearses, at a terminal or in a test, goes through this.
import * as z from 'zod';
import type { Estate } from '../../shared/estate.ts';
import type { Cloud } from '../cloud.ts';
import type { Fault } from '../faults/faults.ts';
import type { World } from '../world/builder/builder.ts';
import type { Reader, Reading } from '../world/reader.ts';
import { lookAfterwards, lookUpNames, type Pointing, type Seen } from './afterwards.ts';
import { happen } from './meanwhile.ts';
import { deployService, fetchReport, runOnce, type Deployed, type Outcome, type RunOptions } from './rehearse.ts';
import { readRequest, requestOf, worldOf, type Approve, type Situation } from './situation.ts';
import { estateOf, setScene } from './stage.ts';

export interface StoryOptions {
  readonly situation: Situation;
  /** The package it is deployed from. */
  readonly folder: string;
  readonly approve: Approve;
  readonly faults: readonly Fault[];
  /** Instead of the situation's. */
  readonly estate?: string | undefined;
  readonly reports: string;
  /** When everything stands and nothing runs yet. */
  readonly onReady?: (deployed: Deployed) => void;
  readonly onEvent?: RunOptions['onEvent'];
  readonly onAsked?: RunOptions['onAsked'];
}

/** What the world showed around a run. */
export interface Told extends Seen {
  /** What somebody read all the while; null where the situation has nobody read. */
  readonly reading: Reading | null;
  readonly before: Pointing;
  readonly objectives: Estate['objectives'];
}

export interface Story {
  readonly deployed: Deployed;
  readonly outcome: Outcome;
  /** Undefined where the situation names no world. */
  readonly told: Told | undefined;
}

const MACHINE = z.looseObject({ TimeoutSeconds: z.int() });

export async function liveThrough(cloud: Cloud, options: StoryOptions): Promise<Story> {
  const { situation, folder, reports } = options;
  const file = worldOf(situation);
  const deployed = file
    ? await setScene(cloud, { folder, estate: estateOf(options.estate ?? situation.estate), world: file })
    : await deployService(cloud, folder);
  const { world } = deployed;
  options.onReady?.(deployed);
  if (situation.after) {
    world?.begin();
    await liveThroughFirst(deployed, situation, situation.after, reports);
  }
  const before = world && (await lookUpNames(cloud, world));
  const since = world?.begin() ?? 0;
  const read = situation.expect.world?.reader;
  const reader = read && (await world?.read(read.of));
  if (situation.deadlineSeconds !== undefined) await shorten(cloud, situation.runbook, situation.deadlineSeconds);
  const { runbook } = situation;
  const earlier = situation.earlier && (await runEarlier(deployed, situation, situation.earlier, reports));
  const asked = requestOf(situation, world);
  const outcome = await runOnce(deployed, {
    runbook,
    request: earlier === undefined ? asked : goingOnWith(earlier, asked),
    approve: options.approve,
    faults: options.faults,
    during: situation.during,
    reports,
    ...(options.onEvent && { onEvent: options.onEvent }),
    ...(options.onAsked && { onAsked: options.onAsked }),
  });
  const ended = situation.expect.aftermath ? await withAftermath(cloud, outcome, reports) : outcome;
  return {
    deployed,
    outcome: ended,
    told: world && before && (await seeWorld(cloud, world, { outcome, since, before, reader })),
  };
}

/** Resolvers and clients keep an address for a minute: what they say is asked when they can have heard. */
const HEARD_AFTER_SECONDS = 70;

async function seeWorld(
  cloud: Cloud,
  world: World,
  { outcome, since, before, reader }: { outcome: Outcome; since: number; before: Pointing; reader: Reader | undefined },
): Promise<Told> {
  await cloud.timeline.leapTo(cloud.timeline.now() + HEARD_AFTER_SECONDS * 1000);
  world.client.rest();
  await cloud.timeline.busy(() => world.client.probe());
  const run = outcome.execution.slice(outcome.execution.lastIndexOf(':') + 1);
  const reading = (await reader?.rest()) ?? null;
  return { ...(await lookAfterwards(cloud, world, run, since)), reading, before, objectives: world.estate.objectives };
}

const machineArn = ({ region, account }: Cloud, runbook: string): string =>
  `arn:aws:states:${region}:${account}:stateMachine:${runbook}-dev`;

/** The machine has less time than it was deployed with, as when its author had been wrong about it. */
async function shorten(cloud: Cloud, runbook: string, seconds: number): Promise<void> {
  const stateMachineArn = machineArn(cloud, runbook);
  const { definition = '{}' } = await cloud.call('states', 'DescribeStateMachine', { stateMachineArn });
  const shortened = { ...MACHINE.parse(JSON.parse(definition)), TimeoutSeconds: seconds };
  await cloud.call('states', 'UpdateStateMachine', { stateMachineArn, definition: JSON.stringify(shortened) });
}

/** A whole run of another runbook, and what happened until the situation's own begins. */
async function liveThroughFirst(
  deployed: Deployed,
  { name }: Situation,
  { runbook, request, then, seconds }: NonNullable<Situation['after']>,
  reports: string,
): Promise<void> {
  const { cloud, world } = deployed;
  const { execution, status, complaints } = await runOnce(deployed, {
    runbook,
    request: readRequest({ request, runbook, name }),
    approve: 'auto',
    reports,
  });
  if (status !== 'SUCCEEDED') throw new Error(`the ${runbook} that came first ended ${status}: ${complaints.join('; ')}`);
  // People write to the new side, targets are found well or ill.
  await cloud.timeline.leapTo(cloud.timeline.now() + (HEARD_AFTER_SECONDS + seconds) * 1000);
  for (const one of then) await happen(cloud, world, execution, one);
  await cloud.timeline.leapTo(cloud.timeline.now() + seconds * 1000);
}

/** A run that was approved and then stopped by hand; answers its execution. */
async function runEarlier(
  deployed: Deployed,
  { runbook, name }: Situation,
  { request, stopAt }: NonNullable<Situation['earlier']>,
  reports: string,
): Promise<string> {
  const { execution, status, complaints } = await runOnce(deployed, {
    runbook,
    request: readRequest({ request, runbook, name }),
    approve: 'auto',
    during: [{ at: stopAt, do: 'stop' }],
    reports,
  });
  if (status !== 'ABORTED')
    throw new Error(`the earlier run was to be stopped at ${stopAt}, and ended ${status}: ${complaints.join('; ')}`);
  return execution;
}

const goingOnWith = (resume: string, request: string): string =>
  JSON.stringify({ ...(JSON.parse(request) as object), resume }, null, 2);

/** Cleaning up waits for the last act of a stopped run and for name servers, each of which takes minutes. */
const AFTERMATH_WITHIN_SECONDS = 1800;

/** What cleaned up after the run, once it has ended; its report is the one that tells of the run. */
async function withAftermath(cloud: Cloud, outcome: Outcome, reports: string): Promise<Outcome> {
  const deadline = cloud.timeline.now() + AFTERMATH_WITHIN_SECONDS * 1000;
  for (;;) {
    let look: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => (look = resolve));
    const unwatch = cloud.services.states.watch(({ kind }) => kind === 'status' && look());
    const callOff = cloud.timeline.at(deadline, look);
    try {
      const found = await aftermathOf(cloud, outcome.execution);
      if (found?.status !== undefined && found.status !== 'RUNNING') {
        // One that found nothing to do reports nothing: the run's own report stays the last word.
        const reportPath = (await fetchReport(cloud, found.executionArn ?? '', reports)) ?? outcome.reportPath;
        return { ...outcome, reportPath, aftermath: { status: found.status, error: found.error } };
      }
      if (cloud.timeline.now() >= deadline) return outcome;
      await cloud.timeline.letPass(changed);
    } finally {
      callOff();
      unwatch();
    }
  }
}

async function aftermathOf(cloud: Cloud, execution: string) {
  const { executions = [] } = await cloud.call('states', 'ListExecutions', { stateMachineArn: machineArn(cloud, 'aftermath') });
  const said = await Promise.all(
    executions.map(({ executionArn }) => cloud.call('states', 'DescribeExecution', { executionArn })),
  );
  return said.find(({ input = '' }) => input.includes(execution));
}
