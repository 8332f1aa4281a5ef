// The policy on a topic: AWS's own until another is set.
import type { PolicyDocument } from '../../iam/ask.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { AwsError } from '../error.ts';
import { parameter } from './board.ts';

/** The account may do everything with its topic; other services only what a policy of its own allows. */
export const defaultPolicy = (arn: string, account: string): PolicyDocument => ({
  Version: '2008-10-17',
  Id: '__default_policy_ID',
  Statement: [
    {
      Sid: '__default_statement_ID',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'SNS:GetTopicAttributes',
        'SNS:SetTopicAttributes',
        'SNS:AddPermission',
        'SNS:RemovePermission',
        'SNS:DeleteTopic',
        'SNS:Subscribe',
        'SNS:ListSubscriptionsByTopic',
        'SNS:Publish',
      ],
      Resource: arn,
      Condition: { StringEquals: { 'AWS:SourceOwner': account } },
    },
  ],
});

export function parseTopicPolicy(text: string): PolicyDocument {
  try {
    return parsePolicy(JSON.parse(text), 'resource');
  } catch (error) {
    const reason = error instanceof AwsError || error instanceof SyntaxError ? error.message : String(error);
    throw parameter(`Policy Error: ${reason}`);
  }
}
