import { describe, expect, it } from '@jest/globals';
import { createChance } from '../../rehearsal/random.ts';
import { startCloud } from '../../rehearsal/cloud.ts';
import { FAULT_KINDS } from '../../rehearsal/faults/faults.ts';
import { CATALOGUE } from '../../rehearsal/stack/resources/catalogue.ts';
import { schemaOf, SERVICE_IDS } from '../../rehearsal/wire/schemas.ts';
import { read } from './service.ts';

const page = read('docs/rehearsal-fidelity.md');
const rows = [...page.matchAll(/^\| `([a-z0-9]+)` \| `(\w+)` \| (\w+) \| .+ \|$/gm)].map(
  ([, service = '', operation = '', word = '']) => ({
    name: `${service}:${operation}`,
    word,
  }),
);
const missing = [...page.matchAll(/^Missing from `([a-z0-9]+)`: (.+)\.$/gm)].flatMap(([, service = '', names = '']) =>
  [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => `${service}:${name}`),
);

describe('docs/rehearsal-fidelity.md', () => {
  it('has one row for every operation that is imitated, and none for one that is not', async () => {
    const cloud = await startCloud({ pace: { kind: 'virtual' } });
    const imitated = SERVICE_IDS.flatMap((id) => Object.keys(cloud.services[id].operations).map((name) => `${id}:${name}`));
    await cloud.stop();

    expect(rows.map(({ name }) => name).sort()).toEqual(imitated.sort());
    expect(rows.filter(({ word }) => !['real', 'imitated'].includes(word))).toEqual([]);
  });

  it('names every other operation of these services as missing', () => {
    const known = SERVICE_IDS.flatMap((id) => [...schemaOf(id).operations.keys()].map((name) => `${id}:${name}`));
    const told = new Set([...rows.map(({ name }) => name), ...missing]);

    expect([...told].sort()).toEqual(known.sort());
    expect(missing.filter((name) => rows.some((row) => row.name === name))).toEqual([]);
  });

  it('answers a missing operation NotImplemented, by its name', async () => {
    const cloud = await startCloud({ pace: { kind: 'virtual' } });
    const chance = createChance(5);
    const [service = '', operation = ''] = (missing[Math.floor(chance.random() * missing.length)] ?? '').split(':');
    const call = cloud.call as (service: string, operation: string, input: object) => Promise<unknown>;

    await expect(call(service, operation, {})).rejects.toMatchObject({
      code: 'NotImplemented',
      status: 501,
      message: expect.stringContaining(`${service}:${operation}`) as unknown,
    });
    await cloud.stop();
  });

  it('lists the resource types and the faults there are', () => {
    const types = [...page.matchAll(/`(AWS::\w+::\w+)`/g)].map(([, type]) => type);

    expect([...new Set(types)].sort()).toEqual([...CATALOGUE.keys()].sort());
    for (const kind of FAULT_KINDS) expect(page).toContain(`\`${kind}\``);
  });
});
