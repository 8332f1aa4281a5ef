// Handing a role to a service is a permission of its own.
import type { Ask } from './ask.ts';

/** What a service asks before it takes a role it is to wear: `passRole(roleArn, 'lambda.amazonaws.com')`. */
export const passRole = (roleArn: string, service: string): Ask => ({
  action: 'iam:PassRole',
  resource: roleArn,
  context: { 'iam:PassedToService': service },
});
