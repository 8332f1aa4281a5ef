// One embedded cloud a test file, reset between tests; the service packaged once.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { packageService } from '../../rehearsal/run/package.ts';
import { deployService, runOnce, type Deployed, type Outcome } from '../../rehearsal/run/rehearse.ts';
import { loadSituation, readRequest, type Situation } from '../../rehearsal/run/situation.ts';

export const NIGHT = Date.UTC(2026, 0, 15, 3, 12, 0);

export interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

export interface SmallCloud {
  readonly cloud: Cloud;
  /** The package, or a copy of it with its template changed. */
  deploy(change?: (template: Template) => void, spoil?: (folder: string) => void): Promise<Deployed>;
  rehearse(deployed: Deployed, name: string, change?: Partial<Situation>): Promise<{ situation: Situation; outcome: Outcome }>;
  stop(): Promise<void>;
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
    stop: () => cloud.stop(),
  };
}
