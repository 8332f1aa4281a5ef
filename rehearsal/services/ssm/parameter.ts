// The parameters of one Region, how a caller names them, and what IAM is asked.
import type { ParameterTier, ParameterType, Tag } from '@aws-sdk/client-ssm';
import type { Ask } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { notFound, refusal, validation } from './failures.ts';

export interface ParameterVersion {
  readonly version: number;
  readonly type: ParameterType;
  /** Plain text, or KMS's ciphertext in base64 for a SecureString. */
  readonly value: string;
  readonly keyId: string | undefined;
  readonly modifiedAt: number;
  readonly modifiedBy: string;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly dataType: string;
  readonly tier: ParameterTier;
  readonly labels: Set<string>;
}
export interface Parameter {
  readonly name: string;
  readonly arn: string;
  /** Oldest first; at most a hundred. */
  versions: ParameterVersion[];
  tags: Tag[];
}
export interface Store {
  readonly ground: Ground;
  in(region: string): Map<string, Parameter>;
}

export const arnOf = ({ ground }: Store, region: string, name: string): string =>
  `arn:aws:ssm:${region}:${ground.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;

/** `name`, `name:3`, `name:label`, or the same after an ARN. */
export interface Selector {
  readonly name: string;
  readonly selector: string | undefined;
}

function selectorOf(named: string | undefined): Selector {
  const text = (named ?? '').replace(/^arn:aws:ssm:[^:]*:\d*:parameter(?=\/)/, '');
  const [name = '', selector, ...more] = text.split(':');
  if (more.length > 0) throw validation('Invalid parameter name: it may carry one version or label after a colon.');
  return { name, selector };
}

/** An ARN's path always begins with a slash, a name's only in a hierarchy. */
export const find = (store: Store, region: string, name: string): Parameter | undefined =>
  store.in(region).get(name) ?? (/^\/[^/]+$/.test(name) ? store.in(region).get(name.slice(1)) : undefined);

export function latestOf({ versions }: Parameter): ParameterVersion {
  const latest = versions.at(-1);
  if (!latest) throw notFound();
  return latest;
}

export function pick(
  store: Store,
  region: string,
  named: string | undefined,
): { parameter: Parameter; version: ParameterVersion; selector: string | undefined } {
  const { name, selector } = selectorOf(named);
  const parameter = find(store, region, name);
  if (!parameter) throw notFound();
  if (selector === undefined) return { parameter, version: latestOf(parameter), selector };
  const byNumber = /^\d+$/.test(selector);
  const version = parameter.versions.find((one) => (byNumber ? one.version === Number(selector) : one.labels.has(selector)));
  if (!version)
    throw refusal(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
    );
  return { parameter, version, selector };
}

export function parameterAsk(
  store: Store,
  action: string,
  name: string | undefined,
  call: Call,
  context: Ask['context'] = {},
): Ask {
  const plain = selectorOf(name).name;
  const tags = find(store, call.region, plain)?.tags ?? [];
  return {
    action: `ssm:${action}`,
    resource: arnOf(store, call.region, find(store, call.region, plain)?.name ?? plain),
    context: { ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key ?? ''}`, Value ?? ''])), ...context },
  };
}

export function requireTags(tags: readonly Tag[]): void {
  if (tags.length > 50) throw refusal('TooManyTagsError', 'Too many tags: a parameter may have 50.');
  if (tags.some(({ Key = '' }) => Key === '' || Key.startsWith('aws:')))
    throw validation('A tag key must not be empty or start with aws:.');
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw validation('Duplicate tag keys.');
}
