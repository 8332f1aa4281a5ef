// What everybody outside reaches, judged: who is led where, how long an old answer may still be given, and when that is too late.
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import type { Health } from './facts.ts';
import { countOf, listOf } from './words.ts';

/** What one server said of one name, and who answered at the addresses it gave. */
export interface Sight {
  readonly name: string;
  readonly server: string;
  readonly kind: 'authority' | 'resolver';
  /** It gave no answer at all, which is another thing than answering that there is nothing. */
  readonly silent: boolean;
  readonly addresses: readonly string[];
  readonly answers: readonly { readonly address: string; readonly health: Health }[];
  /** How long a resolver goes on giving each address that it remembers. */
  readonly keepsSeconds: Readonly<Record<string, number>>;
}

/** Until when an old answer is only late; afterwards it is wrong. */
export interface Patience {
  readonly until: Date;
  readonly now: Date;
}
/** Resolvers keep an answer for its time to live and are seldom punctual. */
export const LATE_SECONDS = 180;

/** Counts from the instant at which the last authoritative server had heard. */
export const patienceFrom = (inSyncAt: string, ttlSeconds: number, now: Date): Patience => ({
  until: new Date(Date.parse(inSyncAt) + (ttlSeconds + LATE_SECONDS) * 1000),
  now,
});

/** `waitSeconds` is 0 once it is so, and less than 1 where a resolver is about to forget: that is not worth a wait of the machine. */
export interface Verdict {
  readonly waitSeconds: number;
  readonly says: string;
}

/** Where nobody can tell when it will be otherwise. */
const LOOK_AGAIN_SECONDS = 5;
/** A resolver that is flushed by hand forgets sooner than it said. */
const LOOK_AGAIN_LATEST_SECONDS = 30;
const ABOUT_TO_SECONDS = 0.1;

/** Every server must lead to the new side, and the new side must answer there under the public name. VerifyFailed when it is too late. */
export function judgeOutside(estate: Estate, to: string, sights: readonly Sight[], patience: Patience): Verdict {
  const unseen = estate.names.filter(({ name }) => !sights.some((sight) => sight.name === name));
  const troubled = sights
    .filter((sight) => !isExcused(sight, sights))
    .flatMap((sight) => {
      const api = estate.names.find(({ name }) => name === sight.name)?.needs.api ?? true;
      const trouble = troubleOf(sight, to, api);
      return trouble === undefined ? [] : [{ sight, says: `${sight.name} by ${sight.server}: ${trouble}` }];
    });
  const troubles = [...unseen.map(({ name }) => `${name} was asked of nobody`), ...troubled.map(({ says }) => says)];
  if (troubles.length === 0) {
    const servers = new Set(sights.map(({ server }) => server)).size;
    const says = `${to} answers under ${listOf(estate.names.map(({ name }) => name))}, by ${countOf(servers, 'server')}`;
    return { waitSeconds: 0, says };
  }
  const [shown, more] = [troubles.slice(0, 3).join('; '), troubles.length - 3];
  const said = more > 0 ? `${shown}; and ${more} more` : shown;
  if (isOver(patience))
    throw new RunbookError(
      'VerifyFailed',
      `not everybody reaches ${to}: ${said}; expected ${to} to answer 200 everywhere by now`,
      {
        to,
      },
    );
  const keeps = troubled.flatMap(({ sight }) => oldOf(sight, sights).map((address) => sight.keepsSeconds[address] ?? 0));
  return { waitSeconds: waitOf(keeps, patience), says: `not everybody reaches ${to} yet: ${said}` };
}

/** The answer to a write through the public name, as any client would write. */
export function judgeTaken(
  to: string,
  {
    name,
    status,
    environment,
    trouble,
  }: { name: string; status: number | null; environment: string | null; trouble: string | null },
  patience: Patience,
): Verdict {
  if (status === 201 && environment === to) return { waitSeconds: 0, says: `a write through ${name} was taken by ${to}` };
  const said = trouble ?? `${status ?? 'nothing'}${environment === null ? '' : ` by ${environment}`}`;
  const says = `a write through ${name} was answered ${said}, expected 201 by ${to}`;
  if (isOver(patience)) throw new RunbookError('VerifyFailed', `${says} by now`, { name, status });
  return { waitSeconds: waitOf([0], patience), says };
}

const isOver = ({ until, now }: Patience): boolean => now.getTime() >= until.getTime();

/** Addresses that no authority gives any more are remembered. At the right ones it is not the resolver that is waited for. */
function oldOf({ name, kind, addresses }: Sight, sights: readonly Sight[]): readonly string[] {
  const given = sights.filter((other) => other.name === name && other.kind === 'authority').flatMap((other) => other.addresses);
  return kind === 'resolver' ? addresses.filter((address) => !given.includes(address)) : [];
}

/** Nothing is gained by asking before the last resolver is about to forget, and nothing may go on for ever. */
function waitOf(keeps: readonly number[], { until, now }: Patience): number {
  const longest = Math.max(0, ...keeps);
  // Resolvers tell whole seconds: it forgets in the last one of these, and nobody knows when.
  if (longest > 0 && longest <= 1) return ABOUT_TO_SECONDS;
  const wanted = longest > 0 ? Math.min(Math.ceil(longest) - 1, LOOK_AGAIN_LATEST_SECONDS) : LOOK_AGAIN_SECONDS;
  return Math.max(1, Math.min(wanted, Math.ceil((until.getTime() - now.getTime()) / 1000)));
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
