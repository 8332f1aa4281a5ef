// What would IAM say? The same evaluation that judges every call, asked without a call.
import type { EvaluationResult, Statement } from '@aws-sdk/client-iam';
import type { Ask, Caller } from '../../iam/ask.ts';
import { contextOf } from '../../iam/context.ts';
import type { NamedPolicy, Principals, RoleRecord } from '../../iam/contract.ts';
import type { Decision } from '../../iam/evaluation.ts';
import { evaluate, statementsOf } from '../../iam/evaluation.ts';
import { ADMINISTRATOR, sessionOf } from '../../iam/judge.ts';
import { parsePolicy } from '../../iam/policy.ts';
import type { Call, InputOf, OperationsOf, Sdks } from '../service.ts';
import { invalidInput, noSuchEntity, notImitated } from './failures.ts';
import { userArn } from './naming.ts';
import { pageOf } from './page.ts';

type Input = InputOf<Sdks['iam'], 'SimulatePrincipalPolicy'>;

interface Subject {
  readonly caller: Caller;
  readonly role: RoleRecord | undefined;
  readonly policies: readonly NamedPolicy[];
}

const NOT_IMITATED = [
  'CallerArn',
  'ResourceOwner',
  'ResourceHandlingOption',
  'PermissionsBoundaryPolicyInputList',
  'PolicyExclusionList',
] as const;

export function simulationOperations(
  principals: Principals,
  account: string,
): Pick<OperationsOf<Sdks['iam']>, 'SimulatePrincipalPolicy'> {
  const subjectOf = (arn: string): Subject => {
    if (arn === userArn(account, 'operator')) {
      return { caller: { kind: 'operator', arn, account }, role: undefined, policies: [ADMINISTRATOR] };
    }
    const role = principals.role(arn);
    if (!role || role.arn !== arn) throw noSuchEntity(`The entity with ARN ${arn} cannot be found.`);
    return { caller: sessionOf(role, account, 'simulation'), role, policies: role.policies };
  };

  return {
    SimulatePrincipalPolicy: {
      asks: ({ PolicySourceArn: resource = '' }) => [{ action: 'iam:SimulatePrincipalPolicy', resource }],
      run: (input, call) => {
        const left = NOT_IMITATED.find((member) => input[member] !== undefined);
        if (left !== undefined) throw notImitated(`iam:SimulatePrincipalPolicy with ${left}`);
        const added = (input.PolicyInputList ?? []).map((text, i) => ({
          name: `PolicyInputList.${i + 1}`,
          document: parsePolicy(text, 'identity'),
        }));
        const subject = subjectOf(input.PolicySourceArn ?? '');
        const results = resultsOf(input, { ...subject, policies: [...subject.policies, ...added] }, call);
        const question = ['simulation', input.PolicySourceArn, input.ActionNames, input.ResourceArns];
        const page = pageOf(results, input, question);
        return { EvaluationResults: page.items, ...page.more };
      },
    },
  };
}

function resultsOf(input: Input, subject: Subject, call: Call): EvaluationResult[] {
  const resources = input.ResourceArns && input.ResourceArns.length > 0 ? input.ResourceArns : ['*'];
  const actions = input.ActionNames ?? [];
  for (const action of actions) if (!/^[\w-]+:\w+$/.test(action)) throw invalidInput(`Invalid Action Name: ${action}`);
  return actions.flatMap((action) => resources.map((resource) => resultOf(input, subject, call, action, resource)));
}

function resultOf(input: Input, subject: Subject, call: Call, action: string, resource: string): EvaluationResult {
  const ask: Ask = {
    action,
    resource,
    context: contextEntries(input),
    ...(input.ResourcePolicy !== undefined && { resourcePolicy: parsePolicy(input.ResourcePolicy, 'resource') }),
  };
  const scene = { at: call.at, region: call.region };
  const decision = evaluate({ ...subject, ask, scene });
  const context = contextOf(subject.caller, ask, scene, subject.role);
  const missing = keysOf(subject.policies).filter((key) => context.values(key) === undefined);
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: wordOf(decision),
    MatchedStatements: decision.decided.map(matchedShape),
    MissingContextValues: decision.outcome === 'allowed' ? [] : missing,
  };
}

function contextEntries({ ContextEntries: entries = [] }: Input): Record<string, readonly string[]> {
  return Object.fromEntries(
    entries.map(({ ContextKeyName: name = '', ContextKeyValues: values = [] }) => [name, values] as const),
  );
}

function wordOf({ outcome }: Decision): 'allowed' | 'explicitDeny' | 'implicitDeny' {
  if (outcome === 'allowed') return 'allowed';
  return outcome.endsWith('denies') ? 'explicitDeny' : 'implicitDeny';
}

const matchedShape = ({ policy }: Decision['decided'][number]): Statement => ({
  SourcePolicyId: policy.startsWith('arn:') ? policy.slice(policy.lastIndexOf('/') + 1) : policy,
  SourcePolicyType: sourceOf(policy),
});

function sourceOf(policy: string): 'aws-managed' | 'user-managed' | 'role' {
  if (policy.startsWith('arn:aws:iam::aws:')) return 'aws-managed';
  return policy.startsWith('arn:') ? 'user-managed' : 'role';
}

function keysOf(policies: readonly NamedPolicy[]): string[] {
  const keys = policies
    .flatMap(({ document }) => statementsOf(document))
    .flatMap(({ Condition: condition }) => Object.values(condition ?? {}).flatMap((block) => Object.keys(block)));
  return [...new Set(keys)];
}
