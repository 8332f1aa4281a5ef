import { describe, expect, it } from '@jest/globals';
import type { Ask, Caller, PolicyDocument, PolicyStatement } from '../../rehearsal/iam/ask.ts';
import { createJudge } from '../../rehearsal/iam/judge.ts';
import { parsePolicy } from '../../rehearsal/iam/policy.ts';
import { createPrincipals } from '../../rehearsal/iam/principals.ts';

const account = '123456789012';
const roleArn = `arn:aws:iam::${account}:role/app/swap-names`;
const scene = { at: Date.UTC(2026, 5, 1), region: 'eu-west-1' };
const operator: Caller = { kind: 'operator', arn: `arn:aws:iam::${account}:user/operator`, account };
const worn: Caller = {
  kind: 'role',
  arn: `arn:aws:sts::${account}:assumed-role/swap-names/run-1`,
  account,
  role: 'swap-names',
  session: 'run-1',
};
const events: Caller = {
  kind: 'service',
  service: 'events.amazonaws.com',
  account,
  source: `arn:aws:events:eu-west-1:${account}:rule/sync`,
};

const document = (...statements: object[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements as unknown as PolicyStatement[],
});
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (Action: string, Resource = '*', Condition?: object): object => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});

function court(...statements: object[]) {
  const principals = createPrincipals();
  const trust = parsePolicy(
    document({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    'trust',
  );
  const policies =
    statements.length === 0 ? [] : [{ name: 'inline', document: parsePolicy(document(...statements), 'identity') }];
  principals.put({ name: 'swap-names', arn: roleArn, trust, policies });
  const judge = createJudge(principals, account);
  return { judge, says: (caller: Caller, ask: Ask) => judge.judge(caller, ask, scene) };
}

const read = (resourcePolicy?: PolicyDocument): Ask => ({
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::ledger/runs/1.json',
  resourcePolicy,
});
const bucket = (statement: object): PolicyDocument => parsePolicy(document(statement), 'resource');

describe('a role', () => {
  it('may do what its policy allows, in any case of the action', () => {
    const { says } = court(allow('S3:getobject', 'arn:aws:s3:::ledger/runs/*'));

    expect(says(worn, read())).toEqual({ allowed: true, message: '' });
  });

  it('may do nothing else, and is told in the words of AWS', () => {
    const { says } = court(allow('s3:GetObject', 'arn:aws:s3:::Ledger/*'));

    expect(says(worn, read()).message).toBe(
      `User: ${worn.arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::ledger/runs/1.json" because no identity-based policy allows the s3:GetObject action`,
    );
  });

  it('is stopped by its own deny whatever else allows', () => {
    const { says } = court(allow('*'), deny('s3:*'));

    expect(says(worn, read()).message).toMatch(/with an explicit deny in an identity-based policy$/);
  });

  it('may do everything but what NotAction and NotResource except', () => {
    const { says } = court({ Effect: 'Allow', NotAction: 'iam:*', NotResource: 'arn:aws:s3:::secret/*' });

    const verdicts = [
      says(worn, read()),
      says(worn, { action: 'iam:GetRole', resource: roleArn }),
      says(worn, { action: 's3:GetObject', resource: 'arn:aws:s3:::secret/x' }),
    ];

    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, false, false]);
  });

  it('finds no wildcard running over the colons of an ARN', () => {
    const { says } = court(allow('rds:*', 'arn:aws:rds:*:snapshot:x'));

    const verdict = says(worn, { action: 'rds:DeleteDBSnapshot', resource: `arn:aws:rds:eu-west-1:${account}:snapshot:x` });

    expect(verdict.allowed).toBe(false);
  });

  it('is the value of the variables in its policy', () => {
    const { says } = court(allow('s3:GetObject', "arn:aws:s3:::ledger/${aws:PrincipalAccount}/${aws:username, 'nobody'}"));

    const verdict = says(worn, { action: 's3:GetObject', resource: `arn:aws:s3:::ledger/${account}/nobody` });

    expect(verdict.allowed).toBe(true);
  });

  it('matches nothing with a variable that has no value', () => {
    const { says } = court(allow('s3:GetObject', 'arn:aws:s3:::ledger/${aws:username}*'));

    expect(says(worn, { action: 's3:GetObject', resource: 'arn:aws:s3:::ledger/' }).allowed).toBe(false);
  });
});

describe('a resource policy of the same account', () => {
  it('suffices when it names the role', () => {
    const { says } = court();

    const verdict = says(worn, read(bucket({ ...allow('s3:GetObject', 'arn:aws:s3:::ledger/*'), Principal: { AWS: roleArn } })));

    expect(verdict.allowed).toBe(true);
  });

  it('only delegates when it names the account', () => {
    const { says } = court();

    const verdict = says(worn, read(bucket({ ...allow('s3:*', 'arn:aws:s3:::ledger/*'), Principal: { AWS: account } })));

    expect(verdict.message).toMatch(/because no identity-based policy allows the s3:GetObject action$/);
  });

  it('denies even the operator', () => {
    const { says } = court();

    const verdict = says(operator, read(bucket({ ...deny('s3:*'), Principal: '*' })));

    expect(verdict.message).toMatch(
      /^User: arn:aws:iam::123456789012:user\/operator .* with an explicit deny in a resource-based policy$/,
    );
  });

  it('spares with NotPrincipal only who is listed by account, role and session', () => {
    const { says } = court(allow('s3:*'));
    const sparing = (...AWS: string[]) => bucket({ ...deny('s3:*'), NotPrincipal: { AWS } });

    const verdicts = [says(worn, read(sparing(account, roleArn, worn.arn))), says(worn, read(sparing(roleArn)))];

    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, false]);
  });

  it('that demands TLS binds nobody here, where TLS is declared', () => {
    const { says } = court(allow('s3:*'));
    const demand = { ...deny('s3:*', '*', { Bool: { 'aws:SecureTransport': 'false' } }), Principal: '*' };

    expect(says(worn, read(bucket(demand))).allowed).toBe(true);
  });
});

describe('an AWS service', () => {
  const topic = `arn:aws:sns:eu-west-1:${account}:alarms`;
  const publish = (condition: object): Ask => ({
    action: 'sns:Publish',
    resource: topic,
    resourcePolicy: bucket({ ...allow('sns:Publish', topic, condition), Principal: { Service: 'events.amazonaws.com' } }),
  });

  it('may what a resource policy lets it for this source', () => {
    const { says } = court();

    expect(says(events, publish({ ArnLike: { 'aws:SourceArn': `arn:aws:events:*:${account}:rule/*` } })).allowed).toBe(true);
  });

  it('is refused for another source', () => {
    const { says } = court();

    const verdict = says(events, publish({ StringEquals: { 'aws:SourceAccount': '999999999999' } }));

    expect(verdict.message).toBe(
      `User: events.amazonaws.com is not authorized to perform: SNS:Publish on resource: ${topic} because no resource-based policy allows the SNS:Publish action`,
    );
  });

  it('is the same service when a policy names it with its Region, as older templates do', () => {
    const { says } = court();
    const policy = bucket({ ...allow('sns:Publish', topic), Principal: { Service: 'events.eu-west-1.amazonaws.com' } });

    expect(says(events, { action: 'sns:Publish', resource: topic, resourcePolicy: policy }).allowed).toBe(true);
  });

  it('wears only a role that trusts it', () => {
    const { judge } = court();

    const caller = judge.assume(roleArn, 'lambda.amazonaws.com', 'swap-names');

    expect(caller).toMatchObject({ arn: `arn:aws:sts::${account}:assumed-role/swap-names/swap-names`, role: 'swap-names' });
    expect(() => judge.assume(roleArn, 'states.amazonaws.com', 'x')).toThrow(expect.objectContaining({ name: 'AccessDenied' }));
  });
});

describe('a KMS key', () => {
  const key = `arn:aws:kms:eu-west-1:${account}:key/1`;
  const decrypt = (statement: object): Ask => ({ action: 'kms:Decrypt', resource: key, resourcePolicy: bucket(statement) });

  it('is shut to the operator when its policy leaves the account out', () => {
    const { says } = court();

    const verdict = says(operator, decrypt({ ...allow('kms:*'), Principal: { Service: 'sns.amazonaws.com' } }));

    expect(verdict.message).toMatch(/because no resource-based policy allows the kms:Decrypt action$/);
  });

  it('leaves it to the identity when its policy names the root of the account', () => {
    const delegating = { ...allow('kms:*'), Principal: { AWS: `arn:aws:iam::${account}:root` } };

    const verdicts = [court(allow('kms:Decrypt', key)), court()].map(({ says }) => says(worn, decrypt(delegating)).allowed);

    expect(verdicts).toEqual([true, false]);
  });
});

describe('a condition', () => {
  const names = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
  const change = (context: Ask['context']): Ask => ({
    action: 'route53:ChangeResourceRecordSets',
    resource: 'arn:aws:route53:::hostedzone/Z1',
    ...(context && { context }),
  });
  const bounded = { 'ForAllValues:StringEquals': { [names]: ['www.example.test', 'api.example.test'] } };

  it('for all values holds when every one is listed, and passes when there are none', () => {
    const { says } = court(allow('route53:ChangeResourceRecordSets', '*', bounded));

    const verdicts = [
      change({ [names]: ['www.example.test'] }),
      change({ [names]: ['www.example.test', 'mail.example.test'] }),
      change(undefined),
    ].map((ask) => says(worn, ask).allowed);

    expect(verdicts).toEqual([true, false, true]);
  });

  it('that the key be there closes that gap', () => {
    const { says } = court(allow('route53:ChangeResourceRecordSets', '*', { ...bounded, Null: { [names]: 'false' } }));

    expect(says(worn, change(undefined)).allowed).toBe(false);
  });

  it.each<[string, object, boolean]>([
    ['StringLike with a wildcard', { StringLike: { 's3:prefix': 'runs/*' } }, true],
    ['StringNotEquals', { StringNotEquals: { 's3:prefix': 'runs/1' } }, false],
    ['StringNotEquals on an absent key', { StringNotEquals: { 's3:delimiter': '/' } }, true],
    ['StringEquals on an absent key', { StringEquals: { 's3:delimiter': '/' } }, false],
    ['StringEqualsIfExists on an absent key', { StringEqualsIfExists: { 's3:delimiter': '/' } }, true],
    ['ForAnyValue on an absent key', { 'ForAnyValue:StringEquals': { 's3:delimiter': '/' } }, false],
    ['NumericLessThanEquals', { NumericLessThanEquals: { 's3:max-keys': '100' } }, true],
    ['DateGreaterThan', { DateGreaterThan: { 'aws:CurrentTime': '2026-06-02T00:00:00Z' } }, false],
    ['DateLessThan in seconds', { DateLessThan: { 'aws:EpochTime': '1900000000' } }, true],
    ['Bool', { Bool: { 'aws:ViaAWSService': false } }, true],
    ['ArnEquals with a wildcard', { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/app/*' } }, true],
    ['a key in another case', { StringEquals: { 'AWS:requestedregion': 'eu-west-1' } }, true],
    ['a variable', { StringEquals: { 's3:x-amz-acl': '${aws:PrincipalAccount}' } }, true],
    ['two keys of which one fails', { StringEquals: { 's3:prefix': 'runs/1', 's3:max-keys': '1' } }, false],
  ])('with %s', (_, condition, allowed) => {
    const { says } = court(allow('s3:ListBucket', '*', condition));
    const context = { 's3:prefix': 'runs/1', 's3:max-keys': '50', 's3:x-amz-acl': account };

    expect(says(worn, { action: 's3:ListBucket', resource: 'arn:aws:s3:::ledger', context }).allowed).toBe(allowed);
  });
});

describe('the usage of a policy', () => {
  it('counts the statements that decided, and the actions in them that were used', () => {
    const { judge, says } = court(allow(['s3:GetObject', 's3:PutObject']), allow('kms:Decrypt'));

    says(worn, read());
    says(worn, read());
    says(worn, { action: 'iam:GetRole', resource: roleArn });

    expect(judge.usage()).toMatchObject([
      { role: 'swap-names', policy: 'inline', statement: 0, decided: 2, usedActions: ['s3:GetObject'] },
      { role: 'swap-names', policy: 'inline', statement: 1, decided: 0, usedActions: [] },
    ]);
  });
});
