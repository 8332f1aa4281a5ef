// Who is primary: the environment that the public names lead to today. Whatever contradicts that is left to whoever knows.
import type { Led } from './leading.ts';
import { known, open, type Known, type Open } from './sheet.ts';
import { soundsLikeSandbox, soundsLikeStandby } from './words.ts';

export interface Candidate {
  readonly name: string;
  /** The environment whose database it replicates. */
  readonly replicaOf?: string;
}

export function decideRoles(candidates: readonly Candidate[], names: readonly Led[]): ReadonlyMap<string, Known | Open> {
  const led = new Set(names.flatMap(({ doors }) => doors.map(({ environment }) => environment)));
  const [first] = led;
  const primary = first !== undefined && led.size === 1 ? primaryBy(first, candidates.length) : undefined;
  const guards = candidates.filter((one) => !led.has(one.name) && isStandby(one, primary?.sure === true ? first : undefined));
  return new Map(
    candidates.map((one): readonly [string, Known | Open] => {
      if (one.name === first && primary) return [one.name, primary.role];
      if (led.has(one.name)) return [one.name, open(`public names lead to ${[...led].join(' and ')}`)];
      return [one.name, decideOther(one, guards, candidates.length)];
    }),
  );
}

function primaryBy(name: string, environments: number): { readonly role: Known | Open; readonly sure: boolean } {
  const word = soundsLikeStandby(name) ? 'a standby' : soundsLikeSandbox(name) ? 'a sandbox' : undefined;
  if (word === undefined || environments === 1) return { role: known('primary', 'the public names lead to it'), sure: true };
  return { role: open(`the public names lead to it, and it is called like ${word}`), sure: false };
}

const isStandby = ({ name, replicaOf }: Candidate, primary: string | undefined): boolean =>
  (replicaOf !== undefined && replicaOf === primary) || soundsLikeStandby(name);

function decideOther({ name, replicaOf }: Candidate, guards: readonly Candidate[], environments: number): Known | Open {
  if (environments === 1) return known('primary', 'the only environment');
  if (guards.some((one) => one.name === name)) {
    const found = replicaOf === undefined ? 'by its name' : `it replicates ${replicaOf}`;
    return guards.length === 1
      ? known('standby', found)
      : open(`${guards.map((one) => one.name).join(' and ')} could stand by, and one does`);
  }
  return soundsLikeSandbox(name) ? known('sandbox', 'by its name') : open('no public name leads to it');
}
