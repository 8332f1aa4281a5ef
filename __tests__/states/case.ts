// The form of a conformance case: what the documentation says, and what therefore must happen.
import type { FaultCode } from '../../rehearsal/states/faults.ts';
import type { Json } from '../../rehearsal/states/world.ts';
import type { Script } from './laboratory.ts';

export interface Case {
  readonly title: string;
  /** `<Document>, <section>: what it says, in our words` */
  readonly says: string;
  readonly machine: Json;
  readonly input?: Json;
  readonly tasks?: Script;
  readonly random?: number;
  readonly expect: Expectation;
}

export interface Expectation {
  /** The fault a loader must find: its code, its path and words of its message. */
  readonly refused?: readonly [code: FaultCode, path: string, words: string];
  readonly status?: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: Json;
  readonly error?: string | null;
  /** Words of the cause; null when there must be none. */
  readonly cause?: string | null;
  /** Delays asked of the timeline, in seconds: Wait states and pauses before a retry. */
  readonly waits?: readonly number[];
  /** Attempts each state made. */
  readonly attempts?: Readonly<Record<string, number>>;
  /** What the first call of a state was given. */
  readonly given?: Readonly<Record<string, Json>>;
  /** Types of all events, in order. */
  readonly events?: readonly string[];
  /** Types that must appear, and those that must not. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
}

export const LANGUAGE = 'Amazon States Language';
export const GUIDE = 'Step Functions Developer Guide';
export const API = 'Step Functions API Reference';
