// What the ledger has when the story begins: the mark of the last copy, a lease and whoever holds it, entries as they are given.
import { Readable } from 'node:stream';
import type { Estate } from '../../../shared/estate.ts';
import type { Cloud } from '../../cloud.ts';
import type { TableMark } from './database.ts';
import type { WorldFile } from './world-file.ts';

export interface MadeCopy {
  readonly from: string;
  readonly to: string;
  readonly at: number;
  /** The transaction from which on what is written is not in the copy. */
  readonly since: string;
  readonly tables: readonly TableMark[];
}

export const LEDGER = 'changeover-ledger-dev';
const iso = (instant: number): string => new Date(instant).toISOString();

/** As the service's own ledger writes: JSON with a nonce. */
export async function putEntry(cloud: Cloud, Key: string, body: object): Promise<void> {
  const Body = Buffer.from(JSON.stringify({ nonce: cloud.ground.uuid(), ...body }));
  await cloud.call('s3', 'PutObject', { Bucket: LEDGER, Key, Body, ContentType: 'application/json' });
}

/** Undefined when there is no such entry. */
export async function readEntry(cloud: Cloud, Key: string): Promise<unknown> {
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket: LEDGER, Prefix: Key });
  if (!Contents.some((object) => object.Key === Key)) return undefined;
  const { Body } = await cloud.call('s3', 'GetObject', { Bucket: LEDGER, Key });
  const bytes = Body instanceof Readable ? Buffer.concat((await Body.toArray()) as Buffer[]) : Buffer.from(Body ?? []);
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

export async function plantLedger(cloud: Cloud, estate: Estate, world: WorldFile, copies: readonly MadeCopy[]): Promise<void> {
  if (world.copy.marked) {
    for (const { from, to, at, since, tables } of copies) {
      await putEntry(cloud, `copies/${from}-${to}.json`, {
        from,
        to,
        at: iso(at),
        since,
        tables: tables.map((mark) => ({ ...mark, rowsPerHour: world.copy.ratesPerHour[mark.table] ?? 0 })),
        uploadsPerHour: world.copy.uploadsPerHour,
      });
    }
  }
  if (world.lease) await plantLease(cloud, estate, world.lease);
  for (const [key, body] of Object.entries(world.ledger)) await putEntry(cloud, key, body);
}

async function plantLease(cloud: Cloud, estate: Estate, lease: NonNullable<WorldFile['lease']>): Promise<void> {
  const primary = Object.entries(estate.environments).find(([, { role }]) => role === 'primary')?.[0] ?? '';
  const holder = lease.heldBy === 'nobody' ? null : await startHolder(cloud, lease.heldBy);
  await putEntry(cloud, `lease/${estate.app}.json`, {
    app: estate.app,
    writer: lease.writer ?? primary,
    epoch: lease.epoch,
    fencing: Math.max(lease.fencing, holder ? 1 : 0),
    since: iso(cloud.timeline.now() - 86_400_000),
    holder,
  });
}

/** A real execution that Step Functions can be asked about: it waits for a day. Its machine stands beside the service's own. */
export async function startHolder(cloud: Cloud, kind: 'attended' | 'unattended' | 'stopped') {
  const runbook = kind === 'attended' ? 'promotion' : 'sync';
  const name = `${runbook}-as-it-stood-dev`;
  const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await cloud.call('iam', 'CreateRole', {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
  });
  const { stateMachineArn } = await cloud.call('states', 'CreateStateMachine', {
    name,
    roleArn: Role?.Arn,
    definition: JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Working',
      States: { Working: { Type: 'Wait', Seconds: 86_400, End: true } },
    }),
  });
  const { executionArn = '' } = await cloud.call('states', 'StartExecution', { stateMachineArn, input: '{}' });
  const takenAt = iso(cloud.timeline.now());
  if (kind === 'stopped')
    await cloud.call('states', 'StopExecution', { executionArn, error: 'Aborted', cause: 'somebody stopped it' });
  return { execution: executionArn, runbook, attended: kind === 'attended', takenAt };
}
