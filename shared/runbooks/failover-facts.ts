// The facts a failover's plan shows to the one who approves it: what was read, where, and when.
import type { Health } from './facts.ts';
import { distanceOf } from './heartbeats.ts';
import { writerOf, writerSays } from './lease.ts';
import type { Fact, Limit } from './plan.ts';
import { LEADING_TYPES, shapeOf, targetName, valuesOf } from './record-sets.ts';
import type { NameScene, Scene } from './scene.ts';
import { clockOf, spanOf } from './words.ts';

export function factsOf(scene: Scene, limits: readonly Limit[]): Fact[] {
  const { facts, estate, sides, run, now } = scene;
  const { readAt, dataReadAt } = facts;
  const { writer, epoch } = writerOf(facts.lease, estate);
  const says = facts.lease ? writerSays(facts.lease) : `${writer} (epoch ${epoch}; nobody ever held the lease)`;
  const holder = facts.lease?.holder;
  const needless = run.override.filter((name) =>
    limits.some((limit) => limit.name === name && limit.verdict === 'kept' && limit.unjudged !== true),
  );
  return [
    { name: 'the writer', value: says, source: 'the lease in the ledger', readAt },
    ...(holder
      ? [
          {
            name: 'the holder of the lease',
            value: `${holder.runbook}, since ${clockOf(holder.takenAt, now)}`,
            source: 'the lease in the ledger',
            readAt,
          },
        ]
      : []),
    ...scene.names.flatMap((one) => factsOfName(one, sides.from, sides.to, readAt)),
    ...[sides.from, sides.to].flatMap((side) => factsOfDatabase(scene, side, dataReadAt)),
    {
      name: 'the last copy',
      value: facts.copy
        ? `${facts.copy.at}, ${spanOf((now.getTime() - Date.parse(facts.copy.at)) / 1000)} ago`
        : 'none left its mark',
      source: `copies/${sides.from}-${sides.to}.json in the ledger`,
      readAt,
    },
    ...needless.map((name) => ({
      name: 'an override',
      value: `${name} was not needed: that limit is kept`,
      source: 'the request',
      readAt: run.openedAt,
    })),
  ];
}

function factsOfName({ name, facts }: NameScene, from: string, to: string, readAt: string): Fact[] {
  const records = facts.records.filter(({ Type }) => LEADING_TYPES.includes(Type));
  const leads = records.map((record) => {
    const target = shapeOf(record).AliasTarget;
    return `${record.Type} ${target ? targetName(target.DNSName) : valuesOf(record).join(' ')}`;
  });
  const answers = [...new Set(facts.answers.flatMap(({ addresses }) => addresses))];
  return [
    { name: `${name.name} leads to`, value: leads.join(', ') || 'nothing', source: `Route 53, zone ${name.zone}`, readAt },
    { name: `${name.name} answers`, value: answers.join(', ') || 'nothing', source: "the zone's own servers", readAt },
    ...(['from', 'to'] as const).flatMap((side) => {
      const health = facts.health[side];
      const environment = side === 'from' ? from : to;
      const source = 'a request to its door with the public name';
      return health ? [{ name: `${name.name} through ${environment}`, value: healthSays(health), source, readAt }] : [];
    }),
  ];
}

function healthSays({ status, environment, database, build, migration, trouble }: Health): string {
  if (status === null) return `no answer: ${trouble ?? 'no reason given'}`;
  const parts = [
    `${status}`,
    environment === null ? null : `by ${environment}`,
    database === null ? null : `on ${database}`,
    build === null ? null : `build ${build}`,
    migration === null ? null : `migration ${migration}`,
    trouble,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function factsOfDatabase({ facts, sides, now }: Scene, side: string, readAt: string): Fact[] {
  const database = side === sides.from ? facts.databases.from : facts.databases.to;
  const source = `the database of ${side}`;
  if (!database.reachable) {
    return [{ name: source, value: `does not answer: ${database.trouble ?? 'no reason given'}`, source: 'PostgreSQL', readAt }];
  }
  const beats = Object.entries(database.heartbeats).map(([who, at]) => `${who} ${distanceOf(at, now)}`);
  return [
    {
      name: `${source} is`,
      value: `${database.identity ?? 'unknown'} at ${database.endpoint ?? 'unknown'}`,
      source: 'PostgreSQL',
      readAt,
    },
    { name: `${source} heard of`, value: beats.join(', ') || 'nobody', source: 'changeover_heartbeat', readAt },
    { name: `${source} is migrated to`, value: database.migration ?? 'nothing', source: 'schema_migrations', readAt },
    ...(database.trouble === null
      ? []
      : [{ name: `${source} was not read whole`, value: database.trouble, source: 'PostgreSQL', readAt }]),
  ];
}
