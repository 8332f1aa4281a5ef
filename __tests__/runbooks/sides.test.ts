import { describe, expect, it } from '@jest/globals';
import { decideSides, doorOf, schemeOf } from '../../shared/runbooks/sides.ts';
import type { Lease } from '../../shared/runbooks/lease.ts';
import { balancer, estate, estateWith, listenerWith, now, runWith } from './small-facts.ts';

const lease = (writer: string): Lease => ({
  app: 'orders',
  writer,
  epoch: 7,
  fencing: 1,
  since: now.toISOString(),
  holder: null,
});
const { main, spare } = estate.environments;
const alone = estateWith({ environments: { main }, copies: [] });
const sandbox = {
  ...spare,
  role: 'sandbox',
  database: {
    ...spare?.database,
    instance: 'orders-lab',
    secrets: { master: 'orders/lab/master', application: 'orders/lab/application' },
  },
  web: { loadBalancer: 'orders-lab' },
  buckets: { uploads: 'orders-lab-uploads' },
};
const withSandbox = estateWith({ environments: { main, spare, lab: sandbox } });

describe('the sides of a failover', () => {
  it.each([
    ['to the standby, where nothing is said', {}, undefined, { from: 'main', to: 'spare' }],
    ['to where the request says', { to: 'main' }, lease('spare'), { from: 'spare', to: 'main' }],
    ['from whoever the lease names', {}, lease('main'), { from: 'main', to: 'spare' }],
    ['between the same two where the target is the writer already', {}, lease('spare'), { from: 'main', to: 'spare' }],
    ['between the same two where the lease names nobody of the estate', {}, lease('gone'), { from: 'main', to: 'spare' }],
  ])('go %s', (_how, request, held, sides) => {
    expect(decideSides(runWith(request), estate, held)).toEqual(sides);
  });

  it.each([
    ['an environment that is none', { to: 'moon' }, estate, /^to: moon is no environment .* main, spare$/],
    ['a sandbox', { to: 'lab' }, withSandbox, /^to: lab is a sandbox/],
    ['a standby that the estate has not', {}, alone, /^to: the estate has no standby/],
    ['the only environment there is', { to: 'main' }, alone, /^to: there is no other environment/],
    ['a cold standby', {}, { ...estate, strategy: 'cold' as const }, /^strategy: cold is not failed over yet/],
    ['a hot standby', {}, { ...estate, strategy: 'hot' as const }, /^strategy: hot /],
    ['another availability zone', {}, { ...estate, strategy: 'multi-az' as const }, /^strategy: multi-az /],
  ])('to %s are refused naming the field', (_what, request, owned, message) => {
    const decide = () => decideSides(runWith(request), owned, undefined);

    expect(decide).toThrow(expect.objectContaining({ name: 'InputInvalid', message: expect.stringMatching(message) }));
  });

  it('are refused where the lease names a sandbox, of which nothing is read', () => {
    const decide = () => decideSides(runWith({}), withSandbox, lease('lab'));

    const message = /^refused: lab is the writer since .*, and estate\.yml has it as a sandbox/;
    expect(decide).toThrow(expect.objectContaining({ name: 'PlanRefused', message: expect.stringMatching(message) }));
  });
});

describe('a door', () => {
  it.each([
    ['main', {}, 'distribution'],
    ['main', { main: 'loadBalancer' as const }, 'loadBalancer'],
    ['spare', {}, 'loadBalancer'],
  ])('of %s with via %j is the %s', (environment, via, kind) => {
    expect(doorOf(environment, { via }, estate)).toBe(kind);
  });

  it('is asked by HTTPS where it has that, else by what it has', () => {
    const plain = listenerWith({ protocol: 'HTTP', port: 80 });

    expect(schemeOf(balancer('one', { listeners: [plain, listenerWith()] }))).toBe('https');
    expect(schemeOf(balancer('two', { listeners: [plain] }))).toBe('http');
  });
});
