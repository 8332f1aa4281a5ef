// Copies go from one environment to another, by a network that reaches both, often enough for what may be lost.
import type { Network } from '../estate.ts';
import { environmentNamed, lacks, once, quoted, unknownEnvironment, when, type Rule, type Sketch } from './mistake.ts';

const sameMembers = (one: Sketch<readonly string[]> = [], other: Sketch<readonly string[]> = []): boolean =>
  one.length === other.length && one.every((member) => other.includes(member));
/** Whether a function that stands in the one stands in the other. */
export const sameNetwork = (one: Sketch<Network>, other: Sketch<Network>): boolean =>
  sameMembers(one.subnets, other.subnets) && sameMembers(one.securityGroups, other.securityGroups);

export const copies: Rule = (draft) => {
  const declared = (draft.copies ?? []).map((one, at) => ({ one: one ?? {}, path: ['copies', at] }));
  const pairs = declared.map(
    ({ one, path }) => [path, one.from === undefined || one.to === undefined ? undefined : `${one.from} to ${one.to}`] as const,
  );
  return [
    ...once(pairs, 'each pair once', 'put the two together'),
    ...declared.flatMap(({ one, path }) => {
      const [from, to] = [one.from, one.to].map((name) => environmentNamed(draft, name ?? ''));
      const apart = from?.network !== undefined && to?.network !== undefined && !sameNetwork(from.network, to.network);
      const [every, rpo] = [one.everySeconds, draft.objectives?.rpoSeconds];
      const guards = from?.role === 'primary' && to?.role === 'standby';
      return [
        ...unknownEnvironment(draft, [...path, 'from'], one.from),
        ...unknownEnvironment(draft, [...path, 'to'], one.to),
        ...when(
          one.from !== undefined && one.from === one.to,
          path,
          `${quoted(one.from ?? '')} at both ends`,
          'two environments',
          'name another one in from or to',
        ),
        ...when(
          apart && lacks(one, 'network') && one.class !== 'forbid',
          [...path, 'network'],
          `nothing, and ${one.from ?? ''} and ${one.to ?? ''} stand in different networks`,
          'a network from which both databases can be reached',
          'declare its subnets and securityGroups here',
        ),
        ...when(
          one.class === 'forbid' && every !== undefined,
          [...path, 'everySeconds'],
          `${every ?? ''}`,
          'nothing where class is forbid',
          'take one of them out',
        ),
        ...when(
          guards && every !== undefined && rpo !== undefined && every > rpo,
          [...path, 'everySeconds'],
          `${every ?? ''}`,
          `at most ${rpo ?? ''}, which is objectives.rpoSeconds`,
          'copy more often, or agree to lose more',
        ),
      ];
    }),
  ];
};
