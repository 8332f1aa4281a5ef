// CloudWatch's embedded metric format: a line that is a document of it becomes metric data, and nobody needs a right for that.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import * as z from 'zod';
import type { Caller } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';

const name = z.string().min(1).max(255);
/** Members that the specification does not know are to be ignored. */
const Directive = z.looseObject({
  Namespace: name,
  Dimensions: z.array(z.array(name).max(30)).min(1),
  Metrics: z
    .array(z.looseObject({ Name: name, Unit: z.string().optional(), StorageResolution: z.literal([1, 60]).optional() }))
    .max(100),
});
const Root = z.looseObject({ _aws: z.looseObject({ Timestamp: z.int(), CloudWatchMetrics: z.array(Directive) }) });
type Directive = z.infer<typeof Directive>;

const Amount = z.union([z.number(), z.array(z.number()).min(1).max(100)]);

/** What Lambda writes before a line of text. */
const LAMBDAS_OWN = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\t[A-Z]+\t(?=\{)/;

/** All data of one set of dimensions. */
export interface Embedded {
  readonly Namespace: string;
  readonly MetricData: MetricDatum[];
}

/** What a line says of metrics: nothing when it is no document, or not one that keeps to the specification. */
export function readEmbedded(message: string): Embedded[] {
  // Most lines speak of no metric.
  if (!message.includes('"CloudWatchMetrics"')) return [];
  const root = Root.safeParse(parsed(message.replace(LAMBDAS_OWN, '')));
  if (!root.success) return [];
  const { _aws: meta, ...members } = root.data;
  const embedded = meta.CloudWatchMetrics.map((directive) => dataOf(directive, members, new Date(meta.Timestamp)));
  // A reference to what is not there makes the document invalid, not only the metric.
  return embedded.every((one) => one !== undefined) ? embedded.flat() : [];
}

function dataOf(
  { Namespace, Dimensions, Metrics }: Directive,
  members: Readonly<Record<string, unknown>>,
  Timestamp: Date,
): Embedded[] | undefined {
  const targets = [...new Set(Dimensions.flat())].map((key) => [key, name.safeParse(members[key])] as const);
  const amounts = Metrics.map((metric) => ({ metric, amount: Amount.safeParse(members[metric.Name]) }));
  if (targets.some(([, target]) => !target.success) || amounts.some(({ amount }) => !amount.success)) return undefined;
  const values = new Map(targets.map(([key, { data = '' }]) => [key, data]));
  return Dimensions.map((keys) => ({
    Namespace,
    MetricData: amounts.map(({ metric: { Name, Unit, StorageResolution }, amount: { data } }) => ({
      MetricName: Name,
      Timestamp,
      Dimensions: keys.map((key) => ({ Name: key, Value: values.get(key) ?? '' })),
      ...(typeof data === 'number' ? { Value: data } : { Values: data ?? [] }),
      ...(Unit !== undefined && { Unit: Unit as NonNullable<MetricDatum['Unit']> }),
      ...(StorageResolution !== undefined && { StorageResolution }),
    })),
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts what lines say of metrics into CloudWatch. */
export function createExtraction(ground: Ground): (messages: readonly string[], call: Call) => Promise<void> {
  const itself: Caller = { kind: 'operator', arn: 'logs.amazonaws.com', account: ground.account };
  return async (messages, call) => {
    for (const input of messages.flatMap(readEmbedded)) {
      // What CloudWatch does not take, a time long past or a unit that it does not know, is missing from the metrics; the line stays.
      await ground.call(itself, 'monitoring', 'PutMetricData', input, call.region).catch(() => undefined);
    }
  };
}
