// KMS, small enough for a laptop: symmetric keys with real AES-GCM, policies, aliases, grants; one keyring per Region.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { createAliases } from './aliases.ts';
import { createCryptography } from './cryptography.ts';
import { createGrants } from './grants.ts';
import type { Keyring, Kms } from './key.ts';
import { createKeys } from './keys.ts';
import { createPolicies } from './policies.ts';

export function createKms(ground: Ground): Service<'kms'> {
  const rings = perRegion((region): Keyring => ({ region, keys: new Map(), aliases: new Map() }));
  const kms: Kms = { ground, rings };
  return {
    id: 'kms',
    operations: {
      ...createKeys(kms),
      ...createAliases(kms),
      ...createPolicies(kms),
      ...createGrants(kms),
      ...createCryptography(kms),
    },
    inventory: () => Object.fromEntries(rings.all().flatMap(([, ring]) => entriesOf(ring))),
  };
}

const entriesOf = (ring: Keyring): [string, unknown][] => [
  ...[...ring.keys.values()].map((key): [string, unknown] => [key.arn, { state: key.state, grants: [...key.grants.keys()] }]),
  ...[...ring.aliases.values()].map((alias): [string, unknown] => [alias.arn, { target: alias.target }]),
];
