// CloudWatch Logs: groups, streams, events, and what may be read back from them.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { createExtraction } from './embedded-metrics.ts';
import { groupOperations } from './groups.ts';
import { createCounting, metricFilterOperations } from './metric-filters.ts';
import { policyOperations } from './policies.ts';
import { readingOperations } from './reading.ts';
import type { Region } from './store.ts';
import { streamOperations } from './streams.ts';
import { tagOperations } from './tags.ts';

export function createLogs(ground: Ground): Service<'logs'> {
  const regions = perRegion((): Region => ({ groups: new Map(), policies: new Map(), serial: 0 }));
  const [count, extract] = [createCounting(ground), createExtraction(ground)];
  return {
    id: 'logs',
    operations: {
      ...groupOperations(regions),
      ...streamOperations(regions, async (group, messages, call) => {
        await count(group, messages, call);
        await extract(messages, call);
      }),
      ...readingOperations(regions),
      ...metricFilterOperations(regions),
      ...tagOperations(regions),
      ...policyOperations(regions),
    },
    inventory: () =>
      Object.fromEntries(
        regions
          .all()
          .flatMap(([region, { groups, policies }]) => [
            ...[...groups.values()].map(({ arn, streams }) => [arn, { streams: streams.size }] as const),
            ...[...policies.keys()].map((name) => [`${region} resource policy ${name}`, {}] as const),
          ]),
      ),
  };
}
