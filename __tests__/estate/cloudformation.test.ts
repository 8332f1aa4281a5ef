import { describe, expect, it } from '@jest/globals';
import type { Estate } from '../../shared/estate.ts';
import { parseEstate } from '../../shared/estate-file.ts';
import { forCloudFormation, normalizedName } from '../../resources/estate.ts';
import { having, sound } from './estates.ts';

const of = (fields: Readonly<Record<string, unknown>>): Estate => parseEstate(having(fields), 'e.yml');
const second = { name: 'on-call', email: 'oncall@orders.test' };

describe('a record’s name in a condition', () => {
  it.each([
    ['app.orders.test.', 'app.orders.test'],
    ['App.Orders.Test', 'app.orders.test'],
    ['*.orders.test.', '\\052.orders.test'],
    ['_acme-challenge.orders.test.', '_acme-challenge.orders.test'],
  ])('%s is %s', (name, normalized) => {
    expect(normalizedName(name)).toBe(normalized);
  });
});

describe('what CloudFormation gets of an estate', () => {
  it('limits changes of records to its names, types and zones', () => {
    const { recordNames, recordTypes, zoneArns } = forCloudFormation(sound());

    expect(recordNames).toEqual(['app.orders.test', 'api.orders.test']);
    expect(recordTypes).toEqual(['A', 'AAAA']);
    expect(zoneArns).toEqual([{ 'Fn::Sub': 'arn:${AWS::Partition}:route53:::hostedzone/Z0ORDERSTEST0001' }]);
  });

  it('names each secret with the six letters that are put after it, and no secret of the channels to a database’s reader', () => {
    const { databaseSecretArns, channelSecretArns } = forCloudFormation(sound());
    const secret = (name: string) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}-??????`,
    });

    expect(databaseSecretArns).toEqual(
      ['orders/main/master', 'orders/main/application', 'orders/spare/master', 'orders/spare/application'].map(secret),
    );
    expect(channelSecretArns).toEqual([secret('changeover/slack-bot')]);
  });

  it('names what cannot exist where the estate has nothing, since a policy must name something', () => {
    const bare = of({ channels: {}, 'approvers[0].slack': undefined, 'environments.main.web.distribution': undefined });

    const { channelSecretArns, channelTopicArns, channelTopic, distributionArns, topics } = forCloudFormation(bare);

    for (const [only, ...more] of [channelSecretArns, channelTopicArns, distributionArns]) {
      expect(JSON.stringify(only)).toContain('~none');
      expect(more).toEqual([]);
    }
    expect(channelTopic).toEqual({ Ref: 'AWS::NoValue' });
    expect(Object.keys(topics)).toEqual(['ApproverCtoTopic']);
  });

  it('makes a topic for each approver, which that approver alone reads', () => {
    const { topics, approverTopics, topicArns } = forCloudFormation(of({ 'approvers[1]': second }));

    expect(topics['ApproverOnDashcallTopic']).toMatchObject({
      Type: 'AWS::SNS::Topic',
      Properties: {
        TopicName: '${self:service}-${sls:stage}-approver-on-call',
        Subscription: [{ Protocol: 'email', Endpoint: 'oncall@orders.test' }],
      },
    });
    expect(approverTopics).toEqual({ 'Fn::Sub': '{"cto":"${ApproverCtoTopic}","on-call":"${ApproverOnDashcallTopic}"}' });
    expect(topicArns).toEqual([{ Ref: 'ApproverCtoTopic' }, { Ref: 'ApproverOnDashcallTopic' }, { Ref: 'ChannelTopic' }]);
  });

  it('never gives two names one logical id', () => {
    const { topics } = forCloudFormation(
      of({ approvers: ['a-1', 'a1', 'adash1'].map((name) => ({ name, email: `${name}@orders.test` })), 'channels.email': [] }),
    );

    expect(Object.keys(topics)).toEqual(['ApproverADash1Topic', 'ApproverA1Topic', 'ApproverAdash1Topic']);
  });

  it('makes a group for each environment, once the function may be called', () => {
    const { fences, fenceTargetGroups } = forCloudFormation(sound());

    expect(Object.keys(fences)).toEqual(['FencedPermission', 'FenceMainGroup', 'FenceSpareGroup']);
    expect(fences['FenceMainGroup']).toMatchObject({ DependsOn: 'FencedPermission', Properties: { TargetType: 'lambda' } });
    expect(fenceTargetGroups).toEqual({ 'Fn::Sub': '{"main":"${FenceMainGroup}","spare":"${FenceSpareGroup}"}' });
  });

  it('puts functions where both databases are reached', () => {
    const third = { subnets: ['subnet-0c'], securityGroups: ['sg-0c'] };
    const apart = of({
      'environments.spare.network': { subnets: ['subnet-0b'], securityGroups: ['sg-0b'] },
      'copies[0].network': third,
    });

    expect(forCloudFormation(apart).network).toEqual({ subnetIds: ['subnet-0c'], securityGroupIds: ['sg-0c'] });
    expect(forCloudFormation(sound()).network).toEqual({
      subnetIds: ['subnet-0a1b2c3d4e5f60001'],
      securityGroupIds: ['sg-0a1b2c3d4e5f60001'],
    });
  });
});
