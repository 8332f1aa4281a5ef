// Metric filters: lines that count, told to CloudWatch as they are written.
import type { Caller } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { askGroup } from './groups.ts';
import { pageOf } from './page.ts';
import { readPattern } from './pattern.ts';
import { invalid, notImitated, withinLimit } from './refusals.ts';
import { groupArn, groupOf, type LogGroup, type LogsOperations, type Region } from './store.ts';

/** Counts what was written into a group, in CloudWatch's metrics. */
export function createCounting(ground: Ground): (group: LogGroup, messages: readonly string[], call: Call) => Promise<void> {
  // CloudWatch Logs needs nobody's permission to write the metrics of a filter.
  const itself: Caller = { kind: 'operator', arn: 'logs.amazonaws.com', account: ground.account };
  return async (group, messages, call) => {
    for (const { pattern, transformations } of group.filters.values()) {
      const met = messages.filter(readPattern(pattern)).length;
      for (const { metricName, metricNamespace, metricValue, defaultValue, unit } of transformations) {
        const value = met > 0 ? Number(metricValue) : defaultValue;
        if (value === undefined) continue;
        const datum = { MetricName: metricName, Timestamp: new Date(call.at), Values: [value], Counts: [Math.max(1, met)] };
        const MetricData = [{ ...datum, ...(unit !== undefined && { Unit: unit }) }];
        await ground.call(itself, 'monitoring', 'PutMetricData', { Namespace: metricNamespace, MetricData }, call.region);
      }
    }
  };
}

export function metricFilterOperations(regionOf: (region: string) => Region): LogsOperations {
  return {
    PutMetricFilter: {
      asks: ({ logGroupName }, call) => [askGroup(call, 'PutMetricFilter', logGroupName)],
      run({ logGroupName = '', filterName: name = '', filterPattern: pattern = '', metricTransformations = [] }, call) {
        const group = groupOf(regionOf(call.region), logGroupName);
        readPattern(pattern);
        const [transformation] = metricTransformations;
        if (metricTransformations.length !== 1) throw invalid('Exactly one metric transformation is expected.');
        if (transformation?.dimensions && Object.keys(transformation.dimensions).length > 0)
          throw notImitated('metric filters with dimensions');
        if (!/^-?\d+(\.\d+)?$/.test(transformation?.metricValue ?? ''))
          throw notImitated('metric filters whose value is a field');
        group.filters.set(name, { name, pattern, transformations: metricTransformations, created: call.at });
        return {};
      },
    },
    DescribeMetricFilters: {
      asks: ({ logGroupName }, call) => [
        logGroupName === undefined
          ? { action: 'logs:DescribeMetricFilters', resource: `${groupArn(call, '')}*` }
          : askGroup(call, 'DescribeMetricFilters', logGroupName),
      ],
      run({ logGroupName, filterNamePrefix = '', metricName, metricNamespace, nextToken, limit }, call) {
        const region = regionOf(call.region);
        const groups = logGroupName === undefined ? [...region.groups.values()] : [groupOf(region, logGroupName)];
        const found = groups
          .flatMap((group) => [...group.filters.values()].map((filter) => ({ group, filter })))
          .filter(({ filter }) => filter.name.startsWith(filterNamePrefix))
          .filter(({ filter: { transformations } }) =>
            transformations.some(
              (one) =>
                (metricName === undefined || one.metricName === metricName) &&
                (metricNamespace === undefined || one.metricNamespace === metricNamespace),
            ),
          )
          .map(({ group, filter }) => ({
            filterName: filter.name,
            filterPattern: filter.pattern,
            metricTransformations: [...filter.transformations],
            creationTime: Math.floor(filter.created),
            logGroupName: group.name,
          }));
        const question = [call.region, logGroupName, filterNamePrefix, metricName, metricNamespace];
        const { items, more } = pageOf(found, { token: nextToken, size: withinLimit(limit, 50), question });
        return { metricFilters: items, ...more };
      },
    },
    DeleteMetricFilter: {
      asks: ({ logGroupName }, call) => [askGroup(call, 'DeleteMetricFilter', logGroupName)],
      run({ logGroupName = '', filterName = '' }, call) {
        const group = groupOf(regionOf(call.region), logGroupName);
        if (!group.filters.delete(filterName)) throw invalid('The specified metric filter does not exist.');
        return {};
      },
    },
  };
}
