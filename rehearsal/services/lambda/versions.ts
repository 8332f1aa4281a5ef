// Published versions: the code and configuration of one moment, never changed again.
import type { LambdaFunction, LambdaOperations, Room, Version } from './catalog.ts';
import { describe, requireSettled } from './configuration.ts';
import { programOf } from './invocation.ts';
import { askAbout, referenceOf, wholeFunction } from './naming.ts';
import { pageOf } from './page.ts';
import { changedRevision, invalid, notImitated } from './refusals.ts';

/** A version like the one published last is that version. */
export function publish(room: Room, fn: LambdaFunction, description: string | undefined): Version {
  const { latest } = fn;
  const last = fn.versions.get(String(fn.published));
  const settings = { ...latest.settings, ...(description !== undefined && { description }) };
  if (last && last.code.sha256 === latest.code.sha256 && same(last, latest)) return last;
  fn.published += 1;
  const { before: _before, ...rest } = latest;
  const version: Version = { ...rest, number: String(fn.published), settings, revisionId: room.ground.uuid() };
  fn.versions.set(version.number, version);
  room.host.expect(programOf(fn, version));
  return version;
}

const same = (a: Version, b: Version): boolean => {
  const { description: _a, ...one } = a.settings;
  const { description: _b, ...other } = b.settings;
  return JSON.stringify(one) === JSON.stringify(other) && a.code.architecture === b.code.architecture;
};

export function versionOperations(room: Room): LambdaOperations {
  const now = (): number => room.ground.timeline.now();
  return {
    PublishVersion: {
      asks: ({ FunctionName }, call) => [askAbout(room, call, 'PublishVersion', referenceOf(call, FunctionName).arn)],
      run(input, call) {
        const fn = wholeFunction(room, call, input.FunctionName);
        if (input.PublishTo !== undefined) throw notImitated('PublishTo');
        requireSettled(fn, now());
        changedRevision(input.RevisionId, fn.latest.revisionId);
        const { sha256 } = fn.latest.code;
        if (input.CodeSha256 !== undefined && input.CodeSha256 !== '' && input.CodeSha256 !== sha256) {
          throw invalid(
            `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
          );
        }
        return describe(fn, publish(room, fn, input.Description), now(), true);
      },
    },
    ListVersionsByFunction: {
      asks: ({ FunctionName }, call) => [askAbout(room, call, 'ListVersionsByFunction', referenceOf(call, FunctionName).arn)],
      run({ FunctionName, ...asked }, call) {
        const fn = wholeFunction(room, call, FunctionName);
        const all = [fn.latest, ...fn.versions.values()].map((version) => describe(fn, version, now(), true));
        const { items, more } = pageOf(all, asked, fn.arn);
        return { Versions: items, ...more };
      },
    },
  };
}
