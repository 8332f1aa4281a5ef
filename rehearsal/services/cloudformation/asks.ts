// What IAM is asked for CloudFormation's operations.
import type { Ask } from '../../iam/ask.ts';
import { passRole } from '../../iam/pass-role.ts';
import { requestTags } from '../request-tags.ts';
import type { Call } from '../service.ts';

const stackArn = ({ region, account }: Call, nameOrId: string | undefined): string =>
  nameOrId?.startsWith('arn:') === true ? nameOrId : `arn:aws:cloudformation:${region}:${account}:stack/${nameOrId ?? '*'}/*`;

interface Request {
  readonly StackName?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly RoleARN?: string | undefined;
  readonly ChangeSetName?: string | undefined;
  readonly Tags?: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;
}

function contextOf({ TemplateURL, RoleARN, ChangeSetName, Tags }: Request): Record<string, string | readonly string[]> {
  const context: Record<string, string | readonly string[]> = requestTags(Tags);
  if (TemplateURL !== undefined) context['cloudformation:TemplateUrl'] = TemplateURL;
  if (RoleARN !== undefined) context['cloudformation:RoleArn'] = RoleARN;
  if (ChangeSetName !== undefined) context['cloudformation:ChangeSetName'] = ChangeSetName;
  return context;
}

/** On the stack the request names. */
export function onStack(request: Request, call: Call): Ask[] {
  const asked = {
    action: `cloudformation:${call.operation}`,
    resource: stackArn(call, request.StackName),
    context: contextOf(request),
  };
  if (request.RoleARN === undefined) return [asked];
  return [asked, passRole(request.RoleARN, 'cloudformation.amazonaws.com')];
}

export const onAnything = (_request: unknown, call: Call): Ask[] => [
  { action: `cloudformation:${call.operation}`, resource: '*' },
];
