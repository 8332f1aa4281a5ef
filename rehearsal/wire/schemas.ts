// The operations of a service as the SDK's own client describes them: shapes, HTTP bindings, error codes.
import { NormalizedSchema } from '@smithy/core/schema';
import type { ServiceId, Sdks } from '../services/service.ts';

export interface HttpBinding {
  readonly method: string;
  /** Path pattern without its query: `/2015-03-31/functions/{FunctionName}`. */
  readonly path: string;
  /** Query literals that tell the operation from its neighbours; the SDK's `x-id` is no such thing. */
  readonly literals: readonly [string, string][];
  readonly status: number;
}
export interface OperationSchema {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  readonly http: HttpBinding | undefined;
}
export interface ErrorSchema {
  readonly code: string;
  readonly status: number;
  readonly messageKey: string;
}
export interface ServiceSchema {
  readonly id: ServiceId;
  readonly operations: ReadonlyMap<string, OperationSchema>;
  /** By the SDK's name and by the wire's code. */
  readonly errors: ReadonlyMap<string, ErrorSchema>;
  readonly protocol: 'query' | 'json' | 'restJson' | 'restXml';
  readonly jsonVersion: '1.0' | '1.1';
  readonly target: string;
  readonly xmlNamespace: string;
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded when first asked for: all clients together take over a second */
const MODULES: { [Id in ServiceId]: () => Sdks[Id] } = {
  states: () => require('@aws-sdk/client-sfn') as Sdks['states'],
  lambda: () => require('@aws-sdk/client-lambda') as Sdks['lambda'],
  s3: () => require('@aws-sdk/client-s3') as Sdks['s3'],
  iam: () => require('@aws-sdk/client-iam') as Sdks['iam'],
  sts: () => require('@aws-sdk/client-sts') as Sdks['sts'],
  kms: () => require('@aws-sdk/client-kms') as Sdks['kms'],
  monitoring: () => require('@aws-sdk/client-cloudwatch') as Sdks['monitoring'],
  logs: () => require('@aws-sdk/client-cloudwatch-logs') as Sdks['logs'],
  events: () => require('@aws-sdk/client-eventbridge') as Sdks['events'],
  sns: () => require('@aws-sdk/client-sns') as Sdks['sns'],
  secretsmanager: () => require('@aws-sdk/client-secrets-manager') as Sdks['secretsmanager'],
  ssm: () => require('@aws-sdk/client-ssm') as Sdks['ssm'],
  cloudformation: () => require('@aws-sdk/client-cloudformation') as Sdks['cloudformation'],
  elasticloadbalancing: () => require('@aws-sdk/client-elastic-load-balancing-v2') as Sdks['elasticloadbalancing'],
  acm: () => require('@aws-sdk/client-acm') as Sdks['acm'],
  cloudfront: () => require('@aws-sdk/client-cloudfront') as Sdks['cloudfront'],
  rds: () => require('@aws-sdk/client-rds') as Sdks['rds'],
  route53: () => require('@aws-sdk/client-route-53') as Sdks['route53'],
};
/* eslint-enable @typescript-eslint/no-require-imports */
export const SERVICE_IDS = Object.keys(MODULES) as ServiceId[];

const OPERATION = 9;
const ERROR = -3;

interface Protocol {
  readonly protocol: new () => unknown;
  readonly protocolSettings: { xmlNamespace?: string; serviceTarget: string };
}

function describe(id: ServiceId): ServiceSchema {
  const module = MODULES[id]() as unknown as Record<string, unknown>;
  const config = clientConfig(module);
  const kind = config.protocol.name;
  const operations = new Map<string, OperationSchema>();
  const errors = new Map<string, ErrorSchema>();
  for (const value of Object.values(module)) {
    if (!Array.isArray(value)) continue;
    if (value[0] === OPERATION) {
      const operation = operationOf(value);
      operations.set(operation.name, operation);
    }
    if (value[0] === ERROR) {
      const error = errorOf(value);
      errors.set(value[2] as string, error);
      errors.set(error.code, error);
    }
  }
  return {
    id,
    operations,
    errors,
    protocol: kind.includes('RestXml')
      ? 'restXml'
      : kind.includes('RestJson')
        ? 'restJson'
        : kind.includes('Json')
          ? 'json'
          : 'query',
    jsonVersion: kind.includes('1_0') ? '1.0' : '1.1',
    target: config.protocolSettings.serviceTarget,
    xmlNamespace: config.protocolSettings.xmlNamespace ?? '',
  };
}

function clientConfig(module: Record<string, unknown>): Protocol {
  const name = Object.keys(module).find((key) => key.endsWith('Client') && key !== '__Client') ?? '';
  const Client = module[name] as new (config: object) => {
    config: { protocol: { constructor: Protocol['protocol'] } } & Protocol;
  };
  const { config } = new Client({ region: 'us-east-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  return { protocol: config.protocol.constructor, protocolSettings: config.protocolSettings };
}

function operationOf(schema: unknown[]): OperationSchema {
  const [, , name, traits, input, output] = schema as [
    number,
    string,
    string,
    { http?: [string, string, number] } | 0,
    never,
    never,
  ];
  const http = traits === 0 ? undefined : traits.http;
  return {
    name,
    input: NormalizedSchema.of(input),
    output: NormalizedSchema.of(output),
    http: http && bindingOf(http),
  };
}

function bindingOf([method, pattern, status]: [string, string, number]): HttpBinding {
  const [path = '/', query = ''] = pattern.split('?');
  const literals = [...new URLSearchParams(query)].filter(([key]) => key !== 'x-id');
  return { method, path, literals, status };
}

function errorOf(schema: unknown[]): ErrorSchema {
  const [, , name, traits, members] = schema as [
    number,
    string,
    string,
    { awsQueryError?: [string, number]; httpError?: number; error?: string },
    string[],
  ];
  return {
    code: traits.awsQueryError?.[0] ?? name,
    status: traits.awsQueryError?.[1] ?? traits.httpError ?? (traits.error === 'server' ? 500 : 400),
    messageKey: members.includes('Message') ? 'Message' : 'message',
  };
}

const described = new Map<ServiceId, ServiceSchema>();
export function schemaOf(id: ServiceId): ServiceSchema {
  const known = described.get(id);
  if (known) return known;
  const made = describe(id);
  described.set(id, made);
  return made;
}

/** The members a caller must give; the SDK's generator puts them first and says how many they are. */
export function requiredMembers(struct: NormalizedSchema): string[] {
  const raw = struct.getSchema() as unknown as [number, string, string, unknown, string[], unknown[], number?];
  return Array.isArray(raw) && raw[0] === 3 ? raw[4].slice(0, raw[6] ?? 0) : [];
}
