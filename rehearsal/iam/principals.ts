// The roles of the account: written by the IAM service, read by the judge at every call.
import type { PrincipalStore, RoleRecord } from './contract.ts';

export function createPrincipals(): PrincipalStore {
  const roles = new Map<string, RoleRecord>();
  return {
    // Role names are unique in an account without regard to case, but are spoken of in the case they were given.
    role: (nameOrArn) => {
      const found = roles.get(roleNameOf(nameOrArn).toLowerCase());
      return found && [found.name, found.arn].includes(nameOrArn) ? found : undefined;
    },
    roles: () => [...roles.values()],
    put: (role) => void roles.set(role.name.toLowerCase(), role),
    remove: (name) => void roles.delete(name.toLowerCase()),
  };
}

const roleNameOf = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
