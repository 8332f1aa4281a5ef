import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { inside, instance, made, messages, refused, startScene, until } from './rds-scene.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startScene();
}, 60_000);
afterAll(() => cloud.stop());

const group = (name: string, DBParameterGroupFamily = 'postgres18') =>
  cloud.call('rds', 'CreateDBParameterGroup', { DBParameterGroupName: name, DBParameterGroupFamily, Description: name });
const set = (DBParameterGroupName: string, ParameterName: string, ParameterValue: string, method = 'pending-reboot') =>
  cloud.call('rds', 'ModifyDBParameterGroup', {
    DBParameterGroupName,
    Parameters: [{ ParameterName, ParameterValue, ApplyMethod: method as 'immediate' }],
  });
const setting = (name: string, parameter: string) =>
  inside(cloud, name, async (session) => {
    const { rows } = await session.query<{ value: string }>('SELECT current_setting($1) AS value', [parameter]);
    return rows[0]?.value;
  });
const statusIn = async (name: string) => (await instance(cloud, name))?.DBParameterGroups;

describe('a parameter group', () => {
  it('is what a new instance has from its first start', async () => {
    await group('begun');
    await set('begun', 'max_connections', '33');
    await made(cloud, 'careful', { DBParameterGroupName: 'begun' });

    expect(await setting('careful', 'max_connections')).toBe('33');
    expect(await statusIn('careful')).toEqual([{ DBParameterGroupName: 'begun', ParameterApplyStatus: 'in-sync' }]);
  });

  it('that an instance is given counts from its next restart on', async () => {
    await group('given');
    await set('given', 'work_mem', '8192');
    await made(cloud, 'tuned');
    const usual = await setting('tuned', 'work_mem');

    await cloud.call('rds', 'ModifyDBInstance', { DBInstanceIdentifier: 'tuned', DBParameterGroupName: 'given' });
    const [waiting, before] = [await statusIn('tuned'), await setting('tuned', 'work_mem')];
    await cloud.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: 'tuned' });
    await until(cloud, 'tuned', 'available');

    expect(waiting).toEqual([{ DBParameterGroupName: 'given', ParameterApplyStatus: 'pending-reboot' }]);
    expect([before, await setting('tuned', 'work_mem')]).toEqual([usual, '8MB']);
    expect(await statusIn('tuned')).toEqual([{ DBParameterGroupName: 'given', ParameterApplyStatus: 'in-sync' }]);
    expect(await messages(cloud, 'tuned')).toContain('Updated to use DBParameterGroup given');
  });

  it('that changes reaches its instances at once as far as it is dynamic, and the rest at a restart', async () => {
    await group('shared');
    await made(cloud, 'member', { DBParameterGroupName: 'shared' });
    const usual = await setting('member', 'max_connections');

    await set('shared', 'statement_timeout', '5000', 'immediate');
    const dynamic = [await setting('member', 'statement_timeout'), await statusIn('member')];
    await set('shared', 'max_connections', '44');
    const waiting = [await setting('member', 'max_connections'), await statusIn('member')];
    await cloud.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: 'member' });
    await until(cloud, 'member', 'available');

    const named = (status: string) => [{ DBParameterGroupName: 'shared', ParameterApplyStatus: status }];
    expect(dynamic).toEqual(['5s', named('in-sync')]);
    expect(waiting).toEqual([usual, named('pending-reboot')]);
    expect([await setting('member', 'max_connections'), await statusIn('member')]).toEqual(['44', named('in-sync')]);
    const mine = { DBParameterGroupName: 'shared', Source: 'user' };
    const { Parameters = [] } = await cloud.call('rds', 'DescribeDBParameters', mine);
    expect(Parameters.map(({ ParameterName: name, ParameterValue: value }) => [name, value])).toEqual([
      ['max_connections', '44'],
      ['statement_timeout', '5000'],
    ]);
  });

  it('of another family, or in use, is refused', async () => {
    await group('older', 'postgres15');
    await group('used');
    await made(cloud, 'user', { DBParameterGroupName: 'used' });
    const create = made(cloud, 'mixed', { DBParameterGroupName: 'older' });
    const remove = (DBParameterGroupName: string) => cloud.call('rds', 'DeleteDBParameterGroup', { DBParameterGroupName });

    await expect(create).rejects.toMatchObject(
      refused(
        'InvalidParameterCombination',
        'The Parameter Group older with DBParameterGroupFamily postgres15 cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily postgres18',
      ),
    );
    await expect(remove('used')).rejects.toMatchObject({ code: 'InvalidDBParameterGroupState' });
    await expect(remove('default.postgres18')).rejects.toMatchObject({ code: 'InvalidDBParameterGroupState' });
    await remove('older');
    await expect(remove('older')).rejects.toMatchObject(refused('DBParameterGroupNotFound', 'DBParameterGroup not found: older'));
  });

  it('takes no value that PostgreSQL would not', async () => {
    await group('checked');

    await expect(set('checked', 'work_mem', 'much')).rejects.toMatchObject(
      refused('InvalidParameterValue', 'Invalid parameter value: much for: work_mem allowed values are: 64-2147483647'),
    );
    await expect(set('checked', 'max_connections', '50', 'immediate')).rejects.toMatchObject(
      refused('InvalidParameterCombination', 'cannot use immediate apply method for static parameter'),
    );
    await expect(set('checked', 'fsync', 'off')).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(group('checked')).rejects.toMatchObject({ code: 'DBParameterGroupAlreadyExists' });
    await expect(group('other', 'mysql8.0')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('is listed beside the default one, and has tags', async () => {
    await group('listed');
    const ResourceName = 'arn:aws:rds:eu-west-1:123456789012:pg:listed';
    await cloud.call('rds', 'AddTagsToResource', { ResourceName, Tags: [{ Key: 'team', Value: 'core' }] });

    const { DBParameterGroups = [] } = await cloud.call('rds', 'DescribeDBParameterGroups', {});
    const asks = cloud.services.rds.operations.DeleteDBParameterGroup?.asks({ DBParameterGroupName: 'listed' }, {
      region: 'eu-west-1',
      account: '123456789012',
    } as never);

    expect(DBParameterGroups.map(({ DBParameterGroupName: name }) => name)).toEqual(
      expect.arrayContaining(['default.postgres18', 'listed']),
    );
    expect(asks).toMatchObject([
      { resource: ResourceName, context: { 'rds:pg-tag/team': 'core', 'aws:ResourceTag/team': 'core' } },
    ]);
  });
});

describe('a subnet group', () => {
  const create = (DBSubnetGroupName: string, SubnetIds: string[]) =>
    cloud.call('rds', 'CreateDBSubnetGroup', { DBSubnetGroupName, DBSubnetGroupDescription: 'mine', SubnetIds });
  const subnets = async (): Promise<string[]> => {
    const { DBSubnetGroups: [standard] = [] } = await cloud.call('rds', 'DescribeDBSubnetGroups', {
      DBSubnetGroupName: 'default',
    });
    return (standard?.Subnets ?? []).map(({ SubnetIdentifier: id = '' }) => id);
  };

  it('is where an instance is, and stays while one is there', async () => {
    const [first = '', second = '', third = ''] = await subnets();
    await create('Inner', [second, third]);
    const { AvailabilityZone } = await made(cloud, 'placed', { DBSubnetGroupName: 'inner' });
    const remove = () => cloud.call('rds', 'DeleteDBSubnetGroup', { DBSubnetGroupName: 'inner' });

    await expect(remove()).rejects.toMatchObject(refused('InvalidDBSubnetGroupStateFault', /placed is still using it/));
    await cloud.call('rds', 'DeleteDBInstance', { DBInstanceIdentifier: 'placed', SkipFinalSnapshot: true });
    await until(cloud, 'placed', undefined);
    const modified = await cloud.call('rds', 'ModifyDBSubnetGroup', { DBSubnetGroupName: 'inner', SubnetIds: [first, second] });
    await remove();

    expect(AvailabilityZone).toBe('eu-west-1b');
    expect(modified.DBSubnetGroup?.Subnets?.map(({ SubnetIdentifier: id }) => id)).toEqual([first, second]);
    await expect(remove()).rejects.toMatchObject({ code: 'DBSubnetGroupNotFoundFault' });
  });

  it('covers two zones of subnets that there are', async () => {
    const [first = ''] = await subnets();

    await expect(create('narrow', [first])).rejects.toMatchObject({ code: 'DBSubnetGroupDoesNotCoverEnoughAZs' });
    await expect(create('nowhere', ['subnet-none'])).rejects.toMatchObject(
      refused('InvalidSubnet', 'Some input subnets in :[subnet-none] are invalid.'),
    );
    await expect(create('default', [first])).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});
