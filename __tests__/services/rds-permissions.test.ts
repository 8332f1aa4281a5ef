import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../rehearsal/cloud.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import { made, startScene, until } from './rds-scene.ts';

const ARN = 'arn:aws:rds:eu-west-1:123456789012';
const TAGS = [{ Key: 'app', Value: 'orders' }];

let cloud: Cloud;
let roles = 0;
beforeAll(async () => {
  cloud = await startScene();
  await made(cloud, 'orders', { Tags: TAGS });
  await take('tagged', { Tags: TAGS });
  await take('plain');
  await cloud.timeline.passTo(cloud.timeline.now() + 20 * 60_000);
}, 60_000);
afterAll(() => cloud.stop());

const take = async (DBSnapshotIdentifier: string, more: object = {}): Promise<void> => {
  await cloud.call('rds', 'CreateDBSnapshot', { DBInstanceIdentifier: 'orders', DBSnapshotIdentifier, ...more });
  await until(cloud, 'orders', 'available');
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: object;
}
/** Somebody who may do this and nothing else. */
async function roleWith(...statements: Statement[]): Promise<Caller> {
  const RoleName = `role-${++roles}`;
  const document = (Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await cloud.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: document([trust]) });
  const PolicyDocument = document(statements.map((statement) => ({ Effect: 'Allow', ...statement })));
  await cloud.call('iam', 'PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument });
  return cloud.ground.assume(Role?.Arn ?? '', 'lambda.amazonaws.com', 'test');
}
const denied = (action: string, resource: string) => ({
  code: expect.stringMatching(/^AccessDenied/) as unknown,
  message: expect.stringMatching(new RegExp(`rds:${action}.*${resource}`)) as unknown,
});

describe('who restores a snapshot', () => {
  const restore = (role: Caller, name = 'spare') =>
    cloud.ground.call(role, 'rds', 'RestoreDBInstanceFromDBSnapshot', {
      ...{ DBInstanceIdentifier: name, DBSnapshotIdentifier: 'tagged' },
    });
  const RESOURCES = ['db:spare', 'snapshot:tagged', 'pg:default.postgres18', 'og:default:postgres-18', 'subgrp:default'];
  const Action = 'rds:RestoreDBInstanceFromDBSnapshot';

  it.each(RESOURCES)('may not without %s', async (left) => {
    const Resource = RESOURCES.filter((name) => name !== left).map((name) => `${ARN}:${name}`);

    await expect(restore(await roleWith({ Action, Resource }))).rejects.toMatchObject(
      denied('RestoreDBInstanceFromDBSnapshot', left),
    );
  });

  it('needs no more than all of them', async () => {
    const role = await roleWith({ Action, Resource: RESOURCES.map((name) => `${ARN}:${name}`) });

    await expect(restore(role)).resolves.toMatchObject({ DBInstance: { DBInstanceStatus: 'creating' } });
  });
});

describe('who takes a snapshot', () => {
  const Action = 'rds:CreateDBSnapshot';
  const takeAs = (role: Caller, name: string, more: object = {}) =>
    cloud.ground.call(role, 'rds', 'CreateDBSnapshot', {
      ...{ DBInstanceIdentifier: 'orders', DBSnapshotIdentifier: name, ...more },
    });

  it('needs both the instance and the snapshot', async () => {
    const [instance, snapshot] = await Promise.all([
      roleWith({ Action, Resource: `${ARN}:db:orders` }),
      roleWith({ Action, Resource: `${ARN}:snapshot:new-*` }),
    ]);

    await expect(takeAs(instance, 'new-1')).rejects.toMatchObject(denied('CreateDBSnapshot', 'snapshot:new-1'));
    await expect(takeAs(snapshot, 'new-1')).rejects.toMatchObject(denied('CreateDBSnapshot', 'db:orders'));
  });

  it('may be held to the tags of the instance and to those he brings', async () => {
    const role = await roleWith(
      { Action, Resource: `${ARN}:db:*`, Condition: { StringEquals: { 'rds:db-tag/app': 'orders' } } },
      { Action, Resource: `${ARN}:snapshot:*`, Condition: { StringEquals: { 'rds:req-tag/app': 'orders' } } },
      { Action: 'rds:AddTagsToResource', Resource: `${ARN}:snapshot:*` },
    );

    await expect(takeAs(role, 'bare')).rejects.toMatchObject(denied('CreateDBSnapshot', 'snapshot:bare'));
    await expect(takeAs(role, 'brought', { Tags: TAGS })).resolves.toMatchObject({ DBSnapshot: { Status: 'creating' } });
    await until(cloud, 'orders', 'available');
  });
});

describe('who deletes a snapshot', () => {
  it('may be held to its tags', async () => {
    const role = await roleWith({
      ...{ Action: 'rds:DeleteDBSnapshot', Resource: '*', Condition: { StringEquals: { 'rds:snapshot-tag/app': 'orders' } } },
    });
    const remove = (DBSnapshotIdentifier: string) => cloud.ground.call(role, 'rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier });

    await expect(remove('plain')).rejects.toMatchObject(denied('DeleteDBSnapshot', 'snapshot:plain'));
    await cloud.call('rds', 'CopyDBSnapshot', {
      ...{ SourceDBSnapshotIdentifier: 'tagged', TargetDBSnapshotIdentifier: 'doomed', CopyTags: true },
    });
    await cloud.timeline.passTo(cloud.timeline.now() + 10 * 60_000);
    await expect(remove('doomed')).resolves.toMatchObject({ DBSnapshot: { Status: 'deleted' } });
  });
});

describe('who restores to a point in time, follows or promotes', () => {
  const later = { UseLatestRestorableTime: true, SourceDBInstanceIdentifier: 'orders', TargetDBInstanceIdentifier: 'later' };
  const COMMON = ['pg:default.postgres18', 'og:default:postgres-18', 'subgrp:default'];
  const resources = (...names: string[]) => names.map((name) => `${ARN}:${name}`);

  it('needs the source as well as the target', async () => {
    const Action = 'rds:RestoreDBInstanceToPointInTime';
    const target = await roleWith({ Action, Resource: resources('db:later', ...COMMON) });
    const both = await roleWith({ Action, Resource: resources('db:later', 'db:orders', ...COMMON) });
    const restore = (role: Caller) => cloud.ground.call(role, 'rds', 'RestoreDBInstanceToPointInTime', later);

    await expect(restore(target)).rejects.toMatchObject(denied('RestoreDBInstanceToPointInTime', 'db:orders'));
    await expect(restore(both)).resolves.toMatchObject({ DBInstance: { DBInstanceIdentifier: 'later' } });
  });

  it('needs the source of a replica, too', async () => {
    const Action = 'rds:CreateDBInstanceReadReplica';
    const role = await roleWith({ Action, Resource: resources('db:copy', ...COMMON) });
    const follow = cloud.ground.call(role, 'rds', 'CreateDBInstanceReadReplica', {
      ...{ DBInstanceIdentifier: 'copy', SourceDBInstanceIdentifier: 'orders' },
    });
    const promote = cloud.ground.call(role, 'rds', 'PromoteReadReplica', { DBInstanceIdentifier: 'copy' });

    await expect(follow).rejects.toMatchObject(denied('CreateDBInstanceReadReplica', 'db:orders'));
    await expect(promote).rejects.toMatchObject(denied('PromoteReadReplica', 'db:copy'));
  });

  it('of an automated backup is asked for it by its own name', async () => {
    const [backup] = (await cloud.call('rds', 'DescribeDBInstanceAutomatedBackups', {})).DBInstanceAutomatedBackups ?? [];
    const Resource = backup?.DBInstanceAutomatedBackupsArn ?? '';
    const role = await roleWith({ Action: 'rds:DescribeDBInstanceAutomatedBackups', Resource });
    const list = (input: object) => cloud.ground.call(role, 'rds', 'DescribeDBInstanceAutomatedBackups', input);

    await expect(list({})).rejects.toMatchObject(denied('DescribeDBInstanceAutomatedBackups', 'auto-backup:'));
    await expect(list({ DbiResourceId: backup?.DbiResourceId })).resolves.toMatchObject({
      DBInstanceAutomatedBackups: [{ DBInstanceIdentifier: backup?.DBInstanceIdentifier }],
    });
  });
});
