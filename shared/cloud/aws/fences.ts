// The fence before a load balancer: a rule ahead of all others, tagged with the run that put it there.
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import * as z from 'zod';
import { readConfig } from '../../config.ts';
import { RunbookError } from '../../errors.ts';
import type { Web } from '../ports.ts';
import { asking, nameOf, translate } from './errors.ts';
import { allPages } from './paging.ts';

export const FENCE_TAG = 'changeover:fence';
/** The smallest there is: no other rule can stand before it. */
const FENCE_PRIORITY = 1;
/** DescribeTags takes no more at once. */
const MOST_TAGGED = 20;

export interface TaggedRule {
  readonly rule: Rule;
  /** The run whose fence it is. */
  readonly run: string | null;
}

/** The rules of a listener, the default one among them. */
export async function readRules(elb: ElasticLoadBalancingV2Client, listener: string): Promise<TaggedRule[]> {
  const rules = await allPages(async (Marker) => {
    const page = await elb.send(new DescribeRulesCommand({ ListenerArn: listener, Marker }));
    return { items: page.Rules, next: page.NextMarker };
  });
  const arns = rules.flatMap(({ RuleArn, IsDefault }) => (RuleArn === undefined || IsDefault === true ? [] : RuleArn));
  const runs = new Map<string, string>();
  for (let i = 0; i < arns.length; i += MOST_TAGGED) {
    const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: arns.slice(i, i + MOST_TAGGED) }));
    for (const { ResourceArn, Tags } of TagDescriptions ?? []) {
      const run = Tags?.find(({ Key }) => Key === FENCE_TAG)?.Value;
      if (ResourceArn !== undefined && run !== undefined) runs.set(ResourceArn, run);
    }
  }
  return rules.map((rule) => ({ rule, run: runs.get(rule.RuleArn ?? '') ?? null }));
}

export function awsFences(elb: ElasticLoadBalancingV2Client): Pick<Web, 'fence' | 'unfence'> {
  /** Somebody stands at our place: ourselves, when an earlier try's answer was lost, or a rule that no plan knew. */
  async function judgeOccupied(listener: string, run: string): Promise<void> {
    const first = (await readRules(elb, listener)).find(({ rule }) => rule.Priority === String(FENCE_PRIORITY));
    if (first?.run === run) return;
    const found =
      first?.run == null ? `a rule that is no fence (${first?.rule.RuleArn ?? 'gone again'})` : `the fence of run ${first.run}`;
    throw new RunbookError(
      'PlanStale',
      `priority ${FENCE_PRIORITY} of ${listener} is taken by ${found}; make room before the first rule, then start again`,
      { listener, found },
    );
  }

  return {
    fence: async (environment, listener, run) => {
      const group = groupOf(environment);
      try {
        await elb.send(
          new CreateRuleCommand({
            ListenerArn: listener,
            Priority: FENCE_PRIORITY,
            Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['*'] } }],
            // To a function, because a fixed response cannot carry Retry-After.
            Actions: [{ Type: 'forward', TargetGroupArn: group }],
            Tags: [{ Key: FENCE_TAG, Value: run }],
          }),
        );
      } catch (error) {
        if (!nameOf(error).startsWith('PriorityInUse')) throw translate(error, `fencing ${listener}`);
        await asking(`reading the rules of ${listener}`, () => judgeOccupied(listener, run));
      }
    },
    unfence: (listener, run) =>
      asking(`taking the fence from ${listener}`, async () => {
        const ours = (await unlessGone(readRules(elb, listener))) ?? [];
        for (const { rule } of ours.filter((each) => each.run === run)) {
          await unlessGone(elb.send(new DeleteRuleCommand({ RuleArn: rule.RuleArn })));
        }
      }),
  };
}

/** A listener or a rule that no longer stands fences nobody. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (/^(Listener|Rule)NotFound/.test(nameOf(error))) return undefined;
    throw error;
  }
}

function groupOf(environment: string): string {
  const { FENCE_TARGET_GROUPS: text } = readConfig('FENCE_TARGET_GROUPS');
  const groups = z.record(z.string(), z.string()).parse(JSON.parse(text));
  const group = groups[environment];
  if (group !== undefined) return group;
  throw new RunbookError(
    'InputInvalid',
    `FENCE_TARGET_GROUPS names no target group for ${environment}; deploy with the estate that has it`,
    {
      environment,
    },
  );
}
