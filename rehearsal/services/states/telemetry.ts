// What Step Functions says about an execution to the outside: CloudWatch metrics and the event on the default bus.
import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import type { Ground } from '../ground.ts';
import { isOwnKey } from './encryption.ts';
import type { Execution } from './ledger.ts';
import { redriveStatusOf } from './redrive.ts';
import { ownName } from './scene.ts';

const METRIC: Partial<Record<ExecutionStatus, string>> = {
  RUNNING: 'ExecutionsStarted',
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  ABORTED: 'ExecutionsAborted',
  TIMED_OUT: 'ExecutionsTimedOut',
};
/** Together beyond this, the input is left out of the event; an output alone beyond it is left out too. */
const MOST_DATA_BYTES = 248 * 1024;

/** Tells both of the status the execution now has. */
export function announce(ground: Ground, execution: Execution): void {
  const { machine } = execution;
  ground.emit({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    region: machine.region,
    resources: [execution.arn],
    detail: detailOf(ground, execution),
  });
  void publish(ground, execution);
}

async function publish(ground: Ground, execution: Execution): Promise<void> {
  const { machine, status, startedAt, redrivenAt, stoppedAt } = execution;
  const Timestamp = new Date(ground.timeline.now());
  const Dimensions = [{ Name: 'StateMachineArn', Value: machine.arn }];
  const name = status === 'RUNNING' && execution.redriveCount > 0 ? 'ExecutionsRedriven' : (METRIC[status] ?? status);
  const count = { MetricName: name, Dimensions, Timestamp, Value: 1, Unit: 'Count' as const };
  const elapsed = (stoppedAt ?? startedAt) - (redrivenAt ?? startedAt);
  const time = { MetricName: 'ExecutionTime', Dimensions, Timestamp, Value: elapsed, Unit: 'Milliseconds' as const };
  const MetricData = stoppedAt === undefined ? [count] : [count, time];
  // AWS's own metrics are best effort: an execution never fails for want of one.
  await ground
    .call(ownName(ground, machine.arn), 'monitoring', 'PutMetricData', { Namespace: 'AWS/States', MetricData }, machine.region)
    .catch(() => undefined);
}

/** A machine with its own key keeps its data out of the event. */
function detailOf(ground: Ground, execution: Execution): Record<string, unknown> {
  const { input, output, error, cause, stoppedAt, redrivenAt } = execution;
  const open = !isOwnKey(execution.revision);
  const outputBytes = escapedBytes(output ?? '');
  const withInput = open && escapedBytes(input) + outputBytes <= MOST_DATA_BYTES;
  const withOutput = open && outputBytes <= MOST_DATA_BYTES;
  const { redriveStatus, redriveStatusReason } = redriveStatusOf(execution, ground.timeline.now());
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: Math.round(execution.startedAt),
    stopDate: stoppedAt === undefined ? null : Math.round(stoppedAt),
    input: withInput ? input : null,
    output: withOutput ? (output ?? null) : null,
    stateMachineVersionArn: execution.versionArn ?? null,
    stateMachineAliasArn: execution.aliasArn ?? null,
    redriveCount: execution.redriveCount,
    redriveDate: redrivenAt === undefined ? null : Math.round(redrivenAt),
    redriveStatus,
    redriveStatusReason: redriveStatusReason ?? null,
    inputDetails: { included: withInput },
    outputDetails: output === undefined ? null : { included: withOutput },
    error: open ? (error ?? null) : null,
    cause: open ? (cause ?? null) : null,
  };
}

const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
