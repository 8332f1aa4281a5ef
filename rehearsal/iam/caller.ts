// The ARNs a caller answers to in a Principal element, and whether a statement means this caller.
import type { Caller, PolicyStatement } from './ask.ts';
import type { RoleRecord } from './contract.ts';

/**
 * `granted`: the statement names the caller. `delegated`: it names the caller's whole account, which leaves the decision to the
 * identity's own policies.
 */
export type Meant = 'granted' | 'delegated' | 'none';

/** The caller as it is written in policies: its session or user, then its role. */
export function arnsOf(caller: Caller, role: RoleRecord | undefined): string[] {
  if (caller.kind === 'operator') return [caller.arn];
  if (caller.kind !== 'role') return [];
  return [caller.arn, role?.arn ?? `arn:aws:iam::${caller.account}:role/${caller.role}`];
}

const accountRoot = (account: string): string => `arn:aws:iam::${account}:root`;

type Principal = PolicyStatement['Principal'];

export function meantBy(principal: Principal, caller: Caller, arns: readonly string[]): Meant {
  if (principal === undefined) return 'none';
  const aws = namesOf(principal, 'AWS');
  if (aws.includes('*')) return 'granted';
  if (caller.kind === 'service') return namesService(principal, caller.service) ? 'granted' : 'none';
  if (caller.kind === 'anonymous') return 'none';
  if (arns.some((arn) => aws.includes(arn))) return 'granted';
  return namesAccount(aws, caller.account) ? 'delegated' : 'none';
}

/** NotPrincipal spares only who is listed with all its names: session, role and account, as AWS evaluates it. */
export function sparedBy(principal: Principal, caller: Caller, arns: readonly string[]): boolean {
  if (principal === undefined) return true;
  const aws = namesOf(principal, 'AWS');
  if (aws.includes('*')) return true;
  if (caller.kind === 'service') return namesService(principal, caller.service);
  if (caller.kind === 'anonymous') return false;
  return namesAccount(aws, caller.account) && arns.every((arn) => aws.includes(arn));
}

const namesAccount = (aws: readonly string[], account: string): boolean =>
  aws.includes(account) || aws.includes(accountRoot(account));

/** Older templates name a service with its Region, `states.eu-west-1.amazonaws.com`; AWS takes it for the same. */
const namesService = (principal: NonNullable<Principal>, service: string): boolean =>
  namesOf(principal, 'Service').some((name) => name.replace(/\.[a-z]{2}(-[a-z]+)+-\d(?=\.amazonaws\.com$)/, '') === service);

function namesOf(principal: NonNullable<Principal>, kind: 'AWS' | 'Service'): readonly string[] {
  if (principal === '*') return kind === 'AWS' ? ['*'] : [];
  const named = principal[kind] ?? [];
  return typeof named === 'string' ? [named] : named;
}
