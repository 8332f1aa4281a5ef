// What a function finds in its environment: what Lambda sets, what its configuration says, and where AWS is. Nothing of ours.
import type { Keys } from '../services/ground.ts';
import type { Program } from './program.ts';

export interface Surroundings {
  readonly taskRoot: string;
  readonly keys: Keys;
  readonly endpoint: string;
  readonly logStream: string;
}

/** What Lambda sets and a function may set otherwise. */
const OWN = { PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin', LANG: 'en_US.UTF-8', TZ: ':UTC' };
const READ_BY_NODE = /^(NODE|UV|LC|LD|OPENSSL)_|^(LANG|TZ|PATH)$/;

/** The part that Node reads while it starts. Whose certificates are believed is said otherwise: see trust.cjs. */
export function startingOf({ variables }: Program): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: _believed, ...rest } = variables;
  return Object.fromEntries(Object.entries({ ...OWN, ...rest }).filter(([name]) => READ_BY_NODE.test(name)));
}

export function environmentOf(program: Program, around: Surroundings): Record<string, string> {
  const { logging } = program;
  return {
    ...OWN,
    ...program.variables,
    LAMBDA_TASK_ROOT: around.taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    AWS_REGION: program.region,
    AWS_DEFAULT_REGION: program.region,
    AWS_ACCESS_KEY_ID: around.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: around.keys.secretAccessKey,
    AWS_SESSION_TOKEN: around.keys.sessionToken,
    AWS_EXECUTION_ENV: `AWS_Lambda_${program.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: program.name,
    AWS_LAMBDA_FUNCTION_VERSION: program.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(program.memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logging.group,
    AWS_LAMBDA_LOG_STREAM_NAME: around.logStream,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    _HANDLER: program.handler,
    ...(logging.format === 'JSON' && { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: logging.applicationLevel }),
    AWS_ENDPOINT_URL: around.endpoint,
  };
}
