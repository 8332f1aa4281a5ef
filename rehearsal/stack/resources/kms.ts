// AWS::KMS::Key and ::Alias.
import type { KeySpec, KeyUsageType, OriginType } from '@aws-sdk/client-kms';
import { document, flag, integer, list, structure, tag, text, word } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, jsonText, needed, resource, tagsOf } from './resource.ts';
import type { Site, Tag } from './resource.ts';

const key = structure(
  {},
  {
    BypassPolicyLockoutSafetyCheck: flag,
    Description: text,
    Enabled: flag,
    EnableKeyRotation: flag,
    KeyPolicy: document,
    KeySpec: word<KeySpec>(),
    KeyUsage: word<KeyUsageType>(),
    MultiRegion: flag,
    Origin: word<OriginType>(),
    PendingWindowInDays: integer,
    RotationPeriodInDays: integer,
    Tags: list(tag),
  },
);
type Key = Read<typeof key>;

const keyTags = (own: readonly Tag[] | undefined, site: Site): { TagKey: string; TagValue: string }[] =>
  tagsOf(own, site).map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));

async function rotate(KeyId: string, p: Key, before: Key | undefined, site: Site): Promise<void> {
  const { EnableKeyRotation: wanted = false, RotationPeriodInDays: days } = p;
  if (wanted && (before?.EnableKeyRotation !== true || before.RotationPeriodInDays !== days)) {
    await site.call('kms', 'EnableKeyRotation', { KeyId, ...(days !== undefined && { RotationPeriodInDays: days }) });
  }
  if (!wanted && before?.EnableKeyRotation === true) await site.call('kms', 'DisableKeyRotation', { KeyId });
}

async function enable(KeyId: string, wanted = true, before = true, site: Site): Promise<void> {
  if (wanted !== before) await site.call('kms', wanted ? 'EnableKey' : 'DisableKey', { KeyId });
}

const DEFAULT_WINDOW_DAYS = 30;

const keyResource = resource<Key>({
  type: 'AWS::KMS::Key',
  shape: key,
  attributes: ['Arn', 'KeyId'],
  replacedBy: ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  async create(p, site) {
    const { Enabled, EnableKeyRotation: _e, KeyPolicy, PendingWindowInDays: _w, RotationPeriodInDays: _d, Tags, ...rest } = p;
    const { KeyMetadata } = await site.call('kms', 'CreateKey', {
      ...rest,
      ...(KeyPolicy !== undefined && { Policy: jsonText(KeyPolicy) }),
      Tags: keyTags(Tags, site),
    });
    const KeyId = needed(KeyMetadata?.KeyId, 'KeyMetadata.KeyId');
    await rotate(KeyId, p, undefined, site);
    await enable(KeyId, Enabled, true, site);
    return { physicalId: KeyId, attributes: { Arn: needed(KeyMetadata?.Arn, 'KeyMetadata.Arn'), KeyId } };
  },
  async update(p, before, standing, site) {
    const KeyId = standing.physicalId;
    const { KeyPolicy, Description = '' } = p;
    await enable(KeyId, p.Enabled, before.Enabled, site);
    if (Description !== (before.Description ?? '')) await site.call('kms', 'UpdateKeyDescription', { KeyId, Description });
    if (KeyPolicy !== undefined)
      await site.call('kms', 'PutKeyPolicy', { KeyId, PolicyName: 'default', Policy: jsonText(KeyPolicy) });
    await rotate(KeyId, p, before, site);
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('kms', 'UntagResource', { KeyId, TagKeys: dropped });
    const tags = keyTags(p.Tags, site);
    if (tags.length > 0) await site.call('kms', 'TagResource', { KeyId, Tags: tags });
    return standing;
  },
  async remove({ physicalId: KeyId }, { PendingWindowInDays = DEFAULT_WINDOW_DAYS }, site) {
    await site.call('kms', 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays });
  },
});

const alias = structure({ AliasName: text, TargetKeyId: text }, {});

const aliasResource = resource<Read<typeof alias>>({
  type: 'AWS::KMS::Alias',
  shape: alias,
  attributes: [],
  replacedBy: ['AliasName'],
  nameProperty: 'AliasName',
  async create(p, site) {
    await site.call('kms', 'CreateAlias', p);
    return { physicalId: p.AliasName, attributes: {} };
  },
  async update(p, _before, standing, site) {
    await site.call('kms', 'UpdateAlias', p);
    return standing;
  },
  async remove(_standing, { AliasName }, site) {
    await site.call('kms', 'DeleteAlias', { AliasName });
  },
});

export const kmsResources = [keyResource, aliasResource];
