// Approvals on the whole service: what fetches links, twenty at once, what is secret, and the command line.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { approvalLink, press } from '../../rehearsal/run/approver.ts';
import type { Deployed } from '../../rehearsal/run/rehearse.ts';
import { PATIENCE, useSmallCloud } from './small-cloud.ts';

const ROOT = join(__dirname, '..', '..');
const BUCKET = 'changeover-ledger-dev';
const small = useSmallCloud();

const arnOf = (machine: string): string =>
  `arn:aws:states:${small().cloud.region}:${small().cloud.account}:stateMachine:${machine}-dev`;

/** Starts a roll call and answers its letter, as long as `work` needs: a person reads at their own pace. */
async function rollcall<T>(
  deployed: Deployed,
  name: string,
  work: (letter: { text: string; links: readonly string[] }) => Promise<T>,
) {
  const { cloud } = small();
  const release = cloud.timeline.hold();
  try {
    const { execution, letter } = await started(deployed, name);
    const worked = await work(letter);
    release();
    const ended = await endOf(execution);
    return { execution, worked, ended };
  } finally {
    release();
  }
}

async function started(deployed: Deployed, name: string) {
  const { cloud } = small();
  const mail = new Promise<Deployed['inbox']['mails'][number]>((resolve) => {
    const leave = deployed.inbox.onMail((one) => {
      if (approvalLink(one) === undefined || !one.text.includes(name)) return;
      leave();
      resolve(one);
    });
  });
  const input = JSON.stringify({ reason: name, by: 'Ada' });
  const { executionArn = '' } = await cloud.call('states', 'StartExecution', { stateMachineArn: arnOf('rollcall'), name, input });
  return { execution: executionArn, letter: await mail };
}

async function endOf(execution: string): Promise<{ status: string | undefined; error: string | undefined }> {
  const { cloud } = small();
  for (;;) {
    const { status, error } = await cloud.call('states', 'DescribeExecution', { executionArn: execution });
    if (status !== 'RUNNING') return { status, error };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function objects(prefix = ''): Promise<Map<string, string>> {
  const { cloud } = small();
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket: BUCKET, Prefix: prefix });
  const read = async (Key: string): Promise<[string, string]> => {
    const { Body } = await cloud.call('s3', 'GetObject', { Bucket: BUCKET, Key });
    return [Key, Body instanceof Readable ? Buffer.concat((await Body.toArray()) as Buffer[]).toString('utf8') : String(Body)];
  };
  return new Map(await Promise.all(Contents.map(({ Key = '' }) => read(Key))));
}

describe('what fetches every link it sees', () => {
  it(
    'decides nothing, fifty times each by GET and by HEAD; one press on the page does',
    async () => {
      await small().cloud.reset();
      const deployed = await small().deploy();
      const seen = await rollcall(deployed, 'crawled', async ({ links, text }) => {
        const link = links.find((one) => one.includes('?k=')) ?? '';
        const statuses = new Set<number>();
        for (let n = 0; n < 50; n++)
          for (const url of links) statuses.add((await fetch(url, { method: n % 2 === 0 ? 'GET' : 'HEAD' })).status);
        const { executions = [] } = await small().cloud.call('states', 'ListExecutions', { stateMachineArn: arnOf('rollcall') });
        const waiting = executions.map(({ status }) => status);
        const page = await (await fetch(link)).text();
        await press(link, 'approve', 'by a person');
        return { statuses: [...statuses].sort(), waiting, page, text };
      });

      expect(seen.worked.statuses).toEqual([200, 404]);
      expect(seen.worked.waiting).toEqual(['RUNNING']);
      // The letter's decoy was among what was fetched.
      expect(seen.worked.page).toContain('Programs open links in the messages to cto');
      expect(seen.ended).toEqual({ status: 'SUCCEEDED', error: undefined });
      const report = [...(await objects('reports/')).entries()].find(([key]) => key.endsWith('.html'))?.[1];
      expect(report).toContain('Programs open links in the messages to cto');
    },
    PATIENCE,
  );
});

describe('twenty runs', () => {
  it(
    'are approved at once, each by its own link and once',
    async () => {
      await small().cloud.reset();
      const { cloud } = small();
      const deployed = await small().deploy();
      const release = cloud.timeline.hold();
      const names = Array.from({ length: 20 }, (_, n) => `run-${n}-of-twenty`);
      const runs = await Promise.all(names.map((name) => started(deployed, name)));
      await Promise.all(runs.map(({ letter }) => press(approvalLink(letter) ?? '', 'approve', 'all at once')));
      release();
      const ends = await Promise.all(runs.map(({ execution }) => endOf(execution)));

      expect(ends).toEqual(names.map(() => ({ status: 'SUCCEEDED', error: undefined })));
      const decisions = [...(await objects('approvals/')).values()].map(
        (text) => JSON.parse(text) as { run: string; answers: unknown[]; decision: { by: string } },
      );
      expect(decisions.map(({ run, answers, decision }) => `${run} ${answers.length} ${decision.by}`).sort()).toEqual(
        names.map((name) => `${name} 1 cto`).sort(),
      );
    },
    PATIENCE,
  );
});

describe('what is secret', () => {
  it(
    'is in the message to its approver and nowhere else: no log, history, other message, report or entry',
    async () => {
      const { deployed, outcome } = await small().live('failover/approved-in-slack');
      const { cloud } = small();
      const letters = deployed.inbox.mails.filter((mail) => approvalLink(mail) !== undefined);
      const secrets = letters.flatMap(({ text }) => [
        /\?k=([\w-]{43})/.exec(text)?.[1] ?? '',
        /--code (\S+)/.exec(text)?.[1] ?? '',
      ]);
      const codes = secrets.map((one) => one.replaceAll('-', '').toLowerCase());
      const { SecretList = [] } = await cloud.call('secretsmanager', 'ListSecrets', {});
      const kept = await Promise.all(
        SecretList.map(
          async ({ Name }) => (await cloud.call('secretsmanager', 'GetSecretValue', { SecretId: Name })).SecretString ?? '',
        ),
      );
      const passwords = kept.map((text) => /"password":"([^"]+)"/.exec(text)?.[1] ?? text);
      const approvals = [...(await objects('approvals/')).values()].map((text) => JSON.parse(text) as { tokens: string[] });
      const tokens = approvals.flatMap((approval) => approval.tokens);
      const hidden = [...new Set([...secrets, ...codes, ...passwords, ...tokens])].filter((one) => one.length > 0);

      const { logGroups = [] } = await cloud.call('logs', 'DescribeLogGroups', {});
      const logs = await Promise.all(
        logGroups.map(async ({ logGroupName }) => {
          const { events = [] } = await cloud.call('logs', 'FilterLogEvents', { logGroupName });
          return [`log ${logGroupName ?? ''}`, events.map(({ message }) => message).join('\n')] as const;
        }),
      );
      const { events = [] } = await cloud.call('states', 'GetExecutionHistory', {
        executionArn: outcome.execution,
        maxResults: 1000,
      });
      // Step Functions records a task's arguments: that event holds the token, under our own key.
      const history = events.filter(
        ({ taskScheduledEventDetails }) => !(taskScheduledEventDetails?.parameters ?? '').includes('"token"'),
      );
      const others = deployed.inbox.mails.filter((mail) => approvalLink(mail) === undefined);
      const ledger = [...(await objects())].map(
        ([key, text]) => [key, key.startsWith('approvals/') ? text.replace(/"tokens":\[[^\]]*\]/, '') : text] as const,
      );
      const artefacts: (readonly [string, string])[] = [
        ...logs,
        ...history.map((event) => [`history ${event.id ?? 0} ${event.type ?? ''}`, JSON.stringify(event)] as const),
        ...others.map((mail) => [`message to ${mail.to}`, JSON.stringify(mail)] as const),
        ...ledger,
      ];
      const told = artefacts.flatMap(([where, text]) => hidden.filter((one) => text.includes(one)).map(() => where));

      expect(secrets.length).toBeGreaterThan(1);
      expect(passwords.length).toBeGreaterThan(3);
      expect(tokens.length).toBeGreaterThan(0);
      expect(artefacts.length).toBeGreaterThan(60);
      expect([...new Set(told)]).toEqual([]);
    },
    PATIENCE,
  );
});

describe('npm run approve', () => {
  const approve = async (...args: string[]): Promise<{ code: number | null; said: string }> => {
    const { endpoint, region, operator } = small().cloud;
    const child = spawn(process.execPath, ['--import', 'tsx', join('commands', 'approve.ts'), ...args], {
      cwd: ROOT,
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: operator.accessKeyId,
        AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void said.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said: Buffer.concat(said).toString('utf8') };
  };

  it(
    'shows what is asked and answers by the code of the letter, through Lambda alone',
    async () => {
      await small().cloud.reset();
      const deployed = await small().deploy();
      const { worked, ended } = await rollcall(deployed, 'by-code', async ({ text }) => {
        const [, id = '', code = ''] = /npm run approve -- (\S+) --code (\S+)/.exec(text) ?? [];
        const wrong = await approve(id, '--code', 'AAAA-BBBB-CCCC-DDDD', '--yes');
        const silent = await approve(id, '--code', code, '--refuse', '--yes');
        const done = await approve(id, '--code', code, '--reason', 'Slack is down', '--yes');
        const again = await approve(id, '--code', code, '--refuse', '--reason', 'too late', '--yes');
        return { wrong, silent, done, again };
      });

      expect(worked.wrong).toEqual({ code: 1, said: expect.stringContaining('not, or no longer, valid') as unknown });
      expect(worked.silent).toEqual({
        code: 2,
        said: expect.stringContaining('--reason: found none, expected why you refuse') as unknown,
      });
      expect(worked.done).toEqual({
        code: 0,
        said: expect.stringMatching(/Lost if you approve[^]*approved by cto[^]*Slack is down/) as unknown,
      });
      expect(worked.again.said).toContain('approved by cto');
      expect(ended.status).toBe('SUCCEEDED');
    },
    PATIENCE,
  );

  it('refuses what it cannot read, and names it', async () => {
    expect(await approve('NOT-AN-ID')).toEqual({ code: 2, said: expect.stringContaining('ID: found "NOT-AN-ID"') as unknown });
    expect(await approve('abcdefgh2345', '--refuse', '--stop')).toEqual({
      code: 2,
      said: expect.stringContaining('found more than one of --refuse, --alone and --stop') as unknown,
    });
  });
});
