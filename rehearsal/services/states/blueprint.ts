// From what a caller wrote to a revision: the definition loaded, the role judged, logging and encryption settled.
import type { CreateStateMachineInput, ValidateStateMachineDefinitionDiagnostic } from '@aws-sdk/client-sfn';
import type { Caller } from '../../iam/ask.ts';
import type { Machine as LoadedMachine } from '../../states/definition.ts';
import { MAX_DEFINITION_BYTES } from '../../states/limits.ts';
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import type { Call } from '../service.ts';
import { checkEncryption } from './encryption.ts';
import { faultsOf, load, usesNestedExecutions } from './engine.ts';
import type { Revision } from './ledger.ts';
import { checkLogging } from './logging.ts';
import { checkRoleArn, constraint } from './naming.ts';

export interface Wanted {
  readonly id: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly logging: CreateStateMachineInput['loggingConfiguration'];
  readonly tracing: boolean;
  readonly encryption: CreateStateMachineInput['encryptionConfiguration'];
}

/** Settles a revision; nothing of it stands before all of it does. */
export async function draftRevision(ground: Ground, call: Call, machineArn: string, wanted: Wanted): Promise<Revision> {
  if (wanted.definition.length === 0) throw constraint('', 'definition', 'have length greater than or equal to 1');
  if (wanted.definition.length > MAX_DEFINITION_BYTES) {
    throw constraint('(too long)', 'definition', `have length less than or equal to ${MAX_DEFINITION_BYTES}`);
  }
  checkRoleArn(wanted.roleArn);
  const loaded = load(wanted.definition);
  const role = tryRole(ground, wanted.roleArn);
  demandManagedRule(ground, role, wanted.roleArn, loaded, call.region);
  const logging = await checkLogging(ground, role, call.region, wanted.logging);
  const settled = await checkEncryption(ground, call, machineArn, wanted.encryption);
  return { ...wanted, madeAt: call.at, loaded, logging, ...settled };
}

function tryRole(ground: Ground, roleArn: string): Caller {
  try {
    return ground.assume(roleArn, 'states.amazonaws.com', 'StepFunctions');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'AccessDeniedException',
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.',
    );
  }
}

/** A machine that waits for nested executions hears of their end by a rule AWS makes with the machine's own role. */
function demandManagedRule(ground: Ground, role: Caller, roleArn: string, loaded: LoadedMachine, region: string): void {
  if (!usesNestedExecutions(loaded)) return;
  const resource = `arn:aws:events:${region}:${ground.account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  const wanted = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];
  if (wanted.every((action) => ground.allows(role, { action, resource }, region))) return;
  throw new AwsError('AccessDeniedException', `'${roleArn}' is not authorized to create managed-rule.`);
}

export const diagnosticsOf = (definition: string): ValidateStateMachineDefinitionDiagnostic[] =>
  faultsOf(definition).map(({ code, message, path }) => ({ severity: 'ERROR', code, message, location: path }));
