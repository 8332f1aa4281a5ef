// A caching resolver, as a provider runs it: asks the authority, follows CNAMEs, keeps what it heard for as long as it may.
import type { Reply, Resource } from './authority.ts';
import { normalName } from './names.ts';

interface Kept {
  readonly until: number;
  readonly rcode: Reply['rcode'];
  readonly records: readonly Resource[];
  /** For negative answers: what says how long they hold. */
  readonly soa: readonly Resource[];
}

const LONGEST_CHAIN = 12;

/** `ask` is the authority's answer to one question; `now` is the timeline's. */
export function createCache(ask: (name: string, type: string) => Reply, now: () => number) {
  const kept = new Map<string, Kept>();
  const keyOf = (name: string, type: string): string => `${name} ${type}`;

  const find = (name: string, type: string, at: number): Kept | undefined => {
    const entry = kept.get(keyOf(name, type));
    if (entry && entry.until > at) return entry;
    kept.delete(keyOf(name, type));
    return undefined;
  };

  /** One step of the chain: the records of this type, or the CNAME that stands there instead. */
  function step(name: string, type: string, at: number): Kept {
    const alias = type === 'CNAME' ? undefined : find(name, 'CNAME', at);
    // That there is no CNAME says nothing of other types.
    const known = find(name, type, at) ?? (alias && alias.records.length > 0 ? alias : undefined);
    if (known) return known;
    const reply = ask(name, type);
    const own = reply.answers.filter((answer) => answer.name === name);
    if (own.length > 0) return keep(name, own, at);
    // Outside everything the authority serves there is nothing in this world; nobody says for how long.
    if (reply.rcode === 'REFUSED') return { until: at, rcode: 'NXDOMAIN', records: [], soa: [] };
    const { soa, seconds } = negativeOf(reply);
    const entry: Kept = { until: at + seconds * 1_000, rcode: isReferral(reply) ? 'SERVFAIL' : reply.rcode, records: [], soa };
    if (seconds > 0) kept.set(keyOf(name, type), entry);
    return entry;
  }

  function keep(name: string, records: readonly Resource[], at: number): Kept {
    const seconds = Math.min(...records.map(({ ttl }) => ttl));
    const entry: Kept = { until: at + seconds * 1_000, rcode: 'NOERROR', records, soa: [] };
    const type = records[0]?.type ?? '';
    if (seconds > 0) kept.set(keyOf(name, type), entry);
    return entry;
  }

  return {
    resolve(name: string, type: string): Reply {
      const at = now();
      const answers: Resource[] = [];
      let current = name;
      for (let hops = 0; hops < LONGEST_CHAIN; hops++) {
        const entry = step(current, type, at);
        const left = Math.max(0, Math.floor((entry.until - at) / 1_000));
        const aged = (records: readonly Resource[]): Resource[] => records.map((record) => ({ ...record, ttl: left }));
        answers.push(...aged(entry.records));
        const [first] = entry.records;
        if (first?.type === 'CNAME' && type !== 'CNAME') {
          current = normalName(first.value);
          continue;
        }
        return { rcode: entry.rcode, authoritative: false, answers, authorities: aged(entry.soa) };
      }
      return { rcode: 'SERVFAIL', authoritative: false, answers: [], authorities: [] };
    },
    /** The instant at which what is kept of a name is asked for anew; undefined when nothing is. */
    keepsUntil: (name: string, type: string): number | undefined => find(name, type, now())?.until,
    forget: () => kept.clear(),
  };
}

const isReferral = (reply: Reply): boolean => reply.rcode === 'NOERROR' && !reply.authoritative;

/** A negative answer holds for the SOA's own TTL or its last number, whichever is less (RFC 2308). */
function negativeOf(reply: Reply): { soa: readonly Resource[]; seconds: number } {
  const soa = reply.authorities.filter(({ type }) => type === 'SOA');
  const [first] = soa;
  if (!first) return { soa: [], seconds: 0 };
  const minimum = Number(first.value.trim().split(/\s+/)[6] ?? 0);
  return { soa, seconds: Math.min(first.ttl, minimum) };
}
