// A template that makes identities must be acknowledged.
import type { Capability } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../error.ts';
import { CATALOGUE } from '../../stack/resources/catalogue.ts';
import type { Template } from '../../stack/template.ts';
import { memberOf } from '../../stack/values.ts';

export interface Needed {
  readonly capabilities: Capability[];
  readonly reason: string | undefined;
}

export function neededCapabilities(template: Template): Needed {
  const identities = [...template.resources.values()].filter(({ type }) => CATALOGUE.get(type)?.capability !== undefined);
  if (identities.length === 0) return { capabilities: [], reason: undefined };
  const named = identities.some(({ type, properties }) => {
    const { nameProperty, capability } = CATALOGUE.get(type) ?? {};
    return (
      capability === 'named-iam-when-named' && nameProperty !== undefined && memberOf(properties, nameProperty) !== undefined
    );
  });
  const types = [...new Set(identities.map(({ type }) => type))];
  return {
    capabilities: [named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'],
    reason: `The following resource(s) require capabilities: [${types.join(', ')}]`,
  };
}

export function checkCapabilities(template: Template, given: readonly string[] | undefined): void {
  const [needed] = neededCapabilities(template).capabilities;
  if (needed === undefined || given?.includes(needed) === true || given?.includes('CAPABILITY_NAMED_IAM') === true) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`, { status: 400 });
}
