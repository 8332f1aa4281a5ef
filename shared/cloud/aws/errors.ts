// SDK exceptions into the names a machine can match; nobody above this folder sees an SDK error name.
import { RunbookError } from '../../errors.ts';

interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: { readonly throttling?: boolean };
}

const isSdkError = (error: unknown): error is SdkError =>
  error instanceof Error && ('$metadata' in error || '$retryable' in error);

/** What the network says when it loses a connection or finds no way, as Node names it. */
const LOST = /ECONNRESET|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|socket hang up|TimeoutError/;
const THROTTLED =
  /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|PriorRequestNotComplete|ServiceUnavailable|InternalFailure|InternalError/;

/** RDS is at work on it, though it may have said `available` a moment before. */
const AT_WORK = /^InvalidDB(Instance|Snapshot)State(Fault)?$/;

export const statusOf = (error: unknown): number | undefined => (isSdkError(error) ? error.$metadata?.httpStatusCode : undefined);
/** Where a name has several addresses and none answers, Node's error has a code and no message. */
const messageOf = (error: Error & { readonly code?: unknown }): string =>
  error.message === '' && typeof error.code === 'string' ? error.code : error.message;
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Names the operation and what AWS said; transient trouble is told apart from a refusal, because only one of them is worth a retry. */
export function translate(error: unknown, operation: string): RunbookError {
  const said = error instanceof Error ? `${error.name}: ${messageOf(error)}` : String(error);
  const status = statusOf(error);
  const transient = (status !== undefined && status >= 500) || status === 429 || THROTTLED.test(nameOf(error)) || LOST.test(said);
  if (AT_WORK.test(nameOf(error)))
    return new RunbookError('NotYet', `${operation} has to wait (${said}); asked again`, { operation }, { cause: error });
  return transient
    ? new RunbookError(
        'CloudTransient',
        `${operation} did not get through (${said}); it is tried again`,
        { operation },
        { cause: error },
      )
    : new RunbookError('CloudRefused', `AWS refused ${operation} (${said})`, { operation }, { cause: error });
}

/** One question to AWS; its failure is told under our names, unless it has one already. */
export async function asking<T>(operation: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof RunbookError ? error : translate(error, operation);
  }
}
