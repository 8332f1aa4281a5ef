// A failover's own part of its plan, and how its fences, its names and its first write are judged.
import * as z from 'zod';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import type { Health } from './facts.ts';
import { Intent, RecordChange, RecordSet } from './journal.ts';
import { countOf, listOf } from './words.ts';

/** What the acts of a failover need of its plan. */
export type FailoverDetail = z.infer<typeof FailoverDetail>;
export const FailoverDetail = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** One batch a zone: the whole record sets of all its public names, before and after. */
  zones: z.array(
    z.strictObject({
      zone: z.string(),
      before: z.array(RecordSet),
      after: z.array(RecordSet),
      changes: z.array(RecordChange),
      inverse: z.array(RecordChange),
    }),
  ),
  fence: z.strictObject({
    web: z.strictObject({ listeners: z.array(z.string()), skipped: z.string().nullable() }),
    /** Who may connect to the old side's database, as it was read: exactly these get it back. */
    database: z.strictObject({ connect: z.array(z.string()), skipped: z.string().nullable() }),
  }),
  /** Whether undoing may lead people back to the side that was left. */
  invert: Intent.shape.invert,
  /** How long a resolver may go on with the old answer. */
  ttlSeconds: z.int().nonnegative(),
});

/** What was tried after the fence, as the database's port tells it. */
export interface FenceProof {
  readonly openSession: string | null;
  readonly newSession: string | null;
  readonly ended: number;
  readonly spared: number;
}

/** Both writes must have failed: the one of a session that was open before, and the one of a new session. */
export function judgeFence(
  environment: string,
  { openSession, newSession, ended, spared }: FenceProof,
): { says: string; notes: string[] } {
  const through = [
    ...(openSession === null ? ['a session that was open before the fence'] : []),
    ...(newSession === null ? ['a new session'] : []),
  ];
  if (through.length > 0) {
    const says = `${listOf(through)} of the application still wrote to the database of ${environment} after the fence, expected both to fail; look who grants CONNECT there`;
    throw new RunbookError('VerifyFailed', says, { environment });
  }
  return {
    says: `nobody writes to the database of ${environment}: ${countOf(ended, 'session')} ended, an open session said "${openSession ?? ''}", a new one "${newSession ?? ''}"`,
    notes:
      spared === 0
        ? []
        : [
            `spared on ${environment}: ${countOf(spared, "superuser's session", "superusers' sessions")}, which cannot be ended and write nothing of the application's`,
          ],
  };
}

/** What one server said of one name, and who answered at the addresses it gave. */
export interface Sight {
  readonly name: string;
  readonly server: string;
  readonly kind: 'authority' | 'resolver';
  /** It gave no answer at all, which is another thing than answering that there is nothing. */
  readonly silent: boolean;
  readonly addresses: readonly string[];
  readonly answers: readonly { readonly address: string; readonly health: Health }[];
}

/** Until when an old answer is only late; afterwards it is wrong. */
export interface Patience {
  readonly until: Date;
  readonly now: Date;
}
/** Resolvers keep an answer for its time to live and are seldom punctual; Verify's own retries go on a minute longer than this. */
export const LATE_SECONDS = 180;

/** Counts from the instant at which the last authoritative server had heard. */
export const patienceFrom = (inSyncAt: string, { ttlSeconds }: Pick<FailoverDetail, 'ttlSeconds'>, now: Date): Patience => ({
  until: new Date(Date.parse(inSyncAt) + (ttlSeconds + LATE_SECONDS) * 1000),
  now,
});

/** Every server must lead to the new side, and the new side must answer there under the public name. NotYet first, VerifyFailed when it is too late. */
export function judgeOutside(estate: Estate, to: string, sights: readonly Sight[], patience?: Patience): string {
  const unseen = estate.names.filter(({ name }) => !sights.some((sight) => sight.name === name));
  const troubles = [
    ...unseen.map(({ name }) => `${name} was asked of nobody`),
    ...sights
      .filter((sight) => !isExcused(sight, sights))
      .flatMap((sight) => {
        const api = estate.names.find(({ name }) => name === sight.name)?.needs.api ?? true;
        const trouble = troubleOf(sight, to, api);
        return trouble === undefined ? [] : [`${sight.name} by ${sight.server}: ${trouble}`];
      }),
  ];
  if (troubles.length === 0) {
    const servers = new Set(sights.map(({ server }) => server)).size;
    return `${to} answers under ${listOf(estate.names.map(({ name }) => name))}, by ${countOf(servers, 'server')}`;
  }
  const [shown, more] = [troubles.slice(0, 3).join('; '), troubles.length - 3];
  const said = more > 0 ? `${shown}; and ${more} more` : shown;
  const late = patience !== undefined && patience.now.getTime() >= patience.until.getTime();
  if (!late) throw new RunbookError('NotYet', `not everybody reaches ${to} yet: ${said}; asked again until the deadline`, { to });
  throw new RunbookError('VerifyFailed', `not everybody reaches ${to}: ${said}; expected ${to} to answer 200 everywhere by now`, {
    to,
  });
}

/** One server of many may be out of reach from where we stand; when all of its kind are, nobody was asked. */
const isExcused = ({ silent, name, kind }: Sight, sights: readonly Sight[]): boolean =>
  silent && sights.some((other) => other.name === name && other.kind === kind && !other.silent);

/** A name without an API tells nobody who serves it: an address and an honest certificate must do. */
function troubleOf({ silent, addresses, answers }: Sight, to: string, api: boolean): string | undefined {
  if (silent) return 'it stayed silent';
  if (addresses.length === 0) return 'no address';
  if (answers.length === 0) return 'nobody was asked at its addresses';
  for (const { address, health } of answers) {
    if (health.trouble !== null || health.status === null) return `${address} ${health.trouble ?? 'gave no answer'}`;
    if (!api) continue;
    if (health.environment !== null && health.environment !== to) return `${address} is answered by ${health.environment}`;
    if (health.status !== 200) return `${address} answered ${health.status}`;
    if (health.environment === null) return `${address} does not say which environment answers`;
  }
  return undefined;
}

/** The note that went in through the public name, looked for in the new writer's own database. */
export function judgeWrite(
  to: string,
  note: string,
  found: { readonly environment: string; readonly writtenAt: string } | undefined,
): string {
  if (found?.environment === to)
    return `the write through the public name is in the database of ${to}, written at ${found.writtenAt}`;
  const observed = found ? `it is there, but ${found.environment} wrote it` : 'it is not there';
  const says = `the write "${note}" was taken through the public name, expected in the database of ${to} and written by it: ${observed}; look which database ${to} is on`;
  throw new RunbookError('VerifyFailed', says, { to, environment: found?.environment ?? null });
}
