import { describe, expect, it } from '@jest/globals';
import { Estate } from '../../shared/estate.ts';
import { parseEstate, readEstateFile } from '../../shared/estate-file.ts';
import { having, mistakesOf, SOUND, sound } from './estates.ts';

const TOP =
  'app, region, strategy, objectives, retention, environments, names, copies, postgres, application, resolvers, approvers, approval, channels';

/** Each: what is written, and all that is said of it. */
const BROKEN: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  [
    'a field that nobody knows',
    { regoin: 'x' },
    `regoin: found an unknown field, expected one of ${TOP}; did you mean "region"?`,
  ],
  ['a field like no other', { colour: 'red' }, `colour: found an unknown field, expected one of ${TOP}; take it out`],
  [
    'a field that is missing',
    { region: undefined },
    'region: found nothing, expected a Region, as eu-west-1, not an availability zone; add it, for instance region: eu-west-1',
  ],
  [
    'a swap that nobody knows',
    { 'environments.main.database.swap': { by: 'delete' } },
    'environments.main.database.swap.by: found "delete", expected one of connection, rename; for instance by: connection',
  ],
  [
    'a parameter that is no path',
    { 'environments.main.database.swap': { parameter: 'database-host' } },
    'environments.main.database.swap.parameter: found "database-host", expected a parameter of Parameter Store, as /orders/main/database-host; for instance parameter: /orders/main/database-host',
  ],
  [
    'a field that is empty',
    { strategy: null },
    'strategy: found nothing, expected one of cold, warm, hot, multi-az; add it, for instance strategy: warm',
  ],
  [
    'fields that are missing',
    { objectives: undefined },
    'objectives: found nothing, expected the fields rtoSeconds, rpoSeconds, retentionDays; add it; docs/estate.md has every field',
  ],
  [
    'a number in quotes',
    { 'approval.quorum': '1' },
    'approval.quorum: found "1", expected a whole number from 1 to 20; did you mean 1?',
  ],
  [
    'a fraction',
    { 'approval.quorum': 1.5 },
    'approval.quorum: found 1.5, expected a whole number from 1 to 20; for instance quorum: 1',
  ],
  [
    'a number that is too low',
    { 'objectives.rtoSeconds': 0 },
    'objectives.rtoSeconds: found 0, expected a whole number of seconds, from 1 to 31536000; for instance rtoSeconds: 300',
  ],
  [
    'a retention that nobody knows',
    { retention: { snapshotsDays: 60 } },
    'retention.snapshotsDays: found an unknown field, expected one of snapshotDays, keepLast, dumpDays, shelfDays, reportDays; did you mean "snapshotDays"?',
  ],
  [
    'a retention that keeps no last one',
    { retention: { keepLast: 0 } },
    'retention.keepLast: found 0, expected a whole number from 1 to 100; for instance keepLast: 1',
  ],
  ['a yes', { 'approval.fourEyes': 'yes' }, 'approval.fourEyes: found "yes", expected true or false; did you mean true?'],
  [
    'a list of one without its brackets',
    { resolvers: '1.1.1.1' },
    'resolvers: found "1.1.1.1", expected a list; did you mean ["1.1.1.1"]?',
  ],
  [
    'an empty list',
    { approvers: [] },
    'approvers: found an empty list, expected at least one approver; docs/estate.md has every field',
  ],
  ['fields where a list belongs', { names: {} }, 'names: found fields, expected a list; docs/estate.md has every field'],
  [
    'a word that is nearly one of those there are',
    { 'environments.main.role': 'primry' },
    'environments.main.role: found "primry", expected one of primary, standby, sandbox; did you mean "primary"?',
  ],
  [
    'an application in capitals',
    { app: 'Orders' },
    'app: found "Orders", expected lower case letters, digits and single hyphens, beginning with a letter, at most 31 characters; did you mean "orders"?',
  ],
  [
    'an availability zone for a Region',
    { region: 'eu-west-1a' },
    'region: found "eu-west-1a", expected a Region, as eu-west-1, not an availability zone; for instance region: eu-west-1',
  ],
  [
    'a Region that there cannot be',
    { region: 'eu-wset-1' },
    'region: found "eu-wset-1", expected a Region, as eu-west-1, not an availability zone; for instance region: eu-west-1',
  ],
  [
    'a name without its final dot',
    { 'names[0].name': 'app.orders.test' },
    'names[0].name: found "app.orders.test", expected a DNS name in lower case with its final dot, as app.example.test.; did you mean "app.orders.test."?',
  ],
  [
    'a name in letters that DNS has not',
    { 'names[0].name': 'bücher.test' },
    'names[0].name: found "bücher.test", expected a DNS name in lower case with its final dot, as app.example.test.; did you mean "xn--bcher-kva.test."?',
  ],
  [
    'a zone by its name',
    { 'names[0].zone': 'orders.test' },
    'names[0].zone: found "orders.test", expected a hosted zone\'s id, not its name; for instance zone: Z0ORDERSTEST0001',
  ],
  [
    'an endpoint for an instance',
    { 'environments.main.database.instance': 'orders-main.abc.eu-west-1.rds.amazonaws.com' },
    'environments.main.database.instance: found "orders-main.abc.eu-west-1.rds.amazonaws.com", expected an RDS instance\'s identifier in lower case, not its endpoint; did you mean "orders-main-abc-eu-west-1-rds-amazonaws-com"?',
  ],
  [
    'an address that is none',
    { 'approvers[0].email': 'cto' },
    'approvers[0].email: found "cto", expected an e-mail address; for instance email: cto@orders.test',
  ],
  [
    'a resolver by its name',
    { resolvers: ['dns.test'] },
    'resolvers[0]: found "dns.test", expected an IP address; docs/estate.md has every field',
  ],
  [
    'a path that is none',
    { application: { health: 'health' } },
    'application.health: found "health", expected a path beginning with /; for instance health: /api/health',
  ],
];

describe('a field of an estate', () => {
  it.each(BROKEN)('is told when it is wrong: %s', (_, fields, said) => {
    expect(mistakesOf(having(fields))).toEqual([said]);
  });

  it('keeps to itself a secret that was written where its name belongs', () => {
    const url = 'https://hooks.slack.test/services/T0/B0/very-secret';

    const said = mistakesOf(having({ 'channels.slack.webhook': url, 'channels.discord': 'xoxb-1234-very-secret' }));

    expect(said).toEqual([
      'channels.slack.webhook: found a text of 51 characters, expected the name of a secret in Secrets Manager, neither its ARN nor what is in it; for instance changeover/slack-webhook',
      'channels.discord: found a text of 21 characters, expected the name of a secret in Secrets Manager, neither its ARN nor what is in it; for instance changeover/discord',
    ]);
  });

  it('bears a wrong name and is looked into all the same', () => {
    const estate = sound();

    const said = mistakesOf(
      having({
        'environments.Main': { ...estate.environments['main'], role: 'primry' },
        'environments.main': undefined,
        copies: [],
        'names[1].via': {},
      }),
    );

    expect(said).toEqual([
      'environments.Main: found the name "Main", expected lower case letters, digits and single hyphens, beginning with a letter, at most 31 characters; did you mean "main"?',
      'environments.Main.role: found "primry", expected one of primary, standby, sandbox; did you mean "primary"?',
    ]);
  });

  it('has a default where one can be guessed', () => {
    const estate = parseEstate(
      having({
        resolvers: undefined,
        approval: undefined,
        channels: undefined,
        copies: undefined,
        'approvers[0].slack': undefined,
      }),
      'e.yml',
    );

    expect(estate.resolvers).toEqual(['1.1.1.1', '8.8.8.8', '9.9.9.9']);
    expect(estate.approval).toEqual({
      quorum: 1,
      fourEyes: false,
      soloEmergency: true,
      countdownSeconds: 60,
      expiresAfterSeconds: 14_400,
      remindEverySeconds: 3_600,
    });
    expect(estate.channels).toEqual({ email: [] });
    expect(estate.application).toEqual({ health: '/api/health', heartbeat: '/api/heartbeat', reload: '/api/reload' });
    expect(estate.postgres).toEqual({ dump: 'npm' });
  });

  it('has a default for how a copy is made', () => {
    const { copies } = parseEstate(having({ copies: [{ from: 'main', to: 'spare', class: 'raw' }] }), 'e.yml');

    expect(copies).toEqual([
      {
        from: 'main',
        to: 'spare',
        class: 'raw',
        engine: 'dump',
        dumpLimitGigabytes: 100,
        shelfSeconds: 86_400,
        files: 'kept',
        uploads: { references: [], mostDeletions: 100 },
      },
    ]);
  });
});

describe('a file', () => {
  const said = (text: string): string => {
    try {
      parseEstate(text, 'e.yml');
      return 'sound';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const syntax = 'look at indentation, quotes and brackets here and above';

  it.each([
    [
      'that is empty',
      '',
      `e.yml:1:1 the estate: found nothing, expected the fields ${TOP}; add it; docs/estate.md has every field`,
    ],
    [
      'of comments',
      '# later\n',
      `e.yml:1:1 the estate: found nothing, expected the fields ${TOP}; add it; docs/estate.md has every field`,
    ],
    ['that is a list', '- a\n', `e.yml:1:1 the estate: found a list, expected the fields ${TOP}; docs/estate.md has every field`],
    [
      'that is one word',
      'orders\n',
      `e.yml:1:1 the estate: found "orders", expected the fields ${TOP}; docs/estate.md has every field`,
    ],
    ['indented by tabs', 'a:\n\tb: 1\n', 'e.yml:2:1 found a tab, expected spaces; indent with spaces'],
    [
      'with a bracket that is left open',
      'app: [\nregion: x\n',
      `e.yml:2:1 found what is not YAML (Flow sequence in block collection must be sufficiently indented and end with a ]), expected "field: value"; ${syntax}`,
    ],
    [
      'with a tag',
      'app: !Ref x\n',
      `e.yml:1:6 found what is not YAML (Unresolved tag: !Ref), expected "field: value"; ${syntax}`,
    ],
    [
      'of two documents',
      'a: 1\n---\nb: 2\n',
      'e.yml:2:1 found a second document, expected one; take out the line that begins it',
    ],
    [
      'with an alias of nothing',
      'app: *x\n',
      'e.yml:1:1 found aliases that cannot be followed (Unresolved alias (the anchor must be set before the alias): x), expected each value where it belongs; write it out',
    ],
  ])('%s is refused in one line', (_, text, line) => {
    expect(said(text)).toBe(line);
  });

  it('that says a thing twice is told so, where it does, with all the rest', () => {
    const text = SOUND.replace('region: eu-west-1', 'region: eu-west-1\nregion: eu-west-2').replace(
      'role: standby',
      'role: stand-by',
    );

    expect(said(text).split('\n')).toEqual([
      'e.yml:5:1 region: found a second time, expected each field once; take one out',
      'e.yml:26:5 environments.spare.role: found "stand-by", expected one of primary, standby, sandbox; did you mean "standby"?',
    ]);
  });

  it('cannot make a field of what every object has', () => {
    const text = `${SOUND}\n__proto__: { polluted: true }\nconstructor: {}\n`;

    expect(said(text).split('\n')).toEqual([
      expect.stringMatching(/^e\.yml:72:1 __proto__: found an unknown field/),
      expect.stringMatching(/^e\.yml:73:1 constructor: found an unknown field/),
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('that is not there is told in one line', () => {
    const attempt = () => readEstateFile('/nowhere/estate.yml');

    expect(attempt).toThrow(
      /^\/nowhere\/estate\.yml: found no file that can be read \(.*ENOENT.*\), expected an estate; docs\/estate\.md/,
    );
  });

  it('read once and read again is the same estate', () => {
    const estate = sound();

    expect(Estate.parse(JSON.parse(JSON.stringify(estate)))).toEqual(estate);
  });
});
