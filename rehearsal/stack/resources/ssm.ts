// AWS::SSM::Parameter.
import type { ParameterTier } from '@aws-sdk/client-ssm';
import { dictionary, oneOf, structure, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { isMissing, resource, tagMap } from './resource.ts';
import type { Site, Tag } from './resource.ts';

const parameter = structure(
  { Type: oneOf('String', 'StringList'), Value: text },
  { AllowedPattern: text, DataType: text, Description: text, Name: text, Tags: dictionary(text), Tier: word<ParameterTier>() },
  ['Policies'],
);
type Parameter = Read<typeof parameter>;

const listed = (tags: Record<string, string> | undefined): Tag[] =>
  Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));

const allTags = (p: Parameter, site: Site): Tag[] => listed(tagMap(listed(p.Tags), site));

const standingOf = (Name: string, { Type, Value }: Parameter): { physicalId: string; attributes: Record<string, string> } => ({
  physicalId: Name,
  attributes: { Type, Value },
});

const parameterResource = resource<Parameter>({
  type: 'AWS::SSM::Parameter',
  shape: parameter,
  attributes: ['Type', 'Value'],
  replacedBy: ['Name'],
  nameProperty: 'Name',
  async create(p, site) {
    const { Tags: _tags, ...rest } = p;
    const Name = p.Name ?? site.name(1011, 'parameter');
    const tags = allTags(p, site);
    await site.call('ssm', 'PutParameter', { ...rest, Name, ...(tags.length > 0 && { Tags: tags }) });
    return standingOf(Name, p);
  },
  async update(p, before, { physicalId: Name }, site) {
    const { Tags: _tags, ...rest } = p;
    await site.call('ssm', 'PutParameter', { ...rest, Name, Overwrite: true });
    const at = { ResourceType: 'Parameter', ResourceId: Name } as const;
    const dropped = Object.keys(before.Tags ?? {}).filter((key) => !Object.hasOwn(p.Tags ?? {}, key));
    if (dropped.length > 0) await site.call('ssm', 'RemoveTagsFromResource', { ...at, TagKeys: dropped });
    const tags = allTags(p, site);
    if (tags.length > 0) await site.call('ssm', 'AddTagsToResource', { ...at, Tags: tags });
    return standingOf(Name, p);
  },
  async remove({ physicalId: Name }, _p, site) {
    await site.call('ssm', 'DeleteParameter', { Name }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  },
});

export const ssmResources = [parameterResource];
