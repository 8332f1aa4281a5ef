// Who may use a function from outside its account's identity policies: the policy on the function, an alias or a version.
import { AwsError } from '../error.ts';
import type { Call } from '../service.ts';
import type { PolicyDocument, PolicyStatement } from '../../iam/ask.ts';
import type { FunctionPolicy, LambdaFunction, LambdaOperations, Room } from './catalog.ts';
import { askAbout, functionOf, LATEST, referenceOf, targetOf } from './naming.ts';
import { changedRevision, conflict, constraint, invalid, missing, notImitated } from './refusals.ts';

const POLICY_LIMIT = 20_480;
const ACTION = /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/;

/** The policy that speaks for an invocation by this qualifier. */
export function policyDocumentOf(fn: LambdaFunction, qualifier: string | undefined): PolicyDocument | undefined {
  const policy = fn.policies.get(qualifier === LATEST ? '' : (qualifier ?? ''));
  return policy && { Version: '2012-10-17', Id: 'default', Statement: policy.statements };
}

export function permissionOperations(room: Room): LambdaOperations {
  const { ground } = room;

  /** The function and the place its policy hangs at. */
  function placeOf(call: Call, name: string | undefined, qualifier: string | undefined) {
    const reference = referenceOf(call, name, qualifier);
    const fn = functionOf(room, call, reference);
    targetOf(fn, reference.qualifier, ground.random);
    const key = reference.qualifier ?? '';
    return { fn, key, arn: key === '' ? fn.arn : `${fn.arn}:${key}`, policy: fn.policies.get(key) };
  }
  const store = (fn: LambdaFunction, key: string, statements: FunctionPolicy['statements']): void => {
    if (statements.length === 0) fn.policies.delete(key);
    else fn.policies.set(key, { statements, revisionId: ground.uuid() });
  };

  return {
    AddPermission: {
      asks: ({ FunctionName, Principal, FunctionUrlAuthType }, call) => [
        askAbout(room, call, 'AddPermission', referenceOf(call, FunctionName).arn, {
          'lambda:Principal': Principal ?? '',
          ...(FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
        }),
      ],
      run(input, call) {
        const { fn, key, arn, policy } = placeOf(call, input.FunctionName, input.Qualifier);
        if (key === LATEST) throw invalid('We currently do not support adding policies for $LATEST.');
        if (input.RevisionId !== undefined) changedRevision(input.RevisionId, policy?.revisionId ?? '', 'GetPolicy');
        const statement = statementOf(input, arn);
        const statements = policy?.statements ?? [];
        if (statements.some(({ Sid }) => Sid === statement.Sid)) {
          throw conflict(
            `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          );
        }
        const all = [...statements, statement];
        const size = JSON.stringify(all).length;
        if (size > POLICY_LIMIT)
          throw new AwsError(
            'PolicyLengthExceededException',
            `The final policy size (${size}) is bigger than the limit (${POLICY_LIMIT}).`,
          );
        store(fn, key, all);
        return { Statement: JSON.stringify(statement) };
      },
    },
    RemovePermission: {
      asks: ({ FunctionName }, call) => [askAbout(room, call, 'RemovePermission', referenceOf(call, FunctionName).arn)],
      run({ FunctionName, Qualifier, StatementId = '', RevisionId }, call) {
        const { fn, key, policy } = placeOf(call, FunctionName, Qualifier);
        if (!policy) throw missing('No policy is associated with the given resource.');
        changedRevision(RevisionId, policy.revisionId, 'GetPolicy');
        if (!policy.statements.some(({ Sid }) => Sid === StatementId)) {
          throw missing(`Statement ${StatementId} is not found in resource policy.`);
        }
        store(
          fn,
          key,
          policy.statements.filter(({ Sid }) => Sid !== StatementId),
        );
        return {};
      },
    },
    GetPolicy: {
      asks: ({ FunctionName, Qualifier }, call) => [
        askAbout(room, call, 'GetPolicy', referenceOf(call, FunctionName, Qualifier).qualifiedArn),
      ],
      run({ FunctionName, Qualifier }, call) {
        const { fn, key, policy } = placeOf(call, FunctionName, Qualifier);
        if (!policy) throw missing('The resource you requested does not exist.');
        return { Policy: JSON.stringify(policyDocumentOf(fn, key)), RevisionId: policy.revisionId };
      },
    },
  };
}

interface Asked {
  readonly StatementId?: string | undefined;
  readonly Action?: string | undefined;
  readonly Principal?: string | undefined;
  readonly SourceArn?: string | undefined;
  readonly SourceAccount?: string | undefined;
  readonly EventSourceToken?: string | undefined;
  readonly PrincipalOrgID?: string | undefined;
  readonly FunctionUrlAuthType?: string | undefined;
  readonly InvokedViaFunctionUrl?: boolean | undefined;
}

function statementOf(asked: Asked, resource: string): PolicyStatement & { Sid: string } {
  const { StatementId = '', Action = '', FunctionUrlAuthType } = asked;
  if (!/^[a-zA-Z0-9-_]{1,100}$/.test(StatementId)) {
    throw constraint(StatementId, 'statementId', 'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)');
  }
  if (!ACTION.test(Action)) {
    throw constraint(Action, 'action', 'Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])');
  }
  if (asked.PrincipalOrgID !== undefined) throw notImitated('PrincipalOrgID');
  if (FunctionUrlAuthType !== undefined && Action !== 'lambda:InvokeFunctionUrl') {
    throw invalid('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action');
  }
  if (asked.InvokedViaFunctionUrl === true && Action !== 'lambda:InvokeFunction') {
    throw invalid('InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action');
  }
  const condition = conditionOf(asked);
  return {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: principalOf(asked.Principal ?? ''),
    Action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function conditionOf(asked: Asked): Record<string, Record<string, string>> {
  const equals = {
    ...(asked.SourceAccount !== undefined && { 'AWS:SourceAccount': asked.SourceAccount }),
    ...(asked.FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': asked.FunctionUrlAuthType }),
    ...(asked.EventSourceToken !== undefined && { 'lambda:EventSourceToken': asked.EventSourceToken }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(asked.InvokedViaFunctionUrl === true && { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
    ...(asked.SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': asked.SourceArn } }),
  };
}

function principalOf(written: string): NonNullable<PolicyStatement['Principal']> {
  if (written === '*') return '*';
  if (/^\d{12}$/.test(written)) return { AWS: `arn:aws:iam::${written}:root` };
  if (/^arn:aws:(iam|sts)::\d{12}:/.test(written)) return { AWS: written };
  if (/^[a-z0-9.-]+\.amazonaws\.com$/.test(written)) return { Service: written };
  throw invalid('The provided principal was invalid. Please check the principal and try again.');
}
