// How AWS words a refusal.
import type { Ask, Caller } from './ask.ts';
import type { Outcome } from './evaluation.ts';

const REASONS: Readonly<Record<Exclude<Outcome, 'allowed'>, (action: string) => string>> = {
  'identity denies': () => 'with an explicit deny in an identity-based policy',
  'resource denies': () => 'with an explicit deny in a resource-based policy',
  'identity silent': (action) => `because no identity-based policy allows the ${action} action`,
  'resource silent': (action) => `because no resource-based policy allows the ${action} action`,
};

/** Services that say `on resource: *`; the others leave a resource that is not one out. */
const NAMES_THE_STAR = ['kms', 'lambda', 'iam', 'route53'];

export function refusalOf(caller: Caller, ask: Ask, outcome: Exclude<Outcome, 'allowed'>): string {
  const prefix = ask.action.slice(0, ask.action.indexOf(':'));
  // S3 tells a stranger nothing.
  if (prefix === 's3' && caller.kind === 'anonymous') return 'Access Denied';
  const action = prefix === 'sns' ? ask.action.replace('sns:', 'SNS:') : ask.action;
  const refused = `User: ${subjectOf(caller)} is not authorized to perform: ${action}${resourceOf(ask.resource, prefix)}`;
  // STS says who, what and on which role, and never why.
  return prefix === 'sts' ? refused : `${refused} ${REASONS[outcome](action)}`;
}

function subjectOf(caller: Caller): string {
  if (caller.kind === 'service') return caller.service;
  return caller.kind === 'anonymous' ? 'anonymous' : caller.arn;
}

function resourceOf(resource: string, prefix: string): string {
  if (resource === '*' && !NAMES_THE_STAR.includes(prefix)) return '';
  return ` on resource: ${prefix === 's3' ? `"${resource}"` : resource}`;
}
