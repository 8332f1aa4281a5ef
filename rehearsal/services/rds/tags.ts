// Tags of instances, by ARN.
import type { Tag } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import { AwsError, notImitated } from '../error.ts';
import { requestTags } from '../request-tags.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidValue, noSnapshot } from './failures.ts';
import { type Instance, type Rds, tagList } from './instance.ts';
import { tagContext } from './naming.ts';

const MOST = 50;

export function createTags(rds: Rds): OperationsOf<Sdks['rds']> {
  const instanceOf = (call: Call, name: string): Instance | undefined =>
    [...rds.in(call.region).instances.values()].find(({ arn }) => arn === name);
  const ask = (action: string, call: Call, name = '', context: Ask['context'] = {}): Ask => ({
    action: `rds:${action}`,
    resource: name,
    context: { ...tagContext(instanceOf(call, name)?.tags ?? new Map()), ...context },
  });

  function tagged(call: Call, name: string): Instance {
    const [, region, account, kind, id] = /^arn:aws:rds:([^:]*):([^:]*):([^:]+):(.+)$/.exec(name) ?? [];
    if (kind === undefined || id === undefined) throw invalidValue(`Invalid resource name: ${name}`);
    if (region !== call.region || account !== call.account)
      throw invalidValue('The specified resource name does not match an RDS resource in this region.');
    if (kind === 'snapshot') throw noSnapshot(id);
    if (kind !== 'db') throw notImitated(`tags of RDS resources of the type ${kind}`);
    const found = instanceOf(call, name);
    if (!found) throw new AwsError('DBInstanceNotFound', `Could not find a DB Instance matching the resource name: '${name}'`);
    return found;
  }

  return {
    AddTagsToResource: {
      asks: (input, call) => [ask('AddTagsToResource', call, input.ResourceName, requestTags(input.Tags))],
      run(input, call) {
        const { tags } = tagged(call, input.ResourceName ?? '');
        const added = input.Tags ?? [];
        for (const tag of added) requireTag(tag);
        const keys = new Set([...tags.keys(), ...added.map(({ Key: key = '' }) => key)]);
        if (keys.size > MOST) throw invalidValue(`A resource can have up to ${MOST} tags.`);
        for (const { Key: key = '', Value: value = '' } of added) tags.set(key, value);
        return {};
      },
    },
    RemoveTagsFromResource: {
      asks: (input, call) => [
        ask('RemoveTagsFromResource', call, input.ResourceName, { 'aws:TagKeys': [...(input.TagKeys ?? [])] }),
      ],
      run(input, call) {
        const { tags } = tagged(call, input.ResourceName ?? '');
        for (const key of input.TagKeys ?? []) tags.delete(key);
        return {};
      },
    },
    ListTagsForResource: {
      asks: (input, call) => [ask('ListTagsForResource', call, input.ResourceName)],
      run(input, call) {
        if ((input.Filters ?? []).length > 0) throw notImitated('Filters of rds:ListTagsForResource, which RDS ignores');
        return { TagList: tagList(tagged(call, input.ResourceName ?? '')) };
      },
    },
  };
}

function requireTag({ Key: key = '', Value: value = '' }: Tag): void {
  const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  if (key === '' || key.length > 128 || !allowed.test(key) || /^(aws|rds):/i.test(key))
    throw invalidValue(`Invalid tag key: "${key}". A key has 1 to 128 characters and does not begin with aws: or rds:.`);
  if (value.length > 256 || !allowed.test(value)) throw invalidValue(`Invalid value of the tag ${key}.`);
}
