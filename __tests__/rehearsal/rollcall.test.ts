import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { SFN } from '@aws-sdk/client-sfn';
import { judgeOutcome } from '../../rehearsal/run/console.ts';
import { listSituations } from '../../rehearsal/run/situation.ts';
import { NIGHT, startSmallCloud, type SmallCloud } from './small-cloud.ts';

const HOUR = 3_600_000;
let small: SmallCloud;
beforeAll(async () => {
  small = await startSmallCloud();
}, 120_000);
afterEach(() => small.cloud.reset());
afterAll(() => small.stop());

const client = () => ({ endpoint: small.cloud.endpoint, region: small.cloud.region, credentials: small.cloud.operator });
const ledger = async (prefix: string): Promise<string[]> => {
  const { Contents = [] } = await new S3(client()).listObjectsV2({ Bucket: 'changeover-ledger-dev', Prefix: prefix });
  return Contents.map(({ Key = '' }) => Key);
};
const decisions = async (): Promise<unknown[]> => {
  const s3 = new S3(client());
  const bodies = (await ledger('approvals/')).map(async (Key) => {
    const { Body } = await s3.getObject({ Bucket: 'changeover-ledger-dev', Key });
    return (
      (JSON.parse((await Body?.transformToString()) ?? '{}') as { decision: { answer: string } | null }).decision?.answer ?? null
    );
  });
  return Promise.all(bodies);
};

describe.each(listSituations().filter((name) => name.startsWith('rollcall/')))('%s', (name) => {
  it('ends as it says, by the word of the API and of the ledger', async () => {
    const deployed = await small.deploy();

    const { situation, outcome } = await small.rehearse(deployed, name);

    const { status, error } = await new SFN(client()).describeExecution({ executionArn: outcome.execution });
    expect({ status, error }).toEqual({ status: situation.expect.status, error: situation.expect.error });
    const faults = situation.faults as never;
    expect(judgeOutcome({ situation, approve: situation.approve, faults, pace: { kind: 'virtual' }, seed: 1 }, outcome)).toEqual(
      [],
    );
    expect(existsSync(outcome.reportPath ?? '')).toBe(true);
    expect(await ledger('reports/')).toHaveLength(2);
  });
});

describe('a person at a terminal', () => {
  it('is held to the situation, though they press the button themselves', async () => {
    const { situation, outcome } = await small.rehearse(await small.deploy(), 'rollcall/unknown-field');
    const options = { situation, faults: [], pace: { kind: 'virtual' }, seed: 1 } as const;

    expect(judgeOutcome({ ...options, approve: 'ask' }, outcome)).toEqual([]);
    expect(judgeOutcome({ ...options, approve: 'ask' }, { ...outcome, error: 'CloudRefused' })).toEqual([
      'stopped by CloudRefused, expected InputInvalid',
    ]);
  });
});

describe('what the world says', () => {
  it('after a yes: one run, one approval decided, a report with the name of who said it', async () => {
    const { outcome } = await small.rehearse(await small.deploy(), 'rollcall/ordinary');

    expect(await ledger('runs/')).toHaveLength(1);
    expect(await decisions()).toEqual(['approve']);
    expect(readFileSync(outcome.reportPath ?? '', 'utf8')).toContain('cto approved');
  });

  it('after a refused request: no run and no approval, and the report names the field', async () => {
    const { outcome } = await small.rehearse(await small.deploy(), 'rollcall/unknown-field');

    expect(await ledger('runs/')).toEqual([]);
    expect(await ledger('approvals/')).toEqual([]);
    expect(readFileSync(outcome.reportPath ?? '', 'utf8')).toContain('reasn');
  });

  it('after silence: nothing was decided, and four hours of the timeline went by', async () => {
    const { outcome } = await small.rehearse(await small.deploy(), 'rollcall/unanswered');

    expect(await decisions()).toEqual([null]);
    expect(readFileSync(outcome.reportPath ?? '', 'utf8')).toContain('so nothing was decided and nothing was changed');
    expect(Math.round(outcome.humanSeconds / 60)).toBe(240);
  });

  it('after a kill behind the write: still one run, opened at its first instant', async () => {
    const { outcome } = await small.rehearse(await small.deploy(), 'rollcall/killed-after-write');

    expect(await ledger('runs/')).toHaveLength(1);
    expect(outcome.states.find(({ name }) => name === 'Open')?.attempts).toBe(2);
  });
});

describe('the schedule', () => {
  it('starts four runs a day, six hours apart on the timeline, and asks nobody', async () => {
    const { inbox } = await small.deploy();
    const begins = small.cloud.timeline.now();

    await small.cloud.timeline.passTo(begins + 24 * HOUR + 5 * 60_000);

    const stateMachineArn = `arn:aws:states:${small.cloud.region}:${small.cloud.account}:stateMachine:rollcall-dev`;
    const { executions = [] } = await new SFN(client()).listExecutions({ stateMachineArn });
    const hours = executions.map(({ startDate }) => Math.round(((startDate?.getTime() ?? 0) - begins) / 60_000) / 60);
    expect(executions.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(hours.reverse().map((hour) => Math.round(hour * 10) / 10)).toEqual([6, 12, 18, 24]);
    expect(inbox.mails.filter(({ text }) => text.includes('/approvals/'))).toEqual([]);
  });
});

describe('the package', () => {
  it('with one byte changed in one zip is refused by the deployment', async () => {
    const spoil = (folder: string): void => {
      const zip = join(folder, 'openRun.zip');
      const bytes = readFileSync(zip);
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
      writeFileSync(zip, bytes);
    };

    await expect(small.deploy(undefined, spoil)).rejects.toThrow(/OpenRun|unzip/);
  });

  it('deploys twice into the same cloud, reset in between, and leaves the same things standing', async () => {
    await small.deploy();
    const first = small.cloud.inventory();
    await small.rehearse(await (await small.cloud.reset(), small.deploy()), 'rollcall/ordinary');
    await small.cloud.reset();
    await small.deploy();

    expect(JSON.stringify(small.cloud.inventory())).toBe(JSON.stringify(first));
  });
});

it('begins where the timeline begins', () => {
  expect(small.cloud.timeline.now() - NIGHT).toBeLessThan(HOUR);
});
