// Whose certificates a function trusts: the public authority's, and RDS's only when its own variables ask for Lambda's bundle.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Authority } from '../world/contract.ts';

export interface Authorities {
  readonly public: Authority;
  readonly rds: Authority;
}

/** The file with the roots that the function's process believes. */
export type Trust = (variables: Readonly<Record<string, string>>) => string;

/** Where Lambda's runtime keeps AWS's own authorities; since Node.js 20 nobody reads it who did not ask. */
const BUNDLE = '/var/runtime/ca-cert.pem';

export function createTrust(folder: string, authorities: Authorities): Trust {
  const write = (name: string, pem: string): string => {
    const file = join(folder, name);
    writeFileSync(file, pem);
    chmodSync(file, 0o644);
    return file;
  };
  const everybody = write('public.pem', authorities.public.pem);
  const bundle = write('bundle.pem', `${authorities.public.pem}${authorities.rds.pem}`);
  return (variables) => (variables['NODE_EXTRA_CA_CERTS'] === BUNDLE ? bundle : everybody);
}
