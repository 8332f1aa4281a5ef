// Tags of rules.
import { AwsError } from '../error.ts';
import { requestTags } from '../request-tags.ts';
import type { Call } from '../service.ts';
import type { EventsOperations, RulebookOf } from './rules.ts';
import type { Rule } from './rulebook.ts';

export function tagOperations(bookOf: RulebookOf): EventsOperations {
  const ruleOf = (arn: string | undefined, call: Call): Rule => {
    const rule = [...bookOf(call.region).rules.values()].find((known) => known.arn === arn);
    if (rule !== undefined) return rule;
    const name = arn?.split('/').pop() ?? '';
    throw new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  };
  return {
    TagResource: {
      asks: ({ ResourceARN = '', Tags }) => [{ action: 'events:TagResource', resource: ResourceARN, context: requestTags(Tags) }],
      run({ ResourceARN, Tags }, call) {
        const { tags } = ruleOf(ResourceARN, call);
        for (const { Key, Value } of Tags ?? []) tags.set(Key ?? '', Value ?? '');
        return {};
      },
    },
    UntagResource: {
      asks: ({ ResourceARN = '', TagKeys = [] }) => [
        { action: 'events:UntagResource', resource: ResourceARN, context: { 'aws:TagKeys': TagKeys } },
      ],
      run({ ResourceARN, TagKeys }, call) {
        const { tags } = ruleOf(ResourceARN, call);
        for (const key of TagKeys ?? []) tags.delete(key);
        return {};
      },
    },
    ListTagsForResource: {
      asks: ({ ResourceARN = '' }) => [{ action: 'events:ListTagsForResource', resource: ResourceARN }],
      run: ({ ResourceARN }, call) => ({
        Tags: [...ruleOf(ResourceARN, call).tags].map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}
