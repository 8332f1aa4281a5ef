// The names a failed run can end under. They are the wire format that Retry and Catch match, so they are literals.

export const ERROR_NAMES = [
  /** The request makes no sense; names the field. */
  'InputInvalid',
  /** A safety limit is exceeded: observed, limit, how to change the request. */
  'PlanRefused',
  /** A person said no. */
  'ApprovalRefused',
  /** The world moved since approval. */
  'PlanStale',
  /** Still in progress: ask again. */
  'NotYet',
  /** Throttled or unreachable after the SDK's own retries: look again. */
  'CloudTransient',
  /** Denied, over quota, invalid to AWS. */
  'CloudRefused',
  /** We acted and the result is not the plan. */
  'VerifyFailed',
] as const;
export type ErrorName = (typeof ERROR_NAMES)[number];

export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** What stopped a run: what, observed, expected, way out. Never a secret, never a whole payload. */
export class RunbookError extends Error {
  readonly facts: Facts;

  constructor(name: ErrorName, message: string, facts: Facts = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = name;
    this.facts = facts;
  }
}

/** An error as a log line can carry it: JSON.stringify(error) alone is `{}`. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof RunbookError && { facts: error.facts }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
