// What Lambda says of its work in CloudWatch: how often a function ran, failed or was turned away, and how long it took.
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { Answer } from '../../host/program.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import type { LambdaFunction } from './catalog.ts';

interface Run {
  readonly fn: LambdaFunction;
  readonly invokedArn: string;
}

/** Runs the work and counts it. */
export async function counted(ground: Ground, run: Run, work: () => Promise<Answer>): Promise<Answer> {
  const since = ground.timeline.now();
  try {
    const answer = await work();
    const Duration = ground.timeline.now() - since;
    void publish(ground, run, { Invocations: 1, Errors: answer.failed ? 1 : 0, Throttles: 0, Duration });
    return answer;
  } catch (error) {
    // What was turned away is no invocation.
    if (error instanceof AwsError && error.code === 'TooManyRequestsException') void publish(ground, run, { Throttles: 1 });
    throw error;
  }
}

/** Under the function, under what it was invoked as, and over all functions of the Region. */
function dimensionsOf({ fn, invokedArn }: Run): NonNullable<MetricDatum['Dimensions']>[] {
  const named = { Name: 'FunctionName', Value: fn.name };
  const resource = { Name: 'Resource', Value: `${fn.name}${invokedArn.slice(fn.arn.length)}` };
  return [[named], [named, resource], []];
}

async function publish(ground: Ground, run: Run, values: Readonly<Record<string, number>>): Promise<void> {
  const Timestamp = new Date(ground.timeline.now());
  const MetricData = dimensionsOf(run).flatMap((Dimensions) =>
    Object.entries(values).map(([MetricName, Value]) => {
      const Unit = MetricName === 'Duration' ? ('Milliseconds' as const) : ('Count' as const);
      return { MetricName, Dimensions, Timestamp, Value, Unit };
    }),
  );
  const own = { kind: 'service', service: 'lambda.amazonaws.com', account: ground.account, source: run.fn.arn } as const;
  // AWS's own metrics are best effort: nothing fails for want of one.
  await ground
    .call(own, 'monitoring', 'PutMetricData', { Namespace: 'AWS/Lambda', MetricData }, run.fn.region)
    .catch(() => undefined);
}
