// How a run ended: under what name, in what time, with what lost, what state the world is in now, and what to do next.
import * as z from 'zod';
import { openedSays, type Approval } from './approval.ts';
import { judgeEnding, type Before, type Fate } from './ending.ts';
import type { Intent, RunEntry } from './journal.ts';
import type { Loss, Plan } from './plan.ts';
import { PROVEN_TAG } from './retention.ts';
import { runIdOf, type Run, type Unopened } from './run.ts';
import { countOf } from './words.ts';

/** What a Catch leaves of an error; a Lambda's cause is JSON. */
export type Failure = z.infer<typeof Failure>;
export const Failure = z.object({ Error: z.string(), Cause: z.string().optional() });

export type Left = Pick<Before, 'entry' | 'plan'>;

export interface Ended {
  readonly run: Run | z.infer<typeof Unopened>;
  readonly entry: RunEntry | undefined;
  readonly plan: Plan | undefined;
  readonly approvals: readonly (Approval | undefined)[];
  /** The runs that this one was to go on with or to clean up after, the nearest first, each with its plan. */
  readonly before?: readonly Left[];
  readonly failure: Failure | null;
  readonly objectives: { readonly rtoSeconds: number; readonly rpoSeconds: number };
  readonly now: Date;
}

export interface Asked {
  readonly round: number;
  readonly askedAt: string;
  readonly closedAt: string;
  /** `the CTO approved: go`, or why nobody decided. */
  readonly says: string;
  readonly seconds: number;
}

export interface Told {
  readonly act: string;
  readonly at: string;
  readonly state: 'stands' | 'undone' | 'nothing' | 'left';
  readonly says: string;
}

export interface Outcome {
  readonly id: string;
  readonly machine: string;
  readonly execution: string;
  readonly runbook: string;
  readonly mode: Run['mode'];
  readonly reason: string;
  readonly by: string;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly error: string | null;
  readonly cause: string | null;
  readonly openedAt: string | null;
  readonly verifiedAt: string | null;
  readonly reportedAt: string;
  /** From the start to the verified answer through the public name; null when there was none, or nothing to recover from. */
  readonly recoverySeconds: number | null;
  readonly humanSeconds: number;
  readonly machineSeconds: number;
  readonly objectives: {
    readonly rtoSeconds: number;
    readonly rpoSeconds: number;
    readonly rtoMet: boolean | null;
    readonly rpoMet: boolean | null;
  };
  /** What became of the plan. */
  readonly fate: Fate;
  /** What the plan told would be lost. */
  readonly loss: Loss | null;
  /** What was lost, where it is not what the plan told: nothing, mostly. Null where it is. */
  readonly lost: string | null;
  readonly overridden: readonly string[];
  readonly plan: Plan | null;
  readonly asked: readonly Asked[];
  readonly changes: readonly Told[];
  /** What state the world is in now, and what to do next. */
  readonly world: string;
  readonly next: string;
  readonly timeline: readonly { readonly at: string; readonly name: string; readonly says: string }[];
  readonly notes: readonly string[];
}

export function draftOutcome({ run, entry, plan, approvals, before = [], failure, objectives, now }: Ended): Outcome {
  const opened = 'openedAt' in run ? run : undefined;
  const asked = approvals.flatMap((approval, i) => (approval ? [askedOf(approval, now, approvals[i + 1]?.askedAt)] : []));
  const verifiedAt = entry?.marks.find(({ name }) => name === 'verified')?.at ?? null;
  const openedAt = opened?.openedAt ?? null;
  const humanSeconds = asked.reduce((sum, { seconds }) => sum + seconds, 0);
  const whole = openedAt === null ? 0 : between(openedAt, verifiedAt ?? entry?.settledAt ?? now.toISOString());
  const recovers = opened?.runbook !== 'sync' && opened?.runbook !== 'retention';
  const recoverySeconds = !recovers || openedAt === null || verifiedAt === null || failure ? null : between(openedAt, verifiedAt);
  const loss = plan?.loss ?? null;
  const changes = (entry?.intents ?? []).map(toldOf);
  return {
    id: runIdOf(run.execution),
    machine: run.machine,
    execution: run.execution,
    runbook: opened?.runbook ?? run.machine,
    mode: opened?.mode ?? 'act',
    reason: opened?.reason ?? 'the request could not be read',
    by: opened?.by ?? 'unknown',
    status: failure ? 'FAILED' : 'SUCCEEDED',
    error: failure?.Error ?? null,
    cause: failure ? causeOf(failure.Cause) : null,
    openedAt,
    verifiedAt,
    reportedAt: now.toISOString(),
    recoverySeconds,
    humanSeconds,
    machineSeconds: Math.max(0, whole - humanSeconds),
    objectives: {
      ...objectives,
      rtoMet: recoverySeconds === null ? null : recoverySeconds <= objectives.rtoSeconds,
      rpoMet: recoverySeconds === null || loss?.seconds == null ? null : loss.seconds <= objectives.rpoSeconds,
    },
    loss,
    overridden: (plan?.limits ?? []).flatMap(({ name, verdict }) => (verdict === 'overridden' ? [name] : [])),
    plan: plan ?? null,
    asked,
    changes,
    ...judgeEnding({
      run: opened,
      execution: run.execution,
      failure,
      entry,
      plan,
      changes,
      before: before.flatMap((one) => beforeOf(one, run.execution)),
    }),
    timeline: timelineOf(entry, asked),
    notes: [
      ...(entry?.notes ?? []),
      ...approvals.flatMap((approval) => (approval ? openedSays(approval) : [])),
      ...(entry?.intents ?? []).flatMap(unmarkedSays),
    ],
  };
}

const between = (from: string, to: string): number => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

/** The execution whose remains a run answers for. An aftermath that has nothing to take over has it in its reason alone. */
export const foregoing = ({ runbook, reason, resume }: Run): string | null =>
  runbook === 'aftermath' ? (/^arn:\S+(?= ended )/.exec(reason)?.[0] ?? resume) : resume;

/** What another has taken over is told by that one; what this run has taken over is among its own changes. */
function beforeOf({ entry, plan }: Left, execution: string): Before[] {
  if (entry.adoptedBy !== null && entry.adoptedBy !== execution) return [];
  return [{ entry, plan, changes: entry.adoptedBy === null ? entry.intents.map(toldOf) : [] }];
}

/** People are waited for until somebody decides, the request is void, it is asked again because its step died, or its time is over. */
function askedOf({ round, askedAt, expiresAt, decision, voided }: Approval, now: Date, again?: string): Asked {
  const over = again ?? (now.getTime() < Date.parse(expiresAt) ? now.toISOString() : expiresAt);
  const closedAt = decision?.at ?? voided?.at ?? over;
  const said = decision && `${decision.by} ${decision.answer === 'approve' ? 'approved' : 'refused'}`;
  const says = decision
    ? `${said}${decision.reason === '' ? '' : `: ${decision.reason}`}`
    : (voided?.why ?? (again === undefined ? 'nobody decided' : 'it was asked again'));
  return { round, askedAt, closedAt, says, seconds: between(askedAt, closedAt) };
}

function toldOf({ act, at, effect, doneAt, undone }: Intent): Told {
  const what = effectSays(effect);
  if (undone === null) {
    const sure = doneAt === null ? ' (begun; whether it took effect is not recorded)' : '';
    return { act, at: doneAt ?? at, state: 'stands', says: `${what}${sure}` };
  }
  const state = undone.how === 'inverted' ? 'undone' : undone.how;
  return { act, at: undone.at, state, says: state === 'left' ? `${what}: ${undone.says}` : undone.says };
}

function effectSays(effect: Intent['effect']): string {
  switch (effect.kind) {
    case 'records':
      return `${countOf(effect.changes.length, 'record set')} of zone ${effect.zone} changed`;
    case 'web-fence':
      return `the load balancer of ${effect.environment} answers 503`;
    case 'database-fence':
      return `nobody connects to the database of ${effect.environment}`;
    case 'web-lift':
      return `the load balancer of ${effect.environment} takes requests again`;
    case 'database-lift':
      return `${effect.connect.join(', ')} may connect to the database of ${effect.environment} again`;
    case 'gap':
      return `the sequences of ${effect.environment} are a gap ahead`;
    case 'merge':
      return `${countOf(effect.rows, 'row')} of ${effect.from} brought to ${effect.environment}`;
    case 'uploads':
      return `${countOf(effect.objects, 'uploaded file')} of ${effect.from} brought to ${effect.environment}`;
    case 'incoming':
      return `${effect.database} was made beside the database of ${effect.environment}`;
    case 'swap':
      return `${effect.live} of ${effect.environment} is the copy, and ${effect.aside} what it was before`;
    case 'retired':
      return effect.databases.length === 0
        ? `nothing was retired on ${effect.environment}`
        : `${effect.databases.join(', ')} of ${effect.environment} gone, as old copies`;
    case 'snapshot':
      return `the snapshot ${effect.snapshot} of ${effect.instance} was taken`;
    case 'beside':
      return `${effect.instance} was restored beside, ${effect.from}`;
    case 'dressed':
      return `${effect.instance} was set up as the one whose place it is to take`;
    case 'proven':
      return `the snapshot ${effect.snapshot} is known to retention as proven`;
    case 'opened':
      return `${effect.place.instance} takes the writes of ${effect.environment}`;
    case 'connection':
      return `what leads to the database of ${effect.environment} leads to ${effect.after.instance}`;
    case 'renaming':
      return `${effect.live} is what ${effect.coming} was${effect.liveId === null ? '' : `, and what it was is ${effect.aside}`}`;
    case 'rows':
      return `${countOf(effect.rows, 'row')} of ${effect.from} brought back to ${effect.environment}`;
    case 'shelved':
      return `${effect.instance} stands as ${effect.shelf} on the shelf, for $${effect.usdPerMonth.toFixed(2)} a month, until ${effect.until.slice(0, 10)} at least`;
    case 'expired':
      return `${countOf(effect.snapshots.length, 'expired snapshot')} gone: ${effect.snapshots.join(', ')}`;
    case 'stopped':
      return `${effect.instances.join(', ')} stopped again`;
    case 'removed':
      return `${effect.instance} of ${effect.environment} gone for good, its data in the snapshot ${effect.snapshot}`;
    case 'writer':
      return `${effect.to} is the writer (epoch ${effect.epoch})`;
  }
}

/** No run stops for a tag: whoever reads its report puts it there. */
const unmarkedSays = ({ effect, doneAt }: Intent): string[] =>
  effect.kind !== 'proven' || doneAt !== null
    ? []
    : [
        `${effect.snapshot} was proven, and may lack the tag ${PROVEN_TAG}, without which retention keeps it no longer than any other; give it that tag by hand`,
      ];

function timelineOf(entry: RunEntry | undefined, asked: readonly Asked[]): Outcome['timeline'] {
  if (!entry) return [];
  const rows = [
    ...entry.marks,
    ...asked.flatMap(({ round, askedAt, closedAt, says }) => [
      { at: askedAt, name: 'asked', says: round === 1 ? 'approval was asked for' : `approval was asked for again (${round})` },
      { at: closedAt, name: 'answered', says },
    ]),
    ...entry.intents.flatMap(({ act, at, doneAt, effect, undone }) => [
      { at: doneAt ?? at, name: act, says: effectSays(effect) },
      ...(undone ? [{ at: undone.at, name: `undo ${act}`, says: undone.says }] : []),
    ]),
  ];
  return rows.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

const LambdaCause = z.object({ errorMessage: z.string() });

/** A Lambda's error reaches the machine as JSON; its message is what a person wants to read. */
export function causeOf(cause = ''): string {
  try {
    const parsed = LambdaCause.safeParse(JSON.parse(cause));
    return parsed.success ? parsed.data.errorMessage : cause;
  } catch {
    return cause;
  }
}
