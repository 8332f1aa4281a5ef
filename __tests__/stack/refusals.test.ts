import { describe, expect, it } from '@jest/globals';
import { draftBlueprint } from '../../rehearsal/stack/blueprint.ts';
import type { Blueprint } from '../../rehearsal/stack/blueprint.ts';
import { resolveParameters } from '../../rehearsal/stack/parameters.ts';
import type { GivenParameter } from '../../rehearsal/stack/parameters.ts';
import { parseTemplate } from '../../rehearsal/stack/template.ts';

const identity = { stackName: 's', stackId: 'arn:s', region: 'eu-west-1', account: '123456789012' };

async function drafted(body: unknown, given: readonly GivenParameter[] = []): Promise<Blueprint> {
  const template = parseTemplate(typeof body === 'string' ? body : JSON.stringify(body));
  const parameters = await resolveParameters(template, { given, readSsm: (name) => Promise.resolve(`value of ${name}`) });
  return draftBlueprint(template, parameters, identity, () => 'exported');
}

const topic = { Type: 'AWS::SNS::Topic' };
const fn = (properties: object) => ({
  Resources: {
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: { Role: 'r', Handler: 'h', Runtime: 'nodejs24.x', Code: { ZipFile: '' }, ...properties },
    },
  },
});

describe('a template that CloudFormation would not take', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no resources', { Resources: {} }, 'ValidationError', /At least one Resources member/],
    [
      'an unknown section',
      { Resources: { T: topic }, Resourses: {} },
      'ValidationError',
      /Invalid template property or properties \[Resourses\]/,
    ],
    ['a transform', { Resources: { T: topic }, Transform: 'AWS::Serverless-2016-10-31' }, 'NotImplemented', /Transform/],
    ['an unknown resource attribute', { Resources: { T: { ...topic, DependOn: 'X' } } }, 'ValidationError', /'DependOn'/],
    ['an attribute we have not', { Resources: { T: { ...topic, UpdatePolicy: {} } } }, 'NotImplemented', /UpdatePolicy/],
    ['a type of nobody', { Resources: { T: { Type: 'Topic' } } }, 'ValidationError', /Unrecognized resource types: \[Topic\]/],
    ['a type we have not', { Resources: { V: { Type: 'AWS::EC2::VPC' } } }, 'NotImplemented', /AWS::EC2::VPC \(Resources\/V\)/],
    [
      'a dependency on nothing',
      { Resources: { T: { ...topic, DependsOn: ['X'] } } },
      'ValidationError',
      /\[X\] .*Resources\/T\/DependsOn/,
    ],
    [
      'a condition of nothing',
      { Resources: { T: { ...topic, Condition: 'Night' } } },
      'ValidationError',
      /condition dependency Night/,
    ],
    ['a name with a dash', { Resources: { 'a-b': topic } }, 'ValidationError', /a-b is non alphanumeric/],
    ['broken JSON', '{"Resources": ', 'ValidationError', /JSON not well-formed/],
    ['broken YAML', 'Resources: [', 'ValidationError', /YAML not well-formed/],
    [
      'a property of nobody',
      fn({ Timeuot: 3 }),
      'ValidationError',
      /extraneous key \[Timeuot\] is not permitted \(Fn\.Timeuot\)/,
    ],
    [
      'a property we have not',
      fn({ Layers: ['x'] }),
      'ValidationError',
      /\[Layers\] is not imitated by this cloud \(Fn\.Layers\)/,
    ],
    ['a wrong type', fn({ Timeout: 'soon' }), 'ValidationError', /expected type: Integer, found: String \(Fn\.Timeout\)/],
    [
      'a wrong type deep inside',
      fn({ Environment: { Variables: { A: ['x'] } } }),
      'ValidationError',
      /\(Fn\.Environment\.Variables\.A\)/,
    ],
    [
      'a missing property',
      { Resources: { A: { Type: 'AWS::Lambda::Version' } } },
      'ValidationError',
      /required key \[FunctionName\] not found/,
    ],
    ['a word outside the list', fn({ TracingConfig: { Mode: 'Loud' } }), 'ValidationError', /Loud is not a valid enum value/],
    ['a snapshot policy', { Resources: { T: { ...topic, DeletionPolicy: 'Snapshot' } } }, 'NotImplemented', /Snapshot/],
  ])('is refused for %s', async (_, body, name, message) => {
    const attempt = drafted(body);

    await expect(attempt).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it('is refused for a circle, naming its members and nobody else', async () => {
    const ref = (id: string) => ({ ...topic, Properties: { DisplayName: { Ref: id } } });

    const attempt = drafted({ Resources: { A: ref('B'), B: ref('C'), C: ref('B') } });

    await expect(attempt).rejects.toMatchObject({ message: 'Circular dependency between resources: [B, C]' });
  });

  it('is refused when a condition leaves out what another resource needs', async () => {
    const attempt = drafted({
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { A: { ...topic, Condition: 'Never' }, B: { ...topic, Properties: { DisplayName: { Ref: 'A' } } } },
    });

    await expect(attempt).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('[A]') });
  });

  it('names every mistake in a resource at once', async () => {
    const attempt = drafted(fn({ Timeuot: 3, MemorySize: {} }));

    await expect(attempt).rejects.toMatchObject({ message: expect.stringMatching(/Fn\.Timeuot.*Fn\.MemorySize/s) });
  });
});

describe('the parameters of a stack', () => {
  const withParameter = (parameter: object) => ({ Parameters: { P: parameter }, Resources: { T: topic } });
  const give = (value: string) => [{ ParameterKey: 'P', ParameterValue: value }];

  it.each<[object, GivenParameter[], string]>([
    [{ Type: 'String' }, [], 'Parameters: [P] must have values'],
    [
      { Type: 'String', Default: '' },
      [{ ParameterKey: 'Q', ParameterValue: '' }],
      'Parameters: [Q] do not exist in the template',
    ],
    [{ Type: 'String', AllowedValues: ['a', 'b'] }, give('c'), "Parameter 'P' must be one of AllowedValues"],
    [{ Type: 'String', AllowedPattern: '[a-z]+' }, give('A'), "Parameter 'P' must match pattern [a-z]+"],
    [{ Type: 'String', MinLength: 3 }, give('ab'), "Parameter 'P' must contain at least 3 characters"],
    [{ Type: 'String', MaxLength: 3 }, give('abcd'), "Parameter 'P' must contain at most 3 characters"],
    [{ Type: 'Number' }, give('many'), "Parameter 'P' must be a number"],
    [{ Type: 'Number', MinValue: 3 }, give('2'), "Parameter 'P' must be a number not less than 3"],
    [{ Type: 'Number', MaxValue: 3 }, give('4'), "Parameter 'P' must be a number not greater than 3"],
    [
      { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'say a' },
      give('b'),
      'Parameter P failed to satisfy constraint: say a',
    ],
  ])('%j given %j is refused', async (parameter, given, message) => {
    const attempt = drafted(withParameter(parameter), given);

    await expect(attempt).rejects.toMatchObject({ name: 'ValidationError', message });
  });

  it('coerces their text to the type the property has', async () => {
    const blueprint = await drafted({ Parameters: { P: { Type: 'Number', Default: 30 } }, ...fn({ Timeout: { Ref: 'P' } }) });

    expect(blueprint.order).toEqual(['Fn']);
  });

  it('reads an SSM parameter through the store', async () => {
    const template = parseTemplate(
      JSON.stringify({ ...withParameter({ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/night' }) }),
    );

    const parameters = await resolveParameters(template, { given: [], readSsm: (name) => Promise.resolve(`value of ${name}`) });

    expect(parameters.get('P')).toMatchObject({ given: '/night', value: 'value of /night' });
  });
});
