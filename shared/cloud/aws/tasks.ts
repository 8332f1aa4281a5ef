// The waiting tasks of Step Functions.
import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Tasks } from '../ports.ts';
import { nameOf, translate } from './errors.ts';

/** Nothing waits under the token: it was answered, its state timed out, or its execution ended. */
const GONE = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

export function awsTasks(): Tasks {
  const sfn = new SFNClient({});
  const deliver = async (send: () => Promise<unknown>): Promise<'delivered' | 'gone'> => {
    try {
      await send();
      return 'delivered';
    } catch (error) {
      if (GONE.includes(nameOf(error))) return 'gone';
      throw translate(error, 'answering the waiting run');
    }
  };
  return {
    succeed: (taskToken, output) =>
      deliver(() => sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    fail: (taskToken, error, cause) => deliver(() => sfn.send(new SendTaskFailureCommand({ taskToken, error, cause }))),
  };
}
