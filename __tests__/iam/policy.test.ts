import { describe, expect, it } from '@jest/globals';
import { unknownActions } from '../../rehearsal/iam/actions.ts';
import type { PolicyDocument } from '../../rehearsal/iam/ask.ts';
import { parsePolicy } from '../../rehearsal/iam/policy.ts';

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::ledger/*' };
const policy = (...statements: object[]): object => ({ Version: '2012-10-17', Statement: statements });
const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };

describe('a policy that IAM accepts', () => {
  it('loads from its text as from its value', () => {
    const document = policy(allow);

    expect(parsePolicy(JSON.stringify(document), 'identity')).toEqual(document);
  });

  it('may use every operator with every set prefix and IfExists', () => {
    const condition = {
      'ForAllValues:StringEqualsIfExists': { 'aws:TagKeys': ['a', 'b'] },
      'ForAnyValue:StringLike': { 'aws:TagKeys': 'team-*' },
      ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x-*' },
      DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' },
      Null: { 's3:prefix': false },
      Bool: { 'AWS:SecureTransport': 'false' },
    };

    expect(() => parsePolicy(policy({ ...allow, Condition: condition }), 'identity')).not.toThrow();
  });

  it('may trust a service', () => {
    expect(() => parsePolicy(policy(trust), 'trust')).not.toThrow();
  });
});

const refused: [string, object, 'identity' | 'trust' | 'resource', string][] = [
  ['an unknown field', policy({ ...allow, Actions: 's3:*' }), 'identity', 'Actions'],
  ['an unknown field at the top', { ...policy(allow), Statements: [] }, 'identity', 'Statements'],
  ['an effect in lower case', policy({ ...allow, Effect: 'allow' }), 'identity', 'Syntax errors'],
  ['both Action and NotAction', policy({ ...allow, NotAction: 's3:PutObject' }), 'identity', 'Syntax errors'],
  ['no action', policy({ Effect: 'Allow', Resource: '*' }), 'identity', 'must contain actions'],
  ['no resource', policy({ Effect: 'Allow', Action: 's3:*' }), 'identity', 'must contain resources'],
  ['an action without its service', policy({ ...allow, Action: 'GetObject' }), 'identity', 'must be prefaced by a vendor'],
  ['a principal', policy({ ...allow, Principal: '*' }), 'identity', 'should not specify a principal'],
  ['an invented version', { Version: '2020-01-01', Statement: allow }, 'identity', 'Syntax errors'],
  ['the version of 2008', { Version: '2008-10-17', Statement: allow }, 'identity', 'must be version 2012-10-17 or greater'],
  ['a resource that is no ARN', policy({ ...allow, Resource: 'ledger/*' }), 'identity', 'must be in ARN format or "*"'],
  ['a bucket with a Region', policy({ ...allow, Resource: 'arn:aws:s3:eu-west-1::b' }), 'identity', 'can not contain region'],
  ['an invented partition', policy({ ...allow, Resource: 'arn:amazon:s3:::b' }), 'identity', 'Partition "amazon"'],
  ['an unknown operator', policy({ ...allow, Condition: { StringIs: { 's3:prefix': 'x' } } }), 'identity', 'StringIs'],
  [
    'a key nobody evaluates',
    policy({ ...allow, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
    'identity',
    'aws:MultiFactorAuthPresent',
  ],
  ['a variable nobody evaluates', policy({ ...allow, Resource: 'arn:aws:s3:::b/${aws:userid}' }), 'identity', 'aws:userid'],
  ['a number that is none', policy({ ...allow, Condition: { NumericLessThan: { 's3:max-keys': 'ten' } } }), 'identity', 'ten'],
  ['two statements of one name', policy({ ...allow, Sid: 'A' }, { ...allow, Sid: 'A' }), 'identity', 'must be unique'],
  ['a resource in a trust policy', policy({ ...trust, Resource: '*' }), 'trust', 'Has prohibited field Resource'],
  [
    'a trust without a principal',
    policy({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
    'trust',
    'Missing required field Principal',
  ],
  [
    'a trust in a service that does not exist',
    policy({ ...trust, Principal: { Service: 'lamda.amazonaws.com' } }),
    'trust',
    'Invalid principal in policy: "SERVICE":"lamda.amazonaws.com"',
  ],
  ['a trust for another action', policy({ ...trust, Action: 's3:GetObject' }), 'trust', 'may only specify STS AssumeRole'],
  [
    'a principal with a wildcard',
    policy({ ...allow, Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } }),
    'resource',
    'Invalid principal',
  ],
  ['a resource policy for nobody', policy(allow), 'resource', 'Missing required field Principal'],
];

describe('a policy with', () => {
  it.each(refused)('%s does not load', (_, document, kind, said) => {
    const load = (): unknown => parsePolicy(document, kind);

    expect(load).toThrow(
      expect.objectContaining({ name: 'MalformedPolicyDocument', message: expect.stringContaining(said) as unknown }),
    );
  });
});

describe('an action', () => {
  const actions = (...Action: string[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });

  it('is known by its operation, or by the name IAM gives it', () => {
    const known = actions('rds:CreateDBSnapshot', 'lambda:InvokeFunction', 's3:ListBucket', 'iam:PassRole', 'logs:Create*', '*');

    expect(unknownActions(known)).toEqual([]);
  });

  it('is unknown when it was mistyped, or is an operation IAM does not speak of', () => {
    const mistyped = actions(
      'rds:DeleteDBIInstance',
      'lambda:Invoke',
      's3:ListObjectsV2',
      'route-53:ListHostedZones',
      'kms:Zap*',
    );

    expect(unknownActions(mistyped)).toEqual([
      'rds:DeleteDBIInstance',
      'lambda:Invoke',
      's3:ListObjectsV2',
      'route-53:ListHostedZones',
      'kms:Zap*',
    ]);
  });
});
