// Executions of our own machines.
import { DescribeExecutionCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions } from '../ports.ts';
import { nameOf, translate } from './errors.ts';

/** Step Functions takes no longer ones. */
const MAX_ERROR_CHARACTERS = 256;
const MAX_CAUSE_CHARACTERS = 32_768;

export function awsExecutions(): Executions {
  const sfn = new SFNClient({});
  return {
    async read(executionArn) {
      try {
        // The input and output may be large, and nothing in them is asked for.
        const found = await sfn.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
        const status = found.status ?? 'RUNNING';
        const running = status === 'RUNNING' || status === 'PENDING_REDRIVE';
        return { running, status, stoppedAt: found.stopDate?.toISOString() ?? null };
      } catch (error) {
        if (nameOf(error) === 'ExecutionDoesNotExist') return undefined;
        throw translate(error, `reading ${executionArn}`);
      }
    },
    async stop(executionArn, error, cause) {
      const words = { error: error.slice(0, MAX_ERROR_CHARACTERS), cause: cause.slice(0, MAX_CAUSE_CHARACTERS) };
      try {
        await sfn.send(new StopExecutionCommand({ executionArn, ...words }));
      } catch (failure) {
        // Whatever Step Functions has forgotten does not run.
        if (nameOf(failure) !== 'ExecutionDoesNotExist') throw translate(failure, `stopping ${executionArn}`);
      }
    },
  };
}
