// Names in RDS: identifiers, ARNs, and which of them a filter accepts.
import type { Ask } from '../../iam/ask.ts';
import type { Call } from '../service.ts';
import { invalidValue } from './failures.ts';

export const arnOf = (region: string, account: string, kind: 'db' | 'es' | 'snapshot', name: string): string =>
  `arn:aws:rds:${region}:${account}:${kind}:${name}`;

/** Not case-sensitive, and kept in lower case. */
export function requireIdentifier(identifier: string, parameter: string): string {
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(identifier) || identifier.length > 63)
    throw invalidValue(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    );
  return identifier.toLowerCase();
}

/** An instance is described by its identifier or its ARN; an ARN of elsewhere is nobody's here. */
export function identifierIn(given: string, call: Call): string {
  const prefix = arnOf(call.region, call.account, 'db', '');
  if (given.startsWith('arn:') && !given.startsWith(prefix))
    throw invalidValue(`The specified resource name does not match an RDS resource in this region.`);
  return requireIdentifier(given.startsWith(prefix) ? given.slice(prefix.length) : given, 'DBInstanceIdentifier');
}

/** Without a name the question is about all of them. An ARN is asked about as it was written, before anybody looks at it. */
export function askAbout(
  action: string,
  kind: 'db' | 'snapshot',
  name: string | undefined,
  call: Call,
  tags: ReadonlyMap<string, string> = new Map(),
): Ask {
  const resource = name?.startsWith('arn:')
    ? name
    : arnOf(call.region, call.account, kind, name === undefined || name === '' ? '*' : name.toLowerCase());
  return { action: `rds:${action}`, resource, context: tagContext(tags) };
}

/** A resource's tags, as policies ask for them by the two names they have. */
export function tagContext(tags: ReadonlyMap<string, string>): Record<string, string> {
  const named = [...tags].flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`rds:db-tag/${key}`, value],
  ]);
  return Object.fromEntries(named) as Record<string, string>;
}
