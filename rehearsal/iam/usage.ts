// Which statements of the roles' policies ever decided anything: a permission nobody used is one too many.
import type { PolicyStatement } from './ask.ts';
import type { NamedPolicy, Principals, RoleRecord, StatementUse } from './contract.ts';
import type { Matched } from './evaluation.ts';
import { listOf, statementsOf } from './evaluation.ts';

interface Count {
  decided: number;
  readonly actions: Set<string>;
  readonly alone: Set<string>;
}

export interface UsageBook {
  /** `alone`: nothing but this one statement allowed it. */
  record(role: RoleRecord, decided: readonly Matched[], alone: boolean): void;
  read(): readonly StatementUse[];
}

export function createUsageBook(principals: Principals): UsageBook {
  const counts = new Map<string, Count>();
  const countOf = (key: string): Count => {
    const count = counts.get(key) ?? { decided: 0, actions: new Set<string>(), alone: new Set<string>() };
    counts.set(key, count);
    return count;
  };

  const useOf = (role: RoleRecord, policy: NamedPolicy, statement: PolicyStatement, index: number): StatementUse => {
    const count = counts.get(keyOf(role, policy, statement, index));
    const actions = listOf(statement.Action ?? statement.NotAction);
    return {
      role: role.name,
      policy: policy.name,
      statement: index,
      sid: statement.Sid,
      actions,
      resources: listOf(statement.Resource ?? statement.NotResource),
      decided: count?.decided ?? 0,
      usedActions: actions.filter((action) => count?.actions.has(action)),
      neededActions: actions.filter((action) => count?.alone.has(action)),
    };
  };

  return {
    record(role, decided, alone) {
      for (const matched of decided) {
        const policy = role.policies.find((p) => p.name === matched.policy);
        const statement = policy && statementsOf(policy.document)[matched.statement];
        if (!policy || !statement) continue;
        const count = countOf(keyOf(role, policy, statement, matched.statement));
        count.decided++;
        for (const pattern of matched.patterns) {
          count.actions.add(pattern);
          if (alone) count.alone.add(pattern);
        }
      }
    },
    read: () =>
      principals
        .roles()
        .flatMap((role) =>
          role.policies.flatMap((policy) =>
            statementsOf(policy.document).map((statement, index) => useOf(role, policy, statement, index)),
          ),
        ),
  };
}

/** The statement's text is part of the key: a policy that was rewritten starts again at nothing. */
const keyOf = (role: RoleRecord, policy: NamedPolicy, statement: PolicyStatement, index: number): string =>
  JSON.stringify([role.name, policy.name, index, statement]);
