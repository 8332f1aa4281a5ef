import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startCloud } from '../../rehearsal/cloud.ts';
import type { Cloud } from '../../rehearsal/cloud.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
afterAll(() => cloud.stop());

const IDS = ['A', 'B', 'C', 'constructor', 'P', 'Nobody'];
const name = fc.constantFrom(...IDS);
const attribute = fc.constantFrom('TopicArn', 'TopicName', 'Arn', 'toString', '');

/** Functions right and wrong, nested to any depth, over names that stand and names that do not. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant('${A}-${P}')),
    fc.record({ Ref: fc.oneof(name, fc.constantFrom('AWS::Region', 'AWS::NoValue', 'AWS::Nothing')) }),
    fc.record({ 'Fn::GetAtt': fc.oneof(fc.tuple(name, attribute), tie('value')) }),
    fc.record({ 'Fn::Sub': fc.oneof(fc.constantFrom('${A}', '${A.TopicName}', '${!A}', '${', '${}', '${P}x'), tie('value')) }),
    fc.record({ 'Fn::Join': fc.oneof(fc.tuple(fc.constant('-'), fc.array(tie('value'), { maxLength: 3 })), tie('value')) }),
    fc.record({ 'Fn::Select': fc.tuple(fc.nat(3), fc.oneof(fc.array(tie('value'), { maxLength: 3 }), tie('value'))) }),
    fc.record({ 'Fn::Split': fc.tuple(fc.string({ maxLength: 1 }), tie('value')) }),
    fc.record({ 'Fn::If': fc.tuple(fc.constantFrom('Yes', 'No', 'Round', 'Nowhere'), tie('value'), tie('value')) }),
    fc.record({ 'Fn::FindInMap': fc.tuple(fc.constantFrom('M', '__proto__'), fc.constantFrom('a', 'toString'), tie('value')) }),
    fc.record({ 'Fn::Base64': tie('value') }),
    fc.record({ 'Fn::ImportValue': tie('value') }),
    fc.dictionary(fc.constantFrom('Fn::Nothing', 'Key', 'Ref', '__proto__'), tie('value'), { maxKeys: 2 }),
  ),
}));

const topic = fc.record(
  {
    Type: fc.constantFrom('AWS::SNS::Topic', 'AWS::SNS::Topic', 'AWS::SNS::Topic', 'AWS::Logs::LogGroup', 'AWS::X::Y', 'nothing'),
    Properties: fc.oneof(
      fc.record({ DisplayName: value }),
      fc.record({ Tags: fc.array(value, { maxLength: 2 }) }),
      fc.constant({}),
      value,
    ),
    DependsOn: fc.oneof(name, fc.array(name, { maxLength: 2 })),
    Condition: fc.constantFrom('Yes', 'No', 'Round', 'Nowhere'),
  },
  { requiredKeys: ['Type'] },
);
const condition = fc.oneof(
  fc.record({ 'Fn::Equals': fc.tuple(value, value) }),
  fc.constant({ 'Fn::Not': [{ Condition: 'Yes' }] }),
  fc.constant({ Condition: 'Round' }),
  value,
);
const template = fc.record(
  {
    Parameters: fc.constant({ P: { Type: 'String', Default: 'p' } }),
    Mappings: fc.constant({ M: { a: { b: 'c' } } }),
    Conditions: fc.record({ Yes: fc.constant({ 'Fn::Equals': ['a', 'a'] }), No: condition, Round: condition }),
    Resources: fc.dictionary(fc.constantFrom(...IDS), topic, { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    Outputs: fc.record({ O: fc.record({ Value: value }) }),
  },
  { requiredKeys: ['Resources', 'Parameters', 'Mappings', 'Conditions'] },
);

async function ending(StackName: string): Promise<string> {
  for (;;) {
    const { Stacks: [stack] = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName });
    const status = stack?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    await cloud.timeline.letPass(cloud.timeline.wait(20));
  }
}

/** The name of the refusal, or how the stack ended. */
async function attempt(TemplateBody: string, StackName: string): Promise<string> {
  try {
    const { StackId = '' } = await cloud.call('cloudformation', 'CreateStack', { StackName, TemplateBody });
    const status = await ending(StackId);
    await cloud.call('cloudformation', 'DeleteStack', { StackName: StackId });
    return `${status}, ${await ending(StackId)}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'nameless';
  }
}

/** Topics that may refer to those before them: good whatever is drawn. */
const goodName = (before: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom('plain', { Ref: 'P' }, { 'Fn::If': ['Yes', 'taken', { Ref: 'P' }] }, { 'Fn::FindInMap': ['M', 'a', 'b'] }),
    ...before.map((id) => fc.constantFrom({ 'Fn::GetAtt': [id, 'TopicName'] }, { 'Fn::Sub': `\${${id}.TopicName}/\${P}` })),
  );
const goodTopic = (id: string, before: readonly string[]): fc.Arbitrary<object | undefined> =>
  fc.option(
    fc.record({
      Type: fc.constant('AWS::SNS::Topic'),
      Properties: fc.record(
        { TopicName: fc.constantFrom(`${id}1`, `${id}2`), DisplayName: goodName(before) },
        { requiredKeys: [] },
      ),
    }),
    { nil: undefined, freq: 3 },
  );
/** The later ones exist only beside the first, to which they may refer. */
const goodTemplate = fc.tuple(goodTopic('A', []), goodTopic('B', ['Base']), goodTopic('C', ['Base'])).map(([A, B, C]) => ({
  Parameters: { P: { Type: 'String', Default: 'p' } },
  Mappings: { M: { a: { b: 'c' } } },
  Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] } },
  Resources: {
    ...(B && { B }),
    ...(A && { A }),
    ...(C && { C }),
    Base: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'base' } },
  },
}));

/** The topics that stand: logical id, name where the template gives one, and display name. */
async function topics(StackName: string): Promise<unknown[]> {
  const { StackResources = [] } = await cloud.call('cloudformation', 'DescribeStackResources', { StackName });
  const standing = StackResources.map(async ({ LogicalResourceId, PhysicalResourceId: TopicArn }) => {
    const { Attributes = {} } = await cloud.call('sns', 'GetTopicAttributes', { TopicArn });
    const named = TopicArn?.split(':')
      .at(-1)
      ?.replace(/-\w{12}$/, '');
    return [LogicalResourceId, named, Attributes['DisplayName']];
  });
  return (await Promise.all(standing)).map((one) => JSON.stringify(one)).sort();
}

const ENDINGS = ['ValidationError', 'NotImplemented', 'CREATE_COMPLETE, DELETE_COMPLETE', 'ROLLBACK_COMPLETE, DELETE_COMPLETE'];

describe('any template', () => {
  it('is refused by name, or made or rolled back, and leaves nothing behind', async () => {
    let count = 0;
    const before = JSON.stringify(cloud.inventory());

    await fc.assert(
      fc.asyncProperty(template, async (one) => {
        const end = await attempt(JSON.stringify(one), `fuzz-${count++}`);

        expect(ENDINGS).toContain(end);
        expect(JSON.stringify(cloud.inventory())).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it('comes to the same stack by an update as by a creation', async () => {
    const before = JSON.stringify(cloud.inventory());
    const StackName = 'twin';
    const lifeOf = async (first: object, second?: object): Promise<[string, unknown[]]> => {
      const { StackId = '' } = await cloud.call('cloudformation', 'CreateStack', {
        StackName,
        TemplateBody: JSON.stringify(first),
      });
      await ending(StackId);
      if (second) {
        const update = { StackName, TemplateBody: JSON.stringify(second) };
        await cloud.call('cloudformation', 'UpdateStack', update).catch((error: unknown) => {
          if (!(error instanceof Error) || error.message !== 'No updates are to be performed.') throw error;
        });
      }
      const end = await ending(StackId);
      const found = await topics(StackName);
      await cloud.call('cloudformation', 'DeleteStack', { StackName });
      await ending(StackId);
      return [end, found];
    };

    await fc.assert(
      fc.asyncProperty(goodTemplate, goodTemplate, async (first, second) => {
        const [end, updated] = await lifeOf(first, second);
        const [, created] = await lifeOf(second);

        expect(['CREATE_COMPLETE', 'UPDATE_COMPLETE']).toContain(end);
        expect(updated).toEqual(created);
        expect(JSON.stringify(cloud.inventory())).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it('of any text is read or refused as a template', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.constant('Resources: {A: &a [*a]}')), async (text) => {
        const end = await attempt(text, 'text');

        expect(['ValidationError', 'NotImplemented']).toContain(end);
      }),
      { numRuns: 300 },
    );
  });
});
