// Managed policies and their versions: the account's own, and the few of AWS's that stand here.
import type { Policy as PolicyShape, PolicyVersion as VersionShape } from '@aws-sdk/client-iam';
import type { Ask } from '../../iam/ask.ts';
import { malformed } from '../../iam/malformed.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { AwsError } from '../error.ts';
import { requestTags } from '../request-tags.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from './failures.ts';
import { checkName, checkPath, encodeDocument, policyArn, sizeOf } from './naming.ts';
import { pageOf } from './page.ts';
import { type ManagedPolicy, type PolicyVersion, type Registry, tagList, type Written } from './registry.ts';
import { addTags, removeTags, resourceTags } from './tags.ts';

type Names =
  | 'CreatePolicy'
  | 'GetPolicy'
  | 'ListPolicies'
  | 'DeletePolicy'
  | 'CreatePolicyVersion'
  | 'GetPolicyVersion'
  | 'ListPolicyVersions'
  | 'SetDefaultPolicyVersion'
  | 'DeletePolicyVersion'
  | 'ListEntitiesForPolicy'
  | 'TagPolicy'
  | 'UntagPolicy'
  | 'ListPolicyTags';

const LONGEST = 6144;
const MOST_VERSIONS = 5;

export function managedPolicyOperations(registry: Registry): Pick<OperationsOf<Sdks['iam']>, Names> {
  const { account, policies } = registry;
  const ask = (action: string, arn = '', context: Ask['context'] = {}): Ask[] => [
    { action: `iam:${action}`, resource: arn, context: { ...resourceTags(policies.get(arn)?.tags), ...context } },
  ];
  const shapeOf = (policy: ManagedPolicy): PolicyShape => {
    const wearers = [...registry.roles.values()].filter(({ attached }) => attached.has(policy.arn));
    return policyShape(policy, wearers.length);
  };

  return {
    CreatePolicy: {
      asks: ({ PolicyName: name = '', Path: path = '/', Tags: tags }) => {
        const resource = policyArn(account, path, name);
        const created = ask('CreatePolicy', resource, requestTags(tags));
        return tags && tags.length > 0 ? [...created, ...ask('TagPolicy', resource, requestTags(tags))] : created;
      },
      run: ({ PolicyName: name = '', Path: path = '/', PolicyDocument: text = '', Description: description, Tags: tags }) => {
        checkName('policyName', name, 128);
        checkPath(path);
        const written = readPolicy(text);
        if ([...policies.values()].some((policy) => !policy.byAws && policy.name.toLowerCase() === name.toLowerCase())) {
          throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
        }
        const now = registry.now();
        const policy: ManagedPolicy = {
          ...{ name, path, arn: policyArn(account, path, name), id: registry.newId('ANPA'), description },
          ...{ createdAt: now, updatedAt: now, defaultVersion: 'v1', nextVersion: 2, tags: new Map<string, string>() },
          versions: new Map([['v1', { id: 'v1', createdAt: now, written }]]),
          byAws: false,
        };
        addTags(policy.tags, tags);
        policies.set(policy.arn, policy);
        return { Policy: shapeOf(policy) };
      },
    },
    GetPolicy: {
      asks: ({ PolicyArn: arn }) => ask('GetPolicy', arn),
      run: ({ PolicyArn: arn = '' }) => ({
        Policy: { ...shapeOf(registry.policy(arn)), Tags: tagList(registry.policy(arn).tags) },
      }),
    },
    ListPolicies: {
      asks: ({ PathPrefix: prefix = '/' }) => ask('ListPolicies', `arn:aws:iam::${account}:policy${prefix}`),
      run: ({ Scope: scope = 'All', OnlyAttached: only = false, PathPrefix: prefix = '/', ...asked }) => {
        const all = [...policies.values()]
          .filter(({ byAws, path }) => (scope === 'All' || byAws === (scope === 'AWS')) && path.startsWith(prefix))
          .map(shapeOf)
          .filter(({ AttachmentCount: count = 0 }) => !only || count > 0);
        const question = ['policies', scope, only, prefix];
        const page = pageOf(all, asked, question);
        return { Policies: page.items, ...page.more };
      },
    },
    DeletePolicy: {
      asks: ({ PolicyArn: arn }) => ask('DeletePolicy', arn),
      run: ({ PolicyArn: arn = '' }) => {
        const policy = own(registry.policy(arn));
        if ((shapeOf(policy).AttachmentCount ?? 0) > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
        if (policy.versions.size > 1) {
          throw deleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
          );
        }
        policies.delete(arn);
        return {};
      },
    },
    CreatePolicyVersion: {
      asks: ({ PolicyArn: arn }) => ask('CreatePolicyVersion', arn),
      run: ({ PolicyArn: arn = '', PolicyDocument: text = '', SetAsDefault: asDefault = false }) => {
        const policy = own(registry.policy(arn));
        const written = readPolicy(text);
        if (policy.versions.size >= MOST_VERSIONS) {
          throw limitExceeded(
            'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
          );
        }
        const version = { id: `v${policy.nextVersion++}`, createdAt: registry.now(), written };
        policy.versions.set(version.id, version);
        if (asDefault) makeDefault(registry, policy, version);
        return { PolicyVersion: versionShape(policy, version) };
      },
    },
    GetPolicyVersion: {
      asks: ({ PolicyArn: arn }) => ask('GetPolicyVersion', arn),
      run: ({ PolicyArn: arn = '', VersionId: id = '' }) => {
        const policy = registry.policy(arn);
        const version = versionOf(policy, id);
        return { PolicyVersion: { ...versionShape(policy, version), Document: encodeDocument(version.written.text) } };
      },
    },
    ListPolicyVersions: {
      asks: ({ PolicyArn: arn }) => ask('ListPolicyVersions', arn),
      run: ({ PolicyArn: arn = '', ...asked }) => {
        const policy = registry.policy(arn);
        const all = [...policy.versions.values()].reverse();
        const page = pageOf(all, asked, ['versions', arn]);
        return { Versions: page.items.map((version) => versionShape(policy, version)), ...page.more };
      },
    },
    SetDefaultPolicyVersion: {
      asks: ({ PolicyArn: arn }) => ask('SetDefaultPolicyVersion', arn),
      run: ({ PolicyArn: arn = '', VersionId: id = '' }) => {
        const policy = own(registry.policy(arn));
        makeDefault(registry, policy, versionOf(policy, id));
        return {};
      },
    },
    DeletePolicyVersion: {
      asks: ({ PolicyArn: arn }) => ask('DeletePolicyVersion', arn),
      run: ({ PolicyArn: arn = '', VersionId: id = '' }) => {
        const policy = own(registry.policy(arn));
        versionOf(policy, id);
        if (policy.defaultVersion === id) throw deleteConflict('Cannot delete the default version of a policy.');
        policy.versions.delete(id);
        return {};
      },
    },
    ListEntitiesForPolicy: {
      asks: ({ PolicyArn: arn }) => ask('ListEntitiesForPolicy', arn),
      run: ({ PolicyArn: arn = '', EntityFilter: filter, ...asked }) => {
        registry.policy(arn);
        const wearers = [...registry.roles.values()].filter(({ attached }) => attached.has(arn));
        const all = filter === undefined || filter === 'Role' ? wearers : [];
        const page = pageOf(all, asked, ['entities', arn, filter]);
        const PolicyRoles = page.items.map(({ name, id }) => ({ RoleName: name, RoleId: id }));
        return { PolicyGroups: [], PolicyUsers: [], PolicyRoles, ...page.more };
      },
    },
    TagPolicy: {
      asks: ({ PolicyArn: arn, Tags: tags }) => ask('TagPolicy', arn, requestTags(tags)),
      run: ({ PolicyArn: arn = '', Tags: tags }) => (addTags(own(registry.policy(arn)).tags, tags), {}),
    },
    UntagPolicy: {
      asks: ({ PolicyArn: arn, TagKeys: keys = [] }) => ask('UntagPolicy', arn, { 'aws:TagKeys': keys }),
      run: ({ PolicyArn: arn = '', TagKeys: keys }) => (removeTags(own(registry.policy(arn)).tags, keys), {}),
    },
    ListPolicyTags: {
      asks: ({ PolicyArn: arn }) => ask('ListPolicyTags', arn),
      run: ({ PolicyArn: arn = '', ...asked }) => {
        const all = tagList(registry.policy(arn).tags);
        const page = pageOf(all, asked, ['policy tags', arn]);
        return { Tags: page.items, ...page.more };
      },
    },
  };
}

function readPolicy(text: string): Written {
  if (text.trim() === '') throw malformed('The policy is not in the valid JSON format.');
  const document = parsePolicy(text, 'identity');
  if (sizeOf(text) > LONGEST) throw limitExceeded(`Cannot exceed quota for PolicySize: ${LONGEST}`);
  return { text, document };
}

/** AWS's own policies are there to be read and attached. */
function own(policy: ManagedPolicy): ManagedPolicy {
  if (policy.byAws)
    throw new AwsError('AccessDenied', `Policy ${policy.arn} is managed by AWS and cannot be changed.`, { status: 403 });
  return policy;
}

function makeDefault(registry: Registry, policy: ManagedPolicy, version: PolicyVersion): void {
  policy.defaultVersion = version.id;
  policy.updatedAt = registry.now();
  registry.announceWearers(policy.arn);
}

function versionOf(policy: ManagedPolicy, id: string): PolicyVersion {
  const version = policy.versions.get(id);
  if (!version) throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
}

const versionShape = (policy: ManagedPolicy, { id, createdAt }: PolicyVersion): VersionShape => ({
  VersionId: id,
  IsDefaultVersion: policy.defaultVersion === id,
  CreateDate: new Date(createdAt),
});

const policyShape = (policy: ManagedPolicy, attachments: number): PolicyShape => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: attachments,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  ...(policy.description !== undefined && { Description: policy.description }),
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
});
