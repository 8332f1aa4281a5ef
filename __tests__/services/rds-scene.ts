// What the tests of RDS's life cycle share: a cloud in virtual time, and questions to it.
import type { DBInstance } from '@aws-sdk/client-rds';
import { expect } from '@jest/globals';
import type { Client } from 'pg';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';

export const START = Date.parse('2026-05-04T10:07:30Z');

/** A new instance, as small as RDS makes them. */
export const SMALL = {
  DBInstanceClass: 'db.t4g.micro',
  Engine: 'postgres',
  AllocatedStorage: 20,
  StorageType: 'gp3',
  MasterUsername: 'boss',
  MasterUserPassword: 'correct-horse',
};

export const startScene = (): Promise<Cloud> => startCloud({ pace: { kind: 'virtual' }, startsAt: START });

/** Undefined when nobody goes by that name. */
export async function instance(cloud: Cloud, name: string): Promise<DBInstance | undefined> {
  const { DBInstances = [] } = await cloud.call('rds', 'DescribeDBInstances', {
    Filters: [{ Name: 'db-instance-id', Values: [name] }],
  });
  return DBInstances[0];
}

export const statusOf = async (cloud: Cloud, name: string): Promise<string | undefined> =>
  (await instance(cloud, name))?.DBInstanceStatus;

/** Lets time pass, second by second, until it is so; every state it went through on the way. */
export async function until(cloud: Cloud, name: string, wanted: string | undefined): Promise<string[]> {
  const seen: string[] = [];
  const deadline = cloud.timeline.now() + 3 * 60 * 60_000;
  for (;;) {
    const status = await statusOf(cloud, name);
    if (status !== undefined && status !== seen.at(-1)) seen.push(status);
    if (status === wanted) return seen;
    if (cloud.timeline.now() > deadline) throw new Error(`${name} never became ${String(wanted)}: ${seen.join(', ')}`);
    await cloud.timeline.passTo(cloud.timeline.now() + 1000);
  }
}

export async function made(cloud: Cloud, name: string, more: object = {}): Promise<DBInstance> {
  await cloud.call('rds', 'CreateDBInstance', { ...SMALL, DBInstanceIdentifier: name, ...more });
  await until(cloud, name, 'available');
  const found = await instance(cloud, name);
  if (!found) throw new Error(`${name} is gone`);
  return found;
}

/** As the superuser, in the PostgreSQL that the instance stands on. */
export async function inside<T>(
  cloud: Cloud,
  name: string,
  work: (session: Client) => Promise<T>,
  database?: string,
): Promise<T> {
  const cluster = cloud.services.rds.own.clusterOf(name);
  if (!cluster) throw new Error(`${name} has no cluster`);
  const session = await cluster.open(database);
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}

export async function messages(cloud: Cloud, name: string): Promise<string[]> {
  const { Events = [] } = await cloud.call('rds', 'DescribeEvents', {
    SourceIdentifier: name,
    SourceType: 'db-instance',
    Duration: 14 * 24 * 60,
  });
  return Events.map(({ Message = '' }) => Message);
}

/** What a refusal looks like. */
export const refused = (code: string, message: string | RegExp) => ({
  code,
  message: (typeof message === 'string' ? message : expect.stringMatching(message)) as unknown,
});
