import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud } from '../../rehearsal/cloud.ts';
import { planLines, readPlan } from '../../rehearsal/run/plan-view.ts';
import { fetchReport } from '../../rehearsal/run/rehearse.ts';
import { planOf } from '../runbooks/small-facts.ts';

/** A bucket, and no more of a cloud. */
const cloudOf = (objects: Readonly<Record<string, string>>): Cloud => {
  const answers = {
    ListObjectsV2: ({ Prefix }: { Prefix: string }) => ({
      Contents: Object.keys(objects).flatMap((Key) => (Key.startsWith(Prefix) ? [{ Key }] : [])),
    }),
    GetObject: ({ Key }: { Key: string }) => ({ Body: Buffer.from(objects[Key] ?? '') }),
  };
  const call = (_service: string, operation: keyof typeof answers, asked: never) => Promise.resolve(answers[operation](asked));
  return { call } as unknown as Cloud;
};

describe('the plan at the terminal', () => {
  it('tells what changes in its order, what would be lost and how long it takes', () => {
    const lines = planLines(planOf());

    expect(lines.slice(0, 3)).toEqual([
      'the plan: Failover of orders from main to spare',
      '  1. The load balancer of main answers 503 with Retry-After',
      '  2. Nobody connects to the database of main any more',
    ]);
    expect(lines).toEqual(expect.arrayContaining(['  8. spare is the writer', '  predicted: 147 s of work']));
    expect(lines.join()).toMatch(/lost if approved: since the last copy at 05:58/);
  });

  it('tells what is left out and what is lifted', () => {
    const { limits, ...plan } = planOf();
    const [first, ...rest] = limits;
    const lifted = [{ name: first?.name ?? '', verdict: 'overridden' as const }, ...rest];

    const lines = planLines({ ...plan, limits: lifted, changes: [], skipped: [{ act: 'FenceWeb', why: 'no listener' }] });

    expect(lines).toEqual(
      expect.arrayContaining(['  nothing changes', '  FenceWeb is left out: no listener', '  OVERRIDDEN: ALREADY-WRITER']),
    );
  });

  it('is the one that the link asks about', async () => {
    const plan = { ...planOf(), id: 'night-7/0-abc', hash: 'x', nonce: 'n' };
    const cloud = cloudOf({
      'approvals/a1.json': JSON.stringify({ plan: { id: plan.id } }),
      'plans/night-7/0-abc.json': JSON.stringify(plan),
    });

    expect(await readPlan(cloud, 'http://127.0.0.1:1/approvals/a1?k=secret')).toMatchObject({ title: plan.title });
    expect(await readPlan(cloud, 'http://127.0.0.1:1/approvals/none?k=secret')).toBeUndefined();
  });
});

describe('a report that is fetched', () => {
  it('lies beside those of earlier rehearsals, whose executions had the same name', async () => {
    const reports = mkdtempSync(join(tmpdir(), 'reports-'));
    const fetched = (page: string) => fetchReport(cloudOf({ 'reports/night-7.html': page }), 'arn:x:night-7', reports);

    const paths = [await fetched('one'), await fetched('two'), await fetched('three')];

    expect(paths.map((path) => readFileSync(path ?? '', 'utf8'))).toEqual(['one', 'two', 'three']);
    expect(paths[0]).toMatch(/\/\d{4}-\d\d-\d\dT\d{6}Z-night-7\.html$/);
    rmSync(reports, { recursive: true });
  });
});
