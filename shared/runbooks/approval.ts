// An approval: what is stored, what counts as a valid answer, and what an answer decides. Pure: hashing and clocks are the step's.
import * as z from 'zod';
import { PlanRef, type Plan } from './plan.ts';
import { Run } from './run.ts';
import { listOf } from './words.ts';

export type Decision = z.infer<typeof Decision>;
export const Decision = z.strictObject({
  answer: z.enum(['approve', 'refuse']),
  by: z.string(),
  at: z.iso.datetime(),
  reason: z.string(),
});

/** A message in a shared channel that can be changed in place. */
export type Posted = z.infer<typeof Posted>;
export const Posted = z.strictObject({ channel: z.string(), ts: z.string() });

/** The entry `approvals/<id>.json`. Of an approver's secrets only hashes are kept; the task's tokens never leave the ledger. */
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
  /** The tasks that waited for it, the newest last: a state that is entered again has another. */
  tokens: z.array(z.string()).min(1),
  askedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  quorum: z.int().positive(),
  /** Whoever asked, where the estate lets nobody approve their own. */
  excluded: z.string().nullable(),
  /** What an approver types to go alone; null where nobody may, or nobody needs to. */
  alone: z.strictObject({ types: z.string(), seconds: z.int().positive() }).nullable(),
  /** One secret is one approver and this request; a message that was sent twice has two. */
  slots: z.array(
    z.strictObject({ approver: z.string(), secretHashes: z.array(z.string()), toldAt: z.iso.datetime().nullable() }),
  ),
  /** Where the team reads along. */
  posted: z.array(Posted),
  /** Channels whose decoy, which no person sees, was opened: programs open links there. */
  opened: z.array(z.strictObject({ where: z.string(), at: z.iso.datetime() })),
  /** At most one an approver. */
  answers: z.array(Decision),
  /** Somebody goes alone unless it is stopped before then. */
  countdown: z
    .strictObject({
      by: z.string(),
      reason: z.string(),
      at: z.iso.datetime(),
      until: z.iso.datetime(),
      /** How many tasks had waited when it began: they hear of it, and the one that waits for its end does not. */
      tasks: z.int().positive(),
    })
    .nullable(),
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

export type Standing = 'unknown' | 'open' | 'answered' | 'counting' | 'decided' | 'void';

/** How a link stands whose secret fits: an expired request is as `unknown` as one that never was, so that nobody learns which. */
export function judgeLink(approval: Approval, approver: string, now: Date): Standing {
  if (approval.decision) return 'decided';
  if (approval.voided) return isExpired(approval, now) ? 'unknown' : 'void';
  // What began in time ends by its own clock.
  if (approval.countdown) return 'counting';
  if (isExpired(approval, now)) return 'unknown';
  return approval.answers.some(({ by }) => by === approver) ? 'answered' : 'open';
}

export const isExpired = ({ expiresAt }: Approval, now: Date): boolean => now.getTime() >= Date.parse(expiresAt);

/** The form as posted: anything but its buttons decides nothing. A browser counts a line's end as one character and sends two. */
export type Answer = z.infer<typeof Answer>;
export const Answer = z.object({
  /** `alone` begins a countdown, `stop` ends it. */
  answer: z.enum(['approve', 'refuse', 'alone', 'stop']),
  reason: z
    .string()
    .transform((words) => words.replaceAll('\r\n', '\n').trim())
    .pipe(z.string().max(500))
    .default(''),
  /** What was typed to go alone. */
  typed: z.string().max(100).default(''),
});

/** Why an answer decides nothing, in words for whoever gave it; undefined where it does. */
export function refusalOf(approval: Approval, approver: string, { answer, reason, typed }: Answer): string | undefined {
  if (answer === 'refuse' && reason === '') return 'A refusal needs a reason: write why, then press Refuse again.';
  if (answer === 'approve' && approval.excluded === approver)
    return `You asked for this run, and the estate lets nobody approve their own: somebody else must${approval.alone ? ', or go alone below' : ''}.`;
  if (answer === 'stop' && !approval.countdown) return 'There is no countdown to stop.';
  if (answer !== 'alone') return undefined;
  if (!approval.alone) return 'Nobody may go alone here: this run needs the approvers that the estate asks for.';
  const { types } = approval.alone;
  return typed.trim() === types ? undefined : `To go alone type ${types}; found "${typed.trim()}".`;
}

/** One no is a no; a yes counts until there are as many as the estate asks for. An approver's first answer stands. */
export function decide(approval: Approval, approver: string, answer: Answer, at: Date): Approval {
  const standing = judgeLink(approval, approver, at);
  const mayAct = standing === 'open' || (standing === 'counting' && ['stop', 'refuse'].includes(answer.answer));
  const mayGoAlone = standing === 'answered' && answer.answer === 'alone';
  if (!(mayAct || mayGoAlone) || refusalOf(approval, approver, answer) !== undefined) return approval;
  const { reason } = answer;
  const mine = { by: approver, at: at.toISOString(), reason };
  if (answer.answer === 'alone' && approval.alone) {
    const until = new Date(at.getTime() + approval.alone.seconds * 1000).toISOString();
    return { ...approval, countdown: { ...mine, until, tasks: approval.tokens.length } };
  }
  if (answer.answer !== 'approve') {
    const words = answer.answer === 'stop' && reason === '' ? `stopped the countdown of ${approval.countdown?.by ?? ''}` : reason;
    const no: Decision = { ...mine, answer: 'refuse', reason: words };
    return { ...approval, answers: [...approval.answers, no], decision: no };
  }
  const answers = [...approval.answers, { ...mine, answer: 'approve' as const }];
  const yes = answers.filter((one) => one.answer === 'approve').map(({ by }) => by);
  const decision = yes.length < approval.quorum ? null : { ...mine, answer: 'approve' as const, by: yes.join(' and ') };
  return { ...approval, answers, decision };
}

/** Whoever was written to, and where the team reads along. */
export const tellIn = (approval: Approval, told: readonly string[], posted: readonly Posted[], at: Date): Approval => ({
  ...approval,
  slots: approval.slots.map((slot) => (told.includes(slot.approver) ? { ...slot, toldAt: at.toISOString() } : slot)),
  posted: [...approval.posted, ...posted],
});

/** A task more that waits for it; one that is known already changes nothing. */
export const withToken = (approval: Approval, token: string): Approval =>
  approval.tokens.includes(token) ? approval : { ...approval, tokens: [...approval.tokens, token] };

/** A state that is entered again waits for the same approval. One that expired without an answer is asked anew: the run was redriven. */
export function renew(known: Approval, draft: Approval, now: Date): Approval {
  const waiting = draft.tokens.reduce(withToken, known);
  const isOver = isExpired(known, now) && !known.decision && !known.countdown;
  return isOver ? { ...draft, tokens: waiting.tokens } : waiting;
}

/** A countdown that nobody stopped is a yes, from its end on. */
export function endCountdown(approval: Approval, now: Date): Approval {
  const { countdown, decision, voided } = approval;
  if (!countdown || decision || voided || now.getTime() < Date.parse(countdown.until)) return approval;
  const { by, reason, until } = countdown;
  return { ...approval, decision: { answer: 'approve', by: `${by} alone`, at: until, reason } };
}

/** Told, because a link that decides when it is opened would have been pressed by a program. */
export const openedSays = ({ opened }: Approval): string[] =>
  opened.length === 0
    ? []
    : [`Programs open links in ${listOf(opened.map(({ where }) => where))}. That decides nothing; only a button does.`];

/** Twelve letters and digits that nobody mistakes for each other. */
export const isApprovalId = (text: string): boolean => /^[a-z2-7]{12}$/.test(text);

/** `approvals/<id>` out of the link's path, with a decoy's own word behind it, if it is one of ours. */
export function approvalPathOf(path: string): { id: string; decoy: string | undefined } | undefined {
  const [, id = '', decoy] = /^\/approvals\/([^/]+)(?:\/([A-Za-z0-9_-]{22}))?$/.exec(path) ?? [];
  return isApprovalId(id) ? { id, decoy } : undefined;
}

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
