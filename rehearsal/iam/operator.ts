// The person at the keyboard: an administrator, and the account's one user.
import type { Caller } from './ask.ts';

export const operatorOf = (account: string): Extract<Caller, { kind: 'operator' }> => ({
  kind: 'operator',
  arn: `arn:aws:iam::${account}:user/operator`,
  account,
});
