// Targets of rules: where matching events go.
import type { Target } from '@aws-sdk/client-eventbridge';
import { passRole } from '../../iam/pass-role.ts';
import { AwsError } from '../error.ts';
import { pageOf } from '../page.ts';
import { checkDestination } from './destination.ts';
import { badToken, ruleArnOf, type EventsOperations, type RulebookOf } from './rules.ts';
import { checkBus, notImitated, ruleAt, validation } from './rulebook.ts';
import { checkInput } from './transformer.ts';

const MOST_TARGETS = 5;
const MOST_ON_PAGE = 100;
const TAKEN = new Set(['Id', 'Arn', 'RoleArn', 'Input', 'InputPath', 'InputTransformer', 'RetryPolicy', 'DeadLetterConfig']);

export function targetOperations(bookOf: RulebookOf): EventsOperations {
  return {
    PutTargets: {
      asks: (input, call) => {
        const targets = input.Targets ?? [];
        const context = { 'events:TargetArn': targets.map(({ Arn }) => Arn ?? '') };
        const roles = new Set(targets.flatMap(({ RoleArn }) => (RoleArn === undefined ? [] : [RoleArn])));
        return [
          { action: 'events:PutTargets', resource: ruleArnOf(call, input.Rule), context },
          ...[...roles].map((role) => passRole(role, 'events.amazonaws.com')),
        ];
      },
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        const rule = ruleAt(bookOf(call.region), input.Rule ?? '');
        const given = input.Targets ?? [];
        if (new Set(given.map(({ Id }) => Id)).size < given.length) throw validation('Duplicate target Ids are not allowed.');
        for (const target of given) checkTarget(target, call.region);
        const ids = new Set([...rule.targets.keys(), ...given.map(({ Id }) => Id ?? '')]);
        if (ids.size > MOST_TARGETS) {
          throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
        }
        for (const target of given) rule.targets.set(target.Id ?? '', target);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    RemoveTargets: {
      asks: (input, call) => [{ action: 'events:RemoveTargets', resource: ruleArnOf(call, input.Rule) }],
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        const rule = ruleAt(bookOf(call.region), input.Rule ?? '');
        const absent = (input.Ids ?? []).filter((id) => !rule.targets.delete(id));
        const FailedEntries = absent.map((TargetId) => ({
          TargetId,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Target ${TargetId} does not exist.`,
        }));
        return { FailedEntryCount: FailedEntries.length, FailedEntries };
      },
    },
    ListTargetsByRule: {
      asks: (input, call) => [{ action: 'events:ListTargetsByRule', resource: ruleArnOf(call, input.Rule) }],
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        const rule = ruleAt(bookOf(call.region), input.Rule ?? '');
        const { Limit: limit, NextToken: token } = input;
        const page = pageOf(
          [...rule.targets.values()],
          { limit, token, most: MOST_ON_PAGE, question: ['targets', rule.name], refuse: badToken },
          ({ Id }) => Id ?? '',
        );
        return { Targets: [...page.items], NextToken: page.next };
      },
    },
    ListRuleNamesByTarget: {
      asks: (_input, call) => [{ action: 'events:ListRuleNamesByTarget', resource: ruleArnOf(call, '*') }],
      run(input, call) {
        checkBus(input.EventBusName, call.account, call.region);
        const { TargetArn, Limit: limit, NextToken: token } = input;
        const names = [...bookOf(call.region).rules.values()]
          .filter(({ targets }) => [...targets.values()].some(({ Arn }) => Arn === TargetArn))
          .map(({ name }) => name)
          .sort();
        const page = pageOf(
          names,
          { limit, token, most: MOST_ON_PAGE, question: ['names', TargetArn], refuse: badToken },
          (name) => name,
        );
        return { RuleNames: [...page.items], NextToken: page.next };
      },
    },
  };
}

function checkTarget(target: Target, region: string): void {
  const { Id = '', RetryPolicy } = target;
  if (!/^[\w.-]{1,64}$/.test(Id)) throw validation(`Parameter Id is not valid: ${Id}`);
  const foreign = Object.entries(target).find(([key, value]) => value !== undefined && !TAKEN.has(key))?.[0];
  if (foreign !== undefined) {
    throw notImitated(`${foreign} of a target`);
  }
  const { MaximumRetryAttempts: attempts = 0, MaximumEventAgeInSeconds: age = 60 } = RetryPolicy ?? {};
  if (attempts < 0 || attempts > 185) throw validation('MaximumRetryAttempts must be between 0 and 185.');
  if (age < 60 || age > 86_400) throw validation('MaximumEventAgeInSeconds must be between 60 and 86400.');
  checkDestination(target, region);
  checkInput(target);
}
