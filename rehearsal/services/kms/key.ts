// The keys of one Region, how a caller names them, and what IAM is asked before they are used.
import type { GrantConstraints, GrantOperation, Tag } from '@aws-sdk/client-kms';
import type { Ask, PolicyDocument, PolicyStatement } from '../../iam/ask.ts';
import { statementsOf } from '../../iam/evaluation.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { bytesOf } from './cipher.ts';
import { invalidState, notFound, refusal } from './failures.ts';
import { viaOf } from './via.ts';

export interface Grant {
  readonly id: string;
  readonly token: string;
  readonly name: string | undefined;
  readonly createdAt: number;
  readonly grantee: string;
  readonly retiring: string | undefined;
  readonly operations: readonly GrantOperation[];
  readonly constraints: GrantConstraints | undefined;
  readonly issuer: string;
}
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly manager: 'AWS' | 'CUSTOMER';
  readonly material: Buffer;
  readonly grants: Map<string, Grant>;
  description: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  deletion: { readonly at: number; readonly cancel: () => void } | undefined;
  policy: { text: string; document: PolicyDocument };
  rotation: { readonly periodDays: number; readonly since: number } | undefined;
  tags: Tag[];
}
export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  target: string;
}
export interface Keyring {
  readonly region: string;
  readonly keys: Map<string, Key>;
  readonly aliases: Map<string, Alias>;
}
export interface Kms {
  readonly ground: Ground;
  rings(region: string): Keyring;
}

/** Services whose own key AWS makes the first time it is needed. */
const MANAGED = ['s3', 'ssm', 'secretsmanager', 'sns', 'sqs', 'rds', 'ebs', 'lambda', 'dynamodb', 'logs', 'backup'];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const arnIn = ({ ground }: Kms, ring: Keyring, resource: string): string =>
  `arn:aws:kms:${ring.region}:${ground.account}:${resource}`;

/** By id, ARN, alias name or alias ARN. */
export function findKey(kms: Kms, region: string, named: string | undefined): Key {
  const ring = kms.rings(region);
  const name = localName(kms, ring, named ?? '');
  if (name.startsWith('alias/')) return findByAlias(kms, ring, name);
  const id = name.startsWith('key/') ? name.slice('key/'.length) : name;
  if (!UUID.test(id)) throw notFound(`Invalid keyId '${id}'`);
  const key = ring.keys.get(id);
  if (!key) throw notFound(`Key '${arnIn(kms, ring, `key/${id}`)}' does not exist`);
  return key;
}

function localName(kms: Kms, ring: Keyring, named: string): string {
  if (!named.startsWith('arn:')) return named;
  const [, , service, region, account, ...rest] = named.split(':');
  if (service !== 'kms' || region !== ring.region) throw notFound(`Invalid arn ${region ?? ''}`);
  if (account !== kms.ground.account) throw notFound(`Key '${named}' does not exist`);
  return rest.join(':');
}

function findByAlias(kms: Kms, ring: Keyring, name: string): Key {
  const service = /^alias\/aws\/(.+)$/.exec(name)?.[1];
  if (service !== undefined && MANAGED.includes(service) && !ring.aliases.has(name)) makeManaged(kms, ring, name, service);
  const alias = ring.aliases.get(name);
  const key = alias && ring.keys.get(alias.target);
  if (!key) throw notFound(`Alias ${arnIn(kms, ring, name)} is not found.`);
  return key;
}

export interface KeyDraft {
  readonly manager: Key['manager'];
  readonly description: string;
  readonly policy?: { text: string; document: PolicyDocument } | undefined;
  readonly tags?: Tag[] | undefined;
}

export function draftKey(kms: Kms, ring: Keyring, { manager, description, policy, tags = [] }: KeyDraft): Key {
  const id = kms.ground.uuid();
  return {
    id,
    arn: arnIn(kms, ring, `key/${id}`),
    createdAt: kms.ground.timeline.now(),
    manager,
    material: bytesOf(kms.ground, 32),
    grants: new Map(),
    description,
    state: 'Enabled',
    deletion: undefined,
    policy: policy ?? written(defaultPolicy(kms.ground.account)),
    rotation: undefined,
    tags,
  };
}

const written = (document: PolicyDocument): Key['policy'] => ({ text: JSON.stringify(document, null, 2), document });

const defaultPolicy = (account: string): PolicyDocument => ({
  Version: '2012-10-17',
  Id: 'key-default-1',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** A service's own key serves everybody in the account who comes through that service. */
function makeManaged(kms: Kms, ring: Keyring, name: string, service: string): void {
  const { account, timeline } = kms.ground;
  const policy = written({
    Version: '2012-10-17',
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:CreateGrant', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${ring.region}.amazonaws.com` },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  });
  const description = `Default key that protects my ${service} data when no other key is defined`;
  const key = draftKey(kms, ring, { manager: 'AWS', description, policy });
  ring.keys.set(key.id, key);
  const at = timeline.now();
  ring.aliases.set(name, { name, arn: arnIn(kms, ring, name), createdAt: at, updatedAt: at, target: key.id });
}

type EncryptionContext = Readonly<Record<string, string>>;

/** The key policy must speak: directly, through a grant, or by handing the account's root the decision to IAM. */
export function keyAsk(key: Key, operation: string, call: Call, encryptionContext: EncryptionContext = {}): Ask {
  const via = viaOf(call.caller);
  const pairs = Object.entries(encryptionContext);
  return {
    action: `kms:${operation}`,
    resource: key.arn,
    context: {
      ...(via !== undefined && { 'kms:ViaService': via }),
      ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
      ...(pairs.length > 0 && { 'kms:EncryptionContextKeys': pairs.map(([name]) => name) }),
      ...Object.fromEntries(key.tags.map(({ TagKey, TagValue }) => [`aws:ResourceTag/${TagKey ?? ''}`, TagValue ?? ''])),
    },
    resourcePolicy: {
      ...key.policy.document,
      Statement: [
        ...statementsOf(key.policy.document),
        ...[...key.grants.values()].flatMap((grant) => permits(grant, encryptionContext)),
      ],
    },
  };
}

/** A grant is a statement for one principal, while its constraints hold. */
function permits({ grantee, operations, constraints }: Grant, context: EncryptionContext): PolicyStatement[] {
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = constraints ?? {};
  const holds = (wanted: Record<string, string>): boolean =>
    Object.entries(wanted).every(([name, value]) => context[name] === value);
  if (subset && !holds(subset)) return [];
  if (equal && !(holds(equal) && Object.keys(equal).length === Object.keys(context).length)) return [];
  return [
    {
      Effect: 'Allow',
      Principal: grantee.startsWith('arn:') ? { AWS: grantee } : { Service: grantee },
      Action: operations.map((operation) => `kms:${operation}`),
      Resource: '*',
    },
  ];
}

/** Only an enabled key encrypts or decrypts. */
export function requireUsable(key: Key): void {
  if (key.state === 'Disabled') throw refusal('DisabledException', `${key.arn} is disabled.`);
  if (key.state === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
}
