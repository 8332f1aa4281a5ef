import { describe, expect, it } from '@jest/globals';
import { having, mistakesOf, sound } from './estates.ts';

const { environments } = sound();
const [main, spare] = [environments['main'], environments['spare']];
const sandbox = {
  role: 'sandbox',
  database: {
    instance: 'orders-sandbox',
    name: 'orders',
    owner: 'orders_owner',
    application: 'orders_app',
    secrets: { master: 'orders/sandbox/master', application: 'orders/sandbox/application' },
  },
  web: { loadBalancer: 'orders-sandbox', distribution: 'E1SANDBOX000000' },
  buckets: { uploads: 'orders-sandbox-uploads' },
  parameters: '/orders/sandbox',
  network: main?.network,
};
const elsewhere = { subnets: ['subnet-0b'], securityGroups: ['sg-0b'] };
const second = { name: 'dev', email: 'dev@orders.test' };

const ISOLATED = 'environments that share one are not isolated';
const PERSON = 'expected each person once; one person would count as two';
const PASSWORD = 'expected a secret of its own; whoever reads the one password has the other';
const REACHED = 'expected a network from which both databases can be reached';

/** Each: what is written, and all that is said of it. */
const BROKEN: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  [
    'somebody who is back before they leave',
    { 'approvers[0].away': [{ from: '2026-12-24', until: '2026-12-23' }] },
    'approvers[0].away[0].until: found 2026-12-23, expected 2026-12-24 or later; write the last day after the first',
  ],
  [
    'buttons that no bot posts',
    { 'channels.slack': { webhook: 'changeover/hook', signing: 'changeover/signing' }, 'approvers[0].slack': undefined },
    'channels.slack.signing: found a signing secret, and no bot that posts buttons in a channel, expected channels.slack.bot and channels.slack.channel; set both, or take this out: a webhook has no buttons',
  ],
  [
    'no primary',
    { 'environments.main.role': 'sandbox' },
    'environments: found none with role primary, expected exactly one; give it to the one in production',
  ],
  [
    'two primaries',
    { 'environments.spare.role': 'primary' },
    'environments: found 2 with role primary: main, spare, expected exactly one; make the others standby or sandbox',
  ],
  [
    'two standbys',
    { 'environments.third': { ...sandbox, role: 'standby' } },
    'environments: found 2 with role standby: spare, third, expected at most one; make the others sandbox',
  ],
  [
    'a database in two environments',
    { 'environments.third': { ...sandbox, database: { ...sandbox.database, instance: 'orders-main' } } },
    `environments.third.database: found "orders-main/orders", which environments.main.database is as well, expected a database of its own; ${ISOLATED}`,
  ],
  [
    'a load balancer in two environments',
    { 'environments.spare.web.loadBalancer': 'orders-main' },
    `environments.spare.web.loadBalancer: found "orders-main", which environments.main.web.loadBalancer is as well, expected a load balancer of its own; ${ISOLATED}`,
  ],
  [
    'a distribution in two environments',
    { 'environments.spare.web.distribution': 'E1MAINORDERS00' },
    `environments.spare.web.distribution: found "E1MAINORDERS00", which environments.main.web.distribution is as well, expected a distribution of its own; ${ISOLATED}`,
  ],
  [
    'a bucket in two environments',
    { 'environments.spare.buckets.uploads': 'orders-main-uploads' },
    `environments.spare.buckets.uploads: found "orders-main-uploads", which environments.main.buckets.uploads is as well, expected a bucket of its own; ${ISOLATED}`,
  ],
  [
    'a configuration in two environments',
    { 'environments.spare.parameters': '/orders/main' },
    `environments.spare.parameters: found "/orders/main", which environments.main.parameters is as well, expected a path of its own; ${ISOLATED}`,
  ],
  [
    'a secret of two applications',
    { 'environments.spare.database.secrets.application': 'orders/main/application' },
    `environments.spare.database.secrets.application: found "orders/main/application", which environments.main.database.secrets.application is as well, ${PASSWORD}`,
  ],
  [
    'a secret of a master and an application',
    { 'environments.main.database.secrets.application': 'orders/main/master' },
    `environments.main.database.secrets.application: found "orders/main/master", which environments.main.database.secrets.master is as well, ${PASSWORD}`,
  ],
  [
    'a name twice',
    { 'names[1].name': 'app.orders.test.' },
    'names[1].name: found "app.orders.test.", which names[0].name is as well, expected each name once; put the two together',
  ],
  [
    'a record type twice',
    { 'names[0].types': ['A', 'A'] },
    'names[0].types[1]: found "A", which names[0].types[0] is as well, expected each type once; take one out',
  ],
  [
    'a name that serves nothing',
    { 'names[1].needs': { api: false } },
    'names[1].needs: found neither frontEnd nor api, expected at least one of them; say what whoever asks for the name must get',
  ],
  [
    'a door of no environment',
    { 'names[1].via': { mian: 'loadBalancer' } },
    'names[1].via.mian: found "mian", expected an environment: main, spare; did you mean "main"?',
  ],
  [
    'a door that every object has',
    { 'names[1].via': { constructor: 'loadBalancer' } },
    'names[1].via.constructor: found "constructor", expected an environment: main, spare; declare it under environments, or take it out',
  ],
  [
    'a distribution where there is none',
    { 'names[1].via': { spare: 'distribution' } },
    'names[1].via.spare: found "distribution", expected a door that spare has; name its distribution in environments.spare.web, or say loadBalancer',
  ],
  [
    'a copy from nowhere',
    { 'copies[0].from': 'man' },
    'copies[0].from: found "man", expected an environment: main, spare; did you mean "main"?',
  ],
  [
    'a copy to nowhere',
    { 'copies[0].to': 'paris' },
    'copies[0].to: found "paris", expected an environment: main, spare; declare it under environments, or take it out',
  ],
  [
    'a copy onto itself',
    { 'copies[0].to': 'main' },
    'copies[0]: found "main" at both ends, expected two environments; name another one in from or to',
  ],
  [
    'a copy twice',
    { 'copies[1]': { from: 'main', to: 'spare', class: 'masked' } },
    'copies[1]: found "main to spare", which copies[0] is as well, expected each pair once; put the two together',
  ],
  [
    'a copy between two networks',
    { 'environments.spare.network': elsewhere },
    `copies[0].network: found nothing, and main and spare stand in different networks, ${REACHED}; declare its subnets and securityGroups here`,
  ],
  [
    'a standby in another network that no copy reaches',
    { 'environments.spare.network': elsewhere, copies: [] },
    `environments.spare.network: found another network than that of main, and no copy that declares one for both, ${REACHED}; let both stand in one, or declare it in a copy between the two`,
  ],
  [
    'a schedule of what is forbidden',
    { 'copies[0].class': 'forbid' },
    'copies[0].everySeconds: found 21600, expected nothing where class is forbid; take one of them out',
  ],
  [
    'copies too seldom for what may be lost',
    { 'copies[0].everySeconds': 86_400 },
    'copies[0].everySeconds: found 86400, expected at most 21600, which is objectives.rpoSeconds; copy more often, or agree to lose more',
  ],
  [
    'snapshots that go before the business agreed',
    { retention: { snapshotDays: 29 } },
    'retention.snapshotDays: found 29, expected at least 30, which is objectives.retentionDays; keep them longer, or agree to keep copies for less',
  ],
  [
    'files of copies that go before the business agreed',
    { retention: { dumpDays: 7 } },
    'retention.dumpDays: found 7, expected at least 30, which is objectives.retentionDays; keep them longer, or agree to keep copies for less',
  ],
  [
    'copies whose files are gone before there are others',
    { 'objectives.rpoSeconds': 3_000_000, 'copies[0].everySeconds': 2_592_001 },
    'copies[0].everySeconds: found 2592001, expected at most 2592000, the 30 days that its files are kept; copy more often, or raise retention.dumpDays',
  ],
  [
    'an approver twice',
    { 'approvers[1]': { ...second, name: 'cto' } },
    `approvers[1].name: found "cto", which approvers[0].name is as well, ${PERSON}`,
  ],
  [
    'an address twice, in other letters',
    { 'approvers[1]': { ...second, email: 'CTO@orders.test' } },
    `approvers[1].email: found "CTO@orders.test", which approvers[0].email is as well, ${PERSON}`,
  ],
  [
    'a member of Slack twice',
    { 'approvers[1]': { ...second, slack: 'U0CTO' } },
    `approvers[1].slack: found "U0CTO", which approvers[0].slack is as well, ${PERSON}`,
  ],
  [
    'a member of Slack and no bot',
    { 'channels.slack': undefined },
    'approvers[0].slack: found "U0CTO", and no bot that could write there, expected channels.slack.bot; name the secret with the bot\'s token there, or take this out',
  ],
  [
    'more who must agree than there are',
    { 'approval.quorum': 2 },
    'approval.quorum: found 2 with 1 approver, expected at most 1; lower it, or add approvers',
  ],
  [
    'four eyes that are two',
    { 'approval.fourEyes': true, 'approval.soloEmergency': false },
    'approval.fourEyes: found true with 1 approver and a quorum of 1, expected enough approvers besides the one who asks; add an approver, or set soloEmergency: true',
  ],
  [
    'escalation to nobody',
    { 'approval.escalateAfterSeconds': 600 },
    'approval.escalateAfterSeconds: found 600 with 1 approver, expected somebody to escalate to; add an approver, or take this out',
  ],
  [
    'escalation when all is over',
    { 'approval.escalateAfterSeconds': 14_400, 'approvers[1]': second },
    'approval.escalateAfterSeconds: found 14400, expected less than 14400, which is approval.expiresAfterSeconds; lower it',
  ],
  [
    'an address of the channel twice',
    { 'channels.email': ['operations@orders.test', 'Operations@orders.test'] },
    'channels.email[1]: found "Operations@orders.test", which channels.email[0] is as well, expected each address once; take one out',
  ],
  [
    'a resolver twice',
    { resolvers: ['1.1.1.1', '1.1.1.1'] },
    'resolvers[1]: found "1.1.1.1", which resolvers[0] is as well, expected each resolver once; take one out',
  ],
  [
    'Slack without anything',
    { 'channels.slack': {}, 'approvers[0].slack': undefined },
    'channels.slack: found nothing in it, expected a webhook or a bot; name the secret of one, or take slack out',
  ],
  [
    'a channel that nobody writes to',
    { 'channels.slack': { webhook: 'changeover/hook', channel: '#operations' }, 'approvers[0].slack': undefined },
    'channels.slack.channel: found "#operations", and no bot that could write there, expected channels.slack.bot; name the secret with its token there, or take this out: a webhook has a channel of its own',
  ],
  [
    'a bot that nobody hears',
    { 'channels.slack': { bot: 'changeover/slack-bot' }, 'approvers[0].slack': undefined },
    'channels.slack.bot: found a bot that nobody hears, expected a channel, or an approver with a member id; set channels.slack.channel or slack of an approver, or take this out',
  ],
];

describe('the fields of an estate', () => {
  it.each(BROKEN)('do not go together, and that is told: %s', (_, fields, said) => {
    expect(mistakesOf(having(fields))).toEqual([said]);
  });

  it.each([
    ['no standby', { 'environments.spare': undefined, copies: [] }],
    [
      'a sandbox in the instance of another',
      {
        'environments.third': {
          ...sandbox,
          database: {
            ...sandbox.database,
            instance: 'orders-main',
            name: 'trial',
            secrets: { ...sandbox.database.secrets, master: 'orders/main/master' },
          },
        },
      },
    ],
    [
      'a copy between two networks by a third',
      { 'environments.spare.network': elsewhere, 'copies[0].network': { subnets: ['subnet-0c'], securityGroups: ['sg-0c'] } },
    ],
    [
      'subnets in another order',
      {
        'environments.main.network.subnets': ['subnet-0a', 'subnet-0b'],
        'environments.spare.network': { ...spare?.network, subnets: ['subnet-0b', 'subnet-0a'] },
      },
    ],
    ['one approver and four eyes, who may go alone in an emergency', { 'approval.fourEyes': true }],
    ['two approvers, one of whom asks', { 'approval.fourEyes': true, 'approval.soloEmergency': false, 'approvers[1]': second }],
  ])('go together: %s', (_, fields) => {
    expect(mistakesOf(having(fields))).toEqual([]);
  });

  it('are all judged at once: twenty mistakes are twenty lines', () => {
    const text = having({
      app: 'Orders',
      region: 'eu-west-1a',
      strategy: 'wram',
      'objectives.rtoSeconds': '300',
      'environments.main.role': 'primry',
      'environments.main.databse': {},
      'environments.main.database.instance': undefined,
      'environments.spare.buckets.uploads': 'orders-main-uploads',
      'environments.spare.web.loadBalancer': 'orders-main',
      'names[0].name': 'app.orders.test',
      'names[1].zone': 'orders.test',
      'names[1].via': { spare: 'distribution' },
      'copies[0].from': 'man',
      'copies[0].class': 'cooked',
      resolvers: ['1.1.1.1', '1.1.1.1'],
      'approvers[0].email': 'cto',
      'approval.quorum': 2,
      'approval.fourEyes': 'yes',
      'channels.email': ['operations'],
      colour: 'red',
    });

    const said = mistakesOf(text);

    expect(said.map((line) => line.split(': found ')[0]).sort()).toEqual(
      [
        'app',
        'region',
        'strategy',
        'objectives.rtoSeconds',
        'environments.main.role',
        'environments.main.databse',
        'environments.main.database.instance',
        'environments.spare.buckets.uploads',
        'environments.spare.web.loadBalancer',
        'names[0].name',
        'names[1].zone',
        'names[1].via.spare',
        'copies[0].from',
        'copies[0].class',
        'resolvers[1]',
        'approvers[0].email',
        'approval.quorum',
        'approval.fourEyes',
        'channels.email[0]',
        'colour',
      ].sort(),
    );
  });
});
