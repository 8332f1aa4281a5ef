// What a run of retention has before it: everything of ours and of others, judged; what goes, what is stopped, what stays and why.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import { isOurs, type InstanceFacts, type SnapshotFacts } from './instances.ts';
import { parseRequest, type RetentionRequest } from './requests.ts';
import {
  asideSince,
  environmentOf,
  judgeInstance,
  judgeSnapshots,
  policyOf,
  runsAgain,
  type Judged,
  type Policy,
  type Standing,
} from './retention.ts';
import { draftRetiree, RetireDetail, type Retiree } from './retiring.ts';
import type { Run } from './run.ts';

export interface Things {
  readonly readAt: string;
  /** Manual ones, whosever they are. */
  readonly snapshots: readonly SnapshotFacts[];
  /** Ours, and those that the request names. */
  readonly instances: readonly Standing[];
  /** Objects of the ledger, which goes through them by itself. */
  readonly dumps: readonly Kept[];
  readonly reports: readonly Kept[];
}
export interface Kept {
  readonly key: string;
  readonly writtenAt: string;
  readonly bytes: number;
}

export interface RetentionSetting {
  readonly run: Run;
  readonly estate: Estate;
  readonly things: Things;
  readonly now: Date;
}

export type RetentionDetail = z.infer<typeof RetentionDetail>;
export const RetentionDetail = z.strictObject({
  ...RetireDetail.shape,
  /** `ask`: a person is asked, because more goes than copies of which there are newer ones. */
  next: z.enum(['nothing', 'free', 'ask']),
  expire: z.array(z.strictObject({ snapshot: z.string(), resourceId: z.string(), takenAt: z.string(), gigabytes: z.number() })),
  stop: z.array(z.strictObject({ instance: z.string(), resourceId: z.string() })),
  /** What is paid afterwards for what stays. */
  usdPerMonth: z.number().nonnegative(),
});
export const detailOf = (plan: { readonly detail: unknown }): RetentionDetail => RetentionDetail.parse(plan.detail);

export interface Scene extends RetentionSetting {
  readonly policy: Policy;
  readonly request: RetentionRequest;
  readonly snapshots: readonly Judged<SnapshotFacts>[];
  readonly instances: readonly Judged<InstanceFacts>[];
  readonly expire: readonly SnapshotFacts[];
  readonly stop: readonly InstanceFacts[];
  readonly retire: readonly { readonly facts: InstanceFacts; readonly retiree: Retiree }[];
}

export function decideRetention(run: Pick<Run, 'request'>): RetentionRequest {
  const request = parseRequest('retention', run.request);
  if (request.only === undefined || !request.stopsOnly) return request;
  const says = `only: found ${request.only.join(', ')} beside "stopsOnly": true, which looks at nothing else; expected one of the two. Leave one out`;
  throw new RunbookError('InputInvalid', says, { field: 'only' });
}

export function sceneOf(setting: RetentionSetting): Scene {
  const { run, estate, things, now } = setting;
  const policy = policyOf(estate);
  const request = decideRetention(run);
  const judging = { app: run.app, policy, now };
  const snapshots = judgeSnapshots(things.snapshots, judging);
  const instances = things.instances.map((one) => judgeInstance(one, judging));
  const wanted = ({ id }: { readonly id: string }): boolean => !request.stopsOnly && (request.only?.includes(id) ?? true);
  const going = <Facts extends { readonly id: string }>(judged: readonly Judged<Facts>[]): Facts[] =>
    judged.flatMap(({ facts, reasons }) => (reasons.length === 0 && wanted(facts) ? [facts] : []));
  const leaving = going(instances);
  const retire = leaving.flatMap((facts) => {
    const since = asideSince(facts);
    const standing = things.snapshots.filter(({ resourceId }) => resourceId === facts.resourceId);
    if (since === null) return [];
    return [{ facts, retiree: draftRetiree({ facts, environment: environmentOf(facts), since, standing, run: run.id }) }];
  });
  const stop = things.instances
    .filter((one) => runsAgain(one, judging) && !leaving.includes(one.facts) && (request.only?.includes(one.facts.id) ?? true))
    .map(({ facts }) => facts);
  // A snapshot that an instance goes for is no copy of anything any more.
  const needed = new Set(retire.map(({ retiree }) => retiree.snapshot));
  const expire = going(snapshots).filter(({ id }) => !needed.has(id));
  return { ...setting, policy, request, snapshots, instances, expire, stop, retire };
}

/** What the request names: judged, or not there. */
export const namedIn = ({
  request,
  snapshots,
  instances,
}: Scene): { readonly id: string; readonly judged: Judged<{ readonly id: string }>[] }[] =>
  (request.only ?? []).map((id) => ({ id, judged: [...snapshots, ...instances].filter(({ facts }) => facts.id === id) }));

export const oursAmong = ({ snapshots, run }: Pick<Scene, 'snapshots' | 'run'>): SnapshotFacts[] =>
  snapshots.flatMap(({ facts }) => (isOurs(facts.tags, run.app) ? [facts] : []));
