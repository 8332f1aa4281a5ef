// Which of several record sets with one name and type is answered: by weight, by failover, several at once.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

/** Route 53 hands out no more multivalue answers than this. */
const MOST_ANSWERS = 8;

/** The sets to answer with. When none is healthy they all count as healthy, as with Route 53. */
export function chosen(
  sets: readonly ResourceRecordSet[],
  isHealthy: (set: ResourceRecordSet) => boolean,
  random: () => number,
): readonly ResourceRecordSet[] {
  const [first] = sets;
  if (first === undefined || sets.length === 1) return sets;
  if (first.Failover !== undefined) return oneOf(failover(sets, isHealthy));
  const healthy = sets.filter(isHealthy);
  const eligible = healthy.length > 0 ? healthy : sets;
  if (first.MultiValueAnswer === true) return shuffled(eligible, random).slice(0, MOST_ANSWERS);
  return oneOf(weighted(eligible, random));
}

const oneOf = (set: ResourceRecordSet | undefined): ResourceRecordSet[] => (set ? [set] : []);

function failover(sets: readonly ResourceRecordSet[], isHealthy: (set: ResourceRecordSet) => boolean) {
  const primary = sets.find((set) => set.Failover === 'PRIMARY');
  const secondary = sets.find((set) => set.Failover === 'SECONDARY');
  if (primary && isHealthy(primary)) return primary;
  return secondary && isHealthy(secondary) ? secondary : (primary ?? secondary);
}

/** Weight 0 is answered only when no other weight is left; all at 0 are equals. */
function weighted(sets: readonly ResourceRecordSet[], random: () => number): ResourceRecordSet | undefined {
  const total = sets.reduce((sum, { Weight = 0 }) => sum + Weight, 0);
  if (total === 0) return sets[Math.floor(random() * sets.length)];
  let rest = random() * total;
  for (const set of sets) {
    rest -= set.Weight ?? 0;
    if (rest < 0) return set;
  }
  return sets.at(-1);
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let last = out.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [out[last], out[other]];
    if (a !== undefined && b !== undefined) [out[last], out[other]] = [b, a];
  }
  return out;
}
