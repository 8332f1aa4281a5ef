import { expect, it } from '@jest/globals';
import { gatherFailover } from '../../shared/gather.ts';
import { RunbookError } from '../../shared/errors.ts';
import { copy, databaseOf } from '../runbooks/small-facts.ts';
import { createSmallWorld } from './small-world.ts';

it('reads on where the bucket of the side that is left cannot be listed: its uploads are nobody’s to count then', async () => {
  const world = createSmallWorld();
  const readAt = world.clock.now().toISOString();
  await world.ledger.create('data', { readAt, databases: [databaseOf('main'), databaseOf('spare')] });
  await world.ledger.create('doors', { readAt, doors: {} });
  await world.ledger.create('copies/main-spare.json', copy);
  const gone = { countSince: () => Promise.reject(new RunbookError('CloudRefused', 'NoSuchBucket')) };

  const facts = await gatherFailover(
    { from: 'main', to: 'spare' },
    undefined,
    { data: 'data', doors: 'doors' },
    { ...world, uploads: gone },
  );

  expect(facts).toMatchObject({ copy: { from: 'main' }, uploads: null });
});
