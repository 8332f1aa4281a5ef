import { describe, expect, it } from '@jest/globals';
import { draftBlueprint } from '../../rehearsal/stack/blueprint.ts';
import { resolveParameters } from '../../rehearsal/stack/parameters.ts';
import { parseTemplate } from '../../rehearsal/stack/template.ts';
import type { Json } from '../../rehearsal/stack/values.ts';

const identity = {
  stackName: 'night',
  stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/night/1',
  region: 'eu-west-1',
  account: '123456789012',
};
const sight = {
  ref: (id: string) => `${id}-1`,
  attribute: (id: string, name: string) => `${id}.${name}!`,
  exported: (name: string) => `exported ${name}`,
};
const surroundings = {
  Parameters: { Stage: { Type: 'String', Default: 'dev' }, Zones: { Type: 'CommaDelimitedList', Default: 'a, b' } },
  Mappings: { Sizes: { dev: { memory: '128' }, prod: { memory: '1024' } } },
  Conditions: {
    Dev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
    Prod: { 'Fn::Not': [{ Condition: 'Dev' }] },
    Either: { 'Fn::Or': [{ Condition: 'Dev' }, { Condition: 'Prod' }] },
    Both: { 'Fn::And': [{ Condition: 'Dev' }, { Condition: 'Prod' }] },
  },
};

/** What a value in a template comes to, beside a topic called Topic. */
async function evaluated(value: Json): Promise<Json> {
  const Resources = {
    Topic: { Type: 'AWS::SNS::Topic' },
    Held: { Type: 'AWS::SNS::Topic', Properties: { Tags: [{ Key: 'k', Value: value }] } },
  };
  const template = parseTemplate(JSON.stringify({ ...surroundings, Resources }));
  const parameters = await resolveParameters(template, { given: [], readSsm: () => Promise.resolve('') });
  const blueprint = draftBlueprint(template, parameters, identity, sight.exported);
  const { Tags } = blueprint.properties('Held', sight) as { Tags: { Value: Json }[] };
  return Tags[0]?.Value ?? null;
}

describe('the functions of a template', () => {
  it.each<[string, Json, Json]>([
    ['Ref of a resource', { Ref: 'Topic' }, 'Topic-1'],
    ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
    ['Ref of the Region', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Ref of the account', { Ref: 'AWS::AccountId' }, '123456789012'],
    ['Ref of the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['Ref of the URL suffix', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['Ref of the stack', { Ref: 'AWS::StackName' }, 'night'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Topic', 'TopicName'] }, 'Topic.TopicName!'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Topic.TopicName' }, 'Topic.TopicName!'],
    [
      'Sub of one text',
      { 'Fn::Sub': '${Topic}/${Topic.TopicName}/${AWS::Region}/${!Kept}' },
      'Topic-1/Topic.TopicName!/eu-west-1/${Kept}',
    ],
    ['Sub with values', { 'Fn::Sub': ['${a}-${Stage}', { a: { Ref: 'Topic' } }] }, 'Topic-1-dev'],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'Stage' }, 3]] }, 'a/dev/3'],
    ['Join of a list parameter', { 'Fn::Join': ['+', { Ref: 'Zones' }] }, 'a+b'],
    ['Select', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    ['Split and Select', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Topic' }] }] }, '1'],
    ['If taken', { 'Fn::If': ['Dev', 'yes', 'no'] }, 'yes'],
    ['If not taken', { 'Fn::If': ['Prod', 'yes', 'no'] }, 'no'],
    ['If of Or', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['If of And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] }, '128'],
    ['Base64', { 'Fn::Base64': 'night' }, 'bmlnaHQ='],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-bus' } }, 'exported dev-bus'],
    ['GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'eu-west-1a'],
  ])('evaluates %s', async (_, value, expected) => {
    const found = await evaluated(value);

    expect(found).toEqual(expected);
  });

  it.each<[string, Json, string, RegExp]>([
    [
      'an unknown function',
      { 'Fn::Length': [1] },
      'ValidationError',
      /unsupported function: Fn::Length .*Resources\/Held\/Properties\/Tags\/0\/Value/,
    ],
    ['a function AWS has and we have not', { 'Fn::Cidr': ['10.0.0.0/8', 1, 8] }, 'NotImplemented', /Fn::Cidr/],
    ['a Ref to nothing', { Ref: 'Nobody' }, 'ValidationError', /Unresolved resource dependencies \[Nobody\] .*Tags\/0\/Value/],
    ['a GetAtt of nothing', { 'Fn::GetAtt': ['Nobody', 'Arn'] }, 'ValidationError', /references undefined resource Nobody/],
    [
      'an attribute the type lacks',
      { 'Fn::GetAtt': ['Topic', 'Colour'] },
      'ValidationError',
      /Topic does not support attribute type Colour/,
    ],
    ['a Sub variable of nothing', { 'Fn::Sub': '${Nobody}' }, 'ValidationError', /\[Nobody\]/],
    [
      'a Sub variable with a blank',
      { 'Fn::Sub': '${ Stage }' },
      'ValidationError',
      /alphanumeric characters, underscores, periods, and colons/,
    ],
    ['a Select past the end', { 'Fn::Select': [9, { Ref: 'Zones' }] }, 'ValidationError', /nonexistent value at index 9/],
    [
      'a map key of nothing',
      { 'Fn::FindInMap': ['Sizes', 'huge', 'memory'] },
      'ValidationError',
      /Unable to get mapping for Sizes::huge::memory/,
    ],
    ['an If of no condition', { 'Fn::If': ['Nowhere', 1, 2] }, 'ValidationError', /unresolved condition dependency Nowhere/],
    ['a Join of no list', { 'Fn::Join': ['', 'text'] }, 'ValidationError', /every Fn::Join object/],
    ['a reference in the branch not taken', { 'Fn::If': ['Dev', 'yes', { Ref: 'Nobody' }] }, 'ValidationError', /\[Nobody\]/],
  ])('refuses %s', async (_, value, name, message) => {
    const attempt = evaluated(value);

    await expect(attempt).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it('leaves out what is AWS::NoValue', async () => {
    const found = await evaluated({ 'Fn::Join': ['', ['a', { Ref: 'AWS::NoValue' }, 'b']] });

    expect(found).toBe('ab');
  });

  it('reads the short forms of YAML as the long ones', () => {
    const template = parseTemplate(
      'Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Join ["-", [!Ref B, !GetAtt B.TopicName, !Sub "${B}"]]\n  B: {Type: AWS::SNS::Topic}\n',
    );

    expect(template.resources.get('A')?.properties).toEqual({
      DisplayName: { 'Fn::Join': ['-', [{ Ref: 'B' }, { 'Fn::GetAtt': ['B', 'TopicName'] }, { 'Fn::Sub': '${B}' }]] },
    });
  });
});
