// Tags of whatever Elastic Load Balancing keeps.
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Call } from '../service.ts';
import { requestTags } from '../request-tags.ts';
import type { ElbOperations, Room, Tags } from './catalog.ts';
import { askAbout, askToRead, tagsAt } from './naming.ts';
import { noListener, noLoadBalancer, noRule, noTargetGroup, refusal, validation } from './refusals.ts';

const MOST_TAGS = 50;
const MOST_RESOURCES = 20;

/** The tags of a request, as they are kept. */
export function tagsOf(given: readonly Tag[] = []): Tags {
  const tags: Tags = new Map();
  add(tags, given);
  return tags;
}

export const listedTags = (tags: Tags): { Key: string; Value: string }[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

function add(tags: Tags, given: readonly Tag[]): void {
  const keys = given.map(({ Key = '' }) => Key);
  if (new Set(keys).size < keys.length) throw refusal('DuplicateTagKeys', 'A tag key was specified more than once.');
  for (const { Key = '', Value = '' } of given) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) || Key.toLowerCase().startsWith('aws:'))
      throw validation(`The tag key '${Key}' is not valid`);
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value)) throw validation(`The tag value '${Value}' is not valid`);
  }
  if (new Set([...tags.keys(), ...keys]).size > MOST_TAGS)
    throw refusal(
      'TooManyTags',
      `You have reached the limit on the number of tags, ${MOST_TAGS}, that you can assign to a resource.`,
    );
  for (const { Key = '', Value = '' } of given) tags.set(Key, Value);
}

function missing(arn: string): Error {
  if (arn.includes(':targetgroup/')) return noTargetGroup();
  if (arn.includes(':listener-rule/')) return noRule();
  if (arn.includes(':listener/')) return noListener();
  return arn.includes(':loadbalancer/') ? noLoadBalancer([arn]) : validation(`'${arn}' is not a valid load balancer ARN`);
}

export function taggingOperations(room: Room): ElbOperations {
  const each = (arns: readonly string[] | undefined, call: Call): [string, Tags][] => {
    if (arns === undefined || arns.length === 0) throw validation('At least one resource ARN must be specified');
    if (arns.length > MOST_RESOURCES) throw validation(`A request can have up to ${MOST_RESOURCES} resource ARNs`);
    return arns.map((arn) => {
      const tags = tagsAt(room.of(call.region), arn);
      if (!tags) throw missing(arn);
      return [arn, tags];
    });
  };
  return {
    DescribeTags: {
      asks: askToRead('DescribeTags'),
      run: ({ ResourceArns }, call) => ({
        TagDescriptions: each(ResourceArns, call).map(([ResourceArn, tags]) => ({ ResourceArn, Tags: listedTags(tags) })),
      }),
    },
    AddTags: {
      asks: ({ ResourceArns = [], Tags }, call) =>
        ResourceArns.map((arn) => askAbout(room, call, 'AddTags', arn, requestTags(Tags))),
      run({ ResourceArns, Tags = [] }, call) {
        const found = each(ResourceArns, call);
        if (Tags.length === 0) throw validation('At least one tag must be specified');
        // A refusal of one is a refusal of all.
        for (const [, tags] of found) add(new Map(tags), Tags);
        for (const [, tags] of found) add(tags, Tags);
        return {};
      },
    },
    RemoveTags: {
      asks: ({ ResourceArns = [], TagKeys = [] }, call) =>
        ResourceArns.map((arn) => askAbout(room, call, 'RemoveTags', arn, { 'aws:TagKeys': TagKeys })),
      run({ ResourceArns, TagKeys = [] }, call) {
        for (const [, tags] of each(ResourceArns, call)) for (const key of TagKeys) tags.delete(key);
        return {};
      },
    },
  };
}
