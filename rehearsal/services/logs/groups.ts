// Log groups: made, listed, kept for so many days, deleted.
import type { LogGroup as ShownGroup } from '@aws-sdk/client-cloudwatch-logs';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import { requestTagsOf } from '../request-tags.ts';
import type { Call } from '../service.ts';
import { pageOf } from './page.ts';
import { constraint, existing, invalid, notImitated, withinLimit } from './refusals.ts';
import { expire, groupArn, groupNameOf, groupOf, type LogGroup, type LogsOperations, type Region } from './store.ts';

const GROUP_NAME = /^[.\-_/#A-Za-z0-9]{1,512}$/;
const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** IAM's question about a group: its ARN ends with `:*`. */
export const askGroup = (call: Call, action: string, name: string | undefined, context: Ask['context'] = {}): Ask => ({
  action: `logs:${action}`,
  resource: `${groupArn(call, name ?? '')}:*`,
  context,
});

export function groupOperations(regionOf: (region: string) => Region): LogsOperations {
  const asks = (action: string) => (input: { logGroupName: string | undefined }, call: Call) => [
    askGroup(call, action, input.logGroupName),
  ];
  return {
    CreateLogGroup: {
      asks: ({ logGroupName, tags }, call) => [
        askGroup(call, 'CreateLogGroup', logGroupName, requestTagsOf(Object.entries(tags ?? {}))),
      ],
      run({ logGroupName: name = '', kmsKeyId, tags = {}, logGroupClass, deletionProtectionEnabled = false }, call) {
        checkName(name);
        if (logGroupClass !== undefined && logGroupClass !== 'STANDARD') throw notImitated(`logGroupClass ${logGroupClass}`);
        const { groups } = regionOf(call.region);
        if (groups.has(name)) throw existing('log group');
        groups.set(name, {
          name,
          arn: groupArn(call, name),
          created: call.at,
          kmsKeyId,
          retention: undefined,
          protected: deletionProtectionEnabled,
          tags: new Map(Object.entries(tags)),
          streams: new Map(),
          filters: new Map(),
        });
        return {};
      },
    },
    DeleteLogGroup: {
      asks: asks('DeleteLogGroup'),
      run({ logGroupName = '' }, call) {
        const region = regionOf(call.region);
        const group = groupOf(region, logGroupName);
        if (group.protected) throw new AwsError('ValidationException', 'The log group has deletion protection enabled.');
        region.groups.delete(logGroupName);
        return {};
      },
    },
    DescribeLogGroups: {
      asks: (_input, call) => [{ action: 'logs:DescribeLogGroups', resource: `${groupArn(call, '')}*` }],
      run(input, call) {
        const { logGroupNamePrefix: prefix, logGroupNamePattern: part, logGroupIdentifiers: wanted, nextToken, limit } = input;
        if (input.includeLinkedAccounts === true || input.accountIdentifiers !== undefined) throw notImitated('linked accounts');
        if (prefix !== undefined && part !== undefined) {
          throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
        }
        const names = wanted?.map((one) => groupNameOf(undefined, one));
        const found = [...regionOf(call.region).groups.values()]
          .filter(
            ({ name }) => (prefix === undefined || name.startsWith(prefix)) && (names === undefined || names.includes(name)),
          )
          .filter(({ name }) => part === undefined || name.toLowerCase().includes(part.toLowerCase()))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map((group) => shownGroup(group, call.at));
        const page = { token: nextToken, size: withinLimit(limit, 50), question: [call.region, prefix, part] };
        const { items, more } = pageOf(found, page);
        return { logGroups: items, ...more };
      },
    },
    PutRetentionPolicy: {
      asks: asks('PutRetentionPolicy'),
      run({ logGroupName = '', retentionInDays = 0 }, call) {
        if (!RETENTIONS.includes(retentionInDays)) {
          throw constraint(retentionInDays, 'retentionInDays', `Member must satisfy enum value set: [${RETENTIONS.join(', ')}]`);
        }
        groupOf(regionOf(call.region), logGroupName).retention = retentionInDays;
        return {};
      },
    },
    DeleteRetentionPolicy: {
      asks: asks('DeleteRetentionPolicy'),
      run({ logGroupName = '' }, call) {
        groupOf(regionOf(call.region), logGroupName).retention = undefined;
        return {};
      },
    },
  };
}

function checkName(name: string): void {
  if (GROUP_NAME.test(name)) return;
  throw constraint(name, 'logGroupName', 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+');
}

function shownGroup(group: LogGroup, now: number): ShownGroup {
  const streams = [...group.streams.values()];
  streams.forEach((stream) => expire(group, stream, now));
  return {
    logGroupName: group.name,
    creationTime: Math.floor(group.created),
    ...(group.retention !== undefined && { retentionInDays: group.retention }),
    metricFilterCount: group.filters.size,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    storedBytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(group.kmsKeyId !== undefined && { kmsKeyId: group.kmsKeyId }),
    logGroupClass: 'STANDARD',
    deletionProtectionEnabled: group.protected,
  };
}
