// Task tokens: issued to a state that waits, answered once, and never again.
import { AwsError } from '../error.ts';
import type { Ground } from '../ground.ts';
import { MAX_PAYLOAD_BYTES } from '../../states/limits.ts';
import { StateError, type Json } from '../../states/world.ts';
import { invalidToken, validation } from './naming.ts';
import { encryptFor } from './encryption.ts';
import type { Execution } from './ledger.ts';
import type { Scene, StatesOperations } from './scene.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const TOKEN_LENGTH = 664;
/** Every real token begins so: it is the base64 of a serialized object's first bytes. */
const TOKEN_OPENING = 'AQCEAAAAKgAAAAMAAAAAAAAAA';
const LONGEST_CAUSE = 32_768;
const LONGEST_ERROR = 256;

interface Waiting {
  readonly execution: Execution;
  answer(output: Json): void;
  fail(error: StateError): void;
  beat(): void;
}

export interface TokenDesk {
  issue(execution: Execution): string;
  /** Waits for the answer to a token; `beat` is called at each heartbeat. */
  wait(token: string, beat: () => void, signal: AbortSignal): Promise<Json>;
  /** Nobody waits for this token any more. */
  close(token: string): void;
  /** The machine whose task a token was issued for. */
  machineOf(token: string): string | undefined;
  /** Throws InvalidToken or TaskTimedOut unless a task waits for it. */
  waiting(token: string): Waiting;
}

export function createTokenDesk(ground: Ground): TokenDesk {
  const issued = new Map<string, Execution>();
  const open = new Map<string, Waiting>();

  return {
    issue(execution) {
      const token = TOKEN_OPENING + ground.token(TOKEN_LENGTH - TOKEN_OPENING.length, BASE64);
      issued.set(token, execution);
      return token;
    },
    wait: (token, beat, signal) =>
      new Promise((resolve, reject) => {
        const leave = () => {
          open.delete(token);
          reject(signal.reason as Error);
        };
        const execution = issued.get(token);
        if (execution === undefined || signal.aborted) return leave();
        signal.addEventListener('abort', leave, { once: true });
        const settle = (): void => {
          open.delete(token);
          signal.removeEventListener('abort', leave);
        };
        open.set(token, {
          execution,
          answer: (output) => (settle(), resolve(output)),
          fail: (error) => (settle(), reject(error)),
          beat,
        });
      }),
    close: (token) => void open.delete(token),
    machineOf: (token) => issued.get(token)?.machine.arn,
    waiting(token) {
      const found = open.get(token);
      if (found) return found;
      if (issued.has(token)) {
        throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
      }
      throw invalidToken();
    },
  };
}

/** An answer is data: it is encrypted with the key of the machine, by the machine's role, before it is taken. */
export function tokenOperations({ ground, tokens: desk }: Scene): StatesOperations {
  // AWS documents no resource for these, but judges them on the machine the token belongs to.
  const asks =
    (operation: string) =>
    ({ taskToken = '' }: { taskToken?: string | undefined }) => [
      { action: `states:${operation}`, resource: desk.machineOf(taskToken) ?? '*' },
    ];
  return {
    SendTaskSuccess: {
      asks: asks('SendTaskSuccess'),
      async run({ taskToken = '', output = '' }) {
        const answer = parseOutput(output);
        await encryptFor(ground, desk.waiting(taskToken).execution);
        desk.waiting(taskToken).answer(answer);
        return {};
      },
    },
    SendTaskFailure: {
      asks: asks('SendTaskFailure'),
      async run({ taskToken = '', error, cause }) {
        if ((error?.length ?? 0) > LONGEST_ERROR) throw validation(`error must be at most ${LONGEST_ERROR} characters`);
        if ((cause?.length ?? 0) > LONGEST_CAUSE) throw validation(`cause must be at most ${LONGEST_CAUSE} characters`);
        const { execution } = desk.waiting(taskToken);
        if (error !== undefined || cause !== undefined) await encryptFor(ground, execution);
        desk.waiting(taskToken).fail(new StateError(error ?? 'States.TaskFailed', cause));
        return {};
      },
    },
    SendTaskHeartbeat: {
      asks: asks('SendTaskHeartbeat'),
      run({ taskToken = '' }) {
        desk.waiting(taskToken).beat();
        return {};
      },
    },
  };
}

function parseOutput(output: string): Json {
  if (Buffer.byteLength(output) > MAX_PAYLOAD_BYTES) {
    throw new AwsError('InvalidOutput', `Invalid Output: 'output is longer than ${MAX_PAYLOAD_BYTES} bytes'`);
  }
  try {
    return JSON.parse(output) as Json;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}
