// Tags of distributions.
import { requestTags } from '../request-tags.ts';
import { ask, type Catalog, type CloudFrontOperations } from './catalog.ts';
import type { Distribution } from './distribution.ts';
import { invalidTagging, noSuchResource } from './failures.ts';

const MOST_TAGS = 50;

export function tagOperations(catalog: Catalog): CloudFrontOperations {
  const taggedAt = (arn = ''): Distribution => {
    const known = [...catalog.values()].find((distribution) => distribution.arn === arn);
    if (known === undefined) throw noSuchResource(arn);
    return known;
  };
  return {
    ListTagsForResource: {
      asks: ({ Resource = '' }) => [ask(catalog, 'ListTagsForResource', Resource)],
      run: ({ Resource }) => ({ Tags: { Items: [...taggedAt(Resource).tags].map(([Key, Value]) => ({ Key, Value })) } }),
    },
    TagResource: {
      asks: ({ Resource = '', Tags }) => [ask(catalog, 'TagResource', Resource, requestTags(Tags?.Items))],
      run({ Resource, Tags }) {
        const { tags } = taggedAt(Resource);
        const added = Tags?.Items ?? [];
        for (const { Key = '', Value = '' } of added) requireTag(Key, Value);
        if (new Set([...tags.keys(), ...added.map(({ Key }) => Key)]).size > MOST_TAGS)
          throw invalidTagging(`A resource can have at most ${MOST_TAGS} tags.`);
        for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
        return {};
      },
    },
    UntagResource: {
      asks: ({ Resource = '', TagKeys }) => [
        ask(catalog, 'UntagResource', Resource, { 'aws:TagKeys': [...(TagKeys?.Items ?? [])] }),
      ],
      run({ Resource, TagKeys }) {
        const { tags } = taggedAt(Resource);
        for (const key of TagKeys?.Items ?? []) tags.delete(key);
        return {};
      },
    },
  };
}

function requireTag(key: string, value: string): void {
  if (key.length === 0 || key.length > 128 || value.length > 256)
    throw invalidTagging('A tag key has 1 to 128 characters, and a value at most 256.');
  if (key.toLowerCase().startsWith('aws:')) throw invalidTagging('Tag keys that begin with aws: are reserved.');
}
