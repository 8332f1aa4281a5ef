// The local certificate authorities: one root a process and purpose, and a leaf for every name somebody serves.
import './reflection.ts';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Authority, KeyPair } from './contract.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** As outside: public certificates chain to roots that everybody has, those of RDS to one that has to be given. */
const SUBJECTS = {
  public: 'CN=Changeover rehearsal authority, O=Changeover',
  rds: 'CN=Changeover rehearsal RDS authority, O=Changeover',
} as const;
export type Purpose = keyof typeof SUBJECTS;

interface Root {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: X509Certificate;
}

const roots = new Map<Purpose, Promise<Root>>();

/** `now` is the timeline's: what the authority issues is good by that clock, and by the laptop's, which TLS libraries read. */
export async function createAuthority(folder: string, now: () => number, purpose: Purpose = 'public'): Promise<Authority> {
  // One root for all clouds of the process: whoever trusts it once trusts them all.
  const root = roots.get(purpose) ?? createRoot(SUBJECTS[purpose]);
  roots.set(purpose, root);
  const { keys, certificate } = await root;
  const pem = `${certificate.toString('pem')}\n`;
  const file = join(folder, purpose === 'public' ? 'authority.pem' : `${purpose}-authority.pem`);
  writeFileSync(file, pem, { mode: 0o644 });
  return {
    file,
    pem,
    async issue(names, validity = {}) {
      const [name] = names;
      if (name === undefined) throw new Error('a certificate names at least one host');
      const own = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
      const issued = await X509CertificateGenerator.create({
        // A common name may be 64 characters; the names that count are the alternative ones.
        subject: [{ CN: [name.slice(0, 64)] }],
        issuer: certificate.subject,
        ...lifeOf(validity, now()),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: SIGNING,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
          await SubjectKeyIdentifierExtension.create(own.publicKey),
          await AuthorityKeyIdentifierExtension.create(certificate),
        ],
      });
      return keyPairOf(issued, own.privateKey);
    },
  };
}

async function createRoot(subject: string): Promise<Root> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: subject,
    // A timeline may begin in any year; the root is good in all of them that a certificate can say in its shorter form.
    notBefore: new Date('2000-01-01T00:00:00Z'),
    notAfter: new Date('2049-12-31T23:59:59Z'),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

function lifeOf({ notBefore, notAfter }: { notBefore?: number; notAfter?: number }, now: number) {
  const wall = Date.now();
  return {
    notBefore: new Date(notBefore ?? Math.min(wall, now) - DAY_MS),
    notAfter: new Date(notAfter ?? Math.max(wall, now) + 2 * 365 * DAY_MS),
  };
}

async function keyPairOf(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<KeyPair> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return { certificate: `${certificate.toString('pem')}\n`, key: `${PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag)}\n` };
}
