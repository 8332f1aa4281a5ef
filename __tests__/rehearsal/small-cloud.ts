// One embedded cloud a test file, reset between tests; the service packaged once for each estate.
import { afterAll, beforeAll } from '@jest/globals';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { packageService } from '../../rehearsal/run/package.ts';
import type { Fault } from '../../rehearsal/faults/faults.ts';
import { judgeOutcome } from '../../rehearsal/run/console.ts';
import { deployService, runOnce, type Deployed, type Outcome } from '../../rehearsal/run/rehearse.ts';
import { loadSituation, readRequest, worldOf, type Situation } from '../../rehearsal/run/situation.ts';
import { estateOf } from '../../rehearsal/run/stage.ts';
import { liveThrough, type Story } from '../../rehearsal/run/story.ts';
import { historySecondsOf } from '../../rehearsal/world/builder/world-file.ts';

export const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);

export interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

type Change = Partial<Pick<Situation, 'approve' | 'after' | 'request' | 'during' | 'expect'>> & { readonly seed?: number };

export interface SmallCloud {
  readonly cloud: Cloud;
  /** The package, or a copy of it with its template changed. */
  deploy(change?: (template: Template) => void, spoil?: (folder: string) => void): Promise<Deployed>;
  rehearse(deployed: Deployed, name: string, change?: Partial<Situation>): Promise<{ situation: Situation; outcome: Outcome }>;
  /** On a cloud that is emptied for it: the situation whole, with its estate and world, and what it did not keep of what it says. */
  live(name: string, change?: Change, more?: readonly Fault[]): Promise<Story & { red: string[] }>;
  stop(): Promise<void>;
}

/** As long as a situation may take on a busy machine, with a package of its own. */
export const PATIENCE = 240_000;

/** One for the whole test file; it is there when the first test begins. */
export function useSmallCloud(): () => SmallCloud {
  let small: SmallCloud | undefined;
  beforeAll(async () => {
    small = await startSmallCloud();
  }, PATIENCE);
  afterAll(() => small?.stop());
  return () => {
    if (!small) throw new Error('the small cloud starts with the first test');
    return small;
  };
}

export async function startSmallCloud(): Promise<SmallCloud> {
  const folder = await packageService();
  const cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: NIGHT });
  // The cloud's own folder: emptied with it, and gone with it however a run ends.
  const scratch = (): string => cloud.ground.folder('tests');
  let copies = 0;
  const changed = (change: (template: Template) => void, spoil: (folder: string) => void): string => {
    const copy = join(scratch(), `package-${copies++}`);
    cpSync(folder, copy, { recursive: true });
    const path = join(copy, 'cloudformation-template-update-stack.json');
    const template = JSON.parse(readFileSync(path, 'utf8')) as Template;
    change(template);
    writeFileSync(path, JSON.stringify(template));
    spoil(copy);
    return copy;
  };
  return {
    cloud,
    deploy: (change, spoil) =>
      deployService(cloud, change || spoil ? changed(change ?? (() => undefined), spoil ?? (() => undefined)) : folder),
    async rehearse(deployed, name, change = {}) {
      const situation = { ...loadSituation(name), ...change };
      const outcome = await runOnce(deployed, {
        runbook: situation.runbook,
        request: readRequest(situation),
        approve: situation.approve,
        faults: situation.faults as never,
        reports: join(scratch(), 'reports'),
      });
      return { situation, outcome };
    },
    async live(name, { seed = 1, ...change } = {}, more = []) {
      const situation = { ...loadSituation(name), ...change };
      const world = worldOf(situation);
      const { approve, estate } = situation;
      const own = estate === undefined ? folder : await packageService({ estate });
      await cloud.reset({
        startsAt: NIGHT - (world ? historySecondsOf(world) * 1000 : 0),
        seed,
        region: estateOf(estate).region,
      });
      const faults = situation.faults as readonly Fault[];
      const story = await liveThrough(cloud, {
        situation,
        folder: own,
        approve,
        faults: [...faults, ...more],
        reports: join(scratch(), 'reports'),
      });
      // What is thrown at it beside its own faults must change nothing of what it says.
      const asWritten = { situation, approve, faults, pace: { kind: 'virtual' }, seed } as const;
      return { ...story, red: judgeOutcome(asWritten, story.outcome, story.told) };
    },
    stop: () => cloud.stop(),
  };
}
