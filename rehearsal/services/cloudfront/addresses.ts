// Public addresses for the edge, out of the networks that are kept for documentation: no packet ever leaves for them.

const PER_FAMILY = 4;
/** The rest of TEST-NET-3 houses name servers. */
const LAST = 191;

export function addressesOf(serial: number, ipv6: boolean): { a: string[]; aaaa: string[] } {
  const first = serial * PER_FAMILY + 1;
  if (first + PER_FAMILY - 1 > LAST) throw new Error('the embedded cloud has addresses for 47 distributions');
  const numbers = Array.from({ length: PER_FAMILY }, (_, i) => first + i);
  return {
    a: numbers.map((n) => `203.0.113.${n}`),
    aaaa: ipv6 ? numbers.map((n) => `2001:db8:cf::${n.toString(16)}`) : [],
  };
}
