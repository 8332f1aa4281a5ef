// A certificate as Certificate Manager describes it: what is in the certificate itself is read from it.
import { X509Certificate } from 'node:crypto';
import type { CertificateDetail, CertificateSummary, DomainValidation, KeyAlgorithm } from '@aws-sdk/client-acm';
import { statusOf, type Certificate } from './shelf.ts';

/** Answers write hyphens where requests write underscores. */
const ALGORITHM = 'EC-prime256v1' as string as KeyAlgorithm;
/** As a filter asks for it. */
export const KEY_TYPE: KeyAlgorithm = 'EC_prime256v1';
export const KEY_USAGE = 'DIGITAL_SIGNATURE';
export const EXTENDED_KEY_USAGE = 'TLS_WEB_SERVER_AUTHENTICATION';
const SHOWN_NAMES = 100;

export function describe(certificate: Certificate, at: number): CertificateDetail {
  const { arn, names, createdAt, notBefore, notAfter, usedBy } = certificate;
  const status = statusOf(certificate, at);
  const issued = wasIssued(status);
  const { serialNumber, subject, issuer } = new X509Certificate(certificate.pair.certificate);
  return {
    CertificateArn: arn,
    DomainName: names[0],
    SubjectAlternativeNames: [...names],
    DomainValidationOptions: names.map((name) => validationOf(certificate, name, status)),
    Subject: issued ? oneLine(subject) : `CN=${names[0] ?? ''}`,
    Issuer: oneLine(issuer),
    CreatedAt: new Date(createdAt),
    Status: status,
    KeyAlgorithm: ALGORITHM,
    SignatureAlgorithm: 'SHA256WITHECDSA',
    InUseBy: [...usedBy].sort(),
    Type: 'AMAZON_ISSUED',
    KeyUsages: issued ? [{ Name: KEY_USAGE }] : [],
    ExtendedKeyUsages: issued ? [{ Name: EXTENDED_KEY_USAGE, OID: '1.3.6.1.5.5.7.3.1' }] : [],
    RenewalEligibility: issued && usedBy.size > 0 ? 'ELIGIBLE' : 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    ...(status === 'FAILED' && { FailureReason: 'OTHER' as const }),
    ...(status === 'REVOKED' && { RevokedAt: new Date(createdAt), RevocationReason: 'UNSPECIFIED' as const }),
    ...(issued && {
      Serial: (serialNumber.match(/../g) ?? []).join(':').toLowerCase(),
      IssuedAt: new Date(createdAt),
      NotBefore: new Date(notBefore),
      NotAfter: new Date(notAfter),
    }),
  };
}

const oneLine = (name: string): string => name.split('\n').reverse().join(',');
const wasIssued = (status: string): boolean => ['ISSUED', 'EXPIRED', 'REVOKED', 'INACTIVE'].includes(status);

function validationOf({ proofs }: Certificate, name: string, status: string): DomainValidation {
  const proof = proofs.get(name.replace(/^\*\./, ''));
  return {
    DomainName: name,
    ValidationDomain: name,
    ValidationStatus: status === 'PENDING_VALIDATION' ? 'PENDING_VALIDATION' : wasIssued(status) ? 'SUCCESS' : 'FAILED',
    ...(proof && { ResourceRecord: { Name: proof.name, Type: 'CNAME', Value: proof.value } }),
    ValidationMethod: 'DNS',
  };
}

export function summarize(certificate: Certificate, at: number): CertificateSummary {
  const detail = describe(certificate, at);
  const { KeyUsages = [], ExtendedKeyUsages = [] } = detail;
  return {
    CertificateArn: detail.CertificateArn,
    DomainName: detail.DomainName,
    SubjectAlternativeNameSummaries: certificate.names.slice(0, SHOWN_NAMES),
    HasAdditionalSubjectAlternativeNames: certificate.names.length > SHOWN_NAMES,
    Status: detail.Status,
    Type: detail.Type,
    KeyAlgorithm: detail.KeyAlgorithm,
    KeyUsages: KeyUsages.flatMap(({ Name }) => Name ?? []),
    ExtendedKeyUsages: ExtendedKeyUsages.flatMap(({ Name }) => Name ?? []),
    ExportOption: 'DISABLED',
    InUse: certificate.usedBy.size > 0,
    RenewalEligibility: detail.RenewalEligibility,
    NotBefore: detail.NotBefore,
    NotAfter: detail.NotAfter,
    CreatedAt: detail.CreatedAt,
    IssuedAt: detail.IssuedAt,
    RevokedAt: detail.RevokedAt,
  };
}
