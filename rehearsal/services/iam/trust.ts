// A trust policy names principals that exist: IAM refuses a role that trusts nobody.
import type { PolicyStatement } from '../../iam/ask.ts';
import { listOf, statementsOf } from '../../iam/evaluation.ts';
import { malformed } from '../../iam/malformed.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { limitExceeded } from './failures.ts';
import { sizeOf, userArn } from './naming.ts';
import type { Registry, Written } from './registry.ts';

const LONGEST = 2048;

export function readTrust(text: string, registry: Registry): Written {
  const document = parsePolicy(text, 'trust');
  if (sizeOf(text) > LONGEST) throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${LONGEST}`);
  for (const arn of statementsOf(document).flatMap(awsPrincipals)) {
    if (!exists(arn, registry)) throw malformed(`Invalid principal in policy: "AWS":"${arn}"`);
  }
  return { text, document };
}

function awsPrincipals({ Principal: principal }: PolicyStatement): readonly string[] {
  return typeof principal === 'object' ? listOf(principal.AWS) : [];
}

function exists(arn: string, { account, roles }: Registry): boolean {
  if (!arn.startsWith(`arn:aws:iam::${account}:`) || arn.endsWith(':root')) return true;
  return arn === userArn(account, 'operator') || [...roles.values()].some((role) => role.arn === arn);
}
