// The secrets of one Region, how a caller names them, and what IAM is asked.
import type { Tag } from '@aws-sdk/client-secrets-manager';
import type { Ask, PolicyDocument } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { invalidParameter, invalidRequest, markedForDeletion, notFound } from './failures.ts';

export type Value = { readonly SecretString: string } | { readonly SecretBinary: Uint8Array };
export interface SecretVersion {
  readonly id: string;
  readonly createdAt: number;
  readonly value: Value;
  /** The data key under the KMS key: reading the value asks KMS to open it. */
  readonly sealed: Uint8Array;
  readonly keyArn: string;
  readonly stages: Set<string>;
  accessedAt: number | undefined;
}
export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly versions: Map<string, SecretVersion>;
  description: string | undefined;
  keyId: string | undefined;
  changedAt: number;
  accessedAt: number | undefined;
  deletion: { readonly requestedAt: number; readonly at: number; readonly cancel: () => void } | undefined;
  policy: { readonly text: string; readonly document: PolicyDocument } | undefined;
  tags: Tag[];
}
export interface Secrets {
  readonly ground: Ground;
  in(region: string): Map<string, Secret>;
}
export interface Named {
  SecretId?: string | undefined;
}

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
const DAY = 86_400_000;

/** By name, by ARN, or by ARN without its six random characters. */
export function lookUp(secrets: Secrets, region: string, id: string | undefined): Secret | undefined {
  const all = secrets.in(region);
  if (id === undefined || !id.startsWith('arn:')) return all.get(id ?? '');
  return [...all.values()].find(({ arn }) => arn === id || arn.slice(0, -'-XXXXXX'.length) === id);
}

export function secretOf(secrets: Secrets, call: Call, { SecretId: id }: Named): Secret {
  const secret = lookUp(secrets, call.region, id);
  if (!secret) throw notFound();
  return secret;
}

export function standingSecret(secrets: Secrets, call: Call, input: Named): Secret {
  const secret = secretOf(secrets, call, input);
  if (secret.deletion) throw markedForDeletion();
  return secret;
}

/** A secret that does not exist is asked for as it was named: a policy on ARNs then refuses, as in AWS. */
export const askOf =
  (secrets: Secrets, action: string, context: (input: Named & Staged) => Ask['context'] = () => ({})) =>
  (input: Named & Staged, call: Call): Ask[] => [secretAsk(secrets, action, input.SecretId, call, context(input))];

interface Staged {
  VersionId?: string | undefined;
  VersionStage?: string | undefined;
}

export function secretAsk(
  secrets: Secrets,
  action: string,
  id: string | undefined,
  call: Call,
  context: Ask['context'] = {},
): Ask {
  const secret = lookUp(secrets, call.region, id);
  const tags = secret?.tags ?? [];
  return {
    action: `secretsmanager:${action}`,
    resource: secret?.arn ?? id ?? '*',
    context: {
      ...(secret && { 'secretsmanager:SecretId': secret.arn, 'secretsmanager:SecretPrimaryRegion': call.region }),
      ...Object.fromEntries(tags.map(({ Key, Value }) => [`secretsmanager:ResourceTag/${Key ?? ''}`, Value ?? ''])),
      ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key ?? ''}`, Value ?? ''])),
      ...context,
    },
    resourcePolicy: secret?.policy?.document,
  };
}

export function requireTags(tags: readonly Tag[]): void {
  if (tags.length > 50) throw invalidParameter('Too many tags: a secret may have 50.');
  if (tags.some(({ Key = '' }) => Key === '' || Key.startsWith('aws:')))
    throw invalidParameter('A tag key must not be empty or start with aws:.');
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw invalidRequest('Duplicate tag keys found.');
}

/** Marks a secret for deletion; until the window closes it can be restored, and cannot be read. */
export function schedule(secrets: Secrets, call: Call, secret: Secret, days: number): number {
  const now = secrets.ground.timeline.now();
  const at = now + days * DAY;
  const cancel = secrets.ground.timeline.at(at, () => void secrets.in(call.region).delete(secret.name));
  secret.deletion = { requestedAt: now, at, cancel };
  return at;
}
