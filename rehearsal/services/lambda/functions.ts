// Functions: created, read, listed, changed, deleted.
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Ask } from '../../iam/ask.ts';
import { passRole } from '../../iam/pass-role.ts';
import { requestTagsOf } from '../request-tags.ts';
import type { Call } from '../service.ts';
import type { Code, LambdaFunction, LambdaOperations, Room, Settings, Version } from './catalog.ts';
import { codeOf } from './code.ts';
import { checkRole, describe, requireSettled, summarize } from './configuration.ts';
import { askAbout, functionOf, LATEST, referenceOf, targetOf, wholeFunction } from './naming.ts';
import { pageOf } from './page.ts';
import { changedRevision, conflict, constraint, invalid, notImitated } from './refusals.ts';
import { settingsOf } from './settings.ts';
import { closeUrl } from './urls.ts';
import { publish } from './versions.ts';

/** A function without a network answers after about a second; the first in its subnets waits for network interfaces. */
const ACTIVE_AFTER = 1_000;
const ACTIVE_AFTER_IN_NETWORK = 30_000;
const UPDATED_AFTER = 1_000;

export function functionOperations(room: Room): LambdaOperations {
  const { ground } = room;
  const now = (): number => ground.timeline.now();
  const about = (call: Call, action: string, name: string | undefined, context?: Ask['context']): Ask =>
    askAbout(room, call, action, referenceOf(call, name).arn, context);
  const passed = (role: string | undefined): Ask[] => (role === undefined ? [] : [passRole(role, 'lambda.amazonaws.com')]);

  const networkKnown = (call: Call, settings: Settings): boolean =>
    [...room.region(call.region).values()].some(
      ({ latest }) => latest.settings.subnets.join() === settings.subnets.join() && now() >= latest.activeAt,
    );

  function replace(fn: LambdaFunction, change: { settings?: Settings; code?: Code }): Version {
    const at = now();
    const { before: _older, ...before } = fn.latest;
    const next: Version = {
      ...before,
      ...change,
      modified: at,
      revisionId: ground.uuid(),
      updatedAt: at + UPDATED_AFTER,
      before,
    };
    fn.latest = next;
    ground.timeline.at(next.updatedAt, () => void room.host.retire(fn.arn, LATEST));
    return next;
  }

  function published(fn: LambdaFunction, shouldPublish: boolean | undefined, description?: string): FunctionConfiguration {
    if (shouldPublish !== true) return describe(fn, fn.latest, now(), false);
    return describe(fn, publish(room, fn, description), now(), true);
  }

  return {
    CreateFunction: {
      asks: (input, call) => [
        about(call, 'CreateFunction', input.FunctionName, requestTagsOf(Object.entries(input.Tags ?? {}))),
        ...(input.Tags ? [about(call, 'TagResource', input.FunctionName, requestTagsOf(Object.entries(input.Tags ?? {})))] : []),
        ...passed(input.Role),
      ],
      async run(input, call) {
        const { name, arn, qualifier } = referenceOf(call, input.FunctionName);
        if (qualifier !== undefined) throw constraint(input.FunctionName, 'functionName', 'Member must not carry a qualifier');
        if (input.PackageType === 'Image') throw notImitated('PackageType Image');
        if (input.CodeSigningConfigArn !== undefined) throw notImitated('CodeSigningConfigArn');
        if (input.TenancyConfig !== undefined) throw notImitated('TenancyConfig');
        if (input.PublishTo !== undefined) throw notImitated('PublishTo');
        const all = room.region(call.region);
        const settings = settingsOf(name, input, undefined);
        if (all.has(name)) throw conflict(`Function already exist: ${name}`);
        checkRole(ground, name, settings, call.region);
        const code = await codeOf(room, call, input.Code ?? {}, input.Architectures);
        if (all.has(name)) throw conflict(`Function already exist: ${name}`);
        const at = now();
        const wait = settings.subnets.length > 0 && !networkKnown(call, settings) ? ACTIVE_AFTER_IN_NETWORK : ACTIVE_AFTER;
        const latest = {
          number: LATEST,
          settings,
          code,
          modified: at,
          revisionId: ground.uuid(),
          activeAt: at + wait,
          updatedAt: at,
        };
        const fn: LambdaFunction = {
          name,
          region: call.region,
          arn,
          latest,
          versions: new Map(),
          published: 0,
          aliases: new Map(),
          tags: new Map(Object.entries(input.Tags ?? {})),
          policies: new Map(),
          urls: new Map(),
          eventConfigs: new Map(),
          reserved: undefined,
          running: 0,
        };
        all.set(name, fn);
        return published(fn, input.Publish);
      },
    },
    GetFunction: {
      asks: ({ FunctionName, Qualifier }, call) => [
        askAbout(room, call, 'GetFunction', referenceOf(call, FunctionName, Qualifier).qualifiedArn),
      ],
      run({ FunctionName, Qualifier }, call) {
        const reference = referenceOf(call, FunctionName, Qualifier);
        const fn = functionOf(room, call, reference);
        const { version } = targetOf(fn, reference.qualifier, ground.random);
        const tags = Object.fromEntries(fn.tags);
        return {
          Configuration: describe(fn, version, now(), reference.qualifier !== undefined),
          Code: { RepositoryType: 'S3' },
          ...(fn.tags.size > 0 && { Tags: tags }),
          ...(fn.reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: fn.reserved } }),
        };
      },
    },
    GetFunctionConfiguration: {
      asks: ({ FunctionName, Qualifier }, call) => [
        askAbout(room, call, 'GetFunctionConfiguration', referenceOf(call, FunctionName, Qualifier).qualifiedArn),
      ],
      run({ FunctionName, Qualifier }, call) {
        const reference = referenceOf(call, FunctionName, Qualifier);
        const fn = functionOf(room, call, reference);
        const { version } = targetOf(fn, reference.qualifier, ground.random);
        return describe(fn, version, now(), reference.qualifier !== undefined);
      },
    },
    ListFunctions: {
      asks: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
      run({ FunctionVersion, MasterRegion, ...asked }, call) {
        if (MasterRegion !== undefined) throw notImitated('ListFunctions with MasterRegion');
        const all = [...room.region(call.region).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
        const shown = all.flatMap((fn) =>
          FunctionVersion === 'ALL'
            ? [fn.latest, ...fn.versions.values()].map((version) => summarize(fn, version, true))
            : [summarize(fn, fn.latest, false)],
        );
        const { items, more } = pageOf(shown, asked, [call.region, FunctionVersion]);
        return { Functions: items, ...more };
      },
    },
    UpdateFunctionCode: {
      asks: ({ FunctionName }, call) => [about(call, 'UpdateFunctionCode', FunctionName)],
      async run(input, call) {
        const fn = wholeFunction(room, call, input.FunctionName);
        requireSettled(fn, now());
        changedRevision(input.RevisionId, fn.latest.revisionId);
        if (input.PublishTo !== undefined) throw notImitated('PublishTo');
        const code = await codeOf(room, call, input, input.Architectures ?? [fn.latest.code.architecture]);
        if (input.DryRun === true) return describe(fn, { ...fn.latest, code }, now(), false);
        requireSettled(fn, now());
        replace(fn, { code });
        return published(fn, input.Publish);
      },
    },
    UpdateFunctionConfiguration: {
      asks: ({ FunctionName, Role }, call) => [about(call, 'UpdateFunctionConfiguration', FunctionName), ...passed(Role)],
      run(input, call) {
        const fn = wholeFunction(room, call, input.FunctionName);
        requireSettled(fn, now());
        changedRevision(input.RevisionId, fn.latest.revisionId);
        const settings = settingsOf(fn.name, input, fn.latest.settings);
        checkRole(ground, fn.name, settings, call.region);
        replace(fn, { settings });
        return describe(fn, fn.latest, now(), false);
      },
    },
    DeleteFunction: {
      asks: ({ FunctionName, Qualifier }, call) => [
        askAbout(room, call, 'DeleteFunction', referenceOf(call, FunctionName, Qualifier).qualifiedArn),
      ],
      async run({ FunctionName, Qualifier }, call) {
        const reference = referenceOf(call, FunctionName, Qualifier);
        const fn = functionOf(room, call, reference);
        if (reference.qualifier !== undefined) deleteVersion(fn, reference.qualifier);
        else {
          room.region(call.region).delete(fn.name);
          await Promise.all([...fn.urls.values()].map((url) => closeUrl(room, fn, url)));
          await room.host.retire(fn.arn);
        }
        return { StatusCode: 204 };
      },
    },
  };
}

function deleteVersion(fn: LambdaFunction, qualifier: string): void {
  if (qualifier === LATEST) throw invalid('$LATEST version cannot be deleted without deleting the function.');
  if (fn.aliases.has(qualifier)) throw invalid('Deletion of aliases is not currently supported.');
  const using = [...fn.aliases.values()].filter(({ version, weights }) => version === qualifier || qualifier in weights);
  if (using.length > 0) {
    throw conflict(
      `Unable to delete version because the following aliases reference it: [${using.map(({ name }) => name).join(', ')}]`,
    );
  }
  fn.versions.delete(qualifier);
  fn.policies.delete(qualifier);
}
