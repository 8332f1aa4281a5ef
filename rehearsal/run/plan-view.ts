// The plan that an approver is asked about, as a person reads it at the terminal: out of the ledger, not out of a letter.
import * as z from 'zod';
import type { Cloud } from '../cloud.ts';
import { readEntry } from '../world/builder/ledger.ts';

const Asked = z.looseObject({ plan: z.looseObject({ id: z.string() }) });
type Plan = z.infer<typeof Plan>;
const Plan = z.looseObject({
  title: z.string(),
  changes: z.array(z.looseObject({ says: z.string() })),
  skipped: z.array(z.looseObject({ act: z.string(), why: z.string() })),
  limits: z.array(z.looseObject({ name: z.string(), verdict: z.string() })),
  loss: z.looseObject({ says: z.string() }),
  predictedSeconds: z.number(),
});

/** By the link that the approver was sent; undefined where the ledger has no such request. */
export async function readPlan(cloud: Cloud, link: string): Promise<Plan | undefined> {
  const id = /\/approvals\/([^?/]+)/.exec(link)?.[1] ?? '';
  const asked = Asked.safeParse(await readEntry(cloud, `approvals/${id}.json`));
  return asked.success ? Plan.safeParse(await readEntry(cloud, `plans/${asked.data.plan.id}.json`)).data : undefined;
}

/** What will change, in its order; what is left out; what would be lost; how long it takes. */
export function planLines({ title, changes, skipped, limits, loss, predictedSeconds }: Plan): string[] {
  const lifted = limits.flatMap(({ name, verdict }) => (verdict === 'overridden' ? [name.toUpperCase()] : []));
  return [
    `the plan: ${title}`,
    ...(changes.length === 0 ? ['  nothing changes'] : changes.map(({ says }, at) => `  ${at + 1}. ${says}`)),
    ...skipped.map(({ act, why }) => `  ${act} is left out: ${why}`),
    ...(lifted.length === 0 ? [] : [`  OVERRIDDEN: ${lifted.join(', ')}`]),
    `  lost if approved: ${loss.says}`,
    `  predicted: ${predictedSeconds} s of work`,
  ];
}
