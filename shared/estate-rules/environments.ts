// Who stands in for whom, and that nothing is shared: what is done to a copy must not be done to production.
import { sameNetwork } from './copies.ts';
import { dotted, environmentsOf, once, quoted, when, type Draft, type Mistake, type Path, type Rule } from './mistake.ts';

export const roles: Rule = (draft) => {
  if (draft.environments === undefined) return [];
  const environments = environmentsOf(draft);
  const named = (role: string) => environments.filter(([, one]) => one?.role === role).map(([name]) => name);
  const [primaries, standbys] = [named('primary'), named('standby')];
  // One that could not be read may be the primary that is missed.
  const unread = environments.some(([, one]) => one?.role === undefined);
  const told = (names: readonly string[], role: string) => `${names.length} with role ${role}: ${names.join(', ')}`;
  const path = ['environments'];
  return [
    ...when(primaries.length === 0 && !unread, path, 'none with role primary', 'exactly one', 'give it to the one in production'),
    ...when(primaries.length > 1, path, told(primaries, 'primary'), 'exactly one', 'make the others standby or sandbox'),
    ...when(standbys.length > 1, path, told(standbys, 'standby'), 'at most one', 'make the others sandbox'),
  ];
};

type Environment = NonNullable<ReturnType<typeof environmentsOf>[number][1]>;

export const isolation: Rule = (draft) => {
  const own = (what: string, path: readonly string[], pick: (one: Environment) => string | undefined) =>
    once(
      environmentsOf(draft).map(([name, one]) => [['environments', name, ...path], one && pick(one)] as const),
      `${what} of its own`,
      'environments that share one are not isolated',
    );
  return [
    ...own('a database', ['database'], ({ database }) =>
      database?.instance === undefined || database.name === undefined ? undefined : `${database.instance}/${database.name}`,
    ),
    ...own('a load balancer', ['web', 'loadBalancer'], ({ web }) => web?.loadBalancer),
    ...own('a distribution', ['web', 'distribution'], ({ web }) => web?.distribution),
    ...own('a bucket', ['buckets', 'uploads'], ({ buckets }) => buckets?.uploads),
    ...own('a path', ['parameters'], ({ parameters }) => parameters),
    ...secrets(draft),
  ];
};

/** A master's secret is its instance's, an application's its environment's, and none is both. */
function secrets(draft: Draft): readonly Mistake[] {
  const held = environmentsOf(draft).flatMap(([name, one]) =>
    (['master', 'application'] as const).map((kind) => ({
      path: ['environments', name, 'database', 'secrets', kind],
      secret: one?.database?.secrets?.[kind],
      owner: kind === 'master' ? `the master of ${one?.database?.instance ?? name}` : `the application of ${name}`,
    })),
  );
  const first = new Map<string, { readonly path: Path; readonly owner: string }>();
  return held.flatMap(({ path, secret, owner }) => {
    if (secret === undefined) return [];
    const before = first.get(secret) ?? { path, owner };
    first.set(secret, before);
    const found = `${quoted(secret)}, which ${dotted(before.path)} is as well`;
    return when(before.owner !== owner, path, found, 'a secret of its own', 'whoever reads the one password has the other');
  });
}

/** One run reads the standby's database and fences the primary's, by functions that stand in one network. */
export const route: Rule = (draft) => {
  const of = (role: string) => environmentsOf(draft).find(([, one]) => one?.role === role);
  const [[from, primary] = [], [to, standby] = []] = [of('primary'), of('standby')];
  const between = (draft.copies ?? []).filter((one) => [from, to].every((name) => name === one?.from || name === one?.to));
  // A copy that lacks its network is a mistake of its own.
  const elsewhere = between.some((one) => one === undefined || one.network !== undefined || one.class !== 'forbid');
  const apart =
    primary?.network !== undefined && standby?.network !== undefined && !sameNetwork(primary.network, standby.network);
  return when(
    apart && !elsewhere,
    ['environments', to ?? '', 'network'],
    `another network than that of ${from ?? ''}, and no copy that declares one for both`,
    'a network from which both databases can be reached',
    'let both stand in one, or declare it in a copy between the two',
  );
};
