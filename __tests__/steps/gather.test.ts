import { expect, it } from '@jest/globals';
import { gatherFailover, type Eyes } from '../../shared/gather.ts';
import { RunbookError } from '../../shared/errors.ts';
import { balancer, copy, databaseOf } from '../runbooks/small-facts.ts';
import { createSmallWorld } from './small-world.ts';

/** A world that is read, with what else stands in the ledger. */
async function reading(doors: object = {}) {
  const world = createSmallWorld();
  const readAt = world.clock.now().toISOString();
  await world.ledger.create('data', { readAt, databases: [databaseOf('main'), databaseOf('spare')] });
  await world.ledger.create('doors', { readAt, doors });
  await world.ledger.create('copies/main-spare.json', copy);
  return world;
}
const gather = (eyes: Eyes) => gatherFailover({ from: 'main', to: 'spare' }, undefined, { data: 'data', doors: 'doors' }, eyes);

it('reads on where the bucket of the side that is left cannot be listed: its uploads are nobody’s to count then', async () => {
  const world = await reading();
  const gone = { ...world.uploads, countSince: () => Promise.reject(new RunbookError('CloudRefused', 'NoSuchBucket')) };

  const facts = await gather({ ...world, uploads: gone });

  expect(facts).toMatchObject({ copy: { from: 'main' }, uploads: null });
});

it.each([
  ['stays silent', new RunbookError('CloudTransient', 'the name server 192.0.2.1 did not answer')],
  ['says that there is nothing', []],
])('reads the doors’ addresses from another resolver where the first %s', async (_what, first) => {
  const world = await reading({
    main: { loadBalancer: balancer('orders-main') },
    spare: { loadBalancer: balancer('orders-spare') },
  });
  world.answerLookUp((server, name) => {
    if (server === '192.0.2.2') return name.startsWith('orders-main') ? ['203.0.113.1'] : ['203.0.113.2'];
    if (first instanceof Error) throw first;
    return first;
  });

  const { names } = await gather({ ...world, estate: { ...world.estate, resolvers: ['192.0.2.1', '192.0.2.2'] } });

  expect(names.map(({ addresses }) => addresses)).toEqual(names.map(() => ({ from: ['203.0.113.1'], to: ['203.0.113.2'] })));
});

it('reads no addresses where every resolver stays silent', async () => {
  const world = await reading({ main: { loadBalancer: balancer('orders-main') } });
  world.answerLookUp(() => {
    throw new RunbookError('CloudTransient', 'silence');
  });

  const { names } = await gather(world);

  expect(names.map(({ addresses }) => addresses)).toEqual(names.map(() => ({ from: [], to: [] })));
});
