// How functions are called: by name, partial ARN or ARN, with or without a qualifier.
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Call } from '../service.ts';
import type { Alias, LambdaFunction, Room, Version } from './catalog.ts';
import { constraint, invalid, missing } from './refusals.ts';

export const LATEST = '$LATEST';

const REFERENCE =
  /^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:([a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;
const PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?';
const LONGEST_NAME = 64;
const LONGEST_REFERENCE = 140;

export interface Reference {
  readonly name: string;
  readonly arn: string;
  readonly qualifier: string | undefined;
  /** The ARN as meant, with its qualifier. */
  readonly qualifiedArn: string;
}

const arnOf = (call: Call, name: string): string => `arn:aws:lambda:${call.region}:${call.account}:function:${name}`;

/** Reads a FunctionName and its Qualifier parameter, which may both carry one. */
export function referenceOf(call: Call, written: string | undefined, qualifier?: string): Reference {
  const match = REFERENCE.exec(written ?? '');
  if (!match || (written ?? '').length > LONGEST_REFERENCE) {
    throw constraint(written ?? '', 'functionName', `Member must satisfy regular expression pattern: ${PATTERN}`);
  }
  const [, region, account, name = '', inName] = match;
  if (name.length > LONGEST_NAME) {
    throw constraint(written, 'functionName', `Member must have length less than or equal to ${LONGEST_NAME}`);
  }
  if (region !== undefined && region !== call.region) {
    throw missing(`Functions from '${region}' are not reachable in this region ('${call.region}')`);
  }
  if (account !== undefined && account !== call.account) {
    throw new AwsError('AccessDeniedException', `Account ${account} is not reachable from ${call.account}`, { status: 403 });
  }
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier) {
    throw invalid('The derived qualifier from the function name does not match the specified qualifier.');
  }
  const found = qualifier ?? inName;
  const arn = arnOf(call, name);
  return { name, arn, qualifier: found, qualifiedArn: found === undefined ? arn : `${arn}:${found}` };
}

export function functionOf(room: Room, call: Call, reference: Reference): LambdaFunction {
  const found = room.region(call.region).get(reference.name);
  if (!found) throw missing(`Function not found: ${reference.qualifiedArn}`);
  return found;
}

/** What an operation on the whole function acts on: a qualifier has no place here. */
export function wholeFunction(room: Room, call: Call, written: string | undefined): LambdaFunction {
  return functionOf(room, call, referenceOf(call, written));
}

export interface Target {
  readonly version: Version;
  readonly alias?: Alias;
}

/** The version that a qualifier means; an alias with weights may mean either of two. */
export function targetOf(fn: LambdaFunction, qualifier: string | undefined, chance: () => number): Target {
  if (qualifier === undefined || qualifier === LATEST) return { version: fn.latest };
  const version = fn.versions.get(qualifier);
  if (version) return { version };
  const alias = fn.aliases.get(qualifier);
  const number = alias && weighted(alias, chance);
  const named = number === LATEST ? fn.latest : fn.versions.get(number ?? '');
  if (!alias || !named) throw missing(`Function not found: ${fn.arn}:${qualifier}`);
  return { version: named, alias };
}

function weighted(alias: Alias, chance: () => number): string {
  const weights = Object.entries(alias.weights);
  if (weights.length === 0) return alias.version;
  let left = chance();
  for (const [version, weight] of weights) {
    left -= weight;
    if (left < 0) return version;
  }
  return alias.version;
}

/** IAM's question about a function; its tags count when it stands. */
export function askAbout(room: Room, call: Call, action: string, resource: string, context: Ask['context'] = {}): Ask {
  const name = /:function:([^:]+)/.exec(resource)?.[1] ?? '';
  const tags = [...(room.region(call.region).get(name)?.tags ?? [])].map(
    ([key, value]) => [`aws:ResourceTag/${key}`, value] as const,
  );
  return { action: `lambda:${action}`, resource, context: { ...Object.fromEntries(tags), ...context } };
}
