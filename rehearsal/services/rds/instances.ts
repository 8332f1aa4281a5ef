// Describing what stands: instances, and what happened to them.
import type { Ask } from '../../iam/ask.ts';
import { notImitated } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidCombination, invalidValue } from './failures.ts';
import { requireFilters, type Answers } from './filters.ts';
import { describe } from './description.ts';
import { find, inOrder, known, type Instance, type Rds } from './instance.ts';
import { arnOf, askAbout, identifierIn } from './naming.ts';
import { pageOf } from './page.ts';

const INSTANCE_FILTERS: Answers<Instance> = {
  'db-cluster-id': () => false,
  'db-instance-id': ({ identifier, arn }, value) => [identifier, arn].includes(value.toLowerCase()) || arn === value,
  'dbi-resource-id': ({ resourceId }, value) => resourceId === value,
  domain: () => false,
  engine: (_instance, value) => value === 'postgres',
};
const SOURCE_TYPES = [
  ...['db-instance', 'db-parameter-group', 'db-security-group', 'db-snapshot', 'db-cluster', 'db-cluster-snapshot'],
  ...['custom-engine-version', 'db-proxy', 'blue-green-deployment', 'db-shard-group', 'zero-etl'],
];
const HOUR_MINUTES = 60;
const KEPT_MILLISECONDS = 14 * 24 * 60 * 60_000;

export function createDescriptions(rds: Rds): OperationsOf<Sdks['rds']> {
  return {
    DescribeDBInstances: {
      asks: ({ DBInstanceIdentifier: name }, call): Ask[] => [
        askAbout('DescribeDBInstances', 'db', name, call, known(rds, call, name)?.tags),
      ],
      run(input, call) {
        const { DBInstanceIdentifier: given, Filters: filters } = input;
        const region = rds.in(call.region);
        const meant = given === undefined ? inOrder(region) : [find(rds, call.region, identifierIn(given, call))];
        const found = meant.filter(requireFilters(filters, INSTANCE_FILTERS));
        const question = [call.region, 'instances', given, filters];
        const { items, next } = pageOf(found, input, question, ({ identifier }) => identifier);
        return {
          DBInstances: items.map((instance) => describe(instance, region, call)),
          ...(next !== undefined && { Marker: next }),
        };
      },
    },
    DescribeEvents: {
      asks: (_input, call) => [{ action: 'rds:DescribeEvents', resource: arnOf(call.region, call.account, 'es', '*') }],
      run(input, call) {
        const { SourceIdentifier: source, SourceType: type, EventCategories: categories = [] } = input;
        if (type !== undefined && !SOURCE_TYPES.includes(type)) throw invalidValue(`Invalid source type: ${type}`);
        if (source !== undefined && type === undefined)
          throw invalidCombination('The SourceType parameter must be supplied when the SourceIdentifier parameter is supplied.');
        if ((input.Filters ?? []).length > 0) throw notImitated('Filters of rds:DescribeEvents, which RDS ignores');
        const { from, to } = windowOf(input, call);
        const found = [...rds.in(call.region).events]
          .sort((a, b) => (a.Date?.getTime() ?? 0) - (b.Date?.getTime() ?? 0))
          .filter(({ Date: at = new Date(0) }) => at.getTime() >= from && at.getTime() <= to)
          .filter((event) => type === undefined || event.SourceType === type)
          .filter((event) => source === undefined || event.SourceIdentifier === source.toLowerCase())
          .filter((event) => categories.length === 0 || (event.EventCategories ?? []).some((one) => categories.includes(one)));
        const question = [call.region, 'events', source, type, from, to, categories];
        const { items, next } = pageOf(
          found,
          input,
          question,
          ({ SourceIdentifier: name = '', Date: at, Message: said = '' }) => `${name} ${at?.getTime() ?? 0} ${said}`,
        );
        return { Events: items, ...(next !== undefined && { Marker: next }) };
      },
    },
  };
}

interface Window {
  readonly StartTime?: Date | undefined;
  readonly EndTime?: Date | undefined;
  readonly Duration?: number | undefined;
}

/** By instants or by a number of minutes; the last hour when nothing was said, and nothing from before two weeks ago. */
function windowOf({ StartTime: start, EndTime: end, Duration: minutes }: Window, { at }: Call): { from: number; to: number } {
  if (start !== undefined && end !== undefined && start > end)
    throw invalidCombination('The value for StartTime must be earlier than the value for EndTime.');
  if (minutes !== undefined && minutes <= 0) throw invalidValue(`Invalid value ${minutes} for Duration. Must be positive`);
  const to = end?.getTime() ?? at;
  const from = start?.getTime() ?? to - (minutes ?? HOUR_MINUTES) * 60_000;
  return { from: Math.max(from, at - KEPT_MILLISECONDS), to };
}
