// Roles: made, read, changed, deleted.
import type { Role as RoleShape } from '@aws-sdk/client-iam';
import type { Ask } from '../../iam/ask.ts';
import { requestTags } from '../request-tags.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { alreadyExists, constraint, deleteConflict, notImitated } from './failures.ts';
import { checkName, checkPath, encodeDocument, roleArn } from './naming.ts';
import { pageOf } from './page.ts';
import { type Registry, type Role, tagList } from './registry.ts';
import { addTags, removeTags, resourceTags } from './tags.ts';
import { readTrust } from './trust.ts';

type Names =
  | 'CreateRole'
  | 'GetRole'
  | 'ListRoles'
  | 'UpdateRole'
  | 'UpdateAssumeRolePolicy'
  | 'DeleteRole'
  | 'TagRole'
  | 'UntagRole'
  | 'ListRoleTags';

const DEFAULT_SESSION_SECONDS = 3600;

/** What is asked about a role: its own ARN, and its tags; a role that is not there is asked about under the root path. */
export function askRole(registry: Registry, action: string, name: string | undefined, context: Ask['context'] = {}): Ask {
  const role = registry.roles.get(name ?? '');
  const resource = role?.arn ?? roleArn(registry.account, '/', name ?? '');
  return { action: `iam:${action}`, resource, context: { ...resourceTags(role?.tags), ...context } };
}

export function roleOperations(registry: Registry): Pick<OperationsOf<Sdks['iam']>, Names> {
  const { account } = registry;
  return {
    CreateRole: {
      asks: ({ RoleName: name = '', Path: path = '/', Tags: tags }) => {
        const created = { action: 'iam:CreateRole', resource: roleArn(account, path, name), context: requestTags(tags) };
        // Tags at birth need the right to tag as well.
        return tags && tags.length > 0 ? [created, { ...created, action: 'iam:TagRole' }] : [created];
      },
      run: (input) => {
        const { RoleName: name = '', Path: path = '/', AssumeRolePolicyDocument: text = '', Description: description } = input;
        if (input.PermissionsBoundary !== undefined) throw notImitated('iam:CreateRole with a PermissionsBoundary');
        checkName('roleName', name, 64);
        checkPath(path);
        const trust = readTrust(text, registry);
        if ([...registry.roles.keys()].some((known) => known.toLowerCase() === name.toLowerCase())) {
          throw alreadyExists(`Role with name ${name} already exists.`);
        }
        const role: Role = {
          name,
          path,
          arn: roleArn(account, path, name),
          id: registry.newId('AROA'),
          createdAt: registry.now(),
          trust,
          description,
          maxSessionSeconds: sessionSeconds(input.MaxSessionDuration),
          inline: new Map(),
          attached: new Set(),
          tags: new Map(),
        };
        addTags(role.tags, input.Tags);
        registry.roles.set(name, role);
        registry.announce(role);
        return { Role: shapeOf(role) };
      },
    },
    GetRole: {
      asks: ({ RoleName: name }) => [askRole(registry, 'GetRole', name)],
      run: ({ RoleName: name = '' }) => ({ Role: { ...shapeOf(registry.role(name)), RoleLastUsed: {} } }),
    },
    ListRoles: {
      asks: ({ PathPrefix: prefix = '/' }) => [{ action: 'iam:ListRoles', resource: `arn:aws:iam::${account}:role${prefix}` }],
      run: ({ PathPrefix: prefix = '/', ...asked }) => {
        const all = [...registry.roles.values()].filter((role) => role.path.startsWith(prefix)).sort(byName);
        const page = pageOf(all, asked, ['roles', prefix]);
        return { Roles: page.items.map(listedShape), ...page.more };
      },
    },
    UpdateRole: {
      asks: ({ RoleName: name }) => [askRole(registry, 'UpdateRole', name)],
      run: ({ RoleName: name = '', Description: description, MaxSessionDuration: seconds }) => {
        const role = registry.role(name);
        role.maxSessionSeconds = sessionSeconds(seconds, role.maxSessionSeconds);
        role.description = description ?? role.description;
        registry.announce(role);
        return {};
      },
    },
    UpdateAssumeRolePolicy: {
      asks: ({ RoleName: name }) => [askRole(registry, 'UpdateAssumeRolePolicy', name)],
      run: ({ RoleName: name = '', PolicyDocument: text = '' }) => {
        const role = registry.role(name);
        role.trust = readTrust(text, registry);
        registry.announce(role);
        return {};
      },
    },
    DeleteRole: {
      asks: ({ RoleName: name }) => [askRole(registry, 'DeleteRole', name)],
      run: ({ RoleName: name = '' }) => {
        const role = registry.role(name);
        if (role.attached.size > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
        if (role.inline.size > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
        registry.forget(role);
        return {};
      },
    },
    TagRole: {
      asks: ({ RoleName: name, Tags: tags }) => [askRole(registry, 'TagRole', name, requestTags(tags))],
      run: ({ RoleName: name = '', Tags: tags }) => {
        const role = registry.role(name);
        addTags(role.tags, tags);
        registry.announce(role);
        return {};
      },
    },
    UntagRole: {
      asks: ({ RoleName: name, TagKeys: keys = [] }) => [askRole(registry, 'UntagRole', name, { 'aws:TagKeys': keys })],
      run: ({ RoleName: name = '', TagKeys: keys }) => {
        const role = registry.role(name);
        removeTags(role.tags, keys);
        registry.announce(role);
        return {};
      },
    },
    ListRoleTags: {
      asks: ({ RoleName: name }) => [askRole(registry, 'ListRoleTags', name)],
      run: ({ RoleName: name = '', ...asked }) => {
        const all = tagList(registry.role(name).tags);
        const page = pageOf(all, asked, ['role tags', name]);
        return { Tags: page.items, ...page.more };
      },
    },
  };
}

function sessionSeconds(asked: number | undefined, standing = DEFAULT_SESSION_SECONDS): number {
  const seconds = asked ?? standing;
  if (seconds < 3600) throw constraint('maxSessionDuration', String(seconds), 'have value greater than or equal to 3600');
  if (seconds > 43_200) throw constraint('maxSessionDuration', String(seconds), 'have value less than or equal to 43200');
  return seconds;
}

function shapeOf(role: Role): RoleShape {
  const tags = tagList(role.tags);
  return {
    ...listedShape(role),
    ...(tags.length > 0 && { Tags: tags }),
  };
}

/** Listings leave the tags out. */
function listedShape(role: Role): RoleShape {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trust.text),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

const byName = (a: Role, b: Role): number => (a.name < b.name ? -1 : 1);
