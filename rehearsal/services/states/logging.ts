// An execution's history in a log group: delivered by CloudWatch Logs' delivery service, on the word of the machine's role.
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import type { Caller } from '../../iam/ask.ts';
import type { HistoryEvent } from '../../states/world.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { isObject } from '../json-object.ts';
import type { Execution, Machine } from './ledger.ts';

/** What AWS wants the role to hold, all of it on `*`, before it lets a machine log. */
const DELIVERY_ACTIONS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
const POLICY_NAME = 'AWSLogDeliveryWrite20150319';
const FATAL = new Set(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut']);
const ERROR = /(Failed|TimedOut|Aborted)$|^FailStateEntered$/;
/** What `includeExecutionData: false` keeps out of the log. */
const EXECUTION_DATA = new Set(['input', 'output', 'parameters', 'cause', 'assignedVariables']);

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${reason}`);

/** AWS's sentence; which rights are missing is ours to add, since AWS leaves one to guess. */
const unauthorized = (missing: readonly string[]): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `The state machine IAM Role is not authorized to access the Log Destination (it lacks ${missing.join(', ')} on *)`,
  );

/** The configuration as kept; the role is judged, and the delivery service is let into the log group, as AWS does. */
export async function checkLogging(
  ground: Ground,
  role: Caller,
  region: string,
  wanted: LoggingConfiguration | undefined,
): Promise<LoggingConfiguration> {
  const level = wanted?.level ?? 'OFF';
  if (!['ALL', 'ERROR', 'FATAL', 'OFF'].includes(level)) throw invalid(`unknown log level '${level}'`);
  const destinations = wanted?.destinations ?? [];
  if (destinations.length > 1 || (level !== 'OFF' && destinations.length === 0)) {
    throw invalid('Must specify exactly one Log Destination.');
  }
  const arn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  if (arn !== undefined) await openDelivery(ground, role, region, arn);
  else if (destinations.length === 1) throw invalid('Must specify exactly one Log Destination.');
  return { level, includeExecutionData: wanted?.includeExecutionData ?? false, destinations };
}

async function openDelivery(ground: Ground, role: Caller, region: string, arn: string): Promise<void> {
  const group = groupOf(arn);
  if (group === undefined) throw invalid(`Log Destination must be the ARN of a log group, ending with ':*': ${arn}`);
  const missing = DELIVERY_ACTIONS.filter((action) => !ground.allows(role, { action, resource: '*' }, region));
  if (missing.length > 0) throw unauthorized(missing);
  const { logGroups } = await ground.call(role, 'logs', 'DescribeLogGroups', { logGroupNamePrefix: group }, region);
  if (!logGroups?.some((found) => found.logGroupName === group)) throw invalid(`Log Destination does not exist: ${arn}`);
  const { resourcePolicies } = await ground.call(role, 'logs', 'DescribeResourcePolicies', {}, region);
  if (resourcePolicies?.some((policy) => policy.policyName === POLICY_NAME)) return;
  const policyDocument = JSON.stringify(deliveryPolicy(ground.account, region));
  await ground.call(role, 'logs', 'PutResourcePolicy', { policyName: POLICY_NAME, policyDocument }, region);
}

const groupOf = (arn: string): string | undefined => /^arn:aws:logs:[^:]+:\d{12}:log-group:([^:]+):\*$/.exec(arn)?.[1];

const deliveryPolicy = (account: string, region: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: POLICY_NAME,
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `arn:aws:logs:${region}:${account}:log-group:*:log-stream:*`,
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ],
});

/** Writes one event of the history, if the level asks for it; deliveries of one machine keep their order. */
export function createLog(ground: Ground) {
  let last: Promise<unknown> = Promise.resolve();
  const delivery = { kind: 'service', service: 'delivery.logs.amazonaws.com', account: ground.account } as const;

  const streamOf = async (machine: Machine, logGroupName: string): Promise<string> => {
    if (machine.logStream !== undefined) return machine.logStream;
    const minute = new Date(ground.timeline.now()).toISOString().slice(0, 16).replace(/[T:]/g, '-');
    const logStreamName = `states/${machine.name}/${minute}/${ground.token(8, '0123456789abcdef')}`;
    machine.logStream = logStreamName;
    await ground.call(
      { ...delivery, source: machine.arn },
      'logs',
      'CreateLogStream',
      { logGroupName, logStreamName },
      machine.region,
    );
    return logStreamName;
  };

  const write = async (execution: Execution, group: string, message: string, timestamp: number): Promise<void> => {
    const { machine } = execution;
    const logStreamName = await streamOf(machine, group);
    const input = { logGroupName: group, logStreamName, logEvents: [{ message, timestamp }] };
    await ground.call({ ...delivery, source: machine.arn }, 'logs', 'PutLogEvents', input, machine.region);
  };

  return (execution: Execution, event: HistoryEvent): void => {
    const { level, destinations, includeExecutionData } = execution.revision.logging;
    const group = groupOf(destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? '');
    if (group === undefined || !isLogged(level, event.type)) return;
    const message = JSON.stringify(lineOf(execution, event, includeExecutionData === true));
    // A log group taken away stops the log, never the execution.
    last = last.then(() => write(execution, group, message, event.timestamp)).catch(() => undefined);
  };
}

function isLogged(level: string | undefined, type: string): boolean {
  if (level === 'ALL') return true;
  return level === 'ERROR' ? ERROR.test(type) : level === 'FATAL' && FATAL.has(type);
}

const lineOf = (execution: Execution, event: HistoryEvent, whole: boolean) => ({
  id: String(event.id),
  type: event.type,
  details: whole ? detailsOf(event) : withoutData(detailsOf(event)),
  previous_event_id: String(event.previousEventId),
  event_timestamp: String(Math.round(event.timestamp)),
  execution_arn: execution.arn,
  redrive_count: String(execution.redriveCount),
});

/** The history keeps details under AWS's key for their type (`taskFailedEventDetails`); a line of the log has them bare. */
const detailsOf = ({ details = {} }: HistoryEvent): Record<string, unknown> => {
  const [only] = Object.values(details);
  return isObject(only) ? only : {};
};

const withoutData = (details: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(details).filter(([key]) => !EXECUTION_DATA.has(key)));
