// AWS::IAM::Role, ::Policy and ::ManagedPolicy.
import { document, integer, list, structure, tag, text } from '../shape.ts';
import type { Read } from '../shape.ts';
import { droppedTags, isMissing, jsonText, needed, resource, tagsOf } from './resource.ts';
import type { Site, Standing } from './resource.ts';

const inlinePolicy = structure({ PolicyName: text, PolicyDocument: document }, {});
const role = structure(
  { AssumeRolePolicyDocument: document },
  {
    RoleName: text,
    Path: text,
    Description: text,
    ManagedPolicyArns: list(text),
    MaxSessionDuration: integer,
    Policies: list(inlinePolicy),
    Tags: list(tag),
  },
  ['PermissionsBoundary'],
);
type Role = Read<typeof role>;

async function putRolePolicies(RoleName: string, p: Role, site: Site): Promise<void> {
  for (const { PolicyName, PolicyDocument } of p.Policies ?? []) {
    await site.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: jsonText(PolicyDocument) });
  }
  for (const PolicyArn of p.ManagedPolicyArns ?? []) await site.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
}

async function dropRolePolicies(RoleName: string, before: Role, after: Role | undefined, site: Site): Promise<void> {
  const kept = new Set(after?.Policies?.map(({ PolicyName }) => PolicyName));
  for (const { PolicyName } of before.Policies ?? []) {
    if (!kept.has(PolicyName)) await site.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName });
  }
  for (const PolicyArn of before.ManagedPolicyArns ?? []) {
    if (!after?.ManagedPolicyArns?.includes(PolicyArn)) await site.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
  }
}

const roleResource = resource<Role>({
  type: 'AWS::IAM::Role',
  shape: role,
  attributes: ['Arn', 'RoleId'],
  replacedBy: ['RoleName', 'Path'],
  nameProperty: 'RoleName',
  capability: 'named-iam-when-named',
  async create(p, site) {
    const {
      AssumeRolePolicyDocument,
      ManagedPolicyArns: _attached,
      Policies: _inline,
      Tags,
      RoleName = site.name(64),
      ...rest
    } = p;
    const { Role: made } = await site.call('iam', 'CreateRole', {
      ...rest,
      RoleName,
      AssumeRolePolicyDocument: jsonText(AssumeRolePolicyDocument),
      Tags: tagsOf(Tags, site),
    });
    const standing = {
      physicalId: RoleName,
      attributes: { Arn: needed(made?.Arn, 'Role.Arn'), RoleId: needed(made?.RoleId, 'Role.RoleId') },
    };
    // A role half made is no role: what stands of it goes with the failure.
    try {
      await putRolePolicies(RoleName, p, site);
    } catch (error) {
      await removeRole(standing, p, site).catch(() => undefined);
      throw error;
    }
    return standing;
  },
  async update(p, before, standing, site) {
    const RoleName = standing.physicalId;
    await site.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: jsonText(p.AssumeRolePolicyDocument) });
    if (p.Description !== before.Description || p.MaxSessionDuration !== before.MaxSessionDuration) {
      const { Description = '', MaxSessionDuration = 3600 } = p;
      await site.call('iam', 'UpdateRole', { RoleName, Description, MaxSessionDuration });
    }
    await putRolePolicies(RoleName, p, site);
    await dropRolePolicies(RoleName, before, p, site);
    const dropped = droppedTags(before.Tags, p.Tags);
    if (dropped.length > 0) await site.call('iam', 'UntagRole', { RoleName, TagKeys: dropped });
    const tags = tagsOf(p.Tags, site);
    if (tags.length > 0) await site.call('iam', 'TagRole', { RoleName, Tags: tags });
    return standing;
  },
  remove: removeRole,
});

/** IAM deletes no role that still has a policy, whoever put it there: only the stack's own are taken off. */
async function removeRole({ physicalId: RoleName }: Standing, p: Role, site: Site): Promise<void> {
  try {
    const { PolicyNames = [] } = await site.call('iam', 'ListRolePolicies', { RoleName });
    const { AttachedPolicies = [] } = await site.call('iam', 'ListAttachedRolePolicies', { RoleName });
    const standing = {
      Policies: (p.Policies ?? []).filter(({ PolicyName }) => PolicyNames.includes(PolicyName)),
      ManagedPolicyArns: (p.ManagedPolicyArns ?? []).filter((arn) => AttachedPolicies.some(({ PolicyArn }) => PolicyArn === arn)),
    };
    await dropRolePolicies(RoleName, { ...p, ...standing }, undefined, site);
    await site.call('iam', 'DeleteRole', { RoleName });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const policy = structure({ PolicyName: text, PolicyDocument: document }, { Roles: list(text) }, ['Groups', 'Users']);
type Policy = Read<typeof policy>;

const removePolicy = async (roles: readonly string[], PolicyName: string, site: Site): Promise<void> => {
  for (const RoleName of roles) {
    await site.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
};

const putPolicy = async ({ Roles = [], PolicyName, PolicyDocument }: Policy, site: Site): Promise<void> => {
  for (const RoleName of Roles) {
    await site.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: jsonText(PolicyDocument) });
  }
};

const policyResource = resource<Policy>({
  type: 'AWS::IAM::Policy',
  shape: policy,
  attributes: ['Id'],
  replacedBy: [],
  capability: 'iam',
  check: ({ Roles = [] }) => (Roles.length === 0 ? 'At least one of [Groups,Roles,Users] must be non-empty.' : undefined),
  async create(p, site) {
    await putPolicy(p, site);
    const physicalId = site.name(128);
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update(p, before, standing, site) {
    await putPolicy(p, site);
    const renamed = before.PolicyName !== p.PolicyName;
    await removePolicy(
      (before.Roles ?? []).filter((name) => renamed || !p.Roles?.includes(name)),
      before.PolicyName,
      site,
    );
    return standing;
  },
  remove: (_standing, p, site) => removePolicy(p.Roles ?? [], p.PolicyName, site),
});

const managedPolicy = structure(
  { PolicyDocument: document },
  { ManagedPolicyName: text, Path: text, Description: text, Roles: list(text) },
  ['Groups', 'Users'],
);
type ManagedPolicy = Read<typeof managedPolicy>;

const managedPolicyResource = resource<ManagedPolicy>({
  type: 'AWS::IAM::ManagedPolicy',
  shape: managedPolicy,
  attributes: ['PolicyArn', 'PolicyId'],
  replacedBy: ['ManagedPolicyName', 'Path', 'Description'],
  nameProperty: 'ManagedPolicyName',
  capability: 'named-iam-when-named',
  async create(p, site) {
    const { PolicyDocument, Roles = [], ManagedPolicyName = site.name(128), ...rest } = p;
    const { Policy: made } = await site.call('iam', 'CreatePolicy', {
      ...rest,
      PolicyName: ManagedPolicyName,
      PolicyDocument: jsonText(PolicyDocument),
    });
    const PolicyArn = needed(made?.Arn, 'Policy.Arn');
    const standing = { physicalId: PolicyArn, attributes: { PolicyArn, PolicyId: needed(made?.PolicyId, 'Policy.PolicyId') } };
    try {
      for (const RoleName of Roles) await site.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
    } catch (error) {
      await removeManagedPolicy(standing, p, site).catch(() => undefined);
      throw error;
    }
    return standing;
  },
  async update(p, before, standing, site) {
    const PolicyArn = standing.physicalId;
    if (jsonText(p.PolicyDocument) !== jsonText(before.PolicyDocument)) {
      await dropOldVersions(PolicyArn, site);
      await site.call('iam', 'CreatePolicyVersion', {
        PolicyArn,
        PolicyDocument: jsonText(p.PolicyDocument),
        SetAsDefault: true,
      });
      await dropOldVersions(PolicyArn, site);
    }
    for (const RoleName of p.Roles ?? []) await site.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
    const dropped = (before.Roles ?? []).filter((name) => !p.Roles?.includes(name));
    for (const RoleName of dropped) await site.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
    return standing;
  },
  remove: removeManagedPolicy,
});

/** A policy keeps at most five versions, and is deleted only when the default one is left. */
async function dropOldVersions(PolicyArn: string, site: Site): Promise<void> {
  const { Versions = [] } = await site.call('iam', 'ListPolicyVersions', { PolicyArn });
  for (const { VersionId, IsDefaultVersion } of Versions) {
    if (IsDefaultVersion !== true) await site.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
  }
}

async function removeManagedPolicy({ physicalId: PolicyArn }: Standing, p: ManagedPolicy, site: Site): Promise<void> {
  try {
    const { PolicyRoles = [] } = await site.call('iam', 'ListEntitiesForPolicy', { PolicyArn });
    for (const RoleName of p.Roles ?? []) {
      if (PolicyRoles.some((one) => one.RoleName === RoleName))
        await site.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
    }
    await dropOldVersions(PolicyArn, site);
    await site.call('iam', 'DeletePolicy', { PolicyArn });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export const iamResources = [roleResource, policyResource, managedPolicyResource];
