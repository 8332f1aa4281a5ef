// What a failover had to wait for, and where all the other time of it went.
import { secondsIn, within, without, type Interval } from './intervals.ts';

/** One call of a function: `from` includes the start of its process when it was a cold one. */
export interface Call extends Interval {
  readonly functionName: string;
  /** When its process was up; `from` itself when it was warm. */
  readonly readyAt: number;
  readonly billedMilliseconds: number;
  readonly memoryMegabytes: number;
}

/** A change of the public names: servers hear of it when it lands, resolvers ask anew when they have forgotten. */
export interface Change {
  readonly submittedAt: number;
  readonly landedAt: number;
  readonly forgottenAt: number;
}

export interface Lived {
  readonly startedAt: number;
  /** When the answer from outside was verified: the recovery's end. */
  readonly verifiedAt: number;
  readonly states: readonly { readonly name: string; readonly exitedAt: number | undefined }[];
  readonly calls: readonly Call[];
  readonly changes: readonly Change[];
}

/** The seconds of one state that nothing unavoidable fills. */
export interface Share {
  readonly state: string;
  readonly overheadSeconds: number;
  /** Of these: processes that start, functions at work, and neither, which is mostly the wait before asking again. */
  readonly coldSeconds: number;
  readonly workSeconds: number;
  readonly idleSeconds: number;
}

export interface Measured {
  readonly wallSeconds: number;
  readonly insyncSeconds: number;
  /** What resolvers went on remembering after that, as far as the run was still waiting. */
  readonly resolverSeconds: number;
  readonly criticalSeconds: number;
  readonly overheadSeconds: number;
  readonly ratio: number;
  /** The part of the overhead that is processes starting: a second failover within minutes is without it. */
  readonly coldSeconds: number;
  readonly shares: readonly Share[];
}

export function measure({ startedAt, verifiedAt, states, calls, changes }: Lived): Measured {
  if (changes.length === 0) throw new Error('no change of a name landed in this run: it has no critical path to measure it by');
  const run = { from: startedAt, to: verifiedAt };
  const insync = changes.map(({ submittedAt, landedAt }) => ({ from: submittedAt, to: landedAt }));
  // Two changes on their way at once are waited for at once.
  const unavoidable = within(run, [
    ...insync,
    ...changes.map(({ landedAt, forgottenAt }) => ({ from: landedAt, to: forgottenAt })),
  ]);
  const criticalSeconds = secondsIn(unavoidable);
  const insyncSeconds = secondsIn(within(run, insync));
  const wallSeconds = (verifiedAt - startedAt) / 1000;
  const shares = sharesOf({ run, states, calls, unavoidable });
  return {
    wallSeconds,
    insyncSeconds,
    resolverSeconds: criticalSeconds - insyncSeconds,
    criticalSeconds,
    overheadSeconds: wallSeconds - criticalSeconds,
    ratio: wallSeconds / criticalSeconds,
    coldSeconds: shares.reduce((sum, { coldSeconds }) => sum + coldSeconds, 0),
    shares,
  };
}

/** A state's time begins where the one before it ended: together they are the whole run, with nothing in between. */
function sharesOf({
  run,
  states,
  calls,
  unavoidable,
}: Pick<Lived, 'states' | 'calls'> & { run: Interval; unavoidable: readonly Interval[] }): Share[] {
  const starting = calls.map(({ from, readyAt }) => ({ from, to: readyAt }));
  let from = run.from;
  return states.flatMap(({ name, exitedAt }) => {
    const span = { from, to: Math.min(exitedAt ?? run.to, run.to) };
    if (span.to <= span.from) return [];
    from = span.to;
    const own = without(unavoidable, [span]);
    const coldSeconds = secondsIn(own.flatMap((part) => within(part, starting)));
    const busySeconds = secondsIn(own.flatMap((part) => within(part, calls)));
    const overheadSeconds = secondsIn(own);
    return [
      {
        state: name,
        overheadSeconds,
        coldSeconds,
        workSeconds: busySeconds - coldSeconds,
        idleSeconds: overheadSeconds - busySeconds,
      },
    ];
  });
}
