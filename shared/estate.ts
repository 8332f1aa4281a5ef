// The estate: what the team owns, as one file says it. What is true today is the world's business, never this file's.
import * as z from 'zod';
import { crossChecks } from './estate-rules/rules.ts';

// A field's message is what is expected of it; its description and example are what an editor, docs/estate.md and a mistake show.
const field = <Schema extends z.ZodType>(schema: Schema, description: string, ...examples: readonly unknown[]): Schema =>
  schema.meta(examples.length > 0 ? { description, examples: [...examples] } : { description });
const text = (pattern: RegExp, expected: string) => z.string(expected).regex(pattern, expected);
const flag = () => z.boolean('true or false');
const whole = (low: number, high: number, expected: string) => z.int(expected).min(low, expected).max(high, expected);

const YEAR_IN_SECONDS = 31_536_000;
const seconds = () => whole(1, YEAR_IN_SECONDS, 'a whole number of seconds, from 1 to 31536000');
const days = () => whole(1, 3_650, 'a whole number of days, from 1 to 3650');
const id = () =>
  text(
    /^(?=.{1,31}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    'lower case letters, digits and single hyphens, beginning with a letter, at most 31 characters',
  );
const role = () => text(/^[\x20-\x7e]{1,63}$/, 'a role of PostgreSQL, at most 63 characters');
export const SECRET_NAME = 'the name of a secret in Secrets Manager, neither its ARN nor what is in it';
/** A token of Slack would pass for a name. */
const secret = () => text(/^(?!xox[a-z]-)[A-Za-z0-9/_+=.@-]{1,512}$/, SECRET_NAME);
const email = () => z.email('an e-mail address');
const path = () => text(/^\/[\x21-\x7e]*$/, 'a path beginning with /');

const dnsName = () =>
  text(
    /^(?=.{1,255}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.){2,}$/,
    'a DNS name in lower case with its final dot, as app.example.test.',
  );
const zoneId = () => text(/^Z[A-Z0-9]{4,31}$/, "a hosted zone's id, not its name");

export const EnvironmentName = id();

export type Network = z.infer<typeof Network>;
export const Network = z.strictObject({
  subnets: field(
    z.array(text(/^subnet-[0-9a-f]+$/, 'the id of a subnet')).min(1, 'at least one subnet'),
    'Subnets, which need ways to S3 and Secrets Manager',
    ['subnet-0a1b2c3d4e5f60001'],
  ),
  securityGroups: field(
    z.array(text(/^sg-[0-9a-f]+$/, 'the id of a security group')).min(1, 'at least one security group'),
    'Security groups that the databases admit',
    ['sg-0a1b2c3d4e5f60001'],
  ),
});

export type Database = z.infer<typeof Database>;
export const Database = z.strictObject({
  instance: field(
    text(/^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "an RDS instance's identifier in lower case, not its endpoint"),
    "The RDS instance's identifier",
    'orders-main',
  ),
  name: field(
    text(/^[\x20-\x7e]{1,63}$/, 'the name of a database of PostgreSQL, at most 63 characters'),
    'The database in the instance',
    'orders',
  ),
  owner: field(role(), 'The role that owns the database and its tables', 'orders_owner'),
  application: field(role(), 'The role that the application connects as', 'orders_app'),
  secrets: field(
    z.strictObject({
      master: field(secret(), "The secret with the instance's master: username, password, host, port", 'orders/main/master'),
      application: field(secret(), "The secret with the application's role: the same fields", 'orders/main/application'),
    }),
    'Names of secrets in Secrets Manager; what is in them never leaves the connection',
  ),
  swap: field(
    z.strictObject({
      by: field(
        z.enum(['connection', 'rename']),
        'How another instance takes its place: whatever leads to it is pointed there, or it gets its name, which takes both away for minutes',
        'connection',
      ).default('connection'),
      name: field(
        z.strictObject({
          name: field(dnsName(), 'The name', 'db.main.orders.test.'),
          zone: field(zoneId(), 'Its hosted zone, by id', 'Z0ORDERSPRIVATE1'),
        }),
        'A CNAME of your own that the application connects by, where there is one',
      ).optional(),
      parameter: field(
        text(/^(\/[A-Za-z0-9_.-]+)+$/, 'a parameter of Parameter Store, as /orders/main/database-host'),
        'The parameter with the host that the application connects to, where there is one beside the secrets',
        '/orders/main/database-host',
      ).optional(),
    }),
    'What happens when a restored instance takes the place of this one; the secrets always follow',
  ).prefault({}),
});

export type Web = z.infer<typeof Web>;
export const Web = z.strictObject({
  loadBalancer: field(
    text(/^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/, 'the name of a load balancer, not its ARN or DNS name'),
    'The application load balancer, by name',
    'orders-main',
  ),
  distribution: field(
    text(/^E[A-Z0-9]{6,20}$/, "a CloudFront distribution's id"),
    'The CloudFront distribution, by id, where there is one',
    'E1MAINORDERS00',
  ).optional(),
});

export type Environment = z.infer<typeof Environment>;
export const Environment = z.strictObject({
  role: field(
    z.enum(['primary', 'standby', 'sandbox']),
    'What the environment is for when nothing is wrong; who writes today is in the ledger',
    'primary',
  ),
  database: field(Database, 'Its PostgreSQL'),
  web: field(Web, 'Its doors'),
  buckets: field(
    z.strictObject({
      uploads: field(
        text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
        'The bucket with what people upload',
        'orders-main-uploads',
      ),
    }),
    'Its buckets',
  ),
  parameters: field(
    text(/^(\/[A-Za-z0-9_.-]+)+$/, 'a path of Parameter Store, as /orders/main'),
    'The path of its configuration in Parameter Store',
    '/orders/main',
  ).optional(),
  network: field(Network, 'Where functions stand that reach its database'),
});

export type PublicName = z.infer<typeof PublicName>;
export const PublicName = z.strictObject({
  name: field(dnsName(), 'The name that people and programs ask for', 'app.orders.test.'),
  zone: field(zoneId(), 'The hosted zone that the name is in, by id', 'Z0ORDERSTEST0001'),
  types: field(
    z.array(z.enum(['A', 'AAAA', 'CNAME', 'HTTPS'])).min(1, 'at least one record type'),
    'The record types that are ours to move',
    ['A', 'AAAA'],
  ),
  needs: field(
    z.strictObject({
      frontEnd: field(flag(), 'The front end').default(false),
      api: field(flag(), 'The API').default(true),
    }),
    'What whoever asks for this name must get',
  ).prefault({}),
  via: field(
    z.record(EnvironmentName, z.enum(['distribution', 'loadBalancer'])),
    'By which door an environment serves it; otherwise by its distribution, or by its load balancer where it has none',
    { main: 'loadBalancer' },
  ).default({}),
});

export type Copy = z.infer<typeof Copy>;
export const Copy = z.strictObject({
  from: field(id(), 'The environment that is read', 'main'),
  to: field(id(), 'The environment that is overwritten', 'spare'),
  class: field(
    z.enum(['forbid', 'synthetic', 'masked', 'raw']),
    'What may cross: nothing, invented rows, rows without what tells of people, or every row as it is',
    'raw',
  ),
  everySeconds: field(seconds(), 'How often it is made', 21_600).optional(),
  engine: field(z.enum(['dump', 'snapshot']), 'How it is made', 'dump').default('dump'),
  dumpLimitGigabytes: field(
    whole(1, 10_000, 'a whole number of gigabytes, from 1 to 10000'),
    'The largest database that is copied row by row',
    100,
  ).default(100),
  shelfSeconds: field(
    seconds(),
    'How long the database that was read before is kept beside its successor, when nothing is in it that is nowhere else',
    86_400,
  ).default(86_400),
  files: field(
    z.enum(['kept', 'none']),
    'Whether its rows are kept in the ledger as SQL, for as long as `retention.dumpDays` says; without them a copy is faster',
    'kept',
  ).default('kept'),
  uploads: field(
    z.strictObject({
      references: field(
        z.array(
          z.strictObject({
            table: field(text(/^[\x20-\x7e]{1,127}$/, 'a table, with its schema unless that is public'), 'The table', 'uploads'),
            column: field(text(/^[\x20-\x7e]{1,63}$/, 'a column'), 'The column with the key of an object', 'object_key'),
          }),
        ),
        'Where the database names uploaded files: each must be in the copied bucket',
      ).default([]),
      mostDeletions: field(
        whole(0, 10_000, 'a whole number from 0 to 10000'),
        'How many files a copy may take away that the source has not, where the bucket keeps versions; with more of them it takes none',
        100,
      ).default(100),
    }),
    'How the bucket goes with the database',
  ).prefault({}),
  network: field(
    Network,
    'From where both databases can be reached, when the two environments stand in different networks',
  ).optional(),
});

export type Approver = z.infer<typeof Approver>;
export const Approver = z.strictObject({
  name: field(id(), 'What plans and reports call them', 'cto'),
  email: field(email(), 'Their own address: secret links go there', 'cto@orders.test'),
  slack: field(
    text(/^[UW][A-Z0-9]{2,20}$/, "a member's id in Slack, beginning with U or W"),
    'Their member id in Slack, for direct messages by the bot and for buttons in the channel',
    'U0CTO',
  ).optional(),
  away: field(
    z.array(
      z.strictObject({
        from: field(z.iso.date('a day, as 2026-12-24'), 'The first day', '2026-12-24'),
        until: field(z.iso.date('a day, as 2027-01-02'), 'The last day', '2027-01-02'),
      }),
    ),
    'When they cannot be reached: on those days the others are asked first',
  ).default([]),
});

export type Channels = z.infer<typeof Channels>;
export const Channels = z.strictObject({
  slack: field(
    z.strictObject({
      webhook: field(secret(), "The secret with an incoming webhook's URL", 'changeover/slack-webhook').optional(),
      bot: field(
        secret(),
        "The secret with a bot's token; with it approvers get direct messages",
        'changeover/slack-bot',
      ).optional(),
      signing: field(
        secret(),
        "The secret with the app's signing secret; with it the shared channel has buttons",
        'changeover/slack-signing',
      ).optional(),
      channel: field(
        text(/^[\x21-\x7e]{1,80}$/, "a channel's name or id"),
        'The shared channel that the bot writes to',
        '#operations',
      ).optional(),
    }),
    'Slack',
  ).optional(),
  discord: field(secret(), "The secret with a Discord webhook's URL", 'changeover/discord').optional(),
  webhook: field(secret(), 'The secret with any URL that takes a POST of JSON', 'changeover/webhook').optional(),
  email: field(z.array(email(), 'a list of e-mail addresses'), 'Addresses that read what every channel reads', [
    'operations@orders.test',
  ]).default([]),
});

export type Retention = z.infer<typeof Retention>;
export const Retention = z.strictObject({
  snapshotDays: field(
    days(),
    'From what age on a manual snapshot of ours goes; as old as `objectives.retentionDays` where nothing is said',
    60,
  ).optional(),
  keepLast: field(
    whole(1, 100, 'a whole number from 1 to 100'),
    'How many of the newest snapshots of an instance stay, however old they are',
    1,
  ).default(1),
  dumpDays: field(
    days(),
    'From what age on the files of a copy go; as old as `objectives.retentionDays` where nothing is said',
    60,
  ).optional(),
  shelfDays: field(
    days(),
    'From what age on a person is asked whether an instance may go that a restore put aside, or left behind',
    7,
  ).default(7),
  reportDays: field(days(), 'From what age on reports of runs go', 365).default(365),
});

/** Field by field; what fields say of each other is in estate-rules/. */
export const EstateFields = z.strictObject({
  app: field(id(), 'The application', 'orders'),
  region: field(
    text(
      /^(af|ap|ca|cn|eu|eusc-de|il|me|mx|sa|us|us-gov)-(north|south|east|west|central|northeast|northwest|southeast|southwest)-\d{1,2}$/,
      'a Region, as eu-west-1, not an availability zone',
    ),
    'The Region that everything here is in, and the ledger as well',
    'eu-west-1',
  ),
  strategy: field(
    z.enum(['cold', 'warm', 'hot', 'multi-az']),
    'What stands by: backups, an environment that copies reach, a replica, or a second availability zone',
    'warm',
  ),
  objectives: field(
    z.strictObject({
      rtoSeconds: field(seconds(), 'How long a recovery may take', 300),
      rpoSeconds: field(seconds(), 'How old the data may be that survives', 21_600),
      retentionDays: field(days(), 'How long copies are kept', 30).default(30),
    }),
    'What the business agreed to',
  ),
  retention: field(Retention, 'How long what Changeover made is kept').prefault({}),
  environments: field(z.record(EnvironmentName, Environment), 'Every environment, by a name of its own'),
  names: field(z.array(PublicName).min(1, 'at least one public name'), 'The public names, and what each must serve'),
  copies: field(z.array(Copy), 'The copies that are allowed; any other is refused').default([]),
  postgres: field(
    z.strictObject({
      dump: field(
        z.enum(['npm', 'native']),
        "Whose pg_dump writes the schema: the one in the bundle, or the distribution's in a container image",
        'npm',
      ).default('npm'),
    }),
    'How PostgreSQL is spoken to',
  ).prefault({}),
  application: field(
    z.strictObject({
      health: field(path(), 'Says which environment, database, build and migration answer', '/api/health').default('/api/health'),
      heartbeat: field(path(), 'A POST here writes a heartbeat row with the note it is given', '/api/heartbeat').default(
        '/api/heartbeat',
      ),
      reload: field(
        path(),
        'A POST here makes it read anew where its database is; harmless whoever sends it',
        '/api/reload',
      ).optional(),
    }),
    'The paths by which the application is asked',
  ).prefault({}),
  resolvers: field(
    z.array(z.union([z.ipv4(), z.ipv6()], 'an IP address')).min(1, 'at least one IP address'),
    'Public resolvers that must have heard before a change of names is done',
    ['1.1.1.1'],
  ).default(['1.1.1.1', '8.8.8.8', '9.9.9.9']),
  approvers: field(z.array(Approver).min(1, 'at least one approver'), 'Who may say yes'),
  approval: field(
    z.strictObject({
      quorum: field(whole(1, 20, 'a whole number from 1 to 20'), 'How many must say yes', 1).default(1),
      fourEyes: field(flag(), 'Whoever asked may not approve what changes anything').default(false),
      soloEmergency: field(
        flag(),
        "In an emergency one approver may go alone, after typing the environment's name and a countdown that anybody asked may stop",
      ).default(true),
      countdownSeconds: field(
        whole(30, 600, 'a whole number of seconds, from 30 to 600'),
        'How long that countdown is',
        60,
      ).default(60),
      expiresAfterSeconds: field(
        whole(60, 86_400, 'a whole number of seconds, from 60 to 86400'),
        'When silence ends the run',
        14_400,
      ).default(14_400),
      escalateAfterSeconds: field(
        whole(30, 86_400, 'a whole number of seconds, from 30 to 86400'),
        'When silence is told to the next approver; without it all are asked at once',
        900,
      ).optional(),
      remindEverySeconds: field(
        whole(60, 86_400, 'a whole number of seconds, from 60 to 86400'),
        'How often whoever is silent is asked again',
        3_600,
      ).default(3_600),
    }),
    'How a yes is reached',
  ).prefault({}),
  channels: field(Channels, 'Where the team reads along; no secret is ever said there').prefault({}),
});

export type Estate = z.infer<typeof Estate>;
export const Estate = EstateFields.superRefine((estate, context) => {
  for (const { path, found, expected, wayOut } of crossChecks(estate)) {
    context.addIssue({ code: 'custom', path: [...path], message: `found ${found}, expected ${expected}; ${wayOut}` });
  }
});
