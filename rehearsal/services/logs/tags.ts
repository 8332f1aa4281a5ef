// Tags of log groups, by the operations of today and those of yesterday.
import type { Call } from '../service.ts';
import { askGroup } from './groups.ts';
import { invalid } from './refusals.ts';
import { groupNameOf, groupOf, type LogGroup, type LogsOperations, type Region } from './store.ts';

export function tagOperations(regionOf: (region: string) => Region): LogsOperations {
  const byArn = (call: Call, arn: string | undefined): LogGroup => {
    if (!/^arn:aws:logs:[^:]+:\d{12}:log-group:[^:]+$/.test(arn ?? '')) throw invalid('The specified resource ARN is not valid.');
    return groupOf(regionOf(call.region), groupNameOf(undefined, arn));
  };
  const put = (group: LogGroup, tags: Record<string, string>): object => {
    for (const [key, value] of Object.entries(tags)) group.tags.set(key, value);
    return {};
  };
  const drop = (group: LogGroup, keys: readonly string[]): object => {
    keys.forEach((key) => group.tags.delete(key));
    return {};
  };
  return {
    TagResource: {
      asks: ({ resourceArn }, call) => [askGroup(call, 'TagResource', groupNameOf(undefined, resourceArn ?? ''))],
      run: ({ resourceArn, tags = {} }, call) => put(byArn(call, resourceArn), tags),
    },
    UntagResource: {
      asks: ({ resourceArn }, call) => [askGroup(call, 'UntagResource', groupNameOf(undefined, resourceArn ?? ''))],
      run: ({ resourceArn, tagKeys = [] }, call) => drop(byArn(call, resourceArn), tagKeys),
    },
    ListTagsForResource: {
      asks: ({ resourceArn }, call) => [askGroup(call, 'ListTagsForResource', groupNameOf(undefined, resourceArn ?? ''))],
      run: ({ resourceArn }, call) => ({ tags: Object.fromEntries(byArn(call, resourceArn).tags) }),
    },
    TagLogGroup: {
      asks: ({ logGroupName }, call) => [askGroup(call, 'TagLogGroup', logGroupName)],
      run: ({ logGroupName = '', tags = {} }, call) => put(groupOf(regionOf(call.region), logGroupName), tags),
    },
    UntagLogGroup: {
      asks: ({ logGroupName }, call) => [askGroup(call, 'UntagLogGroup', logGroupName)],
      run: ({ logGroupName = '', tags = [] }, call) => drop(groupOf(regionOf(call.region), logGroupName), tags),
    },
    ListTagsLogGroup: {
      asks: ({ logGroupName }, call) => [askGroup(call, 'ListTagsLogGroup', logGroupName)],
      run: ({ logGroupName = '' }, call) => ({ tags: Object.fromEntries(groupOf(regionOf(call.region), logGroupName).tags) }),
    },
  };
}
