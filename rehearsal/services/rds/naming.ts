// Names in RDS: identifiers, ARNs, and what IAM is asked about them.
import type { Ask } from '../../iam/ask.ts';
import { requestTags } from '../request-tags.ts';
import type { Call } from '../service.ts';
import { invalidValue, missing } from './failures.ts';

export type Kind = 'auto-backup' | 'db' | 'es' | 'og' | 'pg' | 'secgrp' | 'snapshot' | 'subgrp';

export const arnOf = (region: string, account: string, kind: Kind, name: string): string =>
  `arn:aws:rds:${region}:${account}:${kind}:${name}`;

/** Not case-sensitive, and kept in lower case. */
export function requireIdentifier(identifier: string, parameter: string, most = 63): string {
  if (identifier === '') throw missing(parameter);
  if (!/^[a-z](?:-?[a-z0-9])*$/i.test(identifier) || identifier.length > most)
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
  kind: Kind,
  name: string | undefined,
  call: Call,
  tags: ReadonlyMap<string, string> = new Map(),
  more: Ask['context'] = {},
): Ask {
  const resource = name?.startsWith('arn:')
    ? name
    : arnOf(call.region, call.account, kind, name === undefined || name === '' ? '*' : name.toLowerCase());
  return { action: `rds:${action}`, resource, context: { ...tagContext(tags, kind), ...more } };
}

/** By which name of RDS's own a policy asks for the tags of each kind of resource. */
const TAG_KEYS: Readonly<Record<Kind, string>> = {
  'auto-backup': 'rds:auto-backup-tag',
  db: 'rds:db-tag',
  es: 'rds:es-tag',
  og: 'rds:og-tag',
  pg: 'rds:pg-tag',
  secgrp: 'rds:secgrp-tag',
  snapshot: 'rds:snapshot-tag',
  subgrp: 'rds:subgrp-tag',
};

/** A resource's tags, as policies ask for them by the two names they have. */
export function tagContext(tags: ReadonlyMap<string, string>, kind: Kind = 'db'): Record<string, string> {
  const named = [...tags].flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`${TAG_KEYS[kind]}/${key}`, value],
  ]);
  return Object.fromEntries(named) as Record<string, string>;
}

interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The tags a request brings, by AWS's name and by RDS's own. */
export const requestContext = (tags: readonly Tag[] = []): NonNullable<Ask['context']> => ({
  ...requestTags(tags),
  ...Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [`rds:req-tag/${Key}`, Value])),
});

/** Who brings tags to what he makes needs the right to give them, too. */
export const asksForTags = (kind: Kind, name: string | undefined, tags: readonly Tag[] | undefined, call: Call): Ask[] =>
  tags === undefined || tags.length === 0
    ? []
    : [askAbout('AddTagsToResource', kind, name, call, new Map(), requestContext(tags))];
