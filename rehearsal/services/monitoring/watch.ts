// When alarms are looked at: at every boundary of the minute (or of ten seconds), but only while a look can change anything.
import type { Ground } from '../ground.ts';
import type { Alarm, State } from './alarm.ts';
import { recordState } from './history.ts';
import { keyOf, type MetricName, type Metrics } from './metrics.ts';
import { announce } from './notification.ts';
import { valueOf } from './queries.ts';
import { reasonDataOf, reasonOf } from './reason.ts';
import { judgeDatapoints, rangeOf, type Slot } from './verdict.ts';

export interface Watch {
  /** Looks at the alarm at the next boundary. */
  expect(alarm: Alarm): void;
  forget(alarm: Alarm): void;
  /** Looks at whatever watches this metric. */
  measured(metric: MetricName, alarms: Iterable<Alarm>): void;
  /** Gives the alarm another state, and does what follows from it. */
  change(alarm: Alarm, next: State): void;
}

export function createWatch(ground: Ground, metricsOf: (region: string) => Metrics): Watch {
  const { timeline } = ground;
  const expected = new Map<Alarm, () => void>();

  const expect = (alarm: Alarm): void => {
    if (expected.has(alarm)) return;
    const step = stepOf(alarm) * 1000;
    const next = (Math.floor(timeline.now() / step) + 1) * step;
    expected.set(
      alarm,
      timeline.at(next, () => look(alarm, next)),
    );
  };

  const look = (alarm: Alarm, at: number): void => {
    expected.delete(alarm);
    const metrics = metricsOf(alarm.region);
    const judged = judgeDatapoints(slotsOf(alarm, metrics, at), alarm.definition);
    if (judged.state !== undefined && judged.state !== alarm.state.value) {
      const reason = reasonOf(judged.state, judged, alarm.definition);
      change(alarm, { value: judged.state, reason, reasonData: reasonDataOf(judged, alarm.definition, at), at });
    }
    // Once nothing measured is in reach any more, only a new measurement can change the state.
    if (inReach(alarm, metrics, at)) expect(alarm);
  };

  const change = (alarm: Alarm, next: State): void => {
    const from = alarm.state;
    alarm.state = next;
    if (from.value === next.value) return;
    alarm.transitionedAt = next.at;
    recordState(alarm, from, next);
    void timeline.busy(() => announce(ground, alarm, from));
  };

  return {
    expect,
    change,
    forget(alarm) {
      expected.get(alarm)?.();
      expected.delete(alarm);
    },
    measured(metric, alarms) {
      const key = keyOf(metric);
      for (const alarm of alarms) if (metricsWatched(alarm).some((watched) => keyOf(watched) === key)) expect(alarm);
    },
  };
}

/** High-resolution alarms are looked at every ten seconds, those of an hour and more every hour, the others every minute. */
function stepOf({ definition: { periodSeconds } }: Alarm): number {
  if (periodSeconds < 60) return 10;
  return periodSeconds < 3600 ? 60 : 3600;
}

const metricsWatched = ({ definition }: Alarm): MetricName[] =>
  definition.queries.flatMap((query) => (query.kind === 'stat' ? [query.metric] : []));

/** The evaluation range, newest period first; the windows end where the alarm looks, not at multiples of the period. */
function slotsOf({ definition }: Alarm, metrics: Metrics, at: number): Slot[] {
  const period = definition.periodSeconds * 1000;
  return Array.from({ length: rangeOf(definition.evaluationPeriods) }, (_, i) => {
    const from = at - (i + 1) * period;
    return { at: from, value: valueOf(definition.watched, definition.queries, metrics, from, from + period) };
  });
}

function inReach(alarm: Alarm, metrics: Metrics, at: number): boolean {
  const { periodSeconds, evaluationPeriods } = alarm.definition;
  const oldest = at - rangeOf(evaluationPeriods) * periodSeconds * 1000;
  return metricsWatched(alarm).some((metric) => {
    const last = metrics.series(metric)?.measurements.at(-1);
    return last !== undefined && last.at >= oldest;
  });
}
