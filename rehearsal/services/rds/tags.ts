// Tags of what stands in RDS, by ARN.
import type { Tag } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import { AwsError, notImitated } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidValue, noParameterGroup, noSnapshot, noSubnetGroup } from './failures.ts';
import { tagList, type Rds } from './instance.ts';
import { requestContext, tagContext, type Kind } from './naming.ts';

const MOST = 50;

interface Tagged {
  readonly tags: Map<string, string>;
}

/** Who has tags of their own, by the kind that their ARN names. */
type Finder = (rds: Rds, region: string, name: string) => Tagged | undefined;
export const TAGGED: Partial<Record<Kind, { readonly find: Finder; readonly missing: (name: string, arn: string) => Error }>> = {
  db: {
    find: (rds, region, name) => rds.in(region).instances.get(name),
    missing: (_name, arn) =>
      new AwsError('DBInstanceNotFound', `Could not find a DB Instance matching the resource name: '${arn}'`),
  },
  pg: { find: (rds, region, name) => rds.in(region).parameterGroups.get(name), missing: noParameterGroup },
  subgrp: { find: (rds, region, name) => rds.in(region).subnetGroups.get(name), missing: noSubnetGroup },
  snapshot: { find: (rds, region, name) => rds.vault(region).snapshots.get(name), missing: noSnapshot },
};

const ARN = /^arn:aws:rds:([^:]*):([^:]*):([^:]+):(.+)$/;

export function createTags(rds: Rds): OperationsOf<Sdks['rds']> {
  const ask = (action: string, { region, account }: Call, name = '', context: Ask['context'] = {}): Ask => {
    const [, where, whose, kind = '', id = ''] = ARN.exec(name) ?? [];
    const found = where === region && whose === account ? TAGGED[kind as Kind]?.find(rds, region, id) : undefined;
    return {
      action: `rds:${action}`,
      resource: name,
      context: { ...tagContext(found?.tags ?? new Map(), kind as Kind), ...context },
    };
  };

  function tagged(call: Call, name: string): Tagged {
    const [, region, account, kind, id] = ARN.exec(name) ?? [];
    if (kind === undefined || id === undefined) throw invalidValue(`Invalid resource name: ${name}`);
    if (region !== call.region || account !== call.account)
      throw invalidValue('The specified resource name does not match an RDS resource in this region.');
    const known = TAGGED[kind as Kind];
    if (!known) throw notImitated(`tags of RDS resources of the type ${kind}`);
    const found = known.find(rds, region, id);
    if (!found) throw known.missing(id, name);
    return found;
  }

  return {
    AddTagsToResource: {
      asks: (input, call) => [ask('AddTagsToResource', call, input.ResourceName, requestContext(input.Tags))],
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

/** The tags that something is made with. */
export function tagsFrom(given: readonly Tag[] = []): Map<string, string> {
  for (const tag of given) requireTag(tag);
  const tags = new Map(given.map(({ Key: key = '', Value: value = '' }) => [key, value]));
  if (tags.size > MOST) throw invalidValue(`A resource can have up to ${MOST} tags.`);
  return tags;
}

function requireTag({ Key: key = '', Value: value = '' }: Tag): void {
  const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  if (key === '' || key.length > 128 || !allowed.test(key) || /^(aws|rds):/i.test(key))
    throw invalidValue(`Invalid tag key: "${key}". A key has 1 to 128 characters and does not begin with aws: or rds:.`);
  if (value.length > 256 || !allowed.test(value)) throw invalidValue(`Invalid value of the tag ${key}.`);
}
