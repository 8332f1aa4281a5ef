// What may be pasted into StartExecution, by runbook.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import { RequestBase } from './run.ts';

export type RollcallRequest = z.infer<typeof RollcallRequest>;
export const RollcallRequest = RequestBase;

export type FailoverRequest = z.infer<typeof FailoverRequest>;
export const FailoverRequest = z.strictObject({
  ...RequestBase.shape,
  /** The environment that is to serve; the estate's standby where nothing is said. */
  to: z.string().min(1).max(31).optional(),
});

export type RollbackRequest = z.infer<typeof RollbackRequest>;
export const RollbackRequest = z.strictObject({
  ...RequestBase.shape,
  /** What becomes of rows that only the side has that is left: nothing is guessed. */
  divergence: z.enum(['refuse', 'merge', 'discard']).default('refuse'),
  /** The environment whose row stands in the end where both were changed. */
  wins: z.string().min(1).max(31).optional(),
});

export type SyncRequest = z.infer<typeof SyncRequest>;
export const SyncRequest = z.strictObject({
  ...RequestBase.shape,
  /** The environment that is copied; the estate's primary where nothing is said. */
  from: z.string().min(1).max(31).optional(),
  /** The environment whose database the copy takes the place of; the estate's standby where nothing is said. */
  to: z.string().min(1).max(31).optional(),
  /** Gives the name back to the database that had it before the last copy. */
  undo: z.boolean().default(false),
  /** Said by the schedule: while the target is the writer there is nothing to copy, and nothing to be red about. */
  scheduled: z.boolean().default(false),
});

/** Which environment's database; the writer's where nothing is said. */
const environment = z.string().min(1).max(31).optional();

export type RestoreRequest = z.infer<typeof RestoreRequest>;
export const RestoreRequest = z.strictObject({
  ...RequestBase.shape,
  environment,
  /** `newest`, `now` for one that is taken first, or a snapshot by its id. */
  snapshot: z.string().min(1).max(255).default('newest'),
});

export type RewindRequest = z.infer<typeof RewindRequest>;
export const RewindRequest = z.strictObject({
  ...RequestBase.shape,
  environment,
  /** The second that everything is to be as of: nobody guesses it. */
  at: z.string().min(1).max(80).optional(),
  /** Only these tables: their rows are brought back into the database that people use. */
  tables: z.array(z.string().min(1).max(127)).min(1).max(100).optional(),
  /** Only these rows of them, each by its key. */
  rows: z.record(z.string(), z.array(z.string().min(1).max(200)).min(1).max(1000)).optional(),
});

export type RetentionRequest = z.infer<typeof RetentionRequest>;
export const RetentionRequest = z.strictObject({
  ...RequestBase.shape,
  /** These alone, snapshots and instances by their ids: whoever names one that must stay is refused. */
  only: z.array(z.string().min(1).max(255)).min(1).max(100).optional(),
  /** Said by the daily schedule: shelves that RDS has started are stopped, and nothing else is looked at. */
  stopsOnly: z.boolean().default(false),
});

export const REQUESTS = {
  rollcall: RollcallRequest,
  failover: FailoverRequest,
  rollback: RollbackRequest,
  sync: SyncRequest,
  restore: RestoreRequest,
  rewind: RewindRequest,
  retention: RetentionRequest,
} as const;
export type Runbook = keyof typeof REQUESTS;

/** A machine is named for its runbook and its stage: `failover-dev`. */
export function runbookOf(machine: string): Runbook {
  const found = names().find((name) => machine === name || machine.startsWith(`${name}-`));
  if (found) return found;
  throw new RunbookError('InputInvalid', `machine ${machine} is named for none of ${names().join(', ')}; start one of these`, {
    machine,
  });
}

/** Every mistake at once, each with its field. */
export function parseRequest<Name extends Runbook>(runbook: Name, request: unknown): z.infer<(typeof REQUESTS)[Name]> {
  const schema: z.ZodType = REQUESTS[runbook];
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data as z.infer<(typeof REQUESTS)[Name]>;
  const said = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key}: there is no such field`);
    return `${issue.path.length === 0 ? 'request' : issue.path.join('.')}: ${issue.message}`;
  });
  const fields = Object.keys(REQUESTS[runbook].shape).join(', ');
  throw new RunbookError('InputInvalid', `${said.join('; ')}; a ${runbook} takes ${fields}, all of them optional`, { runbook });
}

const names = (): Runbook[] => Object.keys(REQUESTS) as Runbook[];
