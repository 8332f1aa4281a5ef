// AWS::Logs::LogGroup and ::ResourcePolicy.
import { document, flag, integer, list, oneOf, structure, tag, text } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, jsonText, resource, tagMap } from './resource.ts';

const group = structure(
  {},
  {
    DeletionProtectionEnabled: flag,
    KmsKeyId: text,
    LogGroupClass: oneOf('STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'),
    LogGroupName: text,
    RetentionInDays: integer,
    Tags: list(tag),
  },
  ['BearerTokenAuthenticationEnabled', 'DataProtectionPolicy', 'FieldIndexPolicies', 'ResourcePolicyDocument'],
);
type Group = Read<typeof group>;

const groupResource = resource<Group>({
  type: 'AWS::Logs::LogGroup',
  shape: group,
  attributes: ['Arn'],
  replacedBy: ['LogGroupName', 'LogGroupClass'],
  nameProperty: 'LogGroupName',
  async create(p, site) {
    const logGroupName = p.LogGroupName ?? site.name(512);
    await site.call('logs', 'CreateLogGroup', {
      logGroupName,
      ...(p.KmsKeyId !== undefined && { kmsKeyId: p.KmsKeyId }),
      ...(p.LogGroupClass !== undefined && { logGroupClass: p.LogGroupClass }),
      ...(p.DeletionProtectionEnabled !== undefined && { deletionProtectionEnabled: p.DeletionProtectionEnabled }),
      tags: tagMap(p.Tags, site),
    });
    const { RetentionInDays: retentionInDays } = p;
    try {
      if (retentionInDays !== undefined) await site.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    } catch (error) {
      await site.call('logs', 'DeleteLogGroup', { logGroupName }).catch(() => undefined);
      throw error;
    }
    const Arn = `arn:aws:logs:${site.region}:${site.account}:log-group:${logGroupName}:*`;
    return { physicalId: logGroupName, attributes: { Arn } };
  },
  async update(p, before, standing, site) {
    const logGroupName = standing.physicalId;
    const { RetentionInDays: retentionInDays, KmsKeyId: kmsKeyId } = p;
    if (retentionInDays === undefined) {
      if (before.RetentionInDays !== undefined) await site.call('logs', 'DeleteRetentionPolicy', { logGroupName });
    } else if (retentionInDays !== before.RetentionInDays) {
      await site.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    }
    if (kmsKeyId !== before.KmsKeyId) {
      if (kmsKeyId === undefined) await site.call('logs', 'DisassociateKmsKey', { logGroupName });
      else await site.call('logs', 'AssociateKmsKey', { logGroupName, kmsKeyId });
    }
    const { DeletionProtectionEnabled: protectedNow = false } = p;
    if (protectedNow !== (before.DeletionProtectionEnabled ?? false)) {
      await site.call('logs', 'PutLogGroupDeletionProtection', {
        logGroupIdentifier: logGroupName,
        deletionProtectionEnabled: protectedNow,
      });
    }
    const resourceArn = (standing.attributes['Arn'] ?? '').replace(/:\*$/, '');
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('logs', 'UntagResource', { resourceArn, tagKeys: dropped });
    const tags = tagMap(p.Tags, site);
    if (Object.keys(tags).length > 0) await site.call('logs', 'TagResource', { resourceArn, tags });
    return standing;
  },
  async remove({ physicalId: logGroupName }, _p, site) {
    await site.call('logs', 'DeleteLogGroup', { logGroupName });
  },
});

const policy = structure({ PolicyName: text, PolicyDocument: document }, {});

const policyResource = resource<Read<typeof policy>>({
  type: 'AWS::Logs::ResourcePolicy',
  shape: policy,
  attributes: [],
  replacedBy: ['PolicyName'],
  nameProperty: 'PolicyName',
  async create({ PolicyName, PolicyDocument }, site) {
    await site.call('logs', 'PutResourcePolicy', { policyName: PolicyName, policyDocument: jsonText(PolicyDocument) });
    return { physicalId: PolicyName, attributes: {} };
  },
  async update({ PolicyName, PolicyDocument }, _before, standing, site) {
    await site.call('logs', 'PutResourcePolicy', { policyName: PolicyName, policyDocument: jsonText(PolicyDocument) });
    return standing;
  },
  async remove({ physicalId: policyName }, _p, site) {
    await site.call('logs', 'DeleteResourcePolicy', { policyName });
  },
});

export const logsResources = [groupResource, policyResource];
