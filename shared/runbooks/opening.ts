// The run that Open makes of what was pasted into StartExecution. What nobody could approve is refused here, before anybody is asked.
import { RunbookError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { FAILOVER_LIMITS } from './failover-limits.ts';
import type { LimitRule } from './limits.ts';
import { parseRequest, runbookOf, type Runbook } from './requests.ts';
import { RESTORE_LIMITS } from './restore-limits.ts';
import { RETENTION_LIMITS } from './retention-limits.ts';
import { ROLLBACK_LIMITS } from './rollback-limits.ts';
import { runIdOf, type Run } from './run.ts';
import { SYNC_LIMITS } from './sync-limits.ts';

type NamedLimit = Pick<LimitRule<never>, 'name' | 'firm'>;

/** What each runbook's plan is held to. */
const LIMITS: Readonly<Record<Runbook, readonly NamedLimit[]>> = {
  rollcall: [],
  failover: FAILOVER_LIMITS,
  rollback: ROLLBACK_LIMITS,
  sync: SYNC_LIMITS,
  restore: RESTORE_LIMITS,
  rewind: RESTORE_LIMITS,
  retention: RETENTION_LIMITS,
};

export interface Opening {
  readonly request: unknown;
  readonly execution: string;
  readonly machine: string;
  readonly app: string;
  readonly openedAt: string;
}

/** The run's id is the execution's name: a retry opens the same run. */
export function draftRun(opening: Opening): Run {
  const { request, execution, machine, app, openedAt } = opening;
  const runbook = runbookOf(machine);
  const parsed = parseRequest(runbook, request);
  const override = [...new Set(parsed.override)];
  const resume = parsed.resume ?? null;
  const mistakes = [...strangeOverrides(runbook, override), ...(resume === null ? [] : strangeResume(runbook, resume, opening))];
  if (mistakes.length > 0) throw new RunbookError('InputInvalid', mistakes.join('; '), { runbook });
  return {
    id: runIdOf(execution),
    execution,
    machine,
    runbook,
    app,
    mode: parsed.mode,
    reason: parsed.reason ?? 'no reason given',
    by: parsed.by ?? 'unknown',
    override,
    resume,
    request: { ...parsed },
    openedAt,
    lease: null,
  };
}

/** Whoever lifts what nobody knows meant something else, and whoever lifts what nobody may lift would wait for an approval in vain. */
function strangeOverrides(runbook: Runbook, override: readonly string[]): string[] {
  const limits = LIMITS[runbook];
  const free = limits.filter(({ firm }) => firm === null).map(({ name }) => name);
  const expected = free.length === 0 ? 'nothing, for it has no limits' : `some of ${free.join(', ')}`;
  return override.flatMap((name) => {
    const known = limits.find((limit) => limit.name === name);
    if (known?.firm === null) return [];
    if (known) return [`override: found ${name}, which cannot be overridden (${known.firm}), expected ${expected}`];
    const meant = nearest(name, free);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return [`override: found ${name}, which is no limit of a ${runbook}, expected ${expected}${hint}`];
  });
}

const EXECUTION = /^(arn:[^:]+:states:[^:]*:[^:]*):execution:([^:]+):[^:]+$/;

/** A run of our own, or what cleaned up after one: of the same account, Region and stage. Whether it left a journal is seen at Act. */
function strangeResume(runbook: Runbook, resume: string, { execution, machine }: Opening): string[] {
  if (resume === execution) return [`resume: found this very execution, expected the one that it is to go on with`];
  const place = EXECUTION.exec(execution)?.[1] ?? '';
  const ours = [runbook, 'aftermath'].map((name) => `${name}${machine.slice(runbook.length)}`);
  const [, where, whose = ''] = EXECUTION.exec(resume) ?? [];
  if (where === place && ours.includes(whose)) return [];
  const expected = ours.map((name) => `${place}:execution:${name}:<name>`).join(' or ');
  return [`resume: found ${resume}, expected an execution ARN of ours, ${expected}`];
}
