// Which service speaks to KMS in somebody's name: key policies ask for it as kms:ViaService.
import type { Caller } from '../../iam/ask.ts';

const services = new WeakMap<Caller, string>();

/** The same caller, forwarded by a service: `s3.eu-west-1.amazonaws.com`. */
export function viaService(caller: Caller, service: string, region: string): Caller {
  const forwarded = { ...caller };
  services.set(forwarded, `${service}.${region}.amazonaws.com`);
  return forwarded;
}

export const viaOf = (caller: Caller): string | undefined => services.get(caller);
