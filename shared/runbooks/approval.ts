// An approval: what is stored, what counts as a valid answer, and what an answer decides. Pure: hashing and clocks are the step's.
import * as z from 'zod';
import { PlanRef, type Plan } from './plan.ts';
import { Run } from './run.ts';

export type Decision = z.infer<typeof Decision>;
export const Decision = z.strictObject({
  answer: z.enum(['approve', 'refuse']),
  by: z.string(),
  at: z.iso.datetime(),
  reason: z.string(),
});

/** The entry `approvals/<id>.json`. Of an approver's secrets only hashes are kept; the task token never leaves the ledger. */
export type Approval = z.infer<typeof Approval>;
export const Approval = z.strictObject({
  id: z.string(),
  run: z.string(),
  execution: z.string(),
  runbook: z.string(),
  app: z.string(),
  plan: PlanRef,
  /** What the writer's epoch was: an approval of an older one is void. */
  epoch: z.int().positive(),
  /** 1 the first time, more when the world moved while a person read. */
  round: z.int().positive(),
  /** What is different from the plan that was asked about before. */
  difference: z.array(z.string()),
  reason: z.string(),
  askedBy: z.string(),
  token: z.string(),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  quorum: z.int().positive(),
  /** One secret is one approver and this request; a message that was sent twice has two. */
  slots: z.array(z.strictObject({ approver: z.string(), secretHashes: z.array(z.string()) })),
  /** At most one an approver. */
  answers: z.array(Decision),
  /** What the run was told. */
  decision: Decision.nullable(),
  voided: z.strictObject({ at: z.iso.datetime(), why: z.string() }).nullable(),
});

/** What the machine hands over: the waiting task, the plan, and the one that was asked about before. */
export const Question = z.strictObject({
  token: z.string().min(1),
  run: Run,
  plan: PlanRef,
  approved: PlanRef.nullable(),
  round: z.int().positive(),
  url: z.url(),
});

export interface Asking {
  readonly id: string;
  readonly token: string;
  readonly run: Run;
  readonly plan: Plan;
  readonly ref: PlanRef;
  readonly round: number;
  readonly difference: readonly string[];
  readonly slots: readonly { readonly approver: string; readonly secretHash: string }[];
  readonly rules: { readonly quorum: number; readonly expiresAfterSeconds: number };
}

export const draftApproval = (asking: Asking, now: Date): Approval => ({
  id: asking.id,
  run: asking.run.id,
  execution: asking.run.execution,
  runbook: asking.run.runbook,
  app: asking.run.app,
  plan: asking.ref,
  epoch: asking.plan.epoch,
  round: asking.round,
  difference: [...asking.difference],
  reason: asking.run.reason,
  askedBy: asking.run.by,
  token: asking.token,
  askedAt: now.toISOString(),
  expiresAt: new Date(now.getTime() + asking.rules.expiresAfterSeconds * 1000).toISOString(),
  quorum: asking.rules.quorum,
  slots: asking.slots.map(({ approver, secretHash }) => ({ approver, secretHashes: [secretHash] })),
  answers: [],
  decision: null,
  voided: null,
});

/** The same task asked about again: more links to the same request. */
export const mergeApproval = (known: Approval, again: Approval): Approval => ({
  ...known,
  slots: again.slots.map(({ approver, secretHashes }) => ({
    approver,
    secretHashes: [...(known.slots.find((slot) => slot.approver === approver)?.secretHashes ?? []), ...secretHashes],
  })),
});

export type Standing = 'unknown' | 'open' | 'answered' | 'decided' | 'void';

/** How a link stands whose secret fits: an expired request is as `unknown` as one that never was, so that nobody learns which. */
export function judgeLink(approval: Approval, approver: string, now: Date): Standing {
  if (approval.decision) return 'decided';
  if (now.getTime() >= Date.parse(approval.expiresAt)) return 'unknown';
  if (approval.voided) return 'void';
  return approval.answers.some(({ by }) => by === approver) ? 'answered' : 'open';
}

/** The form as posted: anything but the two buttons decides nothing. A browser counts a line's end as one character and sends two. */
export type Answer = z.infer<typeof Answer>;
export const Answer = z.object({
  answer: z.enum(['approve', 'refuse']),
  reason: z
    .string()
    .transform((words) => words.replaceAll('\r\n', '\n'))
    .pipe(z.string().max(500))
    .default(''),
});

/** One no is a no; a yes counts until there are as many as the estate asks for. An approver's first answer stands. */
export function decide(approval: Approval, approver: string, { answer, reason }: Answer, at: Date): Approval {
  if (judgeLink(approval, approver, at) !== 'open') return approval;
  const mine: Decision = { answer, by: approver, at: at.toISOString(), reason: reason.trim() };
  const answers = [...approval.answers, mine];
  const yes = answers.filter((one) => one.answer === 'approve');
  if (answer === 'refuse') return { ...approval, answers, decision: mine };
  const decision = yes.length < approval.quorum ? null : { ...mine, by: yes.map(({ by }) => by).join(' and ') };
  return { ...approval, answers, decision };
}

/** `approvals/<id>` out of the link's path, if it is one of ours. */
export const approvalIdOf = (path: string): string | undefined => /^\/approvals\/([A-Za-z0-9_-]{43})$/.exec(path)?.[1];

/** What a person who has read the first plan must be told about the second. */
export function describeDifference(approved: Plan, now: Plan): string[] {
  const changes = (plan: Plan): string[] => plan.changes.map(({ says, before, after }) => `${says}: ${before} → ${after}`);
  const limits = (plan: Plan): string[] =>
    plan.limits.map(({ name, verdict, observed }) => `limit ${name} is ${verdict}: ${observed}`);
  const skips = (plan: Plan): string[] => plan.skipped.map(({ act, why }) => `${act} is left out: ${why}`);
  const verdicts = (plan: Plan): Map<string, string> => new Map(plan.limits.map(({ name, verdict }) => [name, verdict]));
  const turned = now.limits.filter(({ name, verdict }) => verdicts(approved).get(name) !== verdict).map(({ name }) => name);
  const gone = (before: string[], after: string[], word: string): string[] =>
    before.filter((line) => !after.includes(line)).map((line) => `${word} ${line}`);
  return [
    ...gone(changes(approved), changes(now), 'no longer:'),
    ...gone(changes(now), changes(approved), 'now:'),
    ...limits(now).filter((line) => turned.some((name) => line.startsWith(`limit ${name} `))),
    ...gone(skips(approved), skips(now), 'no longer:'),
    ...gone(skips(now), skips(approved), 'now:'),
    ...(approved.loss.band === now.loss.band ? [] : [`what would be lost was: ${approved.loss.says}; is: ${now.loss.says}`]),
    ...(approved.epoch === now.epoch ? [] : [`the writer's epoch was ${approved.epoch}, is ${now.epoch}`]),
  ];
}
