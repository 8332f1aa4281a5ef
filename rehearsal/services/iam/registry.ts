// The identities that stand in the account. Whatever changes here is told to the judge's principals at once: AWS takes seconds.
import type { Tag } from '@aws-sdk/client-iam';
import type { PolicyDocument } from '../../iam/ask.ts';
import type { PrincipalStore } from '../../iam/contract.ts';
import { parsePolicy } from '../../iam/policy.ts';
import type { Ground } from '../ground.ts';
import { noSuchEntity, noSuchRole } from './failures.ts';
import { ID_ALPHABET, ID_LENGTH } from './naming.ts';
import { PUBLISHED } from './published.ts';

/** A document as it was written, and as it was understood. */
export interface Written {
  readonly text: string;
  readonly document: PolicyDocument;
}

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  trust: Written;
  description: string | undefined;
  maxSessionSeconds: number;
  readonly inline: Map<string, Written>;
  /** ARNs of managed policies, in the order they were attached. */
  readonly attached: Set<string>;
  readonly tags: Map<string, string>;
}

export interface PolicyVersion {
  readonly id: string;
  readonly createdAt: number;
  readonly written: Written;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly description: string | undefined;
  readonly createdAt: number;
  updatedAt: number;
  defaultVersion: string;
  nextVersion: number;
  readonly versions: Map<string, PolicyVersion>;
  readonly tags: Map<string, string>;
  readonly byAws: boolean;
}

export interface Registry {
  readonly account: string;
  readonly roles: Map<string, Role>;
  readonly policies: Map<string, ManagedPolicy>;
  role(name: string): Role;
  policy(arn: string): ManagedPolicy;
  newId(prefix: string): string;
  now(): number;
  /** Tells the judge what the role is now. */
  announce(role: Role): void;
  /** The same for every role that wears this policy. */
  announceWearers(policyArn: string): void;
  forget(role: Role): void;
}

export function createRegistry(ground: Ground, principals: PrincipalStore): Registry {
  const roles = new Map<string, Role>();
  const policies = new Map(
    PUBLISHED.map((published) => [arnOfPublished(published), published] as const).map(([arn, p]) => [arn, fromAws(arn, p)]),
  );

  const announce = (role: Role): void => {
    const inline = [...role.inline].map(([name, { document }]) => ({ name, document }));
    const attached = [...role.attached].map((arn) => ({ name: arn, document: documentOf(policies.get(arn)) }));
    principals.put({
      name: role.name,
      arn: role.arn,
      trust: role.trust.document,
      policies: [...inline, ...attached],
      tags: Object.fromEntries(role.tags),
      id: role.id,
      maxSessionSeconds: role.maxSessionSeconds,
    });
  };

  return {
    account: ground.account,
    roles,
    policies,
    role(name) {
      // AWS keeps names unique without regard to case, but finds them only as they were given.
      const role = roles.get(name);
      if (!role) throw noSuchRole(name);
      return role;
    },
    policy(arn) {
      const policy = policies.get(arn);
      if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`);
      return policy;
    },
    newId: (prefix) => prefix + ground.token(ID_LENGTH, ID_ALPHABET),
    // IAM's dates know no fractions of a second.
    now: () => Math.floor(ground.timeline.now() / 1000) * 1000,
    announce,
    announceWearers(policyArn) {
      for (const role of roles.values()) if (role.attached.has(policyArn)) announce(role);
    },
    forget(role) {
      roles.delete(role.name);
      principals.remove(role.name);
    },
  };
}

function documentOf(policy: ManagedPolicy | undefined): PolicyDocument {
  return policy?.versions.get(policy.defaultVersion)?.written.document ?? { Version: '2012-10-17', Statement: [] };
}

const arnOfPublished = ({ path, name }: { path: string; name: string }): string => `arn:aws:iam::aws:policy${path}${name}`;

function fromAws(arn: string, published: (typeof PUBLISHED)[number]): ManagedPolicy {
  const text = JSON.stringify(published.document, null, 4);
  const createdAt = Date.parse(published.createdAt);
  const written = { text, document: parsePolicy(text, 'identity') };
  return {
    name: published.name,
    path: published.path,
    arn,
    id: published.id,
    description: published.description,
    createdAt,
    updatedAt: Date.parse(published.updatedAt),
    defaultVersion: published.version,
    nextVersion: 0,
    versions: new Map([[published.version, { id: published.version, createdAt: Date.parse(published.updatedAt), written }]]),
    tags: new Map(),
    byAws: true,
  };
}

export const tagList = (tags: ReadonlyMap<string, string>): Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));
