// How an instance gets from one state to the next: phases on the timeline, with real work at their ends.
import { secondsOf } from '../../world/latencies.ts';
import { tell } from './journal.ts';
import type { Instance, Rds } from './instance.ts';

export interface Phase {
  /** What RDS says meanwhile. */
  readonly status: string;
  /** The name of its duration in latencies.yml. */
  readonly takes: string;
  /** Done before its time begins to pass. */
  readonly first?: () => Promise<void> | void;
  /** The instant before which its time is not over, known once the first thing is done. */
  readonly notBefore?: () => number;
  /** Done when its time is over; what comes next is said only when this is done. */
  readonly then?: () => Promise<void> | void;
}

/** Goes through the phases one after the other and rests in `last`, unless something it does fails. */
export function proceed(rds: Rds, instance: Instance, phases: readonly Phase[], last = 'available'): void {
  const [phase, ...rest] = phases;
  if (!phase) {
    instance.status = last;
    instance.busy = false;
    return;
  }
  instance.busy = true;
  instance.status = phase.status;
  const milliseconds = secondsOf(phase.takes, rds.ground.random) * 1000;
  const guarded = (work: () => Promise<void>): void =>
    void rds.labour(() => work().catch((error: unknown) => fail(rds, instance, error as Error)));
  guarded(async () => {
    await phase.first?.();
    const { timeline } = rds.ground;
    timeline.at(Math.max(timeline.now() + milliseconds, phase.notBefore?.() ?? 0), () =>
      guarded(async () => {
        await phase.then?.();
        proceed(rds, instance, rest, last);
      }),
    );
  });
}

/** As RDS puts away an instance it cannot bring up: the event says why. */
function fail(rds: Rds, instance: Instance, { message }: Error): void {
  instance.status = 'failed';
  instance.busy = false;
  tell(rds, instance, 'failed', message);
}
