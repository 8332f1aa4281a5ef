// What all paths of one execution share, and what one path of it is.
import type { Machine, Scope } from './definition.ts';
import { Interrupted } from './errors.ts';
import type { Chain, History } from './history.ts';
import type { Json, World } from './world.ts';

/** What the service knows of an execution: the fixed part of the context object. */
export interface Identity {
  readonly execution: { readonly id: string; readonly name: string; readonly roleArn: string };
  readonly stateMachine: { readonly id: string; readonly name: string };
}

export interface Execution {
  readonly machine: Machine;
  readonly world: World;
  readonly identity: Identity;
  readonly input: Json;
  readonly startTime: string;
  readonly redriveCount: number;
  readonly redriveTime: string | undefined;
  readonly history: History;
  /** Bytes held by the variables of all living scopes. */
  readonly held: { variableBytes: number };
}

/** How far a scope has come: enough to go on from here another day. */
export interface Frame {
  readonly scope: Scope;
  readonly outer: Frame | undefined;
  readonly item: Item | undefined;
  readonly variables: Map<string, Json>;
  state: string;
  input: Json;
  /** The event that entered the state. */
  entered: number;
  enteredAt: string;
  /** The children of a Parallel or Map that was entered and not left. */
  family: Family | undefined;
}

/** `$states.context.Map.Item` */
export interface Item {
  readonly Index: number;
  readonly Value: Json;
}

export interface Family {
  /** A Map's items, as they were when it began. */
  readonly items: readonly Json[];
  /** Branches and iterations by index; those that never began are missing. */
  readonly children: Map<number, Child>;
}
export interface Child {
  readonly frame: Frame;
  result: { readonly output: Json } | undefined;
}

/** One path through a frame, in one run. */
export interface Fiber {
  readonly execution: Execution;
  readonly frame: Frame;
  readonly chain: Chain;
  readonly signal: AbortSignal;
  /** The frame was left unfinished by an earlier run: its first state is not entered anew. */
  resumed: boolean;
  readonly presence: Presence;
}

/** Holds time still while a path computes; lets it pass while the path waits. */
export interface Presence {
  /** Waits with time passing. Rejects with Interrupted as soon as the fiber's signal says so. */
  away<T>(wait: () => Promise<T>): Promise<T>;
  /** Waits with time passing for what heeds the signal itself. */
  attend<T>(wait: () => Promise<T>): Promise<T>;
  leave(): void;
}

export function createPresence({ timeline }: World, signal: AbortSignal): Presence {
  let release: (() => void) | undefined = timeline.hold();
  const leave = (): void => {
    release?.();
    release = undefined;
  };
  async function attend<T>(wait: () => Promise<T>): Promise<T> {
    const settled = wait();
    leave();
    try {
      return await settled;
    } finally {
      release = timeline.hold();
    }
  }
  return { leave, attend, away: (wait) => attend(() => unlessInterrupted(signal, wait())) };
}

function unlessInterrupted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(interruption(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const interruption = (signal: AbortSignal): Interrupted =>
  signal.reason instanceof Interrupted ? signal.reason : new Interrupted('the execution was stopped');

export function checkInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interruption(signal);
}

export function createFrame(scope: Scope, input: Json, outer?: Frame, item?: Item): Frame {
  const variables = new Map<string, Json>();
  return {
    scope,
    outer,
    item: item ?? outer?.item,
    variables,
    state: scope.startAt,
    input,
    entered: 0,
    enteredAt: '',
    family: undefined,
  };
}

/** A variable's value as the frame sees it: its own, or that of the nearest scope around it. */
export function variableOf(frame: Frame | undefined, name: string): Json | undefined {
  if (!frame) return undefined;
  return frame.variables.has(name) ? frame.variables.get(name) : variableOf(frame.outer, name);
}
