// Rules: made before others by their priority, changed, taken away; the default one stays.
import type { Rule as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { notImitated } from '../error.ts';
import { readActions } from './actions.ts';
import { type ElbOperations, type Listener, listenersOf, type Room, type Rule, rulesOf } from './catalog.ts';
import { readConditions } from './conditions.ts';
import { listenerAt, ruleAt } from './find.ts';
import { askAbout, askToCreate, askToRead, hexId, ruleArn } from './naming.ts';
import { paged } from './paging.ts';
import { between, noRule, refusal, validation } from './refusals.ts';
import { spread } from './routing.ts';
import { tagsOf } from './tagging.ts';

const MOST_RULES = 100;
const LAST_PRIORITY = 50_000;

const describe = ({ arn, priority, conditions, actions }: Rule): Described => ({
  RuleArn: arn,
  Priority: String(priority),
  Conditions: [...conditions],
  Actions: [...actions],
  IsDefault: priority === 'default',
  Transforms: [],
});

const refuseInUse = ({ rules }: Listener, priority: number, but: readonly Rule[] = []): void => {
  if ([...rules.values()].some((rule) => rule.priority === priority && !but.includes(rule)))
    throw refusal('PriorityInUse', `Priority '${priority}' is currently in use`);
};

export const ruleOperations = (room: Room): ElbOperations => ({
  DescribeRules: {
    asks: askToRead('DescribeRules'),
    run(input, call) {
      const { ListenerArn: listener, RuleArns: arns } = input;
      if ((listener === undefined) === (arns === undefined))
        throw validation('Either a listener ARN or a list of rule ARNs must be specified, and not both');
      const found = arns ? arns.map((arn) => ruleAt(room.of, call, arn).rule) : rulesOf(listenerAt(room.of, call, listener));
      const { items, next } = paged(found, input);
      return { Rules: items.map(describe), ...next };
    },
  },
  CreateRule: {
    asks: ({ ListenerArn = '', Tags }, call) =>
      askToCreate(room, call, 'CreateRule', ListenerArn, ruleArn(ListenerArn, '*'), Tags),
    run({ ListenerArn, Priority: priority = 0, Conditions, Actions, Tags, Transforms }, call) {
      const listener = listenerAt(room.of, call, ListenerArn);
      if ((Transforms ?? []).length > 0) throw notImitated('the transforms of rules');
      between(priority, 'Priority', 1, LAST_PRIORITY);
      const { loadBalancer } = listener;
      const conditions = readConditions(Conditions);
      const actions = readActions(room.of(call.region), loadBalancer, Actions);
      const tags = tagsOf(Tags);
      refuseInUse(listener, priority);
      const standing = [...loadBalancer.listeners.values()].reduce((sum, { rules }) => sum + rules.size, 0);
      if (standing >= MOST_RULES)
        throw refusal('TooManyRules', `The maximum number of rules per load balancer '${MOST_RULES}' has been reached`);
      const rule: Rule = { arn: ruleArn(listener.arn, hexId(room)), priority, conditions, actions, tags };
      listener.rules.set(rule.arn, rule);
      spread(room, listener);
      return { Rules: [describe(rule)] };
    },
  },
  ModifyRule: {
    asks: ({ RuleArn = '' }, call) => [askAbout(room, call, 'ModifyRule', RuleArn)],
    run({ RuleArn, Conditions, Actions, Transforms, ResetTransforms }, call) {
      const { listener, rule } = ruleAt(room.of, call, RuleArn);
      if ((Transforms ?? []).length > 0 || ResetTransforms === true) throw notImitated('the transforms of rules');
      if (rule.priority === 'default') throw refusal('OperationNotPermitted', `Default rule '${rule.arn}' cannot be modified`);
      const conditions = Conditions && readConditions(Conditions);
      const actions = Actions && readActions(room.of(call.region), listener.loadBalancer, Actions);
      rule.conditions = conditions ?? rule.conditions;
      rule.actions = actions ?? rule.actions;
      spread(room, listener);
      return { Rules: [describe(rule)] };
    },
  },
  DeleteRule: {
    asks: ({ RuleArn = '' }, call) => [askAbout(room, call, 'DeleteRule', RuleArn)],
    run({ RuleArn }, call) {
      const { listener, rule } = ruleAt(room.of, call, RuleArn);
      if (rule.priority === 'default') throw refusal('OperationNotPermitted', `Default rule '${rule.arn}' cannot be deleted`);
      listener.rules.delete(rule.arn);
      spread(room, listener);
      return {};
    },
  },
  SetRulePriorities: {
    asks: ({ RulePriorities = [] }, call) =>
      RulePriorities.map(({ RuleArn = '' }) => askAbout(room, call, 'SetRulePriorities', RuleArn)),
    run({ RulePriorities = [] }, call) {
      const moved = RulePriorities.map(({ RuleArn, Priority: priority = 0 }) => {
        between(priority, 'Priority', 1, LAST_PRIORITY);
        return { ...ruleAt(room.of, call, RuleArn), priority };
      });
      const [first] = moved;
      if (!first) throw validation('At least one rule priority must be specified');
      const { listener } = first;
      if (moved.some((one) => one.listener !== listener)) throw noRule();
      const rules = moved.map(({ rule }) => rule);
      if (new Set(rules).size < rules.length) throw validation('A rule ARN can only be specified once');
      for (const { rule, priority } of moved) {
        if (rule.priority === 'default')
          throw refusal('OperationNotPermitted', `The priority of the default rule '${rule.arn}' cannot be changed`);
        if (moved.filter((one) => one.priority === priority).length > 1)
          throw refusal('PriorityInUse', `Priority '${priority}' is currently in use`);
        refuseInUse(listener, priority, rules);
      }
      for (const { rule, priority } of moved) rule.priority = priority;
      spread(room, listener);
      return { Rules: rules.map(describe) };
    },
  },
});

/** For the inventory: every rule that stands, but for the default ones. */
export const standingRules = (room: Room): [string, unknown][] =>
  room.of
    .all()
    .flatMap(([, state]) =>
      listenersOf(state).flatMap(({ rules }) =>
        [...rules.values()].map(({ arn, priority, conditions, actions }): [string, unknown] => [
          arn,
          { priority, conditions, actions },
        ]),
      ),
    );
