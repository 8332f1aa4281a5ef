import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { PublicName } from '../../shared/estate.ts';
import type { Front } from '../../shared/runbooks/facts.ts';
import type { RecordChange, RecordSet } from '../../shared/runbooks/journal.ts';
import { keyOf, LEADING_TYPES, sameRecords, valuesOf } from '../../shared/runbooks/record-sets.ts';
import { decideRecords, draftMove, type Doors } from '../../shared/runbooks/records.ts';
import { aliasTo, balancer, distribution } from './small-facts.ts';

const from = balancer('orders-main');
const to = balancer('orders-spare');
const edge = distribution();
const doors: Doors = {
  from,
  to,
  beside: [],
  addresses: { from: ['192.0.2.1', '192.0.2.2'], to: ['198.51.100.1'] },
  ours: ['app.orders.test.', 'api.orders.test.'],
};
const name: PublicName = {
  name: 'app.orders.test.',
  zone: 'Z0ORDERSTEST0001',
  types: ['A', 'AAAA', 'CNAME', 'HTTPS'],
  needs: { frontEnd: false, api: true },
  via: {},
};
const at = (type: string, front: Front, change: object = {}): RecordSet => aliasTo(name.name, type, front, change);
const plain = (type: string, values: string[], change: object = {}): RecordSet => ({
  Name: name.name,
  Type: type,
  TTL: 300,
  ResourceRecords: values.map((Value) => ({ Value })),
  ...change,
});
const move = (records: RecordSet[], change: Partial<Doors> = {}, types: PublicName['types'] = name.types) =>
  draftMove({ ...name, types }, records, { ...doors, ...change });

/** As Route 53 makes a batch: every change against what stands, and nothing if one does not fit. */
function apply(records: readonly RecordSet[], changes: readonly RecordChange[]): RecordSet[] {
  return changes.reduce<RecordSet[]>(
    (zone, { action, record }) => {
      const found = zone.findIndex((one) => keyOf(one) === keyOf(record));
      if (action === 'CREATE' && found !== -1) throw new Error(`${keyOf(record)} exists`);
      if (action === 'DELETE' && (found === -1 || JSON.stringify(zone[found]) !== JSON.stringify(record))) {
        throw new Error(`${keyOf(record)} does not match`);
      }
      const rest = zone.filter((_one, i) => i !== found);
      return action === 'DELETE' ? rest : [...rest, record];
    },
    [...records],
  );
}
const addressed = (records: readonly RecordSet[]): boolean => records.some(({ Type }) => ['A', 'AAAA', 'CNAME'].includes(Type));

describe('the records of a name', () => {
  it('move as aliases by one batch of upserts, each with the target’s own zone id', () => {
    const before = [
      at('A', edge, { AliasTarget: { HostedZoneId: edge.zoneId, DNSName: edge.dnsName, EvaluateTargetHealth: false } }),
      at('AAAA', edge),
    ];

    const { changes, after, troubles } = move(before, { from: edge });

    expect(changes.map(({ action, record }) => [action, record.Type])).toEqual([
      ['UPSERT', 'A'],
      ['UPSERT', 'AAAA'],
    ]);
    expect(after).toEqual([at('A', to), at('AAAA', to)]);
    expect(troubles).toEqual({ strange: [], behind: [], zones: [] });
  });

  it('keep what belongs to the record: set identifier, weight, health check, evaluation of health', () => {
    const weighted = at('A', from, {
      SetIdentifier: 'blue',
      Weight: 100,
      HealthCheckId: 'hc-1',
      AliasTarget: { HostedZoneId: from.zoneId, DNSName: from.dnsName, EvaluateTargetHealth: true },
    });

    const { after } = move([weighted]);

    expect(after).toEqual([
      { ...weighted, AliasTarget: { HostedZoneId: to.zoneId, DNSName: to.dnsName, EvaluateTargetHealth: true } },
    ]);
  });

  it('evaluate no health where the target is a distribution, which Route 53 refuses', () => {
    const healthy = at('A', from, {
      AliasTarget: { HostedZoneId: from.zoneId, DNSName: from.dnsName, EvaluateTargetHealth: true },
    });

    const { after } = move([healthy], { to: edge });

    expect(after).toEqual([at('A', edge)]);
  });

  it('of a weighted set move only where they lead to the old side', () => {
    const blue = at('A', from, { SetIdentifier: 'blue', Weight: 100 });
    const green = at('A', to, { SetIdentifier: 'green', Weight: 0 });

    const { changes, leads } = move([blue, green]);

    expect(changes).toHaveLength(1);
    expect(changes[0]?.record).toMatchObject({ SetIdentifier: 'blue', Weight: 100, AliasTarget: { DNSName: to.dnsName } });
    expect(leads).toEqual(['from', 'to']);
  });

  it.each([
    'dualstack.orders-main-1.eu-west-1.elb.amazonaws.com.',
    'DUALSTACK.Orders-Main-1.eu-west-1.elb.amazonaws.com',
    from.dnsName.toUpperCase(),
  ])('are recognised by the target %s however it is written', (DNSName) => {
    const { leads } = move([at('A', from, { AliasTarget: { HostedZoneId: from.zoneId, DNSName, EvaluateTargetHealth: false } })]);

    expect(leads).toEqual(['from']);
  });

  it('of type CNAME stay CNAMEs with their time to live', () => {
    const { after, ttlSeconds } = move([plain('CNAME', ['orders-main-1.eu-west-1.elb.amazonaws.com'])]);

    expect(after).toEqual([plain('CNAME', [to.dnsName])]);
    expect(ttlSeconds).toBe(300);
  });

  it('that carry the old door’s addresses become aliases, since a load balancer’s addresses change', () => {
    const { after } = move([plain('A', ['192.0.2.2', '192.0.2.1'])]);

    expect(after).toEqual([at('A', to)]);
  });

  it.each([
    ['an address of nobody', plain('A', ['203.0.113.9'])],
    ['an address of each side', plain('A', ['192.0.2.1', '198.51.100.1'])],
    ['an address that is nobody’s beside one of ours', plain('A', ['192.0.2.1', '203.0.113.9'])],
    ['several answers at once', plain('A', ['192.0.2.1'], { MultiValueAnswer: true, SetIdentifier: 'one' })],
    ['another target', at('A', balancer('maintenance'))],
    ['another name', plain('CNAME', ['status.example.test.'])],
  ])('with %s lead to neither side, and are not touched', (_what, record) => {
    const { changes, troubles, after } = move([record]);

    expect(changes).toEqual([]);
    expect(after).toEqual([record]);
    expect(troubles.strange).toHaveLength(1);
  });

  it.each([
    [
      'alias',
      at('A', from, {
        AliasTarget: { HostedZoneId: 'Z0ORDERSTEST0001', DNSName: 'api.orders.test.', EvaluateTargetHealth: false },
      }),
    ],
    ['CNAME', plain('CNAME', ['API.orders.test'])],
  ])('that follow another name of the estate by %s are left to follow it', (_how, record) => {
    const { changes, leads, troubles } = move([record]);

    expect([changes, leads, troubles.strange]).toEqual([[], ['follows'], []]);
  });

  it('of a type that is not ours to move stay, and are told', () => {
    const { changes, troubles } = move([at('A', from), at('AAAA', from)], {}, ['A']);

    expect(changes.map(({ record }) => record.Type)).toEqual(['A']);
    expect(troubles.behind).toEqual([expect.stringMatching(/^app\.orders\.test\. AAAA is not ours to move/)]);
  });

  it('are told where an alias carries a zone id that is not its target’s, and carry the right one afterwards', () => {
    const wrong = at('A', from, {
      AliasTarget: { HostedZoneId: 'Z368ELLRRE2KJ0', DNSName: from.dnsName, EvaluateTargetHealth: false },
    });

    const { troubles, after } = move([wrong]);

    expect(troubles.zones).toEqual([expect.stringContaining('Z368ELLRRE2KJ0')]);
    expect(after).toEqual([at('A', to)]);
  });

  it('of IPv6 go where the target has none, and come back with the inverse', () => {
    const before = [at('A', from), at('AAAA', from)];

    const { changes, after, inverse } = move(before, { to: { ...to, ipv6: false } });

    expect(changes.map(({ action, record }) => `${action} ${record.Type}`)).toEqual(['UPSERT A', 'DELETE AAAA']);
    expect(after.map(({ Type }) => Type)).toEqual(['A']);
    expect(sameRecords(apply(apply(before, changes), inverse), before)).toBe(true);
  });

  it('are never taken away down to no address at all', () => {
    const { after, troubles } = move([at('AAAA', from)], { to: { ...to, ipv6: false } });

    expect(after).toEqual([at('AAAA', to)]);
    expect(troubles.behind).toEqual([expect.stringContaining('only address')]);
  });
});

describe('an HTTPS record', () => {
  const a = at('A', from);
  const https = (...values: string[]): RecordSet => plain('HTTPS', values);
  const moved = (record: RecordSet, door: Front = to): RecordSet | undefined =>
    move([a, record], { to: door }).after.find(({ Type }) => Type === 'HTTPS');

  it.each(['1 .', '1 . alpn="h2"', '1 . alpn=h2,http/1.1', '1 . no-default-alpn alpn="h2"'])(
    'that promises for the name’s own addresses what every door keeps stays: %s',
    (value) => {
      const { changes } = move([a, https(value)]);

      expect(changes).toHaveLength(1);
    },
  );

  it.each([
    '1 . alpn="h3,h2"',
    '1 . ipv4hint=192.0.2.1',
    '1 . alpn="h2" ipv6hint=2001:db8::1',
    '1 . port=8443',
    '1 . ech="AEX+DQ=="',
    `1 ${from.dnsName} alpn="h3"`,
  ])('that promises what belongs to the old door goes: %s', (value) => {
    expect(moved(https(value))).toBeUndefined();
  });

  it.each([
    [`0 ${from.dnsName}`, '0 orders-spare-1.eu-west-1.elb.amazonaws.com.'],
    [`1 ${from.dnsName} alpn="h2"`, '1 orders-spare-1.eu-west-1.elb.amazonaws.com. alpn="h2"'],
  ])('that leads to the old door by name leads to the new one: %s', (value, expected) => {
    expect(valuesOf(moved(https(value)) ?? plain('HTTPS', []))).toEqual([expected]);
  });

  it('that is an alias moves to a distribution and goes for a load balancer, which has none', () => {
    const alias = at('HTTPS', from);

    expect(moved(alias, edge)).toEqual(at('HTTPS', edge));
    expect(moved(alias)).toBeUndefined();
  });

  it('with bindings that lead to several places is taken for the strangest', () => {
    const { troubles } = move([a, https('1 .', '2 elsewhere.test.')]);

    expect(troubles.strange).toHaveLength(1);
  });

  it('that is not ours to move but belongs to the old door is told', () => {
    const { troubles } = move([a, https('1 . alpn="h3"')], {}, ['A']);

    expect(troubles.behind).toEqual([expect.stringMatching(/ HTTPS is not ours/)]);
  });
});

describe('any record sets', () => {
  const target = fc.constantFrom(from, to, edge);
  const set = fc.oneof(
    fc.constant({}),
    fc.record({ SetIdentifier: fc.constantFrom('blue', 'green'), Weight: fc.integer({ min: 0, max: 255 }) }),
  );
  const record = fc.oneof(
    fc.tuple(fc.constantFrom('A', 'AAAA', 'HTTPS'), target, set).map(([type, front, change]) => at(type, front, change)),
    fc
      .tuple(fc.constantFrom('192.0.2.1', '198.51.100.1', '203.0.113.9'), set)
      .map(([value, change]) => plain('A', [value], change)),
    fc.constantFrom(
      plain('CNAME', [from.dnsName]),
      plain('HTTPS', ['1 . alpn="h3"']),
      plain('HTTPS', ['1 .']),
      plain('TXT', ['"x"']),
    ),
  );
  const zone = fc.uniqueArray(record, { selector: keyOf, maxLength: 6 });
  const types = fc.subarray(['A', 'AAAA', 'CNAME', 'HTTPS'] as const, { minLength: 1 });
  const door = fc.tuple(target, fc.boolean()).map(([front, ipv6]) => ({ ...front, ipv6 }));

  it('become what was drafted by its changes, and exactly what they were by its inverse', () => {
    fc.assert(
      fc.property(zone, door, types, (before, toDoor, owned) => {
        const { changes, inverse, after } = move(before, { to: toDoor }, owned);

        const there = apply(before, changes);
        const back = apply(there, inverse);

        const sorted = (records: readonly RecordSet[]) => [...records].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
        expect(sorted(there)).toEqual(sorted(after));
        expect(sorted(back)).toEqual(sorted(before));
      }),
      { numRuns: 300 },
    );
  });

  it('have an address afterwards if they had one, and touch no type that is not ours', () => {
    fc.assert(
      fc.property(zone, door, types, (before, toDoor, owned) => {
        const { after, changes } = move(before, { to: toDoor }, owned);

        expect(addressed(after)).toBe(addressed(before));
        expect(changes.every(({ record: { Type } }) => (owned as readonly string[]).includes(Type))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('moved once have nothing left to move', () => {
    fc.assert(
      fc.property(zone, door, types, (before, toDoor, owned) => {
        const { after } = move(before, { to: toDoor }, owned);

        const again = move([...after], { to: toDoor }, owned);

        expect(again.changes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a name that somebody led to another door of the old side', () => {
  it('moves with the others, and its inverse leads it back to that door', () => {
    const byHand = [at('A', edge), at('AAAA', edge)];

    const { changes, inverse, troubles } = move(byHand, { beside: [edge] });

    expect(troubles).toEqual({ strange: [], behind: [], zones: [] });
    expect(changes.map(({ record }) => record)).toEqual([at('A', to), at('AAAA', to)]);
    expect(inverse.map(({ record }) => record)).toEqual(byHand);
  });

  it('is told of when it goes there by a zone id that is not that door’s', () => {
    const { troubles } = move([at('A', { ...edge, zoneId: 'Z1H1FL5HABSF5' })], { beside: [edge] });

    expect(troubles.strange).toEqual([]);
    expect(troubles.zones).toEqual([expect.stringContaining('Z1H1FL5HABSF5')]);
  });
});

describe('a swap', () => {
  const before = [at('A', from), at('AAAA', from)];
  const { after } = move(before);

  it.each([
    ['before', 'swap', before],
    ['before, in another order and spelling', 'swap', [at('AAAA', from), { ...at('A', from), Name: 'APP.orders.test' }]],
    ['before, with a TXT record beside them', 'swap', [...before, plain('TXT', ['"x"'])]],
    ['after', 'leave', after],
  ])('of records as they are %s is decided: %s', (_how, decision, current) => {
    expect(decideRecords({ before, after }, current)).toBe(decision);
  });

  it.each([
    ['moved elsewhere', [at('A', edge), at('AAAA', from)], /^A app\.orders\.test\. was changed .* found d111111abcdef8/],
    ['half moved', [at('A', to), at('AAAA', from)], /^A app\.orders\.test\./],
    ['gone', [at('A', from)], /^AAAA app\.orders\.test\. .* found no such record/],
    ['given a companion', [...before, plain('HTTPS', ['1 .'])], /^HTTPS app\.orders\.test\. .* planned on no such record/],
  ])('of records that were %s stops the run', (_how, current, message) => {
    const decide = () => decideRecords({ before, after }, current);

    expect(decide).toThrow(expect.objectContaining({ name: 'PlanStale', message: expect.stringMatching(message) }));
  });

  it('looks at the types that lead anywhere', () => {
    expect(LEADING_TYPES).toEqual(['A', 'AAAA', 'CNAME', 'HTTPS']);
  });
});
