// What a run left in the world, asked of the APIs and the databases; and every place where it could have been killed.
import * as z from 'zod';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { isRead, type Fault } from '../../rehearsal/faults/faults.ts';
import { readEntry } from '../../rehearsal/world/builder/ledger.ts';
import type { Standing, World } from '../../rehearsal/world/builder/builder.ts';
import { listSituations, loadSituation, type Situation } from '../../rehearsal/run/situation.ts';
import type { SmallCloud } from './small-cloud.ts';
import { lookAtServers } from './standing-servers.ts';

const LEDGER = 'changeover-ledger-dev';

export interface Call {
  /** The run it was made for. */
  readonly execution: string | undefined;
  readonly state: string;
  readonly operation: string;
  readonly inNetwork: boolean;
}

/** Every call of a step that took effect, in order, until it is ended. */
export function recordCalls(cloud: Cloud): { readonly calls: readonly Call[]; end(): void } {
  const calls: Call[] = [];
  const end = cloud.watchCalls(({ operation, caller }) => {
    const trace = caller.kind === 'role' ? caller.trace : undefined;
    // Log lines are Lambda's own writing, and a key is not changed by being used.
    if (trace?.invocation === undefined || trace.state === undefined || /^(logs|kms):/.test(operation)) return;
    calls.push({ execution: trace.execution, state: trace.state, operation, inNetwork: trace.inNetwork === true });
  });
  return { calls, end };
}

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
}
const nextOf = ({ Next, Default, Choices = [], Catch = [] }: State): string[] =>
  [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((one) => one.Next)].filter((next) => next !== undefined);

/** The tasks from Act on, by the definition that was deployed: only these may change anything. */
export async function tasksFromAct(cloud: Cloud, runbook: string): Promise<string[]> {
  const stateMachineArn = `arn:aws:states:${cloud.region}:${cloud.account}:stateMachine:${runbook}-dev`;
  const { definition = '{}' } = await cloud.call('states', 'DescribeStateMachine', { stateMachineArn });
  const { States } = JSON.parse(definition) as { States: Record<string, State> };
  const reached = new Set(['Act']);
  for (const name of reached) for (const next of nextOf(States[name] ?? { Type: 'none' })) reached.add(next);
  return [...reached].filter((name) => States[name]?.Type === 'Task');
}

export type Kill = Fault & { readonly state: string; readonly operation: string; readonly occurrence: number };

/** After each write of each of these states; before it as well where PostgreSQL, which no API shows, was written to in between. */
export function killsOf(calls: readonly Call[], states: readonly string[]): Kill[] {
  return states.flatMap((state) => {
    const own = calls.filter((call) => call.state === state);
    const seen = new Map<string, number>();
    const placed = own.map(({ operation, inNetwork }) => {
      const occurrence = (seen.get(operation) ?? 0) + 1;
      seen.set(operation, occurrence);
      return { state, operation, occurrence, inNetwork };
    });
    const writes = placed.filter(({ operation }) => !isRead(operation));
    // A state that writes nothing dies with its first answer: how many there are, when it looks again and again, is chance.
    const points = writes.length > 0 ? writes : placed.slice(0, 1);
    return points.flatMap(({ inNetwork, ...point }): Kill[] => [
      ...(inNetwork ? [{ kind: 'killed-before', ...point } as const] : []),
      { kind: 'killed-after', ...point },
    ]);
  });
}

/** One that is undone, and one with every act there is; lived through once as they say, and once with every step dying. */
export const DYING = ['failover/verify-fails', 'rollback/diverged-merged'];

/** The SDK asks three times by itself: one that is refused oftener comes back to the state, whose Retry begins it again. */
export const EVERYTHING_THROTTLED: readonly Fault[] = [
  { kind: 'throttled', each: true, times: 3, probability: 0.4 },
  { kind: 'throttled', operation: 'lambda:Invoke', each: true, probability: 0.4 },
];

/** Instead of an end that comes by itself, one from outside: there is nothing that it could be compared with. */
const isStopped = ({ expect: said, earlier, deadlineSeconds }: Situation): boolean =>
  earlier !== undefined || deadlineSeconds !== undefined || said.status === 'ABORTED';

/** Situations of a runbook in which something is done to the world, as far as the run comes by itself. */
export const actingSituations = (runbook: string): string[] =>
  listSituations().filter((name) => {
    if (!name.startsWith(`${runbook}/`) || name.endsWith('/plan-only')) return false;
    const situation = loadSituation(name);
    const { status, error = '' } = situation.expect;
    return !isStopped(situation) && (status === 'SUCCEEDED' || ['NotYet', 'VerifyFailed', 'CloudRefused'].includes(error));
  });

/** A situation with steps that die, and what came of it. */
export async function liveWith(small: SmallCloud, name: string, ...kills: Kill[]) {
  const recorder = recordCalls(small.cloud);
  try {
    const { deployed, outcome, red } = await small.live(name, {}, kills);
    const run = outcome.execution.slice(outcome.execution.lastIndexOf(':') + 1);
    if (!deployed.world) throw new Error(`${name} has no world`);
    // What came before it was another run's doing.
    const calls = recorder.calls.filter(({ execution }) => execution === outcome.execution);
    const effects = await lookAtEffects(small.cloud, deployed.world, calls, run);
    const retried = outcome.states.filter(({ attempts }) => attempts > 1).map((span) => span.name);
    const entered = new Set(outcome.states.map((span) => span.name));
    return { calls, entered, retried: new Set(retried), red, effects };
  } finally {
    recorder.end();
  }
}

/** A situation as it goes by itself, and whatever is different when one of its tasks dies, once at each place where it may. */
export async function killEverywhere(small: SmallCloud, name: string, preparing: readonly string[] = []) {
  const [runbook = ''] = name.split('/');
  const clean = await liveWith(small, name);
  const tasks = [...preparing, ...(await tasksFromAct(small.cloud, runbook))].filter((task) => clean.entered.has(task));
  const kills = killsOf(clean.calls, tasks);

  const different: unknown[] = [];
  for (const kill of kills) {
    const { red, effects } = await liveWith(small, name, kill);
    const same = JSON.stringify(effects) === JSON.stringify(clean.effects);
    if (red.length > 0 || !same) different.push({ kill, red, ...(!same && { effects }) });
  }
  return { clean, tasks, kills, different };
}

const Lease = z.looseObject({ writer: z.string(), epoch: z.int(), fencing: z.int(), holder: z.unknown() });
const Approval = z.looseObject({ decision: z.looseObject({ answer: z.string() }).nullable() });
const RunEntry = z.looseObject({ intents: z.array(z.looseObject({ effect: z.looseObject({ kind: z.string() }) })) });

/** Two runs of the same situation that did the same once are equal in this, whatever happened to them on the way. */
export async function lookAtEffects(cloud: Cloud, world: World, calls: readonly Call[], run: string) {
  const lease = Lease.parse(await readEntry(cloud, `lease/${world.estate.app}.json`));
  const { intents } = RunEntry.parse(await readEntry(cloud, `runs/${run}.json`));
  const approvals = (await bodiesOf(cloud, 'approvals/')).map((body) => Approval.parse(body).decision?.answer ?? null);
  return {
    // Putting back is made again where its id was lost: it changes nothing, and has an id to be asked about.
    changesOfRecords: calls.filter(({ operation, state }) => operation === 'route53:ChangeResourceRecordSets' && state !== 'Undo')
      .length,
    records: await recordsOf(cloud, world),
    rules: await Promise.all([...world.environments.values()].map((standing) => fenceRulesOf(cloud, standing))),
    admitted: await Promise.all([...world.environments.values()].map((standing) => admittedOf(world, standing))),
    servers: await lookAtServers(cloud, world, calls, run),
    lease: { writer: lease.writer, epoch: lease.epoch, fencing: lease.fencing, holder: lease.holder },
    approvals,
    intents: intents.map(({ effect }) => effect.kind),
  };
}

export async function bodiesOf(cloud: Cloud, Prefix: string): Promise<unknown[]> {
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket: LEDGER, Prefix });
  return Promise.all(Contents.map(({ Key = '' }) => readEntry(cloud, Key)));
}

async function recordsOf(cloud: Cloud, { estate }: World): Promise<string[]> {
  const zones = [...new Set(estate.names.map(({ zone }) => zone))];
  const sets = await Promise.all(zones.map((HostedZoneId) => cloud.call('route53', 'ListResourceRecordSets', { HostedZoneId })));
  return sets.flatMap(({ ResourceRecordSets = [] }) =>
    ResourceRecordSets.map(({ Name, Type, AliasTarget }) => {
      // Load balancers are named with a number that chance gives.
      const target = (AliasTarget?.DNSName ?? '').replace(/-\d+(?=\.)/, '');
      return `${Name ?? ''} ${Type ?? ''} ${target}`;
    }),
  );
}

/** How many fences stand on each listener. */
async function fenceRulesOf(cloud: Cloud, { id, environment }: Standing): Promise<string> {
  const { LoadBalancers = [] } = await cloud.call('elasticloadbalancing', 'DescribeLoadBalancers', {
    Names: [environment.web.loadBalancer],
  });
  const { Listeners = [] } = await cloud.call('elasticloadbalancing', 'DescribeListeners', {
    LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
  });
  const counts = Listeners.map(async ({ ListenerArn, Port }) => {
    const { Rules = [] } = await cloud.call('elasticloadbalancing', 'DescribeRules', { ListenerArn });
    const { TagDescriptions = [] } = await cloud.call('elasticloadbalancing', 'DescribeTags', {
      ResourceArns: Rules.flatMap(({ RuleArn }) => RuleArn ?? []),
    });
    const fences = TagDescriptions.filter(({ Tags = [] }) => Tags.some(({ Key }) => Key === 'changeover:fence'));
    return `${Port ?? 0}: ${fences.length}`;
  });
  return `${id} ${(await Promise.all(counts)).sort().join(', ')}`;
}

/** Who may connect to its database, from PostgreSQL's own list; nothing where it does not run. */
async function admittedOf(world: World, { id, environment }: Standing): Promise<string> {
  const cluster = await world.clusterOf(id);
  if (!cluster?.running) return `${id} does not run`;
  const session = await cluster.open();
  try {
    const { rows } = await session.query<{ acl: string | null }>(
      'SELECT datacl::text AS acl FROM pg_database WHERE datname = $1',
      [environment.database.name],
    );
    return `${id} ${rows[0]?.acl ?? 'as PostgreSQL makes it'}`;
  } finally {
    await session.end();
  }
}
