// Which certificate a visitor is shown: by the name they ask for, exact before wildcard, else the first.
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { KeyPair } from '../contract.ts';

interface Shown {
  readonly names: readonly string[];
  readonly context: SecureContext;
}

/** Reading a certificate is not free, and the same ones are shown at every handshake. */
const known = new WeakMap<KeyPair, Shown>();

function shownBy(pair: KeyPair): Shown {
  const before = known.get(pair);
  if (before) return before;
  const made = {
    names: namesOf(pair.certificate),
    context: createSecureContext({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' }),
  };
  known.set(pair, made);
  return made;
}

/** The DNS names a certificate is good for, in lower case. */
export function namesOf(certificate: string): string[] {
  const { subjectAltName = '' } = new X509Certificate(certificate);
  return [...subjectAltName.matchAll(/DNS:([^\s,]+)/g)].map(([, name = '']) => name.toLowerCase());
}

/** A wildcard stands for one label, never for none or two. */
export function covers(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === pattern.slice(1);
}

export function contextFor(name: string, pairs: readonly KeyPair[]): SecureContext | undefined {
  const asked = name.toLowerCase().replace(/\.$/, '');
  const all = pairs.map(shownBy);
  const exact = all.find(({ names }) => names.includes(asked));
  return (exact ?? all.find(({ names }) => names.some((pattern) => covers(pattern, asked))) ?? all[0])?.context;
}
