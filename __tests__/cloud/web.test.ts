import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { awsLoadBalancers } from '../../shared/cloud/aws/load-balancers.ts';
import { awsWeb } from '../../shared/cloud/aws/web.ts';
import type { Front } from '../../shared/cloud/ports.ts';
import { readEstateFile } from '../../shared/estate-file.ts';
import { standOn } from './on-aws.ts';

const estate = readEstateFile('estate.yml');
const web = () => awsWeb(() => estate);

let cloud: Cloud;
let restore: () => void;
let listeners: ReadonlyMap<number, string>;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
beforeEach(async () => {
  const { acm, cloudfront, elasticloadbalancing } = cloud.services;
  const names = ['app.orders.test', 'api.orders.test'];
  const certificate = await acm.own.found({ region: 'eu-west-1', names });
  const second = await acm.own.found({ region: 'eu-west-1', names: ['*.orders.test'] });
  const founded = await elasticloadbalancing.own.found({
    name: 'orders-main',
    dualstack: true,
    listeners: [
      { port: 80, protocol: 'HTTP' },
      { port: 443, protocol: 'HTTPS', certificates: [certificate, second], defaultTargetGroup: 'orders-main' },
    ],
    targetGroups: [{ name: 'orders-main', port: 8080, targets: [{ id: 'i-0123456789abcdef0' }] }],
  });
  listeners = founded.listeners;
  await cloudfront.own.found({
    id: 'E1MAINORDERS00',
    aliases: ['app.orders.test'],
    certificate: await acm.own.found({ region: 'us-east-1', names: ['app.orders.test'] }),
    origins: [{ id: 'api', domainName: founded.dnsName, url: 'http://127.0.0.1:1' }],
    defaultBehavior: { target: 'api' },
    ipv6: true,
  });
  restore = standOn(cloud, { FENCE_TARGET_GROUPS: JSON.stringify({ main: await fenceGroup() }) });
});
afterEach(async () => {
  restore();
  await cloud.reset();
});
afterAll(() => cloud.stop());

/** As the stack makes it: a target group of one function. */
async function fenceGroup(): Promise<string> {
  const { TargetGroups } = await cloud.call('elasticloadbalancing', 'CreateTargetGroup', {
    Name: 'fence-main',
    TargetType: 'lambda',
  });
  return TargetGroups?.[0]?.TargetGroupArn ?? '';
}
const https = (): string => listeners.get(443) ?? '';
const rulesOf = async (listener: string) =>
  (await cloud.call('elasticloadbalancing', 'DescribeRules', { ListenerArn: listener })).Rules ?? [];
const listenerOf = (front: Front | undefined, port: number) => front?.listeners.find((each) => each.port === port);

describe('a load balancer', () => {
  it('is read with its listeners, all their certificates, and how its targets are', async () => {
    const front = await web().read('main', 'loadBalancer');

    expect(front).toMatchObject({
      kind: 'loadBalancer',
      id: 'orders-main',
      dnsName: expect.stringMatching(/^orders-main-\d+\.eu-west-1\.elb\.amazonaws\.com\.$/) as unknown,
      zoneId: 'Z32O12XQLNTSW2',
      ipv6: true,
      active: true,
      alternateNames: null,
      targets: [{ group: 'orders-main', id: 'i-0123456789abcdef0', health: 'unhealthy' }],
    });
    expect(listenerOf(front, 80)).toMatchObject({ protocol: 'HTTP', certificates: [], priorities: [], fencedBy: null });
    expect(listenerOf(front, 443)).toMatchObject({
      protocol: 'HTTPS',
      certificates: [
        { names: ['app.orders.test', 'api.orders.test'], status: 'ISSUED' },
        { names: ['*.orders.test'], status: 'ISSUED' },
      ],
    });
  });

  it('that does not exist is none', async () => {
    await expect(web().read('spare', 'loadBalancer')).resolves.toBeUndefined();
  });

  it('of an environment that the estate has not is a mistake in the request', async () => {
    await expect(web().read('moon', 'loadBalancer')).rejects.toMatchObject({ name: 'InputInvalid' });
  });
});

describe('a fence', () => {
  it('stands before every rule, for every path, and names its run', async () => {
    await web().fence('main', https(), 'run-7');

    const front = await web().read('main', 'loadBalancer');
    expect(listenerOf(front, 443)).toMatchObject({ fencedBy: 'run-7', priorities: [1] });
    expect(listenerOf(front, 80)).toMatchObject({ fencedBy: null });
    // The function behind the fence is nobody's target.
    expect(front?.targets.map(({ group }) => group)).toEqual(['orders-main']);
    const [rule] = await rulesOf(https());
    expect(rule?.Conditions).toMatchObject([{ Field: 'path-pattern', Values: ['*'] }]);
  });

  it('is put up once, also when the answer to the first try was lost', async () => {
    cloud.faults.set([{ kind: 'lost-after', operation: 'elasticloadbalancing:CreateRule', times: 1 }]);

    await web().fence('main', https(), 'run-7');
    await web().fence('main', https(), 'run-7');

    expect(await rulesOf(https())).toHaveLength(2);
  });

  it('takes nobody else’s place', async () => {
    await web().fence('main', https(), 'run-6');

    await expect(web().fence('main', https(), 'run-7')).rejects.toMatchObject({
      name: 'PlanStale',
      message: expect.stringContaining('the fence of run run-6') as unknown,
    });
  });

  it('is taken away by its own run alone, as often as it is asked', async () => {
    await web().fence('main', https(), 'run-7');

    await web().unfence(https(), 'run-8');
    const before = await rulesOf(https());
    await web().unfence(https(), 'run-7');
    await web().unfence(https(), 'run-7');

    expect([before.length, (await rulesOf(https())).length]).toEqual([2, 1]);
  });

  it('before a listener that is gone is gone with it', async () => {
    const gone = `${https().slice(0, -16)}0000000000000000`;

    await expect(web().unfence(gone, 'run-7')).resolves.toBeUndefined();
    await expect(web().fence('main', gone, 'run-7')).rejects.toMatchObject({ name: 'CloudRefused' });
  });

  it('needs a group that was deployed for the environment', async () => {
    await expect(web().fence('spare', https(), 'run-7')).rejects.toMatchObject({ name: 'InputInvalid' });
  });
});

describe('a distribution', () => {
  it('is read as a door with its alternate names, its certificate of us-east-1, and the zone of all distributions', async () => {
    const front = await web().read('main', 'distribution');

    expect(front).toMatchObject({
      kind: 'distribution',
      id: 'E1MAINORDERS00',
      dnsName: expect.stringMatching(/^d[a-z0-9]+\.cloudfront\.net\.$/) as unknown,
      zoneId: 'Z2FDTNDATAQYW2',
      ipv6: true,
      active: true,
      alternateNames: ['app.orders.test'],
    });
    expect(listenerOf(front, 443)?.certificates).toMatchObject([{ names: ['app.orders.test'], status: 'ISSUED' }]);
  });

  it('is none where the estate has none, or AWS', async () => {
    await expect(web().read('spare', 'distribution')).resolves.toBeUndefined();
    const other = { ...estate, environments: { ...estate.environments } };
    const { main } = other.environments;
    if (main) other.environments['main'] = { ...main, web: { ...main.web, distribution: 'E0000000000000' } };
    await expect(awsWeb(() => other).read('main', 'distribution')).resolves.toBeUndefined();
  });

  it('is not read by a function that was built for load balancers', async () => {
    await expect(awsLoadBalancers(() => estate).read('main', 'distribution')).rejects.toMatchObject({ name: 'InputInvalid' });
  });
});
