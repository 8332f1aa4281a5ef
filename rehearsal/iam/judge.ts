// May this caller do this? The one place where every call of the cloud is judged.
import { AwsError } from '../services/error.ts';
import type { Ask, Caller, Trace } from './ask.ts';
import type { Scene } from './context.ts';
import type { Judge, NamedPolicy, Principals, RoleRecord, Verdict } from './contract.ts';
import type { Decision } from './evaluation.ts';
import { evaluate } from './evaluation.ts';
import { refusalOf } from './refusal.ts';
import { createUsageBook } from './usage.ts';

/** The operator's own rights. Explicit denies of resource policies bind the operator too. */
export const ADMINISTRATOR: NamedPolicy = {
  name: 'AdministratorAccess',
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

/** `now` tells the instant a role is assumed at, for trust policies with a date in them. */
export function createJudge(principals: Principals, account: string, now: () => number = () => 0): Judge {
  const usage = createUsageBook(principals);

  const judge = (caller: Caller, ask: Ask, scene: Scene): Verdict => {
    const decision = decide(principals, caller, ask, scene);
    const role = caller.kind === 'role' ? principals.role(caller.role) : undefined;
    if (role) usage.record(role, decision.decided, decision.alone === true);
    return verdictOf(caller, ask, decision);
  };

  const assume = (roleArn: string, service: string, session: string, trace?: Trace): Extract<Caller, { kind: 'role' }> => {
    const role = principals.role(roleArn);
    const caller: Caller = { kind: 'service', service, account, source: sourceOf(service, trace) };
    const ask: Ask = { action: 'sts:AssumeRole', resource: roleArn, resourcePolicy: role?.trust };
    const verdict = judge(caller, ask, { at: now(), region: 'us-east-1' });
    if (!role || !verdict.allowed) throw new AwsError('AccessDenied', verdict.message, { status: 403 });
    return sessionOf(role, account, session, trace);
  };

  return { judge, assume, usage: () => usage.read() };
}

/** The decision alone, counted nowhere. */
function decide(principals: Principals, caller: Caller, ask: Ask, scene: Scene): Decision {
  const role = caller.kind === 'role' ? principals.role(caller.role) : undefined;
  return evaluate({ caller, role, ask, scene, policies: policiesOf(caller, role) });
}

function policiesOf(caller: Caller, role: RoleRecord | undefined): readonly NamedPolicy[] {
  if (caller.kind === 'operator') return [ADMINISTRATOR];
  return role?.policies ?? [];
}

const verdictOf = (caller: Caller, ask: Ask, { outcome }: Decision): Verdict =>
  outcome === 'allowed' ? { allowed: true, message: '' } : { allowed: false, message: refusalOf(caller, ask, outcome) };

export const sessionOf = (
  role: RoleRecord,
  account: string,
  session: string,
  trace?: Trace,
): Extract<Caller, { kind: 'role' }> => ({
  kind: 'role',
  arn: `arn:aws:sts::${account}:assumed-role/${role.name}/${session}`,
  account,
  role: role.name,
  session,
  trace,
});

/** Step Functions assumes in the name of the state machine, not of the execution. */
function sourceOf(service: string, trace: Trace | undefined): string | undefined {
  if (service !== 'states.amazonaws.com' || trace?.execution === undefined) return undefined;
  const [arn, partition, states, region, account, , machine] = trace.execution.split(':');
  return [arn, partition, states, region, account, 'stateMachine', machine].join(':');
}
