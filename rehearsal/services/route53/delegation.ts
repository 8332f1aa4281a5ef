// The four name servers of a zone, one in each of AWS's four domains, and the two records every zone begins with.
import { createChance } from '../../random.ts';
import type { RecordSet, Room, Zone } from './room.ts';

const DOMAINS = ['com', 'net', 'org', 'co.uk'];
const SERVERS_IN_DOMAIN = 512;
const NAMES_IN_DOMAIN = 64;
/** Part of TEST-NET-3: addresses that nobody has. */
const FIRST_ADDRESS = 192;
const ADDRESSES = 64;

/** Chosen from what the account already has, so that a zone more moves nobody's chance. */
export function delegate(room: Room): string[] {
  const chance = createChance(room.nameServers.size + 1);
  const pick = (below: number): number => Math.floor(chance.random() * below);
  return DOMAINS.map((domain, i) => {
    const number = i * SERVERS_IN_DOMAIN + pick(SERVERS_IN_DOMAIN);
    const name = `ns-${number}.awsdns-${String(pick(NAMES_IN_DOMAIN)).padStart(2, '0')}.${domain}`;
    house(room, name);
    return name;
  });
}

/** Gives a name server an address; they are few, and as with AWS one serves many zones. */
export function house(room: Room, name: string): void {
  const key = `${name.replace(/\.$/, '')}.`;
  if (room.nameServers.has(key)) return;
  room.nameServers.set(key, `203.0.113.${FIRST_ADDRESS + (room.nameServers.size % ADDRESSES)}`);
}

export function foundationOf(zone: Pick<Zone, 'name' | 'nameServers'>): RecordSet[] {
  const [first = ''] = zone.nameServers;
  const soa = `${first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  return [
    { Name: zone.name, Type: 'NS', TTL: 172_800, ResourceRecords: zone.nameServers.map((server) => ({ Value: `${server}.` })) },
    { Name: zone.name, Type: 'SOA', TTL: 900, ResourceRecords: [{ Value: soa }] },
  ];
}
