// Tags of state machines.
import type { Tag } from '@aws-sdk/client-sfn';
import { AwsError } from '../error.ts';
import { requestTagsOf } from '../request-tags.ts';
import type { Call } from '../service.ts';
import { absentResource, type Machine } from './ledger.ts';
import { pointerOf } from './naming.ts';
import type { Scene, StatesOperations } from './scene.ts';

const MOST_TAGS = 50;

/** The condition keys a request with tags carries. */
export const tagContext = (tags: readonly Tag[] = []) => requestTagsOf(tags.map(({ key = '', value = '' }) => [key, value]));

export function addTags(machine: Machine, tags: readonly Tag[]): void {
  const keys = new Set([...machine.tags.keys(), ...tags.map(({ key }) => key ?? '')]);
  if (keys.size > MOST_TAGS) {
    throw new AwsError('TooManyTags', `Too many tags: '${machine.arn}'`, { fields: { resourceName: machine.arn } });
  }
  for (const { key, value } of tags) machine.tags.set(key ?? '', value ?? '');
}

export function tagOperations({ ledgerOf }: Scene): StatesOperations {
  const machineOf = (arn: string | undefined, call: Call): Machine => {
    const pointer = pointerOf(arn ?? '', 'stateMachine');
    const machine = ledgerOf(call.region).machines.get(pointer.machineArn);
    if (machine === undefined || pointer.qualifier !== undefined) throw absentResource(pointer.arn);
    return machine;
  };
  return {
    TagResource: {
      asks: ({ resourceArn = '', tags }) => [{ action: 'states:TagResource', resource: resourceArn, context: tagContext(tags) }],
      run({ resourceArn, tags }, call) {
        addTags(machineOf(resourceArn, call), tags ?? []);
        return {};
      },
    },
    UntagResource: {
      asks: ({ resourceArn = '', tagKeys = [] }) => [
        { action: 'states:UntagResource', resource: resourceArn, context: { 'aws:TagKeys': tagKeys } },
      ],
      run({ resourceArn, tagKeys }, call) {
        const machine = machineOf(resourceArn, call);
        for (const key of tagKeys ?? []) machine.tags.delete(key);
        return {};
      },
    },
    ListTagsForResource: {
      asks: ({ resourceArn = '' }) => [{ action: 'states:ListTagsForResource', resource: resourceArn }],
      run: ({ resourceArn }, call) => ({
        tags: [...machineOf(resourceArn, call).tags].map(([key, value]) => ({ key, value })),
      }),
    },
  };
}
