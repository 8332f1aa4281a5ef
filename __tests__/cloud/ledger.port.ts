// The contract of the ledger, held against every ledger there is: the small world's and AWS's.
import { expect, it } from '@jest/globals';
import type { Ledger } from '../../shared/cloud/ports.ts';

export function holdsTheLedgerContract(make: () => Promise<Ledger> | Ledger): void {
  it('reads nothing where nothing was written', async () => {
    const ledger = await make();

    await expect(ledger.read('runs/none.json')).resolves.toBeUndefined();
  });

  it('creates an entry once', async () => {
    const ledger = await make();

    const first = await ledger.create('runs/a.json', { epoch: 1 });
    const second = await ledger.create('runs/a.json', { epoch: 2 });

    expect([first, second]).toEqual([true, false]);
    expect((await ledger.read('runs/a.json'))?.body).toEqual({ epoch: 1 });
  });

  it('replaces the version that was read, and no other', async () => {
    const ledger = await make();
    await ledger.create('lease/app.json', { epoch: 1 });
    const seen = (await ledger.read('lease/app.json'))?.version ?? '';

    const mine = await ledger.replace('lease/app.json', { epoch: 2 }, seen);
    const late = await ledger.replace('lease/app.json', { epoch: 3 }, seen);

    expect([mine, late]).toEqual([true, false]);
    expect((await ledger.read('lease/app.json'))?.body).toEqual({ epoch: 2 });
  });

  it('replaces nothing that is not there', async () => {
    const ledger = await make();

    await expect(ledger.replace('lease/none.json', { epoch: 1 }, '"0"')).resolves.toBe(false);
    await expect(ledger.read('lease/none.json')).resolves.toBeUndefined();
  });

  it('lists what lies under a prefix, in the order of the alphabet, with when it was written', async () => {
    const ledger = await make();
    for (const key of ['runs/b.json', 'lease/app.json', 'runs/a.json']) await ledger.create(key, {});

    const listed = await ledger.list('runs/');

    expect(listed.map(({ key }) => key)).toEqual(['runs/a.json', 'runs/b.json']);
    expect(listed.every(({ writtenAt }) => new Date(writtenAt).toISOString() === writtenAt)).toBe(true);
    expect(listed.every(({ bytes }) => bytes > 1)).toBe(true);
    await expect(ledger.list('approvals/')).resolves.toEqual([]);
  });

  it('lets exactly one of many writers of the same moment win', async () => {
    const ledger = await make();
    await ledger.create('lease/app.json', { writer: 'nobody' });
    const seen = (await ledger.read('lease/app.json'))?.version ?? '';

    const won = await Promise.all(Array.from({ length: 10 }, (_, writer) => ledger.replace('lease/app.json', { writer }, seen)));

    const winner = (await ledger.read('lease/app.json'))?.body as { writer: number };
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(won[winner.writer]).toBe(true);
  });
}
