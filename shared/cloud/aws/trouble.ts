// Why a request had no answer, in words for a person.
import type { PeerCertificate } from 'node:tls';

interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly cert?: PeerCertificate;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  EPROTO: 'no TLS is spoken there',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate is revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that nobody trusts',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate comes from an authority that nobody knows',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an authority that nobody knows',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that nobody knows',
};

export function troubleOf(error: unknown, name: string, late: boolean): string {
  if (late) return 'no answer in time';
  const failure = firstOf(error);
  if (failure.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the certificate covers ${coveredBy(failure.cert)}, not ${name}`;
  }
  if (failure.code?.startsWith('ERR_SSL') === true) return `TLS failed: ${failure.code}`;
  return WORDS[failure.code ?? ''] ?? (failure.code === undefined ? failure.message : `${failure.code}: ${failure.message}`);
}

/** Where a name has several addresses and none answers, there is one error for each in one that says nothing. */
function firstOf(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return firstOf(error.errors[0]);
  return error instanceof Error ? error : { message: String(error) };
}

const coveredBy = (certificate: PeerCertificate | undefined): string => {
  const names = (certificate?.subjectaltname ?? '').split(', ').flatMap((name) => (name.startsWith('DNS:') ? name.slice(4) : []));
  return names.length === 0 ? 'no name' : names.join(', ');
};
