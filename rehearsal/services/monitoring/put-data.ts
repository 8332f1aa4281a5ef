// PutMetricData: what CloudWatch takes as a measurement.
import type { Dimension, MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { OperationsOf, Sdks } from '../service.ts';
import { invalidCombination, invalidValue, missingParameter, notImitated } from './failures.ts';
import type { Measurement, Metrics } from './metrics.ts';
import { metricNameOf } from './metrics.ts';

const TWO_WEEKS = 14 * 86_400_000;
const TWO_HOURS = 2 * 3_600_000;
const LARGEST = 2 ** 360;
const UNITS = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'Count/Second', 'None'],
  ...['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes', 'Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'],
  ...['Bytes/Second', 'Kilobytes/Second', 'Megabytes/Second', 'Gigabytes/Second', 'Terabytes/Second'],
  ...['Bits/Second', 'Kilobits/Second', 'Megabits/Second', 'Gigabits/Second', 'Terabits/Second'],
];

export function putDataOperations(
  metricsOf: (region: string) => Metrics,
): Pick<OperationsOf<Sdks['monitoring']>, 'PutMetricData'> {
  return {
    PutMetricData: {
      asks: ({ Namespace: namespace = '' }, { caller }) =>
        // AWS's own services measure themselves without anybody's leave.
        caller.kind === 'service'
          ? []
          : [{ action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': namespace } }],
      run: (
        { Namespace: namespace = '', MetricData: data = [], EntityMetricData: entities, StrictEntityValidation: strict },
        call,
      ) => {
        if (entities !== undefined || strict !== undefined) throw notImitated('cloudwatch:PutMetricData with EntityMetricData');
        checkNamespace(namespace, call.caller.kind === 'service');
        if (data.length === 0) throw missingParameter('The parameter MetricData is required.');
        if (data.length > 1000) throw invalidValue('The collection MetricData must not have a size greater than 1000.');
        const read = data.map((datum, i) => readDatum(datum, `MetricData.member.${i + 1}`, call.at));
        read.forEach((measurement, i) => {
          const { MetricName: name, Dimensions: dimensions } = data[i] ?? {};
          metricsOf(call.region).put(metricNameOf(namespace, name, dimensions), measurement, call.at);
        });
        return {};
      },
    },
  };
}

function checkNamespace(namespace: string, byAws: boolean): void {
  if (namespace.startsWith('AWS/') && !byAws) throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
  if (!/^[^:][0-9A-Za-z.\-_/#:\s]*$/.test(namespace) || namespace.length > 255) {
    throw invalidValue(`The value ${namespace} for parameter Namespace is invalid.`);
  }
}

function readDatum(datum: MetricDatum, place: string, now: number): Measurement {
  if (!datum.MetricName) throw missingParameter(`The parameter ${place}.MetricName is required.`);
  if (datum.Unit !== undefined && !UNITS.includes(datum.Unit)) {
    throw invalidValue(`The parameter ${place}.Unit must be a value in the set [ ${UNITS.join(', ')} ].`);
  }
  checkDimensions(datum.Dimensions ?? [], place);
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) throw invalidValue(`The parameter ${place}.StorageResolution must be 1 or 60.`);
  const at = datum.Timestamp?.getTime() ?? now;
  if (at < now - TWO_WEEKS) {
    throw invalidValue(`The parameter ${place}.Timestamp must specify a time no more than two weeks in the past.`);
  }
  if (at > now + TWO_HOURS) {
    throw invalidValue(`The parameter ${place}.Timestamp must specify a time no more than two hours in the future.`);
  }
  const floor = resolution * 1000;
  return { at: Math.floor(at / floor) * floor, unit: datum.Unit ?? 'None', ...amountsOf(datum, place) };
}

function checkDimensions(dimensions: readonly Dimension[], place: string): void {
  if (dimensions.length > 30) throw invalidValue(`The collection ${place}.Dimensions must not have a size greater than 30.`);
  dimensions.forEach(({ Name: name, Value: value }, i) => {
    const at = `${place}.Dimensions.member.${i + 1}`;
    if (!name) throw missingParameter(`The parameter ${at}.Name is required.`);
    if (!value) throw missingParameter(`The parameter ${at}.Value is required.`);
    if (name.startsWith(':')) throw invalidValue(`The value ${name} for parameter ${at}.Name is invalid.`);
  });
  const names = dimensions.map(({ Name: name }) => name);
  if (new Set(names).size < names.length) {
    throw invalidValue('No metric may have the same dimension more than once.');
  }
}

type Amounts = Omit<Measurement, 'at' | 'unit'>;

function amountsOf(datum: MetricDatum, place: string): Amounts {
  const { Value: value, Values: values, StatisticValues: summary, Counts: counts } = datum;
  const given = [value, values, summary].filter((v) => v !== undefined);
  if (given.length === 0) {
    throw missingParameter(
      `At least one of the parameters must be specified: ${place}.Value, ${place}.StatisticValues, ${place}.Values.`,
    );
  }
  if (given.length > 1) {
    throw invalidCombination(
      `The parameters ${place}.Value and ${place}.StatisticValues and ${place}.Values are mutually exclusive and you have specified more than one.`,
    );
  }
  if (summary) return summarised(summary, place);
  if (values) return sampled(values, counts, place);
  return ofSamples([{ value: checked(value ?? 0, `${place}.Value`), count: 1 }]);
}

function summarised(summary: NonNullable<MetricDatum['StatisticValues']>, place: string): Amounts {
  const { SampleCount: count = 0, Sum: sum = 0, Minimum: minimum = 0, Maximum: maximum = 0 } = summary;
  for (const amount of [count, sum, minimum, maximum]) checked(amount, `${place}.StatisticValues`);
  if (maximum < minimum) {
    throw invalidValue(`The parameter ${place}.StatisticValues.Minimum must be less than ${place}.StatisticValues.Maximum.`);
  }
  const alike = minimum === maximum;
  return { count, sum, minimum, maximum, samples: alike ? [{ value: minimum, count }] : undefined };
}

function sampled(values: readonly number[], counts: readonly number[] | undefined, place: string): Amounts {
  if (values.length === 0 || values.length > 150) {
    throw invalidValue(`The collection ${place}.Values must not have a size greater than 150.`);
  }
  if (counts && counts.length !== values.length) {
    throw invalidValue(`The parameters ${place}.Values and ${place}.Counts must be of the same size.`);
  }
  return ofSamples(values.map((value, i) => ({ value: checked(value, `${place}.Values`), count: counts?.[i] ?? 1 })));
}

function ofSamples(samples: readonly { value: number; count: number }[]): Amounts {
  const every = samples.map(({ value }) => value);
  return {
    count: samples.reduce((total, { count }) => total + count, 0),
    sum: samples.reduce((total, { value, count }) => total + value * count, 0),
    minimum: Math.min(...every),
    maximum: Math.max(...every),
    samples,
  };
}

function checked(value: number, place: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= LARGEST) return value;
  throw invalidValue(`The value ${value} for parameter ${place} is invalid.`);
}
