// Aliases: a name that leads to one version, or to two by weight.
import { isDeepStrictEqual } from 'node:util';
import type { RoutingConfigurationListItem } from '@aws-sdk/client-sfn';
import { AwsError } from '../error.ts';
import type { Call } from '../service.ts';
import { absentResource, machineAt, refuseDeleting, type Alias, type Ledger, type Machine } from './ledger.ts';
import { askMachine, checkName, pointerOf, validation } from './naming.ts';
import { pageOf } from './page.ts';
import type { Scene, StatesOperations } from './scene.ts';

const MOST_ALIASES = 100;

/** The alias an ARN names, with its machine. */
export function aliasAt(ledger: Ledger, arn: string): { machine: Machine; alias: Alias } {
  const pointer = pointerOf(arn, 'stateMachine');
  const machine = ledger.machines.get(pointer.machineArn);
  const alias = machine?.aliases.get(pointer.qualifier ?? '');
  if (machine === undefined || alias === undefined) throw absentResource(arn);
  return { machine, alias };
}

/** The version one start goes to: `chance` is between 0 and 1, from the cloud's seed. */
export function routeOf(alias: Alias, chance: number): string {
  let left = chance * 100;
  for (const { stateMachineVersionArn = '', weight = 0 } of alias.routes) {
    left -= weight;
    if (left < 0) return stateMachineVersionArn;
  }
  return alias.routes[0]?.stateMachineVersionArn ?? '';
}

export function aliasOperations({ ledgerOf }: Scene): StatesOperations {
  return {
    CreateStateMachineAlias: {
      asks: (input) => {
        const machineArn = pointerOf(input.routingConfiguration?.[0]?.stateMachineVersionArn ?? '', 'stateMachine').machineArn;
        return [askMachine('states:CreateStateMachineAlias', `${machineArn}:${input.name ?? ''}`)];
      },
      run(input, call) {
        const { name = '', description, routingConfiguration: routes = [] } = input;
        checkAliasName(name);
        const machine = machineAt(ledgerOf(call.region), pointerOf(routes[0]?.stateMachineVersionArn ?? '', 'stateMachine'));
        refuseDeleting(machine);
        checkRoutes(machine, routes);
        const known = machine.aliases.get(name);
        if (known) return same(known, description, routes);
        if (machine.aliases.size >= MOST_ALIASES) {
          throw new AwsError('ServiceQuotaExceededException', `Maximum number of aliases reached: '${machine.arn}'`);
        }
        const arn = `${machine.arn}:${name}`;
        machine.aliases.set(name, { name, arn, createdAt: call.at, updatedAt: call.at, description, routes });
        return { stateMachineAliasArn: arn, creationDate: new Date(call.at) };
      },
    },
    UpdateStateMachineAlias: {
      asks: (input) => [askMachine('states:UpdateStateMachineAlias', input.stateMachineAliasArn)],
      run(input, call) {
        const { machine, alias } = aliasAt(ledgerOf(call.region), input.stateMachineAliasArn ?? '');
        refuseDeleting(machine);
        const { description, routingConfiguration: routes } = input;
        if (description === undefined && routes === undefined) {
          throw validation('Either the description or the routing configuration must be specified');
        }
        if (routes !== undefined) checkRoutes(machine, routes);
        alias.routes = routes ?? alias.routes;
        alias.description = description ?? alias.description;
        alias.updatedAt = call.at;
        return { updateDate: new Date(call.at) };
      },
    },
    DescribeStateMachineAlias: {
      asks: (input) => [askMachine('states:DescribeStateMachineAlias', input.stateMachineAliasArn)],
      run(input, call) {
        const { alias } = aliasAt(ledgerOf(call.region), input.stateMachineAliasArn ?? '');
        return {
          stateMachineAliasArn: alias.arn,
          name: alias.name,
          description: alias.description,
          routingConfiguration: [...alias.routes],
          creationDate: new Date(alias.createdAt),
          updateDate: new Date(alias.updatedAt),
        };
      },
    },
    DeleteStateMachineAlias: {
      asks: (input) => [askMachine('states:DeleteStateMachineAlias', input.stateMachineAliasArn)],
      run(input, call) {
        const { machine, alias } = aliasAt(ledgerOf(call.region), input.stateMachineAliasArn ?? '');
        machine.aliases.delete(alias.name);
        return {};
      },
    },
    ListStateMachineAliases: {
      asks: (input) => [askMachine('states:ListStateMachineAliases', input.stateMachineArn)],
      run: (input, call) => listAliases(ledgerOf(call.region), input, call),
    },
  };
}

function listAliases(
  ledger: Ledger,
  input: { stateMachineArn?: string | undefined; nextToken?: string | undefined; maxResults?: number | undefined },
  _call: Call,
) {
  const pointer = pointerOf(input.stateMachineArn ?? '', 'stateMachine');
  const machine = machineAt(ledger, pointer);
  const leading = [...machine.aliases.values()].filter(
    ({ routes }) => pointer.qualifier === undefined || routes.some((route) => route.stateMachineVersionArn === pointer.arn),
  );
  const page = pageOf(leading, input, ['aliases', pointer.arn], (alias) => alias.arn);
  const stateMachineAliases = page.items.map(({ arn, createdAt }) => ({
    stateMachineAliasArn: arn,
    creationDate: new Date(createdAt),
  }));
  return { stateMachineAliases, nextToken: page.next };
}

/** An alias that is only digits could be taken for a version. */
function checkAliasName(name: string): void {
  checkName(name);
  if (!/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

function checkRoutes(machine: Machine, routes: readonly RoutingConfigurationListItem[]): void {
  if (routes.length === 0 || routes.length > 2) throw validation('Routing configuration must contain one or two versions');
  const arns = new Set(routes.map((route) => route.stateMachineVersionArn));
  if (arns.size < routes.length) throw validation('Routing configuration must not contain duplicate versions');
  for (const { stateMachineVersionArn = '', weight = 0 } of routes) {
    const pointer = pointerOf(stateMachineVersionArn, 'stateMachine');
    if (pointer.machineArn !== machine.arn)
      throw validation('Versions of a routing configuration must be of the same state machine');
    if (!machine.versions.some(({ arn }) => arn === pointer.arn)) throw absentResource(pointer.arn);
    if (!Number.isInteger(weight) || weight < 0 || weight > 100)
      throw validation(`Weight must be between 0 and 100, found ${weight}`);
  }
  const total = routes.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (total !== 100) throw validation('Sum of routing configuration weights must equal 100');
}

function same(known: Alias, description: string | undefined, routes: readonly RoutingConfigurationListItem[]) {
  if (known.description === description && isDeepStrictEqual(known.routes, routes)) {
    return { stateMachineAliasArn: known.arn, creationDate: new Date(known.createdAt) };
  }
  throw new AwsError(
    'ConflictException',
    `Failed to create alias because an alias with the same name and a different routing configuration already exists: '${known.arn}'`,
  );
}
