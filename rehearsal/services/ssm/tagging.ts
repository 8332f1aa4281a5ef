// Tags of parameters.
import { requestTags } from '../request-tags.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { refusal } from './failures.ts';
import { find, type Parameter, parameterAsk, requireTags, type Store } from './parameter.ts';

interface Tagged {
  ResourceType?: string | undefined;
  ResourceId?: string | undefined;
}

export function createTagging(store: Store): OperationsOf<Sdks['ssm']> {
  const tagged = (call: Call, { ResourceType: type, ResourceId: id = '' }: Tagged): Parameter => {
    if (type !== 'Parameter')
      throw refusal('InvalidResourceType', `the embedded Systems Manager has no resources of type ${type ?? ''}`);
    const parameter = find(store, call.region, id);
    if (!parameter)
      throw refusal('InvalidResourceId', 'The resource ID is not valid. Verify that you entered the correct ID and try again.');
    return parameter;
  };
  return {
    AddTagsToResource: {
      asks: (input, call) => [parameterAsk(store, 'AddTagsToResource', input.ResourceId, call, requestTags(input.Tags))],
      run(input, call) {
        const parameter = tagged(call, input);
        const tags = input.Tags ?? [];
        const kept = parameter.tags.filter(({ Key }) => !tags.some((tag) => tag.Key === Key));
        requireTags([...kept, ...tags]);
        parameter.tags = [...kept, ...tags];
        return {};
      },
    },
    RemoveTagsFromResource: {
      asks: (input, call) => [
        parameterAsk(store, 'RemoveTagsFromResource', input.ResourceId, call, { 'aws:TagKeys': [...(input.TagKeys ?? [])] }),
      ],
      run(input, call) {
        const parameter = tagged(call, input);
        parameter.tags = parameter.tags.filter(({ Key = '' }) => !(input.TagKeys ?? []).includes(Key));
        return {};
      },
    },
    ListTagsForResource: {
      asks: (input, call) => [parameterAsk(store, 'ListTagsForResource', input.ResourceId, call)],
      run: (input, call) => ({ TagList: tagged(call, input).tags }),
    },
  };
}
