// A small world for the interpreter: scripted tasks, a virtual timeline whose every timer is counted, and nothing else.
import type { Identity, Outcome, Run } from '../../rehearsal/states/run.ts';
import { startMachine } from '../../rehearsal/states/run.ts';
import { loadMachine } from '../../rehearsal/states/load.ts';
import { StateError } from '../../rehearsal/states/world.ts';
import type { HistoryEvent, Json, TaskCall, World } from '../../rehearsal/states/world.ts';
import { createTimeline } from '../../rehearsal/time/timeline.ts';
import type { Timeline } from '../../rehearsal/time/timeline.ts';

export const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:step';
export const INVOKE = 'arn:aws:states:::lambda:invoke';
export const CALLBACK = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
export const NESTED = 'arn:aws:states:::states:startExecution.sync:2';
export const STARTS_AT = Date.parse('2026-01-01T00:00:00Z');

/** What a task answers to one attempt; `after` lets that many seconds pass, `beats` are heartbeats on the way. */
export interface Answer {
  readonly returns?: Json;
  readonly fails?: string;
  readonly cause?: string;
  readonly after?: number;
  readonly beats?: readonly number[];
  readonly never?: true;
}
/** Answers by state; the last one is given to every later attempt. A state without any returns what it was given. */
export type Script = Readonly<Record<string, readonly Answer[]>>;

export interface Laboratory {
  readonly world: World;
  readonly timeline: Timeline;
  readonly calls: TaskCall[];
  /** Every delay asked of the timeline, in milliseconds, in order. */
  readonly waits: number[];
  readonly clocks: number[];
  readonly heard: HistoryEvent[];
  /** Timers and holds that nobody has given back. */
  left(): { timers: number; holds: number };
}

export const IDENTITY: Identity = {
  execution: {
    id: 'arn:aws:states:eu-west-1:123456789012:execution:failover:night',
    name: 'night',
    roleArn: 'arn:aws:iam::123456789012:role/runbooks',
  },
  stateMachine: { id: 'arn:aws:states:eu-west-1:123456789012:stateMachine:failover', name: 'failover' },
};

export function laboratory(script: Script = {}, random: () => number = () => 0.5): Laboratory {
  const timeline = createTimeline({ pace: { kind: 'virtual' }, startsAt: STARTS_AT });
  const calls: TaskCall[] = [];
  const waits: number[] = [];
  const clocks: number[] = [];
  const heard: HistoryEvent[] = [];
  const open = { timers: 0, holds: 0 };

  /** Counts a thing that must be given back, once. */
  const counted = (what: keyof typeof open, giveBack: () => void): (() => void) => {
    open[what]++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      open[what]--;
      giveBack();
    };
  };

  const after = (milliseconds: number, work: () => void): (() => void) => {
    clocks.push(milliseconds);
    const done = counted('timers', () => cancel());
    const cancel = timeline.after(milliseconds, () => {
      done();
      work();
    });
    return done;
  };

  const wait = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    waits.push(milliseconds);
    const done = counted('timers', () => undefined);
    await timeline.wait(milliseconds, signal).finally(done);
  };

  const perform = async (call: TaskCall): Promise<Json> => {
    const answers = script[call.state] ?? [{ returns: call.arguments }];
    const attempt = calls.filter(({ state }) => state === call.state).length;
    calls.push(call);
    const answer = answers[Math.min(attempt, answers.length - 1)] ?? {};
    for (const seconds of answer.beats ?? []) timeline.after(seconds * 1000, () => call.beat());
    if (answer.never) return new Promise<Json>(() => undefined);
    if (answer.after !== undefined) await timeline.wait(answer.after * 1000);
    if (answer.fails !== undefined) throw new StateError(answer.fails, answer.cause);
    return answer.returns ?? null;
  };

  let tokens = 0;
  const world: World = {
    timeline: { now: () => timeline.now(), after, wait, hold: () => counted('holds', timeline.hold()) },
    random,
    issueToken: (state) => `token-${state}-${++tokens}`,
    perform,
    onEvent: (event) => void heard.push(event),
  };
  return { world, timeline, calls, waits, clocks, heard, left: () => ({ ...open }) };
}

/** Loads and starts a definition in a laboratory. */
export function start(lab: Laboratory, definition: object, input: Json = {}): Run {
  return startMachine(loadMachine(definition), { input, world: lab.world, context: IDENTITY });
}

/** Lets time pass until the run has ended, and the event loop come to rest. */
export async function end(lab: Laboratory, run: Run): Promise<Outcome> {
  const outcome = await lab.timeline.letPass(run.ended);
  await rest(lab);
  return outcome;
}

/** Turns the event loop until nothing computes: whatever was begun waits for time or for an answer. */
export async function rest(lab: Laboratory): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (lab.left().holds > 0);
}

/** A machine of these states, starting at the first. */
export const machine = (states: Record<string, Json>, more: Record<string, Json> = {}): Record<string, Json> => ({
  QueryLanguage: 'JSONata',
  ...scope(states),
  ...more,
});
export const scope = (states: Record<string, Json>): { StartAt: string; States: Record<string, Json> } => ({
  StartAt: Object.keys(states)[0] ?? '',
  States: states,
});
