// Rules: made, changed, switched on and off, listed and deleted, with their schedules on the timeline.
import type { RuleState } from '@aws-sdk/client-eventbridge';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { pageOf } from '../page.ts';
import { requestTags } from '../request-tags.ts';
import { deliver, secondsOf } from './delivery.ts';
import { compilePattern } from './pattern.ts';
import { checkBus, notImitated, ruleAt, validation, type Rule, type Rulebook } from './rulebook.ts';
import { parseSchedule } from './schedule.ts';

export type EventsOperations = OperationsOf<Sdks['events']>;
export type RulebookOf = ((region: string) => Rulebook) & { all(): [string, Rulebook][] };

const MOST_ON_PAGE = 100;
const STATES = ['ENABLED', 'DISABLED'];

export const ruleArnOf = (call: Call, name: string | undefined): string =>
  `arn:aws:events:${call.region}:${call.account}:rule/${name ?? ''}`;

const askRule =
  (action: string) =>
  ({ Name }: { Name?: string | undefined }, call: Call): Ask[] => [{ action, resource: ruleArnOf(call, Name) }];

export const badToken = (): AwsError => validation('Parameter NextToken is not valid.');

export function ruleOperations(ground: Ground, bookOf: RulebookOf): EventsOperations {
  return {
    PutRule: {
      asks: (input, call) => {
        const resource = ruleArnOf(call, input.Name);
        const context = requestTags(input.Tags);
        const asked: Ask[] = [{ action: 'events:PutRule', resource, context }];
        if (input.Tags?.length) asked.push({ action: 'events:TagResource', resource, context });
        return asked;
      },
      run(input, call) {
        const { Name = '', ScheduleExpression: expression, EventPattern: pattern, State = 'ENABLED' } = input;
        checkBus(input.EventBusName, call.account, call.region);
        if (!/^[\w.-]{1,64}$/.test(Name)) throw validation(`Parameter Name is not valid: ${Name}`);
        if (!STATES.includes(State)) throw notImitated(`the rule state ${State}`);
        if (input.RoleArn !== undefined) throw notImitated("a rule's own RoleArn (give the role to the target)");
        if (expression === undefined && pattern === undefined) {
          throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
        }
        if (expression !== undefined && parseSchedule(expression) === undefined) {
          throw validation('Parameter ScheduleExpression is not valid.');
        }
        const matches = pattern === undefined ? undefined : compilePattern(pattern);
        const book = bookOf(call.region);
        const known = book.rules.get(Name);
        const rule = known ?? newRule(Name, call);
        if (!known) for (const { Key, Value } of input.Tags ?? []) rule.tags.set(Key ?? '', Value ?? '');
        Object.assign(rule, { expression, pattern, matches, state: State, description: input.Description });
        book.rules.set(Name, rule);
        schedule(ground, rule);
        return { RuleArn: rule.arn };
      },
    },
    DescribeRule: {
      asks: askRule('events:DescribeRule'),
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        return { ...described(ruleAt(bookOf(call.region), input.Name ?? '')), CreatedBy: call.account };
      },
    },
    ListRules: {
      asks: (_input, call) => [{ action: 'events:ListRules', resource: ruleArnOf(call, '*') }],
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        const { NamePrefix = '', Limit: limit, NextToken: token } = input;
        const all = [...bookOf(call.region).rules.values()].filter(({ name }) => name.startsWith(NamePrefix)).sort(byName);
        const page = pageOf(
          all,
          { limit, token, most: MOST_ON_PAGE, question: ['rules', NamePrefix], refuse: badToken },
          ({ name }) => name,
        );
        return { Rules: page.items.map(described), NextToken: page.next };
      },
    },
    DeleteRule: {
      asks: askRule('events:DeleteRule'),
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        const { rules } = bookOf(call.region);
        const rule = rules.get(input.Name ?? '');
        if (rule === undefined) return {};
        if (rule.targets.size > 0) throw validation("Rule can't be deleted since it has targets.");
        rule.callOff?.();
        rules.delete(rule.name);
        return {};
      },
    },
    EnableRule: { asks: askRule('events:EnableRule'), run: (input, call) => switchTo('ENABLED', input, call) },
    DisableRule: { asks: askRule('events:DisableRule'), run: (input, call) => switchTo('DISABLED', input, call) },
  };

  function switchTo(state: RuleState, input: { Name?: string | undefined; EventBusName?: string | undefined }, call: Call) {
    checkBus(input.EventBusName, call.account, call.region);
    const rule = ruleAt(bookOf(call.region), input.Name ?? '');
    if (rule.state === state) return {};
    rule.state = state;
    schedule(ground, rule);
    return {};
  }
}

const byName = (a: Rule, b: Rule): number => (a.name < b.name ? -1 : 1);

const newRule = (name: string, call: Call): Rule => ({
  name,
  arn: ruleArnOf(call, name),
  region: call.region,
  expression: undefined,
  pattern: undefined,
  matches: undefined,
  state: 'ENABLED',
  description: undefined,
  targets: new Map(),
  tags: new Map(),
  callOff: undefined,
});

const described = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern,
  ScheduleExpression: rule.expression,
  State: rule.state,
  Description: rule.description,
  EventBusName: 'default',
});

/** Begins the schedule anew: a rate counts from here. */
function schedule(ground: Ground, rule: Rule): void {
  rule.callOff?.();
  rule.callOff = undefined;
  const next = rule.expression === undefined ? undefined : parseSchedule(rule.expression);
  if (rule.state !== 'ENABLED' || next === undefined) return;
  const arrange = (after: number): void => {
    const instant = next(after);
    if (instant === undefined) return;
    rule.callOff = ground.timeline.at(instant, () => {
      arrange(instant);
      tick(ground, rule, instant);
    });
  };
  arrange(ground.timeline.now());
}

function tick(ground: Ground, rule: Rule, instant: number): void {
  const event = {
    version: '0',
    id: ground.uuid(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ground.account,
    time: secondsOf(instant),
    region: rule.region,
    resources: [rule.arn],
    detail: {},
  } as const;
  deliver(ground, rule, event, instant);
}
