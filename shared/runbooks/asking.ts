// Who is asked, when, and what a yes takes: the estate's rules held against one request. Pure.
import type { Approver, Estate } from '../estate.ts';
import { isExpired, type Approval } from './approval.ts';
import { isEmergency } from './lease.ts';
import { MoveDetail } from './move.ts';
import type { Plan, PlanRef } from './plan.ts';
import type { Run } from './run.ts';

export type People = Pick<Estate, 'approvers' | 'approval'>;

export interface Asking {
  readonly id: string;
  readonly token: string;
  readonly run: Run;
  readonly plan: Plan;
  readonly ref: PlanRef;
  readonly round: number;
  readonly difference: readonly string[];
  readonly people: People;
}

const isThem = ({ name, email, slack }: Approver, by: string): boolean =>
  [name, email, slack].some((one) => one?.toLowerCase() === by.trim().toLowerCase());

export interface Rule {
  readonly quorum: number;
  readonly excluded: string | null;
  readonly alone: Approval['alone'];
}

/**
 * Four eyes are for plans that change something. Who asked is what the request says; where it says nothing, whoever approves may be
 * who asked, so that two must.
 */
export function ruleOf(run: Run, plan: Plan, { approvers, approval }: People): Rule {
  const fourEyes = approval.fourEyes && plan.changes.length > 0;
  const excluded = (fourEyes && approvers.find((one) => isThem(one, run.by))?.name) || null;
  const many = approvers.length - (excluded === null ? 0 : 1);
  const least = fourEyes && run.by === 'unknown' ? 2 : 1;
  const quorum = Math.min(Math.max(approval.quorum, least), Math.max(many, 1));
  const needsOthers = quorum > 1 || excluded !== null;
  const target = MoveDetail.safeParse(plan.detail).data?.to ?? plan.app;
  // Where there is nobody else, a countdown is all that is left between a slip and an act.
  const alone = approval.soloEmergency && needsOthers && (isEmergency(run.runbook) || many === 0);
  return { quorum, excluded, alone: alone ? { types: target, seconds: approval.countdownSeconds } : null };
}

export function draftApproval({ run, plan, people, ...asking }: Asking, now: Date): Approval {
  return {
    id: asking.id,
    run: run.id,
    execution: run.execution,
    runbook: run.runbook,
    app: run.app,
    plan: asking.ref,
    epoch: plan.epoch,
    round: asking.round,
    difference: [...asking.difference],
    reason: run.reason,
    askedBy: run.by,
    tokens: [asking.token],
    askedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + people.approval.expiresAfterSeconds * 1000).toISOString(),
    ...ruleOf(run, plan, people),
    slots: people.approvers.map(({ name }) => ({ approver: name, secretHashes: [], toldAt: null })),
    posted: [],
    opened: [],
    answers: [],
    countdown: null,
    decision: null,
    voided: null,
  };
}

/** The last day somebody is away, when they are away on that day. */
export const awayUntil = ({ away }: Pick<Approver, 'away'>, now: Date): string | undefined => {
  const day = now.toISOString().slice(0, 10);
  return away.find(({ from, until }) => from <= day && day <= until)?.until;
};

/** In the estate's order; whoever is away, and whoever may not approve, comes last. */
function inOrder({ approvers }: People, { excluded }: Approval, now: Date): Approver[] {
  const rank = (one: Approver): number => (one.name === excluded ? 2 : awayUntil(one, now) === undefined ? 0 : 1);
  return approvers.toSorted((one, other) => rank(one) - rank(other));
}

/** A wake that comes a moment early is meant for that moment. */
const EARLY_MILLISECONDS = 1_000;
const laterBy = (iso: string, seconds: number): number => Date.parse(iso) + seconds * 1000;

/** How many of the order are to be asked by now: as many as must agree, then one more for each silence. */
function manyBy({ approval: { escalateAfterSeconds: after } }: People, { askedAt, quorum }: Approval, now: Date): number {
  if (after === undefined) return Number.POSITIVE_INFINITY;
  return quorum + Math.floor((now.getTime() + EARLY_MILLISECONDS - Date.parse(askedAt)) / (after * 1000));
}

const hasAnswered = ({ answers }: Approval, approver: string): boolean => answers.some(({ by }) => by === approver);
const toldAtOf = ({ slots }: Approval, approver: string): string | null =>
  slots.find((slot) => slot.approver === approver)?.toldAt ?? null;

export interface Due {
  readonly approver: string;
  /** Asked before, and silent since. */
  readonly again: boolean;
}

/** When whoever is to be asked by now is written to: at once, or when they were silent for long enough. Nobody who has answered. */
function turnsOf(people: People, approval: Approval, now: Date): { approver: string; at: number; again: boolean }[] {
  return inOrder(people, approval, now)
    .slice(0, manyBy(people, approval, now))
    .filter(({ name }) => !hasAnswered(approval, name))
    .map(({ name }) => {
      const told = toldAtOf(approval, name);
      const at = told === null ? now.getTime() : laterBy(told, people.approval.remindEverySeconds);
      return { approver: name, at, again: told !== null };
    });
}

/** Whoever must be written to now: who was not yet, and who was asked long enough ago and is silent. */
export const dueOf = (people: People, approval: Approval, now: Date): Due[] =>
  turnsOf(people, approval, now).flatMap(({ approver, at, again }) =>
    at <= now.getTime() + EARLY_MILLISECONDS ? [{ approver, again }] : [],
  );

/** Longer than a step has for telling everybody: a wait that ends before would be for nothing. */
export const LEAST_PATIENCE_SECONDS = 45;

/** How long the machine waits, once whoever is due was written to: for the next person, the next reminder, or the end. */
export function patienceOf(people: People, approval: Approval, now: Date): number {
  const { escalateAfterSeconds: after, remindEverySeconds: every } = people.approval;
  const soon = now.getTime() + EARLY_MILLISECONDS;
  const waves = Math.max(0, manyBy(people, approval, now) - approval.quorum) + 1;
  const isSomebodyLeft = manyBy(people, approval, now) < people.approvers.length;
  const moments = [
    Date.parse(approval.expiresAt),
    ...(after !== undefined && isSomebodyLeft ? [laterBy(approval.askedAt, waves * after)] : []),
    // Whoever is due is written to before the wait begins.
    ...turnsOf(people, approval, now).map(({ at }) => (at <= soon ? now.getTime() + every * 1000 : at)),
  ];
  return Math.max(LEAST_PATIENCE_SECONDS, Math.ceil((Math.min(...moments) - now.getTime()) / 1000));
}

/** Before anybody was asked. */
export const firstPatience = (rules: Estate['approval']): number => {
  const { escalateAfterSeconds: after, remindEverySeconds: every, expiresAfterSeconds: expires } = rules;
  return Math.max(LEAST_PATIENCE_SECONDS, Math.min(expires, after ?? expires, every));
};

/** What a silence came to. */
export type Silence = 'approved' | 'refused' | 'void' | 'counting' | 'expired' | 'waiting';
export function judgeSilence(approval: Approval, now: Date): Silence {
  if (approval.decision) return approval.decision.answer === 'approve' ? 'approved' : 'refused';
  if (approval.voided) return 'void';
  if (approval.countdown) return 'counting';
  return isExpired(approval, new Date(now.getTime() + EARLY_MILLISECONDS)) ? 'expired' : 'waiting';
}
