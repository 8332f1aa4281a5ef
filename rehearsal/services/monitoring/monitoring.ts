// CloudWatch: metrics, and alarms that really watch them on the timeline.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import type { Alarms } from './alarm.ts';
import { alarmOperations } from './alarms.ts';
import { createMetrics } from './metrics.ts';
import { putDataOperations } from './put-data.ts';
import { readingOperations } from './reading.ts';
import { tagOperations } from './tags.ts';
import { createWatch } from './watch.ts';

export function createMonitoring(ground: Ground): Service<'monitoring'> {
  const alarmsOf = perRegion((): Alarms => ({ standing: new Map(), buried: [] }));
  const metricsOf = perRegion((region) => {
    const metrics = createMetrics();
    metrics.onPut((metric) => watch.measured(metric, alarmsOf(region).standing.values()));
    return metrics;
  });
  const watch = createWatch(ground, metricsOf);

  return {
    id: 'monitoring',
    operations: {
      ...putDataOperations(metricsOf),
      ...readingOperations(metricsOf),
      ...alarmOperations(ground.account, alarmsOf, watch),
      ...tagOperations(alarmsOf),
    },
    inventory: () => {
      const alarms = alarmsOf.all().flatMap(([, { standing }]) => [...standing.values()]);
      const series = metricsOf.all().flatMap(([region, metrics]) => metrics.all().map(({ metric }) => [region, metric] as const));
      return Object.fromEntries([
        ...alarms.map((alarm) => [alarm.arn, { state: alarm.state.value }] as const),
        ...series.map(([region, { namespace, name, dimensions }]) => [
          `${region} ${namespace} ${name} ${dimensions.map((d) => `${d.name}=${d.value}`).join(',')}`.trim(),
          {},
        ]),
      ]) as Record<string, unknown>;
    },
  };
}
