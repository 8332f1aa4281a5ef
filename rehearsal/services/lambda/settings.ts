// A function's configuration: what is accepted, what is refused, and what holds when nothing is said.
import type { FunctionConfiguration, LoggingConfig, VpcConfig } from '@aws-sdk/client-lambda';
import type { Logging } from '../../host/program.ts';
import type { InputOf, Sdks } from '../service.ts';
import type { Settings } from './catalog.ts';
import { constraint, invalid, notImitated, withinRange } from './refusals.ts';

type Asked = Omit<InputOf<Sdks['lambda'], 'UpdateFunctionConfiguration'>, 'FunctionName'>;

const RUNTIMES = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x'];
const OTHERS = /^(nodejs|python|java|dotnet|dotnetcore|ruby|go|provided)[0-9.al]*(\.x)?(-edge)?$/;
const ROLE = /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;
const VARIABLES_LIMIT = 4096;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECURITY_TOKEN',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/** What a request asks for, over what held before. */
export function settingsOf(name: string, asked: Asked, before: Settings | undefined): Settings {
  refuseUnimitated(asked);
  const role = asked.Role ?? before?.role ?? '';
  if (!ROLE.test(role))
    throw constraint(role, 'role', `Member must satisfy regular expression pattern: ${ROLE.source.slice(1, -1)}`);
  const runtime = asked.Runtime ?? before?.runtime;
  const handler = asked.Handler ?? before?.handler;
  if (!runtime || !handler)
    throw invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.');
  checkRuntime(runtime);
  checkNumbers(asked);
  return {
    role,
    runtime,
    handler,
    description: asked.Description ?? before?.description ?? '',
    timeout: asked.Timeout ?? before?.timeout ?? 3,
    memorySize: asked.MemorySize ?? before?.memorySize ?? 128,
    variables: asked.Environment ? variablesOf(asked.Environment.Variables) : before?.variables,
    kmsKeyArn: asked.KMSKeyArn === undefined ? before?.kmsKeyArn : asked.KMSKeyArn || undefined,
    ...networkOf(asked.VpcConfig, before),
    tracing: asked.TracingConfig?.Mode ?? before?.tracing ?? 'PassThrough',
    storage: asked.EphemeralStorage?.Size ?? before?.storage ?? 512,
    deadLetter: asked.DeadLetterConfig === undefined ? before?.deadLetter : deadLetterOf(asked.DeadLetterConfig.TargetArn),
    logging: asked.LoggingConfig ? loggingOf(name, asked.LoggingConfig) : (before?.logging ?? loggingOf(name, {})),
  };
}

function refuseUnimitated(asked: Asked): void {
  if (asked.Layers && asked.Layers.length > 0) throw notImitated('Layers');
  if (asked.FileSystemConfigs && asked.FileSystemConfigs.length > 0) throw notImitated('FileSystemConfigs');
  if (asked.ImageConfig !== undefined) throw notImitated('ImageConfig');
  if (asked.SnapStart?.ApplyOn === 'PublishedVersions') throw notImitated('SnapStart');
  for (const member of ['CapacityProviderConfig', 'DurableConfig'] as const)
    if (asked[member] !== undefined) throw notImitated(member);
  if (asked.VpcConfig?.Ipv6AllowedForDualStack === true) throw notImitated('VpcConfig.Ipv6AllowedForDualStack');
}

function checkRuntime(runtime: string): void {
  if (RUNTIMES.includes(runtime)) return;
  if (OTHERS.test(runtime)) throw notImitated(`runtime ${runtime}; it has ${RUNTIMES.join(', ')}`);
  throw invalid(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${RUNTIMES.join(', ')}] or be a valid ARN`,
  );
}

function checkNumbers({ Timeout, MemorySize, EphemeralStorage, Description, Handler }: Asked): void {
  withinRange(Timeout, 'timeout', 1, 900);
  withinRange(MemorySize, 'memorySize', 128, 10_240);
  withinRange(EphemeralStorage?.Size, 'ephemeralStorage.size', 512, 10_240);
  if ((Description ?? '').length > 256)
    throw constraint(Description, 'description', 'Member must have length less than or equal to 256');
  if ((Handler ?? '').length > 128) throw constraint(Handler, 'handler', 'Member must have length less than or equal to 128');
  if (/\s/.test(Handler ?? '')) throw constraint(Handler, 'handler', 'Member must satisfy regular expression pattern: [^\\s]+');
}

function variablesOf(asked: Record<string, string> | undefined): Record<string, string> | undefined {
  const variables = asked ?? {};
  const names = Object.keys(variables);
  if (names.length === 0) return undefined;
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  if (names.some((name) => !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))) {
    throw constraint(
      '{}',
      'environment.variables',
      'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]',
    );
  }
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > VARIABLES_LIMIT) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${measured}`,
    );
  }
  return variables;
}

function networkOf(asked: VpcConfig | undefined, before: Settings | undefined): Pick<Settings, 'subnets' | 'securityGroups'> {
  const subnets = asked ? (asked.SubnetIds ?? []) : (before?.subnets ?? []);
  const securityGroups = asked ? (asked.SecurityGroupIds ?? []) : (before?.securityGroups ?? []);
  if ((subnets.length === 0) !== (securityGroups.length === 0)) {
    throw invalid('SecurityGroupIds and SubnetIds must both be empty or both be non-empty');
  }
  return { subnets, securityGroups };
}

function deadLetterOf(arn: string | undefined): string | undefined {
  if (arn === undefined || arn === '') return undefined;
  if (/^arn:aws:sns:/.test(arn)) return arn;
  throw notImitated(`DeadLetterConfig to ${arn}; it has SNS topics`);
}

function loggingOf(name: string, asked: LoggingConfig): Logging {
  const { LogFormat: format = 'Text', LogGroup, ApplicationLogLevel, SystemLogLevel } = asked;
  if (format === 'Text' && (ApplicationLogLevel !== undefined || SystemLogLevel !== undefined)) {
    throw invalid('To set ApplicationLogLevel or SystemLogLevel, the LogFormat must be JSON.');
  }
  if (ApplicationLogLevel !== undefined && !LEVELS.includes(ApplicationLogLevel)) {
    throw constraint(
      ApplicationLogLevel,
      'loggingConfig.applicationLogLevel',
      `Member must satisfy enum value set: [${LEVELS.join(', ')}]`,
    );
  }
  const group = LogGroup ?? `/aws/lambda/${name}`;
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(group)) {
    throw constraint(group, 'loggingConfig.logGroup', 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+');
  }
  return { format, group, applicationLevel: ApplicationLogLevel ?? 'INFO', systemLevel: SystemLogLevel ?? 'INFO' };
}

/** The same settings as Lambda shows them. */
export function shownSettings(s: Settings): FunctionConfiguration {
  const { logging } = s;
  return {
    Runtime: s.runtime as FunctionConfiguration['Runtime'],
    Role: s.role,
    Handler: s.handler,
    Description: s.description,
    Timeout: s.timeout,
    MemorySize: s.memorySize,
    ...(s.variables && { Environment: { Variables: { ...s.variables } } }),
    ...(s.kmsKeyArn !== undefined && { KMSKeyArn: s.kmsKeyArn }),
    ...(s.subnets.length > 0 && {
      VpcConfig: { SubnetIds: [...s.subnets], SecurityGroupIds: [...s.securityGroups], VpcId: 'vpc-00000000000000000' },
    }),
    TracingConfig: { Mode: s.tracing },
    EphemeralStorage: { Size: s.storage },
    ...(s.deadLetter !== undefined && { DeadLetterConfig: { TargetArn: s.deadLetter } }),
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: {
      LogFormat: logging.format,
      LogGroup: logging.group,
      ...(logging.format === 'JSON' && {
        ApplicationLogLevel: logging.applicationLevel as NonNullable<LoggingConfig['ApplicationLogLevel']>,
        SystemLogLevel: logging.systemLevel as NonNullable<LoggingConfig['SystemLogLevel']>,
      }),
    },
  };
}
