// What is left to do after a run that no Catch of its own could end: who is responsible for what it changed, and since when it is quiet.
import * as z from 'zod';
import type { RunEntry } from './journal.ts';
import { LONGEST_ACT_SECONDS, type Lease } from './lease.ts';
import { causeOf, type Failure } from './outcome.ts';
import { runIdOf, type Run } from './run.ts';
import { countOf } from './words.ts';

/** EventBridge's event of an execution that stands still, as far as it is read. */
export type Standstill = z.infer<typeof Standstill>;
export const Standstill = z.looseObject({
  detail: z.looseObject({
    executionArn: z.string(),
    name: z.string(),
    status: z.string(),
    stopDate: z.number().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

export interface Aftermath {
  readonly event: Standstill;
  readonly execution: string;
  readonly machine: string;
  readonly app: string;
  readonly openedAt: string;
}

/** Before anything is known of what was left: whose changes are taken over is said by `judgeAftermath`. */
export const draftAftermath = ({ event: { detail }, execution, machine, app, openedAt }: Aftermath): Run => ({
  id: runIdOf(execution),
  execution,
  machine,
  runbook: 'aftermath',
  app,
  mode: 'act',
  reason: `${detail.executionArn} ended ${detail.status}`,
  by: 'EventBridge',
  override: [],
  resume: null,
  request: {},
  openedAt,
  lease: null,
});

export interface Remains {
  readonly event: Standstill;
  /** The journal of the run that stands still, then of the one it went on with, and so on. */
  readonly chain: readonly RunEntry[];
  readonly lease: Lease | undefined;
  /** The journal of another aftermath that has taken this run up; undefined where none has. */
  readonly other: RunEntry | undefined;
  readonly now: Date;
}

export interface AftermathVerdict {
  readonly needed: boolean;
  /** Whether there is anything to undo or to release; otherwise it only tells, and takes no lease that somebody else may be about to take. */
  readonly acts: boolean;
  /** Until no act of the stopped run can still be under way, and whoever goes on with it has begun. */
  readonly waitSeconds: number;
  /** The execution whose changes are to be taken over. */
  readonly resume: string | null;
  readonly failure: Failure;
  readonly says: string;
}

/** A person's run that was approved meanwhile asks for the lease every ten seconds: it goes on first, or there would be nothing left. */
const PEOPLE_FIRST_SECONDS = 30;
/** The machine's own deadline: an aftermath that opened earlier and has not settled is dead, and did not do it. */
export const LONGEST_AFTERMATH_SECONDS = 3600;

export function judgeAftermath({ event: { detail }, chain, lease, other, now }: Remains): AftermathVerdict {
  const { executionArn, status, stopDate, error, cause } = detail;
  const failure: Failure = {
    Error: error ?? NAMES[status] ?? status,
    Cause: `${executionArn} ended ${status}${cause == null || cause === '' ? '' : `: ${causeOf(cause)}`}`,
  };
  const not = (says: string): AftermathVerdict => ({ needed: false, acts: false, waitSeconds: 0, resume: null, failure, says });
  const [entry] = chain;
  if (!ENDED_RED.includes(status)) return not(`${executionArn} is ${status}`);
  if (entry?.run.execution !== executionArn) return not('it never opened, so it changed nothing');
  const holds = lease?.holder?.execution === executionArn;
  // It may have died between closing its journal and letting go of the lease.
  const settled = entry.settledAt !== null;
  if (settled && !holds) return not('it settled and told by itself');
  if (entry.adoptedBy !== null) return not(`${entry.adoptedBy} has taken over what it changed`);
  if (other?.settledAt != null) return not(`${other.run.execution} has cleaned up after it`);
  if (other && isUnderWay(other, now)) return not(`${other.run.execution} is cleaning up after it`);
  // People write to the new side by then: undoing would lose what it was verified for.
  const verified = entry.marks.some(({ name }) => name === 'verified');
  const told = verified || settled;
  const left = told ? undefined : chain.find((one) => openIntents(one) > 0 && (one === entry || one.adoptedBy === null));
  const quietAt = (stopDate ?? now.getTime()) + (LONGEST_ACT_SECONDS + PEOPLE_FIRST_SECONDS) * 1000;
  const changed = verified
    ? 'every change verified'
    : settled
      ? 'its journal closed'
      : `${countOf(left ? openIntents(left) : 0, 'change')} in its journal`;
  const acts = left !== undefined || holds;
  return {
    needed: true,
    acts,
    waitSeconds: acts ? Math.max(0, Math.ceil((quietAt - now.getTime()) / 1000)) : 0,
    resume: left?.run.execution ?? null,
    failure: verified ? { ...failure, Cause: `${failure.Cause}; ${VERIFIED}` } : failure,
    says: `${executionArn} ended ${status} with ${changed}${holds ? ' and the lease in its hand' : ''}`,
  };
}

const VERIFIED = 'it had verified everything before, so what it changed stands, and must';
const ENDED_RED: readonly string[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];
/** Step Functions names no error where a machine's own time ran out, or where somebody stopped it. */
const NAMES: Readonly<Record<string, string>> = { TIMED_OUT: 'States.Timeout', ABORTED: 'Aborted' };

const isUnderWay = ({ run }: RunEntry, now: Date): boolean =>
  now.getTime() - Date.parse(run.openedAt) < LONGEST_AFTERMATH_SECONDS * 1000;

const openIntents = ({ intents }: RunEntry): number => intents.filter(({ undone }) => undone === null).length;
