// Finding what a request names, or refusing as AWS does.
import type { Call } from '../service.ts';
import { type Listener, listenersOf, type LoadBalancer, type RegionState, type Rule, type TargetGroup } from './catalog.ts';
import { listenerOfRule } from './naming.ts';
import { noListener, noLoadBalancer, noRule, noTargetGroup, validation } from './refusals.ts';

type Of = (region: string) => RegionState;

const shaped = (arn: string | undefined, kind: string): string => {
  if (arn === undefined || !new RegExp(`^arn:aws:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${kind}/.+`).test(arn))
    throw validation(`'${arn ?? ''}' is not a valid ${kind.replace('-', ' ')} ARN`);
  return arn;
};

export function loadBalancerAt(of: Of, { region }: Call, arn: string | undefined): LoadBalancer {
  const found = of(region).loadBalancers.get(shaped(arn, 'loadbalancer'));
  if (!found) throw noLoadBalancer([arn ?? '']);
  return found;
}

export function listenerAt(of: Of, { region }: Call, arn: string | undefined): Listener {
  const wanted = shaped(arn, 'listener');
  const found = listenersOf(of(region)).find((listener) => listener.arn === wanted);
  if (!found) throw noListener();
  return found;
}

export function ruleAt(of: Of, { region }: Call, arn: string | undefined): { listener: Listener; rule: Rule } {
  const wanted = shaped(arn, 'listener-rule');
  const listener = listenersOf(of(region)).find((one) => one.arn === listenerOfRule(wanted));
  const rule = listener?.defaultRule.arn === wanted ? listener.defaultRule : listener?.rules.get(wanted);
  if (!listener || !rule) throw noRule();
  return { listener, rule };
}

export function targetGroupAt(of: Of, { region }: Call, arn: string | undefined): TargetGroup {
  const found = of(region).targetGroups.get(shaped(arn, 'targetgroup'));
  if (!found) throw noTargetGroup();
  return found;
}
