// The words between the Lambda service and its host: what is run, what is asked of it, what it answers.
import type { Trace } from '../iam/ask.ts';

export interface Logging {
  readonly format: 'Text' | 'JSON';
  readonly group: string;
  readonly applicationLevel: string;
  readonly systemLevel: string;
}

/** One version of one function, as a process needs it. */
export interface Program {
  /** The function's ARN without qualifier. */
  readonly functionArn: string;
  readonly name: string;
  readonly version: string;
  readonly region: string;
  readonly role: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memorySize: number;
  readonly timeout: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logging: Logging;
  /** Whether it stands in subnets of its own: what it reaches is another world then. */
  readonly inNetwork: boolean;
  readonly zip: Buffer;
  /** Base64, as Lambda's CodeSha256. */
  readonly sha256: string;
  /** Changes with every change of code or configuration: a process is reused only for the same one. */
  readonly revision: string;
}

export interface Invocation {
  readonly requestId: string;
  /** The ARN as invoked, with its qualifier. */
  readonly invokedArn: string;
  /** JSON text. */
  readonly event: string;
  readonly clientContext?: unknown;
  /** What the call is part of; names of function and invocation are added by the host. */
  readonly trace?: Trace | undefined;
  /** A fault: the process dies before the handler's first line. */
  readonly stillborn?: boolean;
}

export interface Answer {
  /** JSON text: what the handler returned, or the error it ended with. */
  readonly payload: string;
  readonly failed: boolean;
  /** The last 4 KB of the log, for LogType Tail. */
  readonly logTail: Buffer;
}

/** Lambda's limit for a synchronous answer, and for a synchronous event. */
export const PAYLOAD_LIMIT = 6_291_456;
export const ANSWER_LIMIT = 6_291_556;
