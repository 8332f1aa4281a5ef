// Which databases are the application's, and which environment each thing belongs to: by tags first, by names where they are silent.
import type { Account, Distribution, Instance, Thing } from '../../shared/cloud/account.ts';
import { RunbookError } from '../../shared/errors.ts';
import { applicationTag, asId, carries, environmentTag, labelOf, partsOf, stemOf } from './words.ts';

/** What of an account is meant. */
export interface Choice {
  readonly app?: string;
  readonly tag?: { readonly key: string; readonly value: string };
}

/** An environment, as its databases make it. */
export interface Group {
  readonly name: string;
  /** What its things are called: by tag and by name. */
  readonly labels: readonly string[];
  readonly why: string;
  readonly instances: readonly Instance[];
}
export interface Grouping {
  readonly app: string;
  readonly appWhy: string;
  readonly groups: readonly Group[];
  /** What was seen and left out, a line each. */
  readonly leftOut: readonly string[];
}

/** Whether a thing is meant at all. */
export function isMeant(thing: Thing, { app, tag }: Choice): boolean {
  if (tag) return thing.tags[tag.key] === tag.value;
  if (app === undefined) return true;
  const said = applicationTag(thing);
  return said === undefined ? carries(partsOf(thing.name), partsOf(app)) : partsOf(said.value).join() === partsOf(app).join();
}

const why = ({ engine, cluster, status }: Instance): string | undefined => {
  if (cluster !== undefined) return `a member of the cluster ${cluster}; an instance of its own is needed`;
  if (engine !== 'postgres') return `its engine is ${engine}, not postgres`;
  return status === 'deleting' ? 'it is being deleted' : undefined;
};

export function groupInstances(account: Account, choice: Choice): Grouping {
  const meant = account.instances.filter((one) => isMeant(one, choice));
  const unfit = meant.flatMap((one) => (why(one) === undefined ? [] : [`database ${one.name}: ${why(one) ?? ''}`]));
  const fit = meant.filter((one) => why(one) === undefined);
  if (fit.length === 0) throw nothing(account, choice, unfit);
  const { app, appWhy } = choice.app === undefined ? decideApp(fit) : { app: asId(choice.app), appWhy: 'as asked' };
  return { app, appWhy, groups: groupsOf(fit, app, account.region), leftOut: unfit };
}

function nothing({ instances, region }: Account, { app, tag }: Choice, unfit: readonly string[]): RunbookError {
  const wanted = tag ? ` tagged ${tag.key}=${tag.value}` : app === undefined ? '' : ` of ${app}`;
  const seen = unfit.length > 0 ? unfit.join('; ') : instances.map(({ name }) => name).join(', ');
  const found = seen === '' ? 'none' : `none, but ${seen}`;
  const wayOut = 'say another --region, --app or --tag, or leave --from-account out and answer questions';
  const says = `databases: found ${found}, expected a PostgreSQL instance${wanted} in ${region}; ${wayOut}`;
  return new RunbookError('InputInvalid', says, { region });
}

/** One application a file: whoever has several says which. */
function decideApp(instances: readonly Instance[]): { app: string; appWhy: string } {
  const spokenFor = instances.map((one) => ({ one, said: applicationTag(one) }));
  const keyOf = ({ one, said }: (typeof spokenFor)[number]) =>
    said ? partsOf(said.value).join('-') : (partsOf(one.name)[0] ?? '');
  const apps = [...new Set(spokenFor.map(keyOf))];
  if (apps.length > 1) {
    const of = apps.map(
      (app) =>
        `${app} (${spokenFor
          .filter((each) => keyOf(each) === app)
          .map(({ one }) => one.name)
          .join(', ')})`,
    );
    const says = `app: found ${apps.length} applications, ${of.join(' and ')}, expected one; say --app ${apps[0] ?? ''}, or --tag KEY=VALUE`;
    throw new RunbookError('InputInvalid', says, { applications: apps.length });
  }
  const said = spokenFor.map((each) => each.said).find((each) => each !== undefined);
  if (said) return { app: asId(said.value), appWhy: `tag ${said.key}=${said.value}` };
  const stem = stemOf(instances.map(({ name }) => name));
  if (stem !== '') return { app: asId(stem), appWhy: "what the databases' names begin with" };
  const names = instances.map(({ name }) => name).join(', ');
  throw new RunbookError('InputInvalid', `app: found no application's name in ${names}, expected one; say --app NAME`);
}

/** What an environment is called that has no name of its own. */
const ONLY = 'main';

function groupsOf(instances: readonly Instance[], app: string, region: string): Group[] {
  const labelled = instances.map((one) => {
    const tag = environmentTag(one);
    const byName = labelOf(one.name, app, region);
    const label = tag ? partsOf(tag.value).join('-') : byName;
    return { one, label, byName, why: tag ? `tag ${tag.key}=${tag.value}` : byName === '' ? '' : `by the name ${one.name}` };
  });
  // A tag's word goes before a name's: an instance without a tag joins the environment whose tagged instance is called as it is.
  const joined = labelled.map((each) => {
    const twin = labelled.find((other) => other.byName === each.byName && other.label !== other.byName);
    return each.why.startsWith('tag ') || !twin ? each : { ...each, label: twin.label, why: twin.why };
  });
  const taken = new Set<string>();
  return [...new Set(joined.map(({ label }) => label))].map((label) => {
    const members = joined.filter((each) => each.label === label);
    return {
      name: free(label === '' ? ONLY : asId(label), taken),
      labels: [...new Set([label, ...members.map(({ byName }) => byName)])],
      why: members[0]?.why === '' ? 'no tag and no name tells what it is called' : (members[0]?.why ?? ''),
      instances: members.map(({ one }) => one),
    };
  });
}

/** Two labels may come out as one name. */
function free(name: string, taken: Set<string>, nth = 2): string {
  const one = taken.has(name) ? `${name.slice(0, 28)}-${nth}` : name;
  if (taken.has(one)) return free(name, taken, nth + 1);
  taken.add(one);
  return one;
}

/** The environment that a thing is called after; undefined where none or several could be meant. */
export function homeOf(
  thing: Thing,
  groups: readonly Group[],
  { app, region }: { readonly app: string; readonly region: string },
): { readonly group: Group; readonly why: string } | undefined {
  const tag = environmentTag(thing);
  if (tag) {
    const group = groups.find(({ labels }) => labels.includes(partsOf(tag.value).join('-')));
    return group && { group, why: `tag ${tag.key}=${tag.value}` };
  }
  const label = labelOf(thing.name, app, region);
  const same = groups.find(({ labels }) => labels.includes(label));
  if (same) return { group: same, why: 'by its name' };
  const [only, ...others] = groups;
  if (label === '') return only && others.length === 0 ? { group: only, why: 'the only environment' } : undefined;
  const within = groups.filter(({ labels }) => labels.some((each) => each !== '' && carries(partsOf(label), partsOf(each))));
  return within.length === 1 && within[0] ? { group: within[0], why: 'by its name' } : undefined;
}

/** A distribution is called by an id: it belongs where its tags, else its origins, else its comment say. */
export function homeOfDistribution(
  one: Distribution,
  groups: readonly Group[],
  known: { readonly app: string; readonly region: string; readonly originOf: (host: string) => Group | undefined },
): { readonly group: Group; readonly why: string } | undefined {
  if (environmentTag(one)) return homeOf(one, groups, known);
  const origins = new Set(one.origins.flatMap((host) => known.originOf(host) ?? []));
  const [group] = origins;
  if (origins.size === 1 && group) return { group, why: `its origin is ${group.name}'s` };
  if (origins.size > 1 || !carries(partsOf(one.comment), partsOf(known.app))) return undefined;
  const home = homeOf({ name: one.comment, tags: {} }, groups, known);
  return home && { ...home, why: 'by its comment' };
}
