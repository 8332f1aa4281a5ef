import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { awsNames } from '../../shared/cloud/aws/names.ts';
import type { RecordSet } from '../../shared/runbooks/journal.ts';
import { PublicName } from '../../shared/estate.ts';
import { standOn } from './on-aws.ts';

const ZONE = 'Z0ORDERSTEST0001';
const APP = PublicName.parse({ name: 'app.orders.test.', zone: ZONE, types: ['A', 'AAAA'] });
const a = (name: string, value: string): RecordSet => ({ Name: name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: value }] });

let cloud: Cloud;
let restore: () => void;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
beforeEach(() => {
  restore = standOn(cloud);
  cloud.services.route53.own.found({ id: ZONE, name: 'orders.test.' }, [
    a('aaa.orders.test.', '192.0.2.9'),
    a('app.orders.test.', '192.0.2.1'),
    { Name: 'app.orders.test.', Type: 'AAAA', TTL: 60, ResourceRecords: [{ Value: '2001:db8::1' }] },
    a('app2.orders.test.', '192.0.2.9'),
  ] as never);
});
afterEach(async () => {
  restore();
  await cloud.reset();
});
afterAll(() => cloud.stop());

describe('the records of a name', () => {
  it('are all of its own, of every type, with nothing in them that is not there', async () => {
    await expect(awsNames().read(APP)).resolves.toStrictEqual([
      a('app.orders.test.', '192.0.2.1'),
      { Name: 'app.orders.test.', Type: 'AAAA', TTL: 60, ResourceRecords: [{ Value: '2001:db8::1' }] },
    ]);
  });

  it('are read to the end where one page does not hold them, and no further', async () => {
    const weighted = Array.from({ length: 150 }, (_, i) => ({
      ...a('app.orders.test.', '192.0.2.1'),
      SetIdentifier: `set-${String(i).padStart(3, '0')}`,
      Weight: 1,
    }));
    const twice = weighted.flatMap((set) => [set, { ...set, Type: 'AAAA', ResourceRecords: [{ Value: '2001:db8::1' }] }]);
    const more = [
      ...twice,
      a('zzz.orders.test.', '192.0.2.9'),
      { Name: 'app.orders.test.', Type: 'CAA', TTL: 5, ResourceRecords: [{ Value: '0 issue "amazon.com"' }] },
    ];
    cloud.services.route53.own.found({ id: ZONE, name: 'orders.test.' }, more as never);

    const records = await awsNames().read(APP);

    expect(records).toHaveLength(301);
    expect(new Set(records.map(({ Name }) => Name))).toEqual(new Set(['app.orders.test.']));
  });

  it('are none where the name has none', async () => {
    await expect(awsNames().read({ ...APP, name: 'nothing.orders.test.' })).resolves.toEqual([]);
  });

  it('change in one batch, and are in sync once every server has heard', async () => {
    cloud.services.route53.own.insyncSeconds(40);
    const names = awsNames();
    const next = a('app.orders.test.', '192.0.2.2');

    const change = await names.change(ZONE, [{ action: 'UPSERT', record: next }], 'run-7');
    const before = await names.inSync(change);
    await cloud.timeline.passTo(cloud.timeline.now() + 60_000);

    expect([before, await names.inSync(change)]).toEqual([false, true]);
    expect((await names.read(APP))[0]).toEqual(next);
  });

  it('stay as they are when one change of a batch is refused, and what Route 53 said is told', async () => {
    const changes = [
      { action: 'UPSERT', record: a('app.orders.test.', '192.0.2.2') },
      { action: 'CREATE', record: a('aaa.orders.test.', '192.0.2.2') },
    ] as const;

    await expect(awsNames().change(ZONE, changes, 'run-7')).rejects.toMatchObject({
      name: 'CloudRefused',
      message: expect.stringContaining('already exists') as unknown,
    });
    expect((await awsNames().read(APP))[0]).toEqual(a('app.orders.test.', '192.0.2.1'));
  });

  it('are worth another try when Route 53 is busy', async () => {
    cloud.faults.set([{ kind: 'throttled', operation: 'route53:ListResourceRecordSets', times: 10 }]);

    await expect(awsNames().read(APP)).rejects.toMatchObject({ name: 'CloudTransient' });
  });
});

describe('the servers of a zone', () => {
  it('are the four it is delegated to', async () => {
    const servers = await awsNames().serversOf(ZONE);

    expect(servers).toHaveLength(4);
    expect(new Set(servers).size).toBe(4);
  });
});
