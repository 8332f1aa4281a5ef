// Identity and Access Management: the roles and policies that judge every call of this cloud.
import type { PrincipalStore } from '../../iam/contract.ts';
import type { Ground } from '../ground.ts';
import type { OperationsOf, Sdks, Service } from '../service.ts';
import { noSuchEntity } from './failures.ts';
import { managedPolicyOperations } from './managed-policies.ts';
import { OPERATOR_ID, userArn } from './naming.ts';
import { createRegistry, type Registry } from './registry.ts';
import { rolePolicyOperations } from './role-policies.ts';
import { roleOperations } from './roles.ts';
import { simulationOperations } from './simulation.ts';

export function createIam(ground: Ground, principals: PrincipalStore): Service<'iam'> {
  const registry = createRegistry(ground, principals);
  return {
    id: 'iam',
    operations: {
      ...roleOperations(registry),
      ...rolePolicyOperations(registry),
      ...managedPolicyOperations(registry),
      ...simulationOperations(principals, ground.account),
      ...personOperations(registry),
    },
    inventory: () => inventoryOf(registry),
  };
}

/** The account's one user is the person at the keyboard. */
function personOperations({
  account,
  now,
}: Registry): Pick<OperationsOf<Sdks['iam']>, 'GetUser' | 'ListUsers' | 'ListAccountAliases'> {
  const operator = {
    Path: '/',
    UserName: 'operator',
    UserId: OPERATOR_ID,
    Arn: userArn(account, 'operator'),
    CreateDate: new Date(now()),
  };
  return {
    GetUser: {
      asks: ({ UserName: name = 'operator' }) => [{ action: 'iam:GetUser', resource: userArn(account, name) }],
      run: ({ UserName: name = 'operator' }) => {
        if (name !== 'operator') throw noSuchEntity(`The user with name ${name} cannot be found.`);
        return { User: operator };
      },
    },
    ListUsers: {
      asks: ({ PathPrefix: prefix = '/' }) => [{ action: 'iam:ListUsers', resource: `arn:aws:iam::${account}:user${prefix}` }],
      run: ({ PathPrefix: prefix = '/' }) => ({ Users: prefix === '/' ? [operator] : [], IsTruncated: false }),
    },
    ListAccountAliases: {
      asks: () => [{ action: 'iam:ListAccountAliases', resource: '*' }],
      run: () => ({ AccountAliases: [], IsTruncated: false }),
    },
  };
}

function inventoryOf({ roles, policies }: Registry): Record<string, unknown> {
  const standing: [string, unknown][] = [...roles.values()].map((role) => [
    role.arn,
    { inline: [...role.inline.keys()], attached: [...role.attached], tags: Object.fromEntries(role.tags) },
  ]);
  const own = [...policies.values()].filter(({ byAws }) => !byAws);
  return Object.fromEntries([
    ...standing,
    ...own.map((policy): [string, unknown] => [policy.arn, { version: policy.defaultVersion }]),
  ]);
}
