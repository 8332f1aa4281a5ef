// What CloudFront keeps of a distribution, and the configuration one is founded with.
import type {
  CacheBehavior,
  DefaultCacheBehavior,
  DistributionConfig,
  Method,
  Origin,
  OriginProtocolPolicy,
  ViewerProtocolPolicy,
} from '@aws-sdk/client-cloudfront';

/** The hosted zone of every distribution. */
export const ZONE_ID = 'Z2FDTNDATAQYW2';

/** AWS's own policies, by their fixed ids. The edge keeps nothing, so that every answer is an origin's of this moment. */
const CACHE_POLICIES = { CachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad' } as const;
export const ORIGIN_REQUEST_POLICIES = {
  AllViewer: '216adef6-2c7f-47e4-b989-5492eafa07d3',
  AllViewerExceptHostHeader: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
} as const;

export interface OriginOptions {
  readonly id: string;
  /** Its public name: a load balancer's, a bucket's website. */
  readonly domainName: string;
  /** Where that is on this machine: `http://127.0.0.1:<port>`, or https. */
  readonly url: string;
  readonly protocolPolicy?: OriginProtocolPolicy;
  readonly path?: string;
  readonly readTimeoutSeconds?: number;
}
export interface BehaviorOptions {
  /** An origin's id. */
  readonly target: string;
  readonly allowedMethods?: readonly Method[];
  readonly viewerProtocolPolicy?: ViewerProtocolPolicy;
  readonly cachePolicy?: keyof typeof CACHE_POLICIES;
  /** `none` hides query, cookies and credentials from the origin, as CloudFront does when nobody says otherwise. */
  readonly originRequestPolicy?: keyof typeof ORIGIN_REQUEST_POLICIES | 'none';
}
export interface DistributionOptions {
  readonly id: string;
  readonly aliases: readonly string[];
  /** A certificate's ARN in us-east-1; CloudFront's own without one. */
  readonly certificate?: string;
  readonly origins: readonly OriginOptions[];
  readonly defaultBehavior: BehaviorOptions;
  readonly behaviors?: readonly (BehaviorOptions & { readonly pathPattern: string })[];
  readonly ipv6?: boolean;
  readonly enabled?: boolean;
  readonly status?: 'Deployed' | 'InProgress';
  readonly defaultRootObject?: string;
  readonly comment?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Distribution {
  readonly id: string;
  readonly arn: string;
  /** Without its final dot. */
  readonly domainName: string;
  readonly addresses: { readonly a: readonly string[]; readonly aaaa: readonly string[] };
  readonly tags: Map<string, string>;
  etag: string;
  config: DistributionConfig;
  status: 'Deployed' | 'InProgress';
  modifiedAt: number;
}

/** As AWS lists them. */
const METHODS: readonly Method[] = ['HEAD', 'DELETE', 'POST', 'GET', 'OPTIONS', 'PUT', 'PATCH'];
const SETS = [['GET', 'HEAD'], ['GET', 'HEAD', 'OPTIONS'], METHODS].map((set) => [...set].sort().join());

export function configOf(options: DistributionOptions, callerReference: string): DistributionConfig {
  const { aliases, certificate, origins, behaviors = [], ipv6 = true, enabled = true } = options;
  requireTargets(options);
  return {
    CallerReference: callerReference,
    Aliases: listOf([...aliases]),
    DefaultRootObject: options.defaultRootObject ?? '',
    Origins: listOf(origins.map(originOf)),
    OriginGroups: { Quantity: 0 },
    DefaultCacheBehavior: behaviorOf(options.defaultBehavior),
    CacheBehaviors: listOf(
      behaviors.map((behavior): CacheBehavior => ({ PathPattern: behavior.pathPattern, ...behaviorOf(behavior) })),
    ),
    CustomErrorResponses: { Quantity: 0 },
    Comment: options.comment ?? '',
    Logging: { Enabled: false, IncludeCookies: false, Bucket: '', Prefix: '' },
    PriceClass: 'PriceClass_All',
    Enabled: enabled,
    ViewerCertificate:
      certificate === undefined
        ? {
            CloudFrontDefaultCertificate: true,
            SSLSupportMethod: 'vip',
            MinimumProtocolVersion: 'TLSv1',
            CertificateSource: 'cloudfront',
          }
        : {
            CloudFrontDefaultCertificate: false,
            ACMCertificateArn: certificate,
            SSLSupportMethod: 'sni-only',
            MinimumProtocolVersion: 'TLSv1.2_2021',
            Certificate: certificate,
            CertificateSource: 'acm',
          },
    Restrictions: { GeoRestriction: { RestrictionType: 'none', Quantity: 0 } },
    WebACLId: '',
    HttpVersion: 'http1.1',
    IsIPV6Enabled: ipv6,
    ContinuousDeploymentPolicyId: '',
    Staging: false,
  };
}

/** AWS writes the length beside every list, and no empty list. */
const listOf = <T>(items: T[]): { Quantity: number; Items: T[] } =>
  items.length === 0 ? ({ Quantity: 0 } as { Quantity: number; Items: T[] }) : { Quantity: items.length, Items: items };

function requireTargets({ id, origins, defaultBehavior, behaviors = [] }: DistributionOptions): void {
  for (const { target, allowedMethods } of [defaultBehavior, ...behaviors]) {
    if (!origins.some((origin) => origin.id === target)) throw new Error(`distribution ${id}: no origin is called ${target}`);
    if (allowedMethods !== undefined && !SETS.includes([...allowedMethods].sort().join()))
      throw new Error(`distribution ${id}: CloudFront allows GET and HEAD, these with OPTIONS, or all seven methods`);
  }
}

const originOf = ({ id, domainName, protocolPolicy, path = '', readTimeoutSeconds = 30 }: OriginOptions): Origin => ({
  Id: id,
  DomainName: domainName,
  OriginPath: path,
  CustomHeaders: { Quantity: 0 },
  CustomOriginConfig: {
    HTTPPort: 80,
    HTTPSPort: 443,
    OriginProtocolPolicy: protocolPolicy ?? 'http-only',
    OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
    OriginReadTimeout: readTimeoutSeconds,
    OriginKeepaliveTimeout: 5,
  },
  ConnectionAttempts: 3,
  ConnectionTimeout: 10,
  OriginShield: { Enabled: false },
  OriginAccessControlId: '',
});

function behaviorOf(options: BehaviorOptions): DefaultCacheBehavior {
  const { target, allowedMethods = ['GET', 'HEAD'], viewerProtocolPolicy = 'redirect-to-https' } = options;
  const { cachePolicy = 'CachingDisabled', originRequestPolicy = 'AllViewer' } = options;
  return {
    TargetOriginId: target,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    ViewerProtocolPolicy: viewerProtocolPolicy,
    AllowedMethods: {
      ...listOf(METHODS.filter((method) => allowedMethods.includes(method))),
      CachedMethods: { Quantity: 2, Items: ['HEAD', 'GET'] },
    },
    SmoothStreaming: false,
    Compress: false,
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: { Quantity: 0 },
    FieldLevelEncryptionId: '',
    CachePolicyId: CACHE_POLICIES[cachePolicy],
    ...(originRequestPolicy !== 'none' && { OriginRequestPolicyId: ORIGIN_REQUEST_POLICIES[originRequestPolicy] }),
    GrpcConfig: { Enabled: false },
  };
}
