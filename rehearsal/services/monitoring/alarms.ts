// The operations on alarms.
import { pageOf } from '../page.ts';
import { requestTags } from '../request-tags.ts';
import type { Call, InputOf, OperationsOf, Sdks } from '../service.ts';
import { type Alarm, alarmArn, type Alarms, shapeOf } from './alarm.ts';
import { readDefinition } from './definition.ts';
import { AwsError } from '../error.ts';
import { invalidToken, noSuchAlarm, notImitated, validation } from './failures.ts';
import { itemOf, recordConfiguration } from './history.ts';
import { keyOf, metricNameOf } from './metrics.ts';
import { addTags } from './tags.ts';
import type { Watch } from './watch.ts';

type Cw = Sdks['monitoring'];
type Names =
  | 'PutMetricAlarm'
  | 'DescribeAlarms'
  | 'DescribeAlarmsForMetric'
  | 'DescribeAlarmHistory'
  | 'DeleteAlarms'
  | 'SetAlarmState'
  | 'EnableAlarmActions'
  | 'DisableAlarmActions';

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export function alarmOperations(
  account: string,
  alarmsOf: (region: string) => Alarms,
  watch: Watch,
): Pick<OperationsOf<Cw>, Names> {
  const askEach = (action: string, names: readonly string[], { region }: Pick<Call, 'region'>) =>
    names.map((name) => ({ action: `cloudwatch:${action}`, resource: alarmArn(region, account, name) }));
  const askAll = (action: string, { region }: Call) => [
    { action: `cloudwatch:${action}`, resource: alarmArn(region, account, '*') },
  ];

  return {
    PutMetricAlarm: {
      asks: ({ AlarmName: name = '', Tags: tags }, call) => {
        const context = requestTags(tags);
        const [ask] = askEach('PutMetricAlarm', [name], call);
        if (!ask) return [];
        const put = { ...ask, context };
        return tags && tags.length > 0 ? [put, { ...put, action: 'cloudwatch:TagResource' }] : [put];
      },
      run: (input, call) => {
        const definition = readDefinition(input);
        const { standing } = alarmsOf(call.region);
        const name = input.AlarmName ?? '';
        const known = standing.get(name);
        const alarm = known ?? newAlarm(name, definition, call);
        if (!known) addTags(alarm.tags, input.Tags);
        alarm.definition = definition;
        alarm.configuredAt = call.at;
        alarm.actionsEnabled = input.ActionsEnabled ?? true;
        standing.set(name, alarm);
        recordConfiguration(alarm, call.at, known ? 'Update' : 'Create');
        watch.forget(alarm);
        watch.expect(alarm);
        return {};
      },
    },
    DescribeAlarms: {
      asks: (_, call) => askAll('DescribeAlarms', call),
      run: (input, call) => {
        refuseUnimitated(input);
        const found = input.AlarmTypes?.includes('MetricAlarm') === false ? [] : select(alarmsOf(call.region), input);
        const question = [input.AlarmNames, input.AlarmNamePrefix, input.StateValue, input.ActionPrefix];
        const { MaxRecords: limit, NextToken: token } = input;
        const page = pageOf(found, { limit, token, most: limit ?? 50, question, refuse: invalidToken });
        return { MetricAlarms: page.items.map(shapeOf), CompositeAlarms: [], ...nextToken(page.next) };
      },
    },
    DescribeAlarmsForMetric: {
      asks: (_, call) => askAll('DescribeAlarmsForMetric', call),
      run: (input, { region }) => {
        const key = keyOf(metricNameOf(input.Namespace, input.MetricName, input.Dimensions));
        const matching = [...alarmsOf(region).standing.values()].filter(
          ({ definition: { queries, described } }) =>
            queries.some((query) => query.kind === 'stat' && keyOf(query.metric) === key) &&
            (['Statistic', 'ExtendedStatistic', 'Period', 'Unit'] as const).every(
              (member) => input[member] === undefined || input[member] === described[member],
            ),
        );
        return { MetricAlarms: matching.map(shapeOf) };
      },
    },
    DescribeAlarmHistory: {
      asks: ({ AlarmName: name }, call) =>
        name === undefined ? askAll('DescribeAlarmHistory', call) : askEach('DescribeAlarmHistory', [name], call),
      run: (input, { region }) => {
        if (input.AlarmContributorId !== undefined) throw notImitated('cloudwatch:DescribeAlarmHistory with AlarmContributorId');
        const items = historyOf(alarmsOf(region), input);
        const { MaxRecords: limit, NextToken: token } = input;
        const question = [input.AlarmName, input.HistoryItemType, input.StartDate, input.EndDate, input.ScanBy];
        const page = pageOf(items, { limit, token, most: limit ?? 100, question, refuse: invalidToken });
        return { AlarmHistoryItems: page.items, ...nextToken(page.next) };
      },
    },
    DeleteAlarms: {
      asks: ({ AlarmNames: names = [] }, call) => askEach('DeleteAlarms', names, call),
      run: ({ AlarmNames: names = [] }, call) => {
        const alarms = alarmsOf(call.region);
        if (names.length > 100) throw validation('The collection AlarmNames must not have a size greater than 100.');
        // All of them or none.
        const doomed = names.map((name) => alarmNamed(alarms, name));
        for (const alarm of doomed) {
          watch.forget(alarm);
          alarms.standing.delete(alarm.name);
          recordConfiguration(alarm, call.at, 'Delete');
          alarms.buried.push(alarm);
        }
        return {};
      },
    },
    SetAlarmState: {
      asks: ({ AlarmName: name = '' }, call) => askEach('SetAlarmState', [name], call),
      run: (input, call) => {
        const alarm = alarmNamed(alarmsOf(call.region), input.AlarmName ?? '');
        const { StateValue: value, StateReason: reason = '', StateReasonData: reasonData } = input;
        if (value === undefined || !STATES.includes(value)) {
          throw validation(
            `1 validation error detected: Value '${value ?? ''}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]`,
          );
        }
        if (reasonData !== undefined && !isJson(reasonData))
          throw new AwsError('InvalidFormat', 'StateReasonData was not syntactically valid JSON', { status: 400 });
        watch.change(alarm, { value, reason, reasonData, at: call.at });
        // What was set by hand lasts until the next look.
        watch.expect(alarm);
        return {};
      },
    },
    EnableAlarmActions: {
      asks: ({ AlarmNames: names = [] }, call) => askEach('EnableAlarmActions', names, call),
      run: ({ AlarmNames: names }, { region }) => switchActions(alarmsOf(region), names, true),
    },
    DisableAlarmActions: {
      asks: ({ AlarmNames: names = [] }, call) => askEach('DisableAlarmActions', names, call),
      run: ({ AlarmNames: names }, { region }) => switchActions(alarmsOf(region), names, false),
    },
  };

  function newAlarm(name: string, definition: Alarm['definition'], { region, at }: Call): Alarm {
    const state = { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', reasonData: undefined, at } as const;
    return {
      ...{ name, region, arn: alarmArn(region, account, name), definition, state },
      ...{ configuredAt: at, transitionedAt: at, actionsEnabled: true, tags: new Map(), history: [] },
    };
  }
}

function alarmNamed({ standing }: Alarms, name: string): Alarm {
  const alarm = standing.get(name);
  if (!alarm) throw noSuchAlarm(`Alarm ${name} does not exist`);
  return alarm;
}

/** Names that are not there are passed over: only deletion insists. */
function switchActions({ standing }: Alarms, names: readonly string[] = [], enabled: boolean): Record<string, never> {
  for (const name of names) {
    const alarm = standing.get(name);
    if (alarm) alarm.actionsEnabled = enabled;
  }
  return {};
}

type DescribeInput = InputOf<Cw, 'DescribeAlarms'>;

function refuseUnimitated(input: DescribeInput): void {
  const left = (['ChildrenOfAlarmName', 'ParentsOfAlarmName'] as const).find((member) => input[member] !== undefined);
  if (left !== undefined) throw notImitated(`cloudwatch:DescribeAlarms with ${left}`);
  if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined) {
    throw validation('AlarmNames and AlarmNamePrefix cannot be specified together.');
  }
}

function select({ standing }: Alarms, input: DescribeInput): Alarm[] {
  const { AlarmNames: names, AlarmNamePrefix: prefix = '', StateValue: state, ActionPrefix: action } = input;
  return [...standing.values()]
    .filter((alarm) => (names?.includes(alarm.name) ?? true) && alarm.name.startsWith(prefix))
    .filter((alarm) => state === undefined || alarm.state.value === state)
    .filter((alarm) => action === undefined || everyAction(alarm).some((arn) => arn.startsWith(action)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const everyAction = ({ definition: { described } }: Alarm): string[] => [
  ...(described.AlarmActions ?? []),
  ...(described.OKActions ?? []),
  ...(described.InsufficientDataActions ?? []),
];

function historyOf({ standing, buried }: Alarms, input: InputOf<Cw, 'DescribeAlarmHistory'>) {
  const { AlarmName: name, HistoryItemType: type, StartDate: start, EndDate: end, ScanBy: order } = input;
  const items = [...buried, ...standing.values()]
    .filter((alarm) => name === undefined || alarm.name === name)
    .flatMap((alarm) => alarm.history.map((happening) => ({ happening, item: itemOf(alarm, happening) })))
    .filter(({ happening }) => type === undefined || happening.type === type)
    .filter(({ happening: { at } }) => at >= (start?.getTime() ?? 0) && at <= (end?.getTime() ?? Infinity))
    .sort((a, b) => a.happening.at - b.happening.at)
    .map(({ item }) => item);
  return order === 'TimestampAscending' ? items : items.reverse();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const nextToken = (next: string | undefined): { NextToken?: string } => (next === undefined ? {} : { NextToken: next });
