// An estate drafted from an account: whatever can be seen there, with where it was seen; whatever cannot stays open.
import type { Account, Instance } from '../../shared/cloud/account.ts';
import {
  belongingsOf,
  decideDistribution,
  decideLoadBalancer,
  decideUploads,
  decideVia,
  doorAt,
  type Belongings,
} from './doors.ts';
import { groupInstances, type Choice, type Group } from './grouping.ts';
import { leadingNames, type Led } from './leading.ts';
import { approversOpen, ENVIRONMENTS_SAY, NAMES_SAY, nameOpen, objectivesOpen } from './blank.ts';
import { decideRoles } from './roles.ts';
import { fields, known, list, only, open, type Fields, type Known, type Open, type Sheet } from './sheet.ts';

export interface Draft {
  readonly sheet: Fields;
  /** What was seen and left out, a line each. */
  readonly leftOut: readonly string[];
}

export function draftEstate(account: Account, choice: Choice = {}): Draft {
  const grouping = groupInstances(account, choice);
  const { app, appWhy, groups } = grouping;
  const belongings = belongingsOf(account, choice, grouping);
  const labelsOf = (name: string) => groups.find((group) => group.name === name)?.labels ?? [];
  const leading = leadingNames(account.zones, doorAt(belongings), labelsOf);
  const databases = groups.map((group) => ({ group, instance: decideInstance(group) }));
  const roles = decideRoles(
    databases.map((each) => ({ name: each.group.name, ...replicaOf(each, databases) })),
    leading.names,
  );
  const environments = databases.map(({ group, instance }) => {
    const role = roles.get(group.name) ?? open();
    return [group.name, environmentSheet(group, { role, instance, belongings, names: leading.names })] as const;
  });
  return {
    sheet: fields({
      app: known(app, appWhy),
      region: known(account.region, `where this was read${account.id === undefined ? '' : `, of account ${account.id}`}`),
      strategy: decideStrategy(databases, roles),
      objectives: objectivesOpen(),
      environments: fields(Object.fromEntries(environments), ENVIRONMENTS_SAY),
      names: namesSheet(leading.names, groups, belongings),
      approvers: approversOpen(),
    }),
    leftOut: [...grouping.leftOut, ...belongings.leftOut, ...leading.leftOut],
  };
}

interface Housed {
  readonly group: Group;
  /** Undefined where several could be its database. */
  readonly instance: Instance | undefined;
}

/** A replica beside its own source is no candidate. */
function decideInstance({ instances }: Group): Instance | undefined {
  const first = instances.filter(({ replicaOf }) => !instances.some(({ name }) => name === replicaOf));
  return first.length === 1 ? first[0] : undefined;
}

function replicaOf({ instance }: Housed, all: readonly Housed[]): { replicaOf?: string } {
  const source = all.find(({ group }) => group.instances.some(({ name }) => name === instance?.replicaOf));
  return source && instance?.replicaOf !== undefined ? { replicaOf: source.group.name } : {};
}

interface Seen {
  readonly role: Known | Open;
  readonly instance: Instance | undefined;
  readonly belongings: Belongings;
  readonly names: readonly Led[];
}

function environmentSheet(group: Group, { role, instance, belongings, names }: Seen): Fields {
  const { instances, why } = group;
  const [subnets, securityGroups] = [instance?.subnets ?? [], instance?.securityGroups ?? []];
  const sheet = {
    role,
    database: fields({
      instance: instance
        ? known(instance.name, `RDS, ${why}`)
        : only(
            instances.map(({ name }) => name),
            '',
          ),
      name: instance?.database === undefined ? open() : known(instance.database, 'RDS, the database it was made with; check'),
      owner: open(),
      application: open(),
      secrets: fields({ master: open(), application: open() }),
    }),
    web: fields({
      loadBalancer: decideLoadBalancer(group, belongings, names),
      distribution: decideDistribution(group, belongings, names),
    }),
    buckets: fields({ uploads: decideUploads(group, belongings) }),
    network: fields({
      subnets: subnets.length > 0 ? known(subnets, "RDS, the instance's; functions will stand there") : open(),
      securityGroups:
        securityGroups.length > 0 ? known(securityGroups, "RDS, the instance's; check that they admit themselves") : open(),
    }),
  };
  return fields(sheet, why === '' ? '' : `Told apart ${why}`);
}

type Roles = ReadonlyMap<string, Known | Open>;
function inRole(wanted: string, databases: readonly Housed[], roles: Roles): Housed | undefined {
  return databases.find(({ group }) => {
    const role = roles.get(group.name);
    return role?.kind === 'known' && role.value === wanted;
  });
}

function decideStrategy(databases: readonly Housed[], roles: Roles): Known | Open {
  const [primary, standby] = [inRole('primary', databases, roles), inRole('standby', databases, roles)];
  if (standby?.instance) {
    const replicates = standby.instance.replicaOf !== undefined && standby.instance.replicaOf === primary?.instance?.name;
    return replicates ? known('hot', 'the standby is a replica') : known('warm', 'the standby is no replica: copies reach it');
  }
  // Somebody may yet say who stands by.
  if (standby || !primary?.instance || databases.length > 1) return open();
  if (primary.instance.multiAz) return known('multi-az', 'RDS, in two availability zones, and nothing else stands by');
  return primary.instance.keepsBackups ? known('cold', 'RDS keeps backups, and nothing else stands by') : open();
}

function namesSheet(names: readonly Led[], groups: readonly Group[], belongings: Belongings): Sheet {
  if (names.length === 0) {
    const hint = belongings.distributions.flatMap(({ one }) => one.aliases).join(', ');
    return list([nameOpen(`found none in Route 53 that leads here${hint === '' ? '' : `; perhaps ${hint}`}`)], NAMES_SAY);
  }
  const environments = groups.map((group) => ({
    name: group.name,
    distribution: decideDistribution(group, belongings, names) !== undefined,
  }));
  return list(
    names.map((led) => nameSheet(led, environments)),
    NAMES_SAY,
  );
}

function nameSheet(led: Led, environments: Parameters<typeof decideVia>[1]): Fields {
  const { name, zones, types, doors, astray } = led;
  const via = decideVia(led, environments);
  const where = doors.map(
    ({ environment, kind, id }) => `${environment} by ${kind === 'distribution' ? 'distribution' : 'load balancer'} ${id}`,
  );
  const stray = astray.length === 0 ? '' : `; check ${astray.join(', ')}, which leads elsewhere`;
  return fields({
    name: known(name, `Route 53, leads to ${where.join(' and ')}`),
    zone: only(zones, 'Route 53'),
    types: known(types, `Route 53, all there are${stray}`),
    via: Object.keys(via).length === 0 ? undefined : fields(via),
  });
}
