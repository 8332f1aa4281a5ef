// What a request looks like to a condition: every key that is present, with its values.
import type { Ask, Caller } from './ask.ts';
import type { RoleRecord } from './contract.ts';

/** The instant and Region a question is asked in. */
export interface Scene {
  readonly at: number;
  readonly region: string;
}

export interface Context {
  /** Undefined when the request does not carry the key. */
  values(key: string): readonly string[] | undefined;
}

type Keys = Record<string, string | readonly string[] | undefined>;

/** The global keys, then what the asking service knows: it may correct a global one, as with aws:ViaAWSService. */
export function contextOf(caller: Caller, ask: Ask, scene: Scene, role: RoleRecord | undefined): Context {
  return contextOfKeys({ ...ofScene(ask, scene), ...ofCaller(caller, role), ...ask.context });
}

function contextOfKeys(keys: Keys): Context {
  const present = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(keys)) {
    if (value !== undefined) present.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return { values: (key) => present.get(key.toLowerCase()) };
}

const ofScene = (ask: Ask, { at, region }: Scene): Keys => ({
  'aws:CurrentTime': new Date(at).toISOString(),
  'aws:EpochTime': String(Math.floor(at / 1000)),
  // A global service is asked in the one Region it lives in.
  'aws:RequestedRegion': ask.action.startsWith('iam:') ? 'us-east-1' : region,
  // The wire is plain HTTP on the loopback; a TLS-only policy would deny every call of every rehearsal.
  'aws:SecureTransport': 'true',
  ...ofForwarding(ask),
});

/** Only KMS is spoken to by another service in the caller's name here; such a call says so. */
function ofForwarding({ action, context }: Ask): Keys {
  const forwarded = String(context?.['kms:ViaService'] !== undefined);
  const grant = action.toLowerCase() === 'kms:creategrant' && { 'kms:GrantIsForAWSResource': forwarded };
  return { 'aws:ViaAWSService': forwarded, ...grant };
}

function ofCaller(caller: Caller, role: RoleRecord | undefined): Keys {
  if (caller.kind === 'anonymous') return { 'aws:PrincipalType': 'Anonymous', 'aws:PrincipalIsAWSService': 'false' };
  if (caller.kind === 'service') return ofService(caller);
  const common = {
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalIsAWSService': 'false',
    'kms:CallerAccount': caller.account,
    'aws:SourceOwner': caller.account,
  };
  if (caller.kind === 'operator') {
    const username = caller.arn.slice(caller.arn.lastIndexOf('/') + 1);
    return { ...common, 'aws:PrincipalArn': caller.arn, 'aws:PrincipalType': 'User', 'aws:username': username };
  }
  const tags = Object.entries(role?.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const);
  return {
    ...common,
    ...Object.fromEntries(tags),
    'aws:PrincipalArn': role?.arn ?? `arn:aws:iam::${caller.account}:role/${caller.role}`,
    'aws:PrincipalType': 'AssumedRole',
  };
}

const ofService = (caller: Extract<Caller, { kind: 'service' }>): Keys => ({
  'aws:PrincipalIsAWSService': 'true',
  'aws:PrincipalServiceName': caller.service,
  'aws:SourceAccount': caller.account,
  'aws:SourceOwner': caller.account,
  'kms:CallerAccount': caller.account,
  'aws:SourceArn': caller.source,
});
