// Tags of functions.
import { requestTagsOf } from '../request-tags.ts';
import type { Call } from '../service.ts';
import type { LambdaFunction, LambdaOperations, Room } from './catalog.ts';
import { askAbout, functionOf, referenceOf } from './naming.ts';
import { invalid } from './refusals.ts';

const MOST_TAGS = 50;

export function tagOperations(room: Room): LambdaOperations {
  const functionAt = (call: Call, arn: string | undefined): LambdaFunction => {
    if (!/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[^:]+$/.test(arn ?? '')) {
      throw invalid('Tags on function aliases and versions are not supported. Please specify a function ARN.');
    }
    return functionOf(room, call, referenceOf(call, arn));
  };
  const resource = (call: Call, arn: string | undefined): string => referenceOf(call, arn).arn;
  return {
    ListTags: {
      asks: ({ Resource }, call) => [askAbout(room, call, 'ListTags', resource(call, Resource))],
      run: ({ Resource }, call) => ({ Tags: Object.fromEntries(functionAt(call, Resource).tags) }),
    },
    TagResource: {
      asks: ({ Resource, Tags }, call) => [
        askAbout(room, call, 'TagResource', resource(call, Resource), requestTagsOf(Object.entries(Tags ?? {}))),
      ],
      run({ Resource, Tags = {} }, call) {
        const { tags } = functionAt(call, Resource);
        const names = new Set([...tags.keys(), ...Object.keys(Tags)]);
        if (names.size > MOST_TAGS) throw invalid(`Number of tags exceeds resource tag limit.`);
        if (Object.keys(Tags).some((name) => name.startsWith('aws:'))) {
          throw invalid('aws: prefixed tag key names are not allowed for external use');
        }
        for (const [key, value] of Object.entries(Tags)) tags.set(key, value);
        return {};
      },
    },
    UntagResource: {
      asks: ({ Resource, TagKeys = [] }, call) => [
        askAbout(room, call, 'UntagResource', resource(call, Resource), { 'aws:TagKeys': TagKeys }),
      ],
      run({ Resource, TagKeys = [] }, call) {
        const { tags } = functionAt(call, Resource);
        for (const key of TagKeys) tags.delete(key);
        return {};
      },
    },
  };
}
