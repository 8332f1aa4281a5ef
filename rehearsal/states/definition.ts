// What a loaded machine is: every field read, every expression compiled, nothing left to interpret but the run.
import type { Query } from './query.ts';
import type { Integration, Json } from './world.ts';

export interface Machine {
  readonly definition: { readonly [key: string]: Json };
  readonly timeoutSeconds: number | undefined;
  readonly scope: Scope;
  /** State name to the variables it reads: what DescribeStateMachine calls variableReferences. */
  readonly variableReferences: Readonly<Record<string, readonly string[]>>;
}

/** The whole machine, a branch, or what a Map does to each item. */
export interface Scope {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** A value of a field: as written, or with JSONata somewhere in it. `field` is where AWS says it stands. */
export type Template =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'query'; readonly query: Query; readonly field: string }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, Template])[] };

/** The Assign block: variable names and what they become. */
export type Assignments = readonly (readonly [string, Template])[];

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly jitter: 'NONE' | 'FULL';
}

/** What leaving a state does: its output, its assignments and where to. `next` is undefined at the end of the scope. */
export interface Leaving {
  readonly output: Template | undefined;
  readonly assign: Assignments;
  readonly next: string | undefined;
}

export interface Catcher extends Leaving {
  readonly errorEquals: readonly string[];
  readonly next: string;
}

interface Handling {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface PassState extends Leaving {
  readonly type: 'Pass';
  readonly name: string;
}
export interface TaskState extends Leaving, Handling {
  readonly type: 'Task';
  readonly name: string;
  readonly resource: string;
  readonly integration: Integration;
  readonly arguments: Template | undefined;
  readonly timeoutSeconds: Template | undefined;
  readonly heartbeatSeconds: Template | undefined;
}
export interface ChoiceState {
  readonly type: 'Choice';
  readonly name: string;
  readonly rules: readonly ChoiceRule[];
  readonly otherwise: Leaving | undefined;
}
export interface ChoiceRule {
  readonly condition: Template;
  readonly leaving: Leaving;
}
export interface WaitState extends Leaving {
  readonly type: 'Wait';
  readonly name: string;
  readonly seconds: Template | undefined;
  readonly timestamp: Template | undefined;
}
export interface SucceedState {
  readonly type: 'Succeed';
  readonly name: string;
  readonly output: Template | undefined;
}
export interface FailState {
  readonly type: 'Fail';
  readonly name: string;
  readonly error: Template | undefined;
  readonly cause: Template | undefined;
}
export interface ParallelState extends Leaving, Handling {
  readonly type: 'Parallel';
  readonly name: string;
  readonly arguments: Template | undefined;
  readonly branches: readonly Scope[];
}
export interface MapState extends Leaving, Handling {
  readonly type: 'Map';
  readonly name: string;
  readonly items: Template | undefined;
  readonly selector: Template | undefined;
  readonly maxConcurrency: Template | undefined;
  readonly toleratedFailureCount: Template | undefined;
  readonly toleratedFailurePercentage: Template | undefined;
  readonly processor: Scope;
}

export type State = PassState | TaskState | ChoiceState | WaitState | SucceedState | FailState | ParallelState | MapState;
export type StateType = State['type'];
