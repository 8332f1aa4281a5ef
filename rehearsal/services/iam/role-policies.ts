// What hangs on a role: policies written into it, and managed ones attached to it.
import { parsePolicy } from '../../iam/policy.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { limitExceeded, noSuchEntity } from './failures.ts';
import { checkName, encodeDocument, sizeOf } from './naming.ts';
import { pageOf } from './page.ts';
import type { Registry, Role } from './registry.ts';
import { askRole } from './roles.ts';

type Names =
  | 'PutRolePolicy'
  | 'GetRolePolicy'
  | 'DeleteRolePolicy'
  | 'ListRolePolicies'
  | 'AttachRolePolicy'
  | 'DetachRolePolicy'
  | 'ListAttachedRolePolicies';

/** All inline policies of a role together; managed policies on one role. */
const INLINE_SIZE = 10_240;
const ATTACHED_COUNT = 10;

export function rolePolicyOperations(registry: Registry): Pick<OperationsOf<Sdks['iam']>, Names> {
  return {
    PutRolePolicy: {
      asks: ({ RoleName: name }) => [askRole(registry, 'PutRolePolicy', name)],
      run: ({ RoleName: roleName = '', PolicyName: name = '', PolicyDocument: text = '' }) => {
        const role = registry.role(roleName);
        checkName('policyName', name, 128);
        const document = parsePolicy(text, 'identity');
        checkInlineSize(role, name, text);
        role.inline.set(name, { text, document });
        registry.announce(role);
        return {};
      },
    },
    GetRolePolicy: {
      asks: ({ RoleName: name }) => [askRole(registry, 'GetRolePolicy', name)],
      run: ({ RoleName: roleName = '', PolicyName: name = '' }) => {
        const { text } = inlineOf(registry.role(roleName), name);
        return { RoleName: roleName, PolicyName: name, PolicyDocument: encodeDocument(text) };
      },
    },
    DeleteRolePolicy: {
      asks: ({ RoleName: name }) => [askRole(registry, 'DeleteRolePolicy', name)],
      run: ({ RoleName: roleName = '', PolicyName: name = '' }) => {
        const role = registry.role(roleName);
        inlineOf(role, name);
        role.inline.delete(name);
        registry.announce(role);
        return {};
      },
    },
    ListRolePolicies: {
      asks: ({ RoleName: name }) => [askRole(registry, 'ListRolePolicies', name)],
      run: ({ RoleName: name = '', ...asked }) => {
        const all = [...registry.role(name).inline.keys()].sort();
        const page = pageOf(all, asked, ['inline', name]);
        return { PolicyNames: page.items, ...page.more };
      },
    },
    AttachRolePolicy: {
      asks: ({ RoleName: name, PolicyArn: arn = '' }) => [askRole(registry, 'AttachRolePolicy', name, { 'iam:PolicyARN': arn })],
      run: ({ RoleName: roleName = '', PolicyArn: arn = '' }) => {
        const role = registry.role(roleName);
        if (!registry.policies.has(arn)) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
        if (!role.attached.has(arn) && role.attached.size >= ATTACHED_COUNT) {
          throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${ATTACHED_COUNT}`);
        }
        role.attached.add(arn);
        registry.announce(role);
        return {};
      },
    },
    DetachRolePolicy: {
      asks: ({ RoleName: name, PolicyArn: arn = '' }) => [askRole(registry, 'DetachRolePolicy', name, { 'iam:PolicyARN': arn })],
      run: ({ RoleName: roleName = '', PolicyArn: arn = '' }) => {
        const role = registry.role(roleName);
        if (!role.attached.delete(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
        registry.announce(role);
        return {};
      },
    },
    ListAttachedRolePolicies: {
      asks: ({ RoleName: name }) => [askRole(registry, 'ListAttachedRolePolicies', name)],
      run: ({ RoleName: name = '', PathPrefix: prefix = '/', ...asked }) => {
        const policies = [...registry.role(name).attached].map((arn) => registry.policy(arn));
        const all = policies.filter(({ path }) => path.startsWith(prefix));
        const page = pageOf(all, asked, ['attached', name, prefix]);
        return {
          AttachedPolicies: page.items.map((policy) => ({ PolicyName: policy.name, PolicyArn: policy.arn })),
          ...page.more,
        };
      },
    },
  };
}

function inlineOf(role: Role, name: string): { text: string } {
  const written = role.inline.get(name);
  if (!written) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  return written;
}

function checkInlineSize(role: Role, name: string, text: string): void {
  const others = [...role.inline].filter(([known]) => known !== name).map(([, written]) => sizeOf(written.text));
  if (others.reduce((sum, size) => sum + size, sizeOf(text)) > INLINE_SIZE) {
    throw limitExceeded(`Maximum policy size of ${INLINE_SIZE} bytes exceeded for role ${role.name}`);
  }
}
