// Names and ARNs of Step Functions, and how it refuses bad ones.
import type { Ask } from '../../iam/ask.ts';
import { MAX_NAME_CHARACTERS } from '../../states/limits.ts';
import { AwsError } from '../error.ts';

/** Whitespace, brackets, wildcards, the special characters AWS lists, control characters, and what UTF-16 leaves unpaired. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

export type ResourceKind = 'stateMachine' | 'execution';

/** Where an ARN points: a machine, one of its versions or aliases, or an execution. */
export interface Pointer {
  readonly arn: string;
  readonly kind: ResourceKind;
  readonly region: string;
  readonly machine: string;
  /** `arn:aws:states:…:stateMachine:<machine>`, without version or alias. */
  readonly machineArn: string;
  /** A version's number, an alias' name, or an execution's name. */
  readonly qualifier: string | undefined;
}

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** The sentence AWS's own front door writes when a member breaks its model. */
export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export function checkName(name: string, member = 'name'): void {
  if (name.length === 0) throw constraint(name, member, 'have length greater than or equal to 1');
  if (name.length > MAX_NAME_CHARACTERS)
    throw constraint(name, member, `have length less than or equal to ${MAX_NAME_CHARACTERS}`);
  if (FORBIDDEN.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

export function pointerOf(arn: string, kind: ResourceKind): Pointer {
  const parts = arn.split(':');
  const [prefix, partition, service, region, account, found, machine, qualifier] = parts;
  if (prefix !== 'arn' || partition !== 'aws') throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (service !== 'states') throw invalidArn(`Service was not 'states' but '${service ?? ''}': ${arn}`);
  if (found !== kind) throw invalidArn(`Resource type not valid in this context: ${found ?? ''}`);
  if (!machine || !region || !account || parts.length > 8 || (kind === 'execution' && !qualifier)) {
    throw invalidArn(`Invalid ARN: ${arn}`);
  }
  const machineArn = ['arn:aws:states', region, account, 'stateMachine', machine].join(':');
  return { arn, kind, region, machine, machineArn, qualifier };
}

const invalidArn = (reason: string): AwsError => new AwsError('InvalidArn', `Invalid Arn: '${reason}'`);

export const invalidToken = (): AwsError => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");

export const executionArnOf = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

export const isVersion = (qualifier: string | undefined): boolean => qualifier !== undefined && /^\d+$/.test(qualifier);

export function checkRoleArn(roleArn: string): void {
  if (!/^arn:aws:iam::\d{12}:role\/.+/.test(roleArn)) throw invalidArn(`Invalid Role Arn: ${roleArn}`);
}

/** IAM is asked about the machine; version and alias come as the condition key `states:StateMachineQualifier`. */
export function askMachine(action: string, arn: string | undefined): Ask {
  const parts = (arn ?? '').split(':');
  const qualifier = parts[7];
  const resource = parts.slice(0, 7).join(':');
  return { action, resource, ...(qualifier === undefined ? {} : { context: { 'states:StateMachineQualifier': [qualifier] } }) };
}
