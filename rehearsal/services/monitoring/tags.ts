// Tags of alarms.
import type { Tag } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../error.ts';
import { requestTags } from '../request-tags.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import type { Alarm, Alarms } from './alarm.ts';
import { invalidValue, notImitated } from './failures.ts';

const MOST = 50;

export function addTags(tags: Map<string, string>, added: readonly Tag[] = []): void {
  for (const { Key: key = '', Value: value = '' } of added) {
    if (key === '' || key.length > 128 || value.length > 256 || key.toLowerCase().startsWith('aws:')) {
      throw invalidValue(`The tag ${key} is invalid.`);
    }
  }
  const keys = new Set([...tags.keys(), ...added.map(({ Key: key = '' }) => key)]);
  if (keys.size > MOST) throw invalidValue(`A resource can have up to ${MOST} tags.`);
  for (const { Key: key = '', Value: value = '' } of added) tags.set(key, value);
}

export function tagOperations(
  alarmsOf: (region: string) => Alarms,
): Pick<OperationsOf<Sdks['monitoring']>, 'TagResource' | 'UntagResource' | 'ListTagsForResource'> {
  const alarmOf = (arn: string): Alarm => {
    const [, , , region = '', , type, ...name] = arn.split(':');
    if (type !== 'alarm') throw notImitated(`tags of ${arn}`);
    const alarm = alarmsOf(region).standing.get(name.join(':'));
    if (!alarm) {
      const fields = { ResourceType: 'Alarm', ResourceId: name.join(':') };
      throw new AwsError('ResourceNotFoundException', `The alarm ${name.join(':')} does not exist.`, { status: 404, fields });
    }
    return alarm;
  };
  return {
    TagResource: {
      asks: ({ ResourceARN: resource = '', Tags: tags }) => [
        { action: 'cloudwatch:TagResource', resource, context: requestTags(tags) },
      ],
      run: ({ ResourceARN: arn = '', Tags: tags }) => (addTags(alarmOf(arn).tags, tags), {}),
    },
    UntagResource: {
      asks: ({ ResourceARN: resource = '', TagKeys: keys = [] }) => [
        { action: 'cloudwatch:UntagResource', resource, context: { 'aws:TagKeys': keys } },
      ],
      run: ({ ResourceARN: arn = '', TagKeys: keys = [] }) => {
        const { tags } = alarmOf(arn);
        for (const key of keys) tags.delete(key);
        return {};
      },
    },
    ListTagsForResource: {
      asks: ({ ResourceARN: resource = '' }) => [{ action: 'cloudwatch:ListTagsForResource', resource }],
      run: ({ ResourceARN: arn = '' }) => ({ Tags: [...alarmOf(arn).tags].map(([Key, Value]) => ({ Key, Value })) }),
    },
  };
}
