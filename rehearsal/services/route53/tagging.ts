// Tags of hosted zones.
import { requestTags } from '../request-tags.ts';
import { AwsError, notImitated } from '../error.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { constraint, invalidInput } from './refusals.ts';
import { type Room, type Zone, zoneArn, zoneOf } from './room.ts';

const MOST_TAGS = 50;

interface Named {
  readonly ResourceType?: string | undefined;
  readonly ResourceId?: string | undefined;
}

function taggedZone(room: Room, { ResourceType: type, ResourceId: id }: Named): Zone {
  if (type === 'healthcheck') throw notImitated('route53 health checks');
  if (type !== 'hostedzone') throw constraint(type, 'resourceType', 'satisfy enum value set: [healthcheck, hostedzone]');
  return zoneOf(room, id);
}

export const createTagging = (room: Room): OperationsOf<Sdks['route53']> => ({
  ListTagsForResource: {
    asks: ({ ResourceId }) => [{ action: 'route53:ListTagsForResource', resource: zoneArn(ResourceId) }],
    run(input) {
      const zone = taggedZone(room, input);
      const Tags = [...zone.tags].map(([Key, Value]) => ({ Key, Value }));
      return { ResourceTagSet: { ResourceType: input.ResourceType, ResourceId: zone.id, Tags } };
    },
  },
  ChangeTagsForResource: {
    asks: (input) => [
      {
        action: 'route53:ChangeTagsForResource',
        resource: zoneArn(input.ResourceId),
        context: {
          ...requestTags(input.AddTags),
          'aws:TagKeys': [...(input.AddTags ?? []).map(({ Key = '' }) => Key), ...(input.RemoveTagKeys ?? [])],
        },
      },
    ],
    run(input) {
      const zone = taggedZone(room, input);
      const add = input.AddTags ?? [];
      const remove = input.RemoveTagKeys ?? [];
      if (add.length === 0 && remove.length === 0) throw invalidInput('AddTags and RemoveTagKeys cannot both be empty.');
      const tags = new Map(zone.tags);
      for (const key of remove) tags.delete(key);
      for (const { Key: key = '', Value: value = '' } of add) {
        if (key === '' || key.length > 128 || /^aws:/i.test(key)) throw invalidInput(`The tag key '${key}' is not valid.`);
        if (value.length > 256) throw constraint(value, 'addTags.1.member.value', 'have length less than or equal to 256');
        tags.set(key, value);
      }
      if (tags.size > MOST_TAGS)
        throw new AwsError('InvalidInput', `A resource can have at most ${MOST_TAGS} tags.`, { status: 400 });
      zone.tags.clear();
      for (const [key, value] of tags) zone.tags.set(key, value);
      return {};
    },
  },
});
