// A rollback's own part of its plan, and what it rests on beside what every change of the writer rests on.
import * as z from 'zod';
import type { CopyMark } from './copies.ts';
import type { Departure } from './departure.ts';
import { Divergence, type Winner } from './divergence.ts';
import type { Health } from './facts.ts';
import { MoveDetail } from './move.ts';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import { writerOf, type Lease } from './lease.ts';
import type { RollbackRequest } from './requests.ts';
import type { Page, Scene, Setting } from './scene.ts';
import type { Sides } from './sides.ts';
import type { UploadDivergence } from './uploads.ts';

/** What both databases were found to hold; null with the reason where they could not be compared. */
export type Compared = z.infer<typeof Compared>;
export const Compared = z.object({
  readAt: z.iso.datetime(),
  divergence: Divergence.nullable(),
  trouble: z.string().nullable(),
});

/** What both buckets were found to hold; null with the reason where they could not be compared. */
export interface ComparedUploads {
  readonly readAt: string;
  readonly found: UploadDivergence | null;
  readonly trouble: string | null;
}

export type RollbackDetail = z.infer<typeof RollbackDetail>;
export const RollbackDetail = MoveDetail.extend({
  /** The run whose move is taken back. */
  departure: z.string(),
  divergence: z.enum(['refuse', 'merge', 'discard']),
  /** From which transaction on each side's rows are its own; null where nobody noted it. */
  since: z.strictObject({ here: z.string().nullable(), there: z.string().nullable() }),
  /** From when on each side's bucket is its own; null where the buckets were not compared, and nothing is brought along. */
  uploadsSince: z.iso.datetime().nullable(),
  /** By name, the door of the side that is to serve: asked there before the names lead to it. */
  doors: z.record(z.string(), z.string()),
  /** Whose row stands where both were changed. */
  winner: z.enum(['here', 'there', 'nobody']),
  lift: z.strictObject({
    web: z.strictObject({ run: z.string(), listeners: z.array(z.string()), skipped: z.string().nullable() }),
    database: z.strictObject({ connect: z.array(z.string()), skipped: z.string().nullable() }),
  }),
});

interface Return {
  readonly request: RollbackRequest;
  readonly departure: Departure | undefined;
  readonly compared: Compared;
  readonly uploads: ComparedUploads;
  /** The mark of the last copy from the side that is to serve to the one that is left. */
  readonly copied: CopyMark | null;
}
export type ReturnSetting = Setting & Return;
export type ReturnScene = Scene & Return;

/** Back to where it came from; who is the writer and who was before is the ledger's to say, and nobody types a host. */
export function decideReturn(
  estate: Pick<Estate, 'environments'>,
  lease: Lease | undefined,
  departure: Departure | undefined,
): Sides {
  if (departure) return { from: departure.to, to: departure.from };
  const { writer } = writerOf(lease, estate);
  const primary = writerOf(undefined, estate).writer;
  const other = Object.entries(estate.environments).find(([name, { role }]) => name !== writer && role !== 'sandbox')?.[0];
  return { from: writer, to: writer === primary ? (other ?? primary) : primary };
}

/** What one name was answered through a door that it does not lead to yet; null where it was not asked. */
export interface Shadow {
  readonly name: string;
  readonly api: boolean;
  readonly health: Health | null;
  readonly page: Page | null;
}

/** An application that was fenced finds its database again when it next asks: NotYet until it does. */
export function judgeTarget(to: string, shadows: readonly Shadow[]): string {
  const troubles = shadows.flatMap(({ name, api, health, page }) => [
    ...(api && !(health?.status === 200 && health.environment === to) ? [`${name} answers ${healthOf(health)}`] : []),
    ...(page && !(page.status === 200 && page.html)
      ? [`the front end of ${name} answers ${page.status ?? page.trouble ?? 'nothing'}`]
      : []),
  ]);
  if (troubles.length === 0) return `${to} answers through its own doors under ${shadows.length} names`;
  throw new RunbookError('NotYet', `${to} does not serve yet: ${troubles.join('; ')}; asked again until the deadline`, { to });
}

const healthOf = (health: Health | null): string => {
  if (health === null) return 'nothing, for it has no door';
  if (health.status !== 200) return health.status === null ? (health.trouble ?? 'nothing') : String(health.status);
  return `as ${health.environment ?? 'nobody'}`;
};

/** By the environment that the request names: `here` is the side that is to serve again. */
export function winnerOf({ wins }: Pick<RollbackRequest, 'wins'>, { from, to }: Scene['sides']): Winner {
  if (wins === to) return 'here';
  return wins === from ? 'there' : 'nobody';
}
