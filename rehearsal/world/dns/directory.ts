// What the authoritative servers know: zones and their records, the names that load balancers and distributions own, themselves.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

export interface ServedZone {
  readonly name: string;
  readonly records: readonly ResourceRecordSet[];
}

/** A name that another service owns and an alias may point to. */
export interface AliasTarget {
  /** Lower case, with its final dot, without `dualstack.`. */
  readonly dnsName: string;
  /** The zone id that goes with it in an alias. */
  readonly zoneId: string;
  /** Where it is now. */
  readonly addresses: () => { readonly a: readonly string[]; readonly aaaa: readonly string[] };
  /** What an alias that evaluates its target's health sees; always healthy unless said. */
  readonly healthy?: () => boolean;
  /** The value of its HTTPS record, for what can be aliased by one: a CloudFront distribution. */
  readonly https?: () => string | undefined;
}

export interface Directory {
  zones(): readonly ServedZone[];
  /** Names of aliases, by themselves or behind `dualstack.`. */
  target(name: string): AliasTarget | undefined;
  /** The domains that these names lie in. */
  providerDomains(): readonly string[];
  /** A name server's address. */
  nameServer(name: string): string | undefined;
  /** Between 0 and 1, for weighted records. */
  random(): number;
}

/** `d111.cloudfront.net.` lies in `cloudfront.net.`. */
export const domainOf = (dnsName: string): string => dnsName.slice(dnsName.indexOf('.') + 1);

export const withoutDualstack = (name: string): string => name.replace(/^dualstack\./, '');
