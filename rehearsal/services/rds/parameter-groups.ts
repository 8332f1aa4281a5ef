// DB parameter groups: what PostgreSQL is told beside its defaults, and who waits for a restart to hear it.
import type { DBParameterGroup, Parameter } from '@aws-sdk/client-rds';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidValue, missing, noParameterGroup, refuseOthers } from './failures.ts';
import { familyOf, type ParameterGroup, type Rds } from './instance.ts';
import { tell } from './journal.ts';
import { arnOf, askAbout, asksForTags, requestContext, requireIdentifier } from './naming.ts';
import { pageOf } from './page.ts';
import { allowedOf, impress, parameterNames, parameterOf, reload, requireParameter } from './parameters.ts';
import { parameterGroupOf } from './regions.ts';
import { tagsFrom } from './tags.ts';
import { engineVersion } from './wishes.ts';

const LONGEST_NAME = 255;
const MOST_PARAMETERS = 20;

export function createParameterGroups(rds: Rds): OperationsOf<Sdks['rds']> {
  const known = (call: Call, name = ''): ParameterGroup | undefined =>
    parameterGroupOf(rds.in(call.region), call.account, name.toLowerCase());
  const standing = (call: Call, name = ''): ParameterGroup => {
    const found = known(call, name);
    if (!found) throw noParameterGroup(name);
    return found;
  };
  const own = (call: Call, name = ''): ParameterGroup => {
    const found = standing(call, name);
    if (!rds.in(call.region).parameterGroups.has(found.name)) throw invalidState('Default DBParameterGroups cannot be changed.');
    return found;
  };
  const ask = (action: string, name: string | undefined, call: Call) => [
    askAbout(action, 'pg', name, call, known(call, name)?.tags),
  ];
  return {
    CreateDBParameterGroup: {
      asks: ({ DBParameterGroupName: name, Tags: tags }, call) => [
        askAbout('CreateDBParameterGroup', 'pg', name, call, new Map(), requestContext(tags)),
        ...asksForTags('pg', name, tags, call),
      ],
      run(input, call) {
        const { parameterGroups } = rds.in(call.region);
        const name = requireIdentifier(input.DBParameterGroupName ?? '', 'DBParameterGroupName', LONGEST_NAME);
        const family = requireFamily(input.DBParameterGroupFamily);
        if ((input.Description ?? '') === '') throw missing('Description');
        if (parameterGroups.has(name))
          throw new AwsError('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
        const arn = arnOf(call.region, call.account, 'pg', name);
        const description = input.Description ?? '';
        const group: ParameterGroup = { name, arn, family, description, parameters: new Map(), tags: tagsFrom(input.Tags) };
        parameterGroups.set(name, group);
        return { DBParameterGroup: describeGroup(group) };
      },
    },
    DescribeDBParameterGroups: {
      asks: ({ DBParameterGroupName: name }, call) => ask('DescribeDBParameterGroups', name, call),
      run(input, call) {
        refuseOthers('DescribeDBParameterGroups', input, ['DBParameterGroupName', 'MaxRecords', 'Marker']);
        const { DBParameterGroupName: given } = input;
        const standard = `default.${familyOf(engineVersion())}`;
        const all = [standing(call, standard), ...rds.in(call.region).parameterGroups.values()];
        const found = given === undefined ? all.sort((a, b) => (a.name < b.name ? -1 : 1)) : [standing(call, given)];
        const { items, next } = pageOf(found, input, [call.region, 'parameter groups', given], ({ name }) => name);
        return { DBParameterGroups: items.map(describeGroup), ...(next !== undefined && { Marker: next }) };
      },
    },
    DescribeDBParameters: {
      asks: ({ DBParameterGroupName: name }, call) => ask('DescribeDBParameters', name, call),
      run(input, call) {
        refuseOthers('DescribeDBParameters', input, ['DBParameterGroupName', 'Source', 'MaxRecords', 'Marker']);
        const group = standing(call, input.DBParameterGroupName);
        const all = parameterNames().map((name) => describeParameter(group, name));
        const found = all.filter(({ Source }) => input.Source === undefined || Source === input.Source);
        const question = [call.region, 'parameters', group.name, input.Source];
        const { items, next } = pageOf(found, input, question, ({ ParameterName: name = '' }) => name);
        return { Parameters: items, ...(next !== undefined && { Marker: next }) };
      },
    },
    ModifyDBParameterGroup: {
      asks: ({ DBParameterGroupName: name }, call) => ask('ModifyDBParameterGroup', name, call),
      async run(input, call) {
        const group = own(call, input.DBParameterGroupName);
        await change(rds, call, group, input.Parameters ?? []);
        return { DBParameterGroupName: group.name };
      },
    },
    DeleteDBParameterGroup: {
      asks: ({ DBParameterGroupName: name }, call) => ask('DeleteDBParameterGroup', name, call),
      run(input, call) {
        const region = rds.in(call.region);
        const { name } = own(call, input.DBParameterGroupName);
        if ([...region.instances.values()].some(({ settings }) => settings.parameterGroup === name))
          throw invalidState(
            'One or more database instances are still members of this parameter group, so the group cannot be deleted',
          );
        region.parameterGroups.delete(name);
        return {};
      },
    },
  };
}

/** Whoever has the group hears of what is dynamic at once, and of the rest when he restarts. */
async function change(rds: Rds, { region: name }: Call, group: ParameterGroup, wishes: readonly Parameter[]): Promise<void> {
  if (wishes.length === 0) throw missing('Parameters');
  if (wishes.length > MOST_PARAMETERS)
    throw invalidValue(`At most ${MOST_PARAMETERS} parameters can be modified in one request.`);
  const waits = wishes.map(({ ParameterName: parameter = '', ParameterValue: value = '', ApplyMethod: method = '' }) =>
    requireParameter(parameter, value, method),
  );
  for (const { ParameterName: parameter = '', ParameterValue: value = '' } of wishes) group.parameters.set(parameter, value);
  const members = [...rds.in(name).instances.values()].filter(({ settings }) => settings.parameterGroup === group.name);
  for (const instance of members) {
    // One that waits for its first start with this group reads all of it then.
    if (!instance.cluster?.running || instance.settings.parameterStatus !== 'in-sync') continue;
    await rds.labour(async () => {
      await impress(rds, instance);
      if (waits.includes(false)) await reload(instance);
    });
    if (waits.includes(true)) instance.settings = { ...instance.settings, parameterStatus: 'pending-reboot' };
    tell(rds, instance, 'changedParameters');
  }
}

const invalidState = (message: string): AwsError => new AwsError('InvalidDBParameterGroupState', message);

function requireFamily(given = ''): string {
  if (given === '') throw missing('DBParameterGroupFamily');
  if (!/^postgres\d+$/.test(given)) throw invalidValue(`ParameterGroupFamily ${given} is not a valid parameter group family`);
  return given;
}

const describeGroup = ({ name, arn, family, description }: ParameterGroup): DBParameterGroup => ({
  DBParameterGroupName: name,
  DBParameterGroupFamily: family,
  Description: description,
  DBParameterGroupArn: arn,
});

function describeParameter({ parameters }: ParameterGroup, name: string): Parameter {
  const known = parameterOf(name);
  const value = parameters.get(name);
  return {
    ParameterName: name,
    ...(value !== undefined && { ParameterValue: value }),
    Source: value === undefined ? 'engine-default' : 'user',
    ApplyType: known?.apply ?? 'dynamic',
    AllowedValues: known ? allowedOf(known) : '',
    IsModifiable: true,
    ApplyMethod: known?.apply === 'static' ? 'pending-reboot' : 'immediate',
  };
}
