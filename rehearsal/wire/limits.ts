// What a service refuses before it looks at anything: a page larger than it hands out, a word it does not know. The numbers and
// words are those of the services' API references.
import { AwsError } from '../services/error.ts';
import type { ServiceId } from '../services/service.ts';

interface Pages {
  readonly member: string;
  readonly least: number;
  readonly most: number;
  /** Operations that hand out more or less than the service's others. */
  readonly except?: Readonly<Record<string, number>>;
}

const PAGES: Partial<Record<ServiceId, Pages>> = {
  acm: { member: 'MaxItems', least: 1, most: 1000 },
  events: { member: 'Limit', least: 1, most: 100 },
  iam: { member: 'MaxItems', least: 1, most: 1000 },
  kms: { member: 'Limit', least: 1, most: 1000 },
  lambda: {
    member: 'MaxItems',
    least: 1,
    most: 10_000,
    except: { ListFunctionEventInvokeConfigs: 50, ListFunctionUrlConfigs: 50 },
  },
  logs: { member: 'limit', least: 1, most: 50, except: { FilterLogEvents: 10_000, GetLogEvents: 10_000 } },
  monitoring: { member: 'MaxRecords', least: 1, most: 100 },
  secretsmanager: { member: 'MaxResults', least: 1, most: 100, except: { BatchGetSecretValue: 20 } },
  ssm: { member: 'MaxResults', least: 1, most: 50, except: { GetParametersByPath: 10 } },
  states: { member: 'maxResults', least: 0, most: 1000, except: { ValidateStateMachineDefinition: 100 } },
};

/** By operation; the services know the words of the operations that change something themselves. */
const WORDS: Partial<Record<ServiceId, Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>> = {
  acm: { ListCertificates: { SortBy: ['CREATED_AT'], SortOrder: ['ASCENDING', 'DESCENDING'] } },
  iam: { ListPolicies: { Scope: ['All', 'AWS', 'Local'], PolicyUsageFilter: ['PermissionsPolicy', 'PermissionsBoundary'] } },
  lambda: { ListFunctions: { FunctionVersion: ['ALL'] } },
  logs: {
    DescribeLogGroups: { logGroupClass: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] },
    DescribeLogStreams: { orderBy: ['LogStreamName', 'LastEventTime'] },
  },
  monitoring: {
    DescribeAlarms: { StateValue: ['OK', 'ALARM', 'INSUFFICIENT_DATA'] },
    DescribeAlarmHistory: { ScanBy: ['TimestampDescending', 'TimestampAscending'] },
    ListMetrics: { RecentlyActive: ['PT3H'] },
  },
  secretsmanager: { ListSecrets: { SortOrder: ['asc', 'desc'] } },
  states: { ValidateStateMachineDefinition: { severity: ['ERROR', 'WARNING'] } },
};

export function requireWithinLimits(service: ServiceId, operation: string, input: Readonly<Record<string, unknown>>): void {
  const refuse = (member: string, value: unknown, rule: string): AwsError =>
    new AwsError(
      codeOf(service),
      `1 validation error detected: Value '${String(value)}' at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: Member must ${rule}`,
      { status: 400 },
    );
  const pages = PAGES[service];
  const asked = pages && input[pages.member];
  if (pages && typeof asked === 'number') {
    const { member, least, most, except = {} } = pages;
    const limit = except[operation] ?? most;
    if (asked > limit) throw refuse(member, asked, `have value less than or equal to ${limit}`);
    if (asked < least) throw refuse(member, asked, `have value greater than or equal to ${least}`);
  }
  for (const [member, words] of Object.entries(WORDS[service]?.[operation] ?? {})) {
    const value = input[member];
    if (typeof value === 'string' && !words.includes(value))
      throw refuse(member, value, `satisfy enum value set: [${words.join(', ')}]`);
  }
}

function codeOf(service: ServiceId): string {
  if (service === 'logs') return 'InvalidParameterException';
  return service === 'iam' || service === 'monitoring' ? 'ValidationError' : 'ValidationException';
}
