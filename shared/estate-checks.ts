// What the fields of an estate say of each other. Each rule answers every mistake it finds, also in an estate with other mistakes.
import type { Estate, Network } from './estate.ts';
import { nearest } from './nearest.ts';

/** One mistake: where, what was found, what was expected, the way out. */
export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly found: string;
  readonly expected: string;
  readonly wayOut: string;
}

/** An estate as far as it can be understood: what is wrong by itself is left out, so that the rest is judged all the same. */
export type Sketch<T> = T extends readonly (infer Element)[]
  ? readonly (Sketch<Element> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Sketch<T[Key]> | undefined }
    : T | undefined;

type Rule = (estate: Sketch<Estate>) => readonly Mistake[];
type Path = Mistake['path'];

const quoted = (value: string): string => JSON.stringify(value);
const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');

/** Values that only one may have; those that say nothing are passed over. */
function once(
  values: readonly (readonly [Path, string | undefined])[],
  mistake: { readonly expected: string; readonly wayOut: string },
  same = (value: string): string => value,
): Mistake[] {
  const first = new Map<string, Path>();
  return values.flatMap(([path, value]) => {
    if (value === undefined) return [];
    const before = first.get(same(value));
    if (before !== undefined) return [{ path, found: `${quoted(value)}, which ${dotted(before)} is as well`, ...mistake }];
    first.set(same(value), path);
    return [];
  });
}

const environmentsOf = (estate: Sketch<Estate>) => Object.entries(estate.environments ?? {});
const each = <T>(list: readonly T[] | undefined): (readonly [T, number])[] => (list ?? []).map((one, at) => [one, at] as const);

/** A name that must be an environment's; nothing is said where no environment could be read. */
function unknownEnvironment(estate: Sketch<Estate>, path: Path, name: string | undefined): Mistake[] {
  const known = Object.keys(estate.environments ?? {});
  if (name === undefined || known.length === 0 || known.includes(name)) return [];
  const meant = nearest(name, known);
  return [
    {
      path,
      found: quoted(name),
      expected: `an environment: ${known.join(', ')}`,
      wayOut: meant === undefined ? 'declare it under environments, or take it out' : `did you mean ${quoted(meant)}?`,
    },
  ];
}

const roles: Rule = (estate) => {
  const environments = environmentsOf(estate);
  const named = (role: string) => environments.filter(([, one]) => one?.role === role).map(([name]) => name);
  const [primaries, standbys] = [named('primary'), named('standby')];
  const path = ['environments'];
  const several = (names: readonly string[]) => `${names.length} (${names.join(', ')})`;
  const sayNothing = estate.environments === undefined || environments.some(([, one]) => one?.role === undefined);
  return [
    ...(primaries.length === 0 && !(sayNothing && environments.length > 0) && estate.environments !== undefined
      ? [
          {
            path,
            found: 'none with role primary',
            expected: 'exactly one',
            wayOut: 'give that role to the one production runs on',
          },
        ]
      : []),
    ...(primaries.length > 1
      ? [
          {
            path,
            found: `${several(primaries)} with role primary`,
            expected: 'exactly one',
            wayOut: 'make the others standby or sandbox',
          },
        ]
      : []),
    ...(standbys.length > 1
      ? [{ path, found: `${several(standbys)} with role standby`, expected: 'at most one', wayOut: 'make the others sandbox' }]
      : []),
  ];
};

/** Two environments with one thing between them are one environment: what is done to the copy is done to production. */
const isolation: Rule = (estate) => {
  const environments = environmentsOf(estate);
  const of = (pick: (one: NonNullable<(typeof environments)[number][1]>) => string | undefined, ...path: string[]) =>
    environments.map(([name, one]) => [['environments', name, ...path], one && pick(one)] as const);
  const own = (what: string) => ({ expected: `${what} of its own`, wayOut: 'environments that share one are not isolated' });
  const instances = new Map(environments.map(([name, one]) => [name, one?.database?.instance]));
  return [
    ...once(
      of(({ database }) => database?.instance && database.name && `${database.instance}/${database.name}`, 'database'),
      own('a database'),
    ),
    ...once(
      of(({ web }) => web?.loadBalancer, 'web', 'loadBalancer'),
      own('a load balancer'),
    ),
    ...once(
      of(({ web }) => web?.distribution, 'web', 'distribution'),
      own('a distribution'),
    ),
    ...once(
      of(({ buckets }) => buckets?.uploads, 'buckets', 'uploads'),
      own('a bucket'),
    ),
    ...once(
      of(({ parameters }) => parameters, 'parameters'),
      own('a path'),
    ),
    ...secrets(environments.map(([name, one]) => ({ name, instance: instances.get(name), ...one?.database?.secrets }))),
  ];
};

interface Held {
  readonly name: string;
  readonly instance: string | undefined;
  readonly master?: string | undefined;
  readonly application?: string | undefined;
}
/** A master's secret is its instance's, an application's its environment's, and none is both. */
function secrets(all: readonly Held[]): Mistake[] {
  const first = new Map<string, { readonly path: Path; readonly owner: string }>();
  return all.flatMap(({ name, instance, ...held }) =>
    (['master', 'application'] as const).flatMap((kind) => {
      const secret = held[kind];
      if (secret === undefined) return [];
      const path = ['environments', name, 'database', 'secrets', kind];
      const owner = kind === 'master' ? `master of ${instance ?? name}` : `application of ${name}`;
      const before = first.get(secret);
      first.set(secret, before ?? { path, owner });
      if (before === undefined || before.owner === owner) return [];
      const wayOut = 'whoever reads the one password would have the other';
      return [
        { path, found: `${quoted(secret)}, which ${dotted(before.path)} is as well`, expected: 'a secret of its own', wayOut },
      ];
    }),
  );
}

const names: Rule = (estate) => [
  ...once(
    each(estate.names).map(([one, at]) => [['names', at, 'name'], one?.name] as const),
    { expected: 'each name once', wayOut: 'put the two together' },
  ),
  ...each(estate.names).flatMap(([one, at]) => [
    ...once(
      each(one?.types).map(([type, nth]) => [['names', at, 'types', nth], type] as const),
      { expected: 'each type once', wayOut: 'take one out' },
    ),
    ...(one?.needs?.api === false && one.needs.frontEnd === false
      ? [
          {
            path: ['names', at, 'needs'],
            found: 'neither frontEnd nor api',
            expected: 'at least one',
            wayOut: 'say what the name serves',
          },
        ]
      : []),
    ...Object.entries(one?.via ?? {}).flatMap(([environment, door]) => {
      const path = ['names', at, 'via', environment];
      const there = (estate.environments ?? {})[environment];
      if (door !== 'distribution' || there?.web === undefined || there.web.distribution !== undefined)
        return unknownEnvironment(estate, path, environment);
      const wayOut = `name it in environments.${environment}.web, or say loadBalancer`;
      return [{ path, found: 'distribution', expected: 'a door that the environment has', wayOut }];
    }),
  ]),
];

const sameMembers = (one: Sketch<string[]> = [], other: Sketch<string[]> = []): boolean =>
  one.length === other.length && one.every((member) => other.includes(member));
/** Whether a function that stands in the one stands in the other. */
export const sameNetwork = (one: Sketch<Network>, other: Sketch<Network>): boolean =>
  sameMembers(one.subnets, other.subnets) && sameMembers(one.securityGroups, other.securityGroups);

const copies: Rule = (estate) => [
  ...once(
    each(estate.copies).map(([one, at]) => [['copies', at], one?.from && one.to && `${one.from} to ${one.to}`] as const),
    { expected: 'each pair once', wayOut: 'put the two together' },
  ),
  ...each(estate.copies).flatMap(([one, at]) => {
    const path = ['copies', at];
    const [from, to] = [one?.from, one?.to].map((name) => (estate.environments ?? {})[name ?? '']);
    const apart = from?.network && to?.network && !sameNetwork(from.network, to.network);
    const toStandby = from?.role === 'primary' && to?.role === 'standby';
    const rpo = estate.objectives?.rpoSeconds;
    const every = one?.everySeconds;
    return [
      ...unknownEnvironment(estate, [...path, 'from'], one?.from),
      ...unknownEnvironment(estate, [...path, 'to'], one?.to),
      ...(one?.from !== undefined && one.from === one.to
        ? [
            {
              path,
              found: `${quoted(one.from)} at both ends`,
              expected: 'two environments',
              wayOut: 'name another one in from or to',
            },
          ]
        : []),
      ...(apart && one?.network === undefined && one?.class !== 'forbid'
        ? [
            {
              path: [...path, 'network'],
              found: 'nothing, and the two environments stand in different networks',
              expected: 'a network from which both databases can be reached',
              wayOut: 'declare its subnets and securityGroups here',
            },
          ]
        : []),
      ...(one?.class === 'forbid' && every !== undefined
        ? [
            {
              path: [...path, 'everySeconds'],
              found: `${every}`,
              expected: 'nothing where class is forbid',
              wayOut: 'take one of them out',
            },
          ]
        : []),
      ...(toStandby && every !== undefined && rpo !== undefined && every > rpo
        ? [
            {
              path: [...path, 'everySeconds'],
              found: `${every}`,
              expected: `at most objectives.rpoSeconds, ${rpo}`,
              wayOut: 'copy more often, or agree to lose more',
            },
          ]
        : []),
    ];
  }),
];

const approval: Rule = ({ approvers, approval, channels }) => {
  const own = { expected: 'each person once', wayOut: 'or one of them would count twice' };
  const [count, quorum] = [approvers?.length, approval?.quorum];
  const [expires, escalates] = [approval?.expiresAfterSeconds, approval?.escalateAfterSeconds];
  const path = (field: string): Path => ['approval', field];
  return [
    ...(['name', 'email', 'slack'] as const).flatMap((field) =>
      once(
        each(approvers).map(([one, at]) => [['approvers', at, field], one?.[field]] as const),
        own,
        (value) => value.toLowerCase(),
      ),
    ),
    ...each(approvers).flatMap(([one, at]) =>
      one?.slack !== undefined && channels !== undefined && channels.slack?.bot === undefined
        ? [
            {
              path: ['approvers', at, 'slack'],
              found: `${quoted(one.slack)}, and no bot that could write there`,
              expected: 'a bot in channels.slack',
              wayOut: "name the secret with the bot's token in channels.slack.bot, or take this out",
            },
          ]
        : [],
    ),
    ...(count !== undefined && quorum !== undefined && quorum > count
      ? [
          {
            path: path('quorum'),
            found: `${quorum}`,
            expected: `at most ${count}, as many as there are approvers`,
            wayOut: 'lower it, or add approvers',
          },
        ]
      : []),
    // Whoever asked is no approver of it: the others must be enough, or nobody could ever say yes.
    ...(count !== undefined &&
    quorum !== undefined &&
    quorum <= count &&
    quorum > count - 1 &&
    approval?.fourEyes === true &&
    approval.soloEmergency === false
      ? [
          {
            path: path('fourEyes'),
            found: `true with ${count} approver${count === 1 ? '' : 's'} and a quorum of ${quorum}`,
            expected: 'enough approvers besides the one who asks',
            wayOut: 'add an approver, or set soloEmergency: true',
          },
        ]
      : []),
    ...(expires !== undefined && escalates !== undefined && escalates >= expires
      ? [
          {
            path: path('escalateAfterSeconds'),
            found: `${escalates}`,
            expected: `less than expiresAfterSeconds, ${expires}`,
            wayOut: 'lower it',
          },
        ]
      : []),
    ...(count === 1 && escalates !== undefined
      ? [
          {
            path: path('escalateAfterSeconds'),
            found: `${escalates} with 1 approver`,
            expected: 'somebody to escalate to',
            wayOut: 'add an approver, or take this out',
          },
        ]
      : []),
  ];
};

const channels: Rule = ({ approvers, channels: declared, resolvers }) => {
  const slack = declared?.slack;
  const path = ['channels', 'slack'];
  const asked = (approvers ?? []).some((one) => one?.slack !== undefined);
  return [
    ...once(
      each(declared?.email).map(([address, at]) => [['channels', 'email', at], address] as const),
      { expected: 'each address once', wayOut: 'take one out' },
      (address) => address.toLowerCase(),
    ),
    ...once(
      each(resolvers).map(([address, at]) => [['resolvers', at], address] as const),
      { expected: 'each resolver once', wayOut: 'take one out' },
    ),
    ...(slack !== undefined && slack.webhook === undefined && slack.bot === undefined && slack.channel === undefined
      ? [{ path, found: 'nothing in it', expected: 'a webhook or a bot', wayOut: 'name the secret of one, or take slack out' }]
      : []),
    ...(slack?.channel !== undefined && slack.bot === undefined
      ? [
          {
            path: [...path, 'channel'],
            found: `${quoted(slack.channel)}, and no bot that could write there`,
            expected: 'a bot in channels.slack',
            wayOut: 'name its secret in channels.slack.bot; a webhook has a channel of its own',
          },
        ]
      : []),
    ...(slack?.bot !== undefined && slack.channel === undefined && approvers !== undefined && !asked
      ? [
          {
            path: [...path, 'bot'],
            found: 'a bot that nobody hears',
            expected: 'a channel, or an approver with a member id',
            wayOut: 'set channels.slack.channel or slack of an approver, or take this out',
          },
        ]
      : []),
  ];
};

/** A standby is read and the primary fenced in one run, by functions that stand in one network. */
const route: Rule = (estate) => {
  const environments = environmentsOf(estate);
  const [primary, standby] = ['primary', 'standby'].map((role) => environments.find(([, one]) => one?.role === role));
  const [near, far] = [primary?.[1]?.network, standby?.[1]?.network];
  if (near === undefined || far === undefined || sameNetwork(near, far)) return [];
  const [from, to] = [primary?.[0] ?? '', standby?.[0] ?? ''];
  const between = (estate.copies ?? []).filter(
    (one) => (one?.from === from && one.to === to) || (one?.from === to && one.to === from),
  );
  // The copy itself says so, once for each.
  if (between.some((one) => one?.network !== undefined || one?.class !== 'forbid')) return [];
  return [
    {
      path: ['environments', to, 'network'],
      found: `another network than ${from}'s, and no copy between the two that declares one`,
      expected: 'a network from which both databases can be reached',
      wayOut: `declare it in a copy from ${from} to ${to}, or let both stand in one`,
    },
  ];
};

const RULES: readonly Rule[] = [roles, isolation, names, copies, route, approval, channels];

export const crossChecks = (estate: Sketch<Estate>): Mistake[] => RULES.flatMap((rule) => [...rule(estate)]);
