// How a run ended: under what name, in what time, with what lost, what state the world is in now, and what to do next.
import * as z from 'zod';
import type { Approval } from './approval.ts';
import type { Intent, RunEntry } from './journal.ts';
import type { Loss, Plan } from './plan.ts';
import type { Run, Unopened } from './run.ts';
import { countOf } from './words.ts';

/** What a Catch leaves of an error; a Lambda's cause is JSON. */
export type Failure = z.infer<typeof Failure>;
export const Failure = z.object({ Error: z.string(), Cause: z.string().optional() });

export interface Ended {
  readonly run: Run | z.infer<typeof Unopened>;
  readonly entry: RunEntry | undefined;
  readonly plan: Plan | undefined;
  readonly approvals: readonly (Approval | undefined)[];
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
  /** From the start to the verified answer through the public name; null when there was none. */
  readonly recoverySeconds: number | null;
  readonly humanSeconds: number;
  readonly machineSeconds: number;
  readonly objectives: {
    readonly rtoSeconds: number;
    readonly rpoSeconds: number;
    readonly rtoMet: boolean | null;
    readonly rpoMet: boolean | null;
  };
  readonly loss: Loss | null;
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

export function draftOutcome({ run, entry, plan, approvals, failure, objectives, now }: Ended): Outcome {
  const opened = 'openedAt' in run ? run : undefined;
  const asked = approvals.flatMap((approval, i) => (approval ? [askedOf(approval, now, approvals[i + 1]?.askedAt)] : []));
  const verifiedAt = entry?.marks.find(({ name }) => name === 'verified')?.at ?? null;
  const openedAt = opened?.openedAt ?? null;
  const humanSeconds = asked.reduce((sum, { seconds }) => sum + seconds, 0);
  const whole = openedAt === null ? 0 : between(openedAt, verifiedAt ?? entry?.settledAt ?? now.toISOString());
  const recoverySeconds = openedAt === null || verifiedAt === null || failure ? null : between(openedAt, verifiedAt);
  const loss = plan?.loss ?? null;
  const changes = (entry?.intents ?? []).map(toldOf);
  return {
    id: run.execution.slice(run.execution.lastIndexOf(':') + 1),
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
    ...judgeWorld({ run: opened, execution: run.execution, failure, changes, verified: verifiedAt !== null }),
    timeline: timelineOf(entry, asked),
    notes: entry?.notes ?? [],
  };
}

const between = (from: string, to: string): number => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

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
    case 'writer':
      return `${effect.to} is the writer (epoch ${effect.epoch})`;
  }
}

interface Ending {
  readonly run: Run | undefined;
  readonly execution: string;
  readonly failure: Failure | null;
  readonly changes: readonly Told[];
  readonly verified: boolean;
}

function judgeWorld({ run, execution, failure, changes, verified }: Ending): { world: string; next: string } {
  const standing = changes.filter(({ state }) => state === 'stands' || state === 'left');
  const list = standing.map(({ says }) => says).join('; ');
  const runbook = run?.runbook ?? 'the runbook';
  if (!failure) {
    if (run?.mode === 'plan')
      return { world: 'Nothing was changed: this run only planned.', next: `Start ${runbook} without "mode": "plan" to do it.` };
    if (standing.length === 0) return { world: 'Nothing was changed.', next: 'Nothing needs to be done.' };
    return {
      world: `Everything planned is done and verified from outside: ${list}.`,
      next: AFTERWARDS[runbook] ?? 'Nothing needs to be done.',
    };
  }
  if (changes.length === 0) return { world: 'Nothing was changed.', next: NEXT[failure.Error] ?? AGAIN };
  if (standing.length === 0)
    return { world: 'Everything that was changed is as it was before.', next: NEXT[failure.Error] ?? AGAIN };
  if (verified) {
    return {
      world: `Everything planned is done and verified from outside: ${list}. The run failed only afterwards.`,
      next: 'Nothing is to be undone: people write to the new side. A lease that it still holds is free to the next run.',
    };
  }
  const many = standing.length === 1 ? '1 change stands' : `${standing.length} changes stand`;
  // What cleans up after a run stands for that run; what is resumed is whoever changed something last.
  const again = runbook === 'aftermath' ? 'the runbook that was stopped' : runbook;
  return {
    world: `${many}: ${list}.`,
    next: `Start ${again} again with "resume": "${execution}", which goes on from here or undoes the rest if it fails.`,
  };
}

const AFTERWARDS: Readonly<Record<string, string>> = {
  failover:
    'The side that was left stays fenced, and must until its data has been compared with the new writer’s; the README says how a fence is lifted by hand.',
};
const AGAIN = 'Mend what stopped it, then start it again.';
const NEXT: Readonly<Record<string, string>> = {
  InputInvalid: 'Correct the request as the message says, then start it again.',
  PlanRefused: 'Mend what exceeds the limit, or start it again with the override that the message names.',
  ApprovalRefused: 'Nothing needs to be done; start it again when the answer is another.',
  PlanStale: 'Look who changes the world, then start it again.',
  'States.Timeout': 'Start it again when somebody can answer.',
  CloudRefused: 'Give the role what the message says it lacks, then start it again.',
  VerifyFailed: 'Look at the timeline for what was not as planned, mend it, then start it again.',
};

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
