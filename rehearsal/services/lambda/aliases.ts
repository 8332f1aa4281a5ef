// Aliases: a name for a version, or for two with weights.
import type { AliasConfiguration, AliasRoutingConfiguration } from '@aws-sdk/client-lambda';
import type { Alias, LambdaFunction, LambdaOperations, Room } from './catalog.ts';
import { askAbout, LATEST, referenceOf, wholeFunction } from './naming.ts';
import { pageOf } from './page.ts';
import { changedRevision, conflict, constraint, invalid, missing } from './refusals.ts';

export function aliasOperations(room: Room): LambdaOperations {
  const asks = (action: string) => (input: { FunctionName: string | undefined }, call: Parameters<typeof askAbout>[1]) => [
    askAbout(room, call, action, referenceOf(call, input.FunctionName).arn),
  ];
  return {
    CreateAlias: {
      asks: asks('CreateAlias'),
      run(input, call) {
        const fn = wholeFunction(room, call, input.FunctionName);
        const name = input.Name ?? '';
        if (!/^(?!^[0-9]+$)[a-zA-Z0-9-_]{1,128}$/.test(name)) {
          throw constraint(name, 'name', 'Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)');
        }
        if (fn.aliases.has(name)) throw conflict(`Alias already exists: ${fn.arn}:${name}`);
        const version = input.FunctionVersion ?? '';
        const alias: Alias = {
          name,
          version,
          description: input.Description ?? '',
          weights: weightsOf(fn, version, input.RoutingConfig),
          revisionId: room.ground.uuid(),
        };
        fn.aliases.set(name, alias);
        return shown(fn, alias);
      },
    },
    GetAlias: {
      asks: asks('GetAlias'),
      run({ FunctionName, Name }, call) {
        const fn = wholeFunction(room, call, FunctionName);
        return shown(fn, aliasOf(fn, Name));
      },
    },
    ListAliases: {
      asks: asks('ListAliases'),
      run({ FunctionName, FunctionVersion, ...asked }, call) {
        const fn = wholeFunction(room, call, FunctionName);
        const all = [...fn.aliases.values()].filter(
          ({ version }) => FunctionVersion === undefined || version === FunctionVersion,
        );
        const sorted = all.sort((a, b) => (a.name < b.name ? -1 : 1)).map((alias) => shown(fn, alias));
        const { items, more } = pageOf(sorted, asked, [fn.arn, FunctionVersion]);
        return { Aliases: items, ...more };
      },
    },
    UpdateAlias: {
      asks: asks('UpdateAlias'),
      run(input, call) {
        const fn = wholeFunction(room, call, input.FunctionName);
        const before = aliasOf(fn, input.Name);
        changedRevision(input.RevisionId, before.revisionId);
        const version = input.FunctionVersion ?? before.version;
        const alias: Alias = {
          name: before.name,
          version,
          description: input.Description ?? before.description,
          weights: input.RoutingConfig
            ? weightsOf(fn, version, input.RoutingConfig)
            : (checkVersion(fn, version), before.weights),
          revisionId: room.ground.uuid(),
        };
        fn.aliases.set(alias.name, alias);
        return shown(fn, alias);
      },
    },
    DeleteAlias: {
      asks: asks('DeleteAlias'),
      run({ FunctionName, Name = '' }, call) {
        const fn = wholeFunction(room, call, FunctionName);
        if (fn.urls.has(Name)) throw conflict('Cannot delete alias with an existing function URL');
        fn.aliases.delete(Name);
        fn.policies.delete(Name);
        fn.eventConfigs.delete(Name);
        return {};
      },
    },
  };
}

function aliasOf(fn: LambdaFunction, name: string | undefined): Alias {
  const found = fn.aliases.get(name ?? '');
  if (!found) throw missing(`Cannot find alias arn: ${fn.arn}:${name ?? ''}`);
  return found;
}

function checkVersion(fn: LambdaFunction, version: string): void {
  if (version !== LATEST && !fn.versions.has(version)) throw missing(`Function not found: ${fn.arn}:${version}`);
}

function weightsOf(fn: LambdaFunction, version: string, routing: AliasRoutingConfiguration | undefined): Record<string, number> {
  checkVersion(fn, version);
  const weights = routing?.AdditionalVersionWeights ?? {};
  const entries = Object.entries(weights);
  if (entries.length > 1) throw invalid('Number of items in AdditionalVersionWeights cannot be greater than 1');
  for (const [other, weight] of entries) {
    if (version === LATEST) throw invalid('$LATEST is not supported for an alias pointing to more than 1 version');
    if (other === version)
      throw invalid(
        `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
      );
    if (weight < 0 || weight > 1)
      throw constraint(weight, 'routingConfig.additionalVersionWeights', 'Member must have value between 0 and 1');
    checkVersion(fn, other);
  }
  return weights;
}

const shown = (fn: LambdaFunction, alias: Alias): AliasConfiguration => ({
  AliasArn: `${fn.arn}:${alias.name}`,
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
  ...(Object.keys(alias.weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: { ...alias.weights } } }),
  RevisionId: alias.revisionId,
});
