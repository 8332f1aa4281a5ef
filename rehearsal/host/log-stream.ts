// Where an execution environment's lines go: a stream of its own, written with the function's own rights. No rights, no lines.
import type { Caller } from '../iam/ask.ts';
import type { Ground } from '../services/ground.ts';
import type { Program } from './program.ts';

export interface LogStream {
  readonly name: string;
  /** One event each; a message may have several lines. */
  write(caller: Caller, events: readonly LogLine[]): Promise<void>;
}
export interface LogLine {
  readonly timestamp: number;
  readonly message: string;
}

const HEX = '0123456789abcdef';
const EVENT_LIMIT = 262_118;

export function createLogStream(ground: Ground, program: Program): LogStream {
  const { group } = program.logging;
  const day = new Date(ground.timeline.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const name = `${day}/[${program.version}]${ground.token(32, HEX)}`;
  let made = false;

  async function make(caller: Caller): Promise<void> {
    const stream = { logGroupName: group, logStreamName: name };
    try {
      await ground.call(caller, 'logs', 'CreateLogStream', stream, program.region);
    } catch (error) {
      if (codeOf(error) === 'ResourceNotFoundException') {
        await ground.call(caller, 'logs', 'CreateLogGroup', { logGroupName: group }, program.region);
        await ground.call(caller, 'logs', 'CreateLogStream', stream, program.region);
      } else if (codeOf(error) !== 'ResourceAlreadyExistsException') throw error;
    }
    made = true;
  }

  return {
    name,
    async write(caller, events) {
      const kept = events.filter(({ message }) => message.trim() !== '');
      if (kept.length === 0) return;
      const logEvents = kept.map(({ timestamp, message }) => ({ timestamp, message: message.slice(0, EVENT_LIMIT) }));
      try {
        if (!made) await make(caller);
        await ground.call(
          caller,
          'logs',
          'PutLogEvents',
          { logGroupName: group, logStreamName: name, logEvents },
          program.region,
        );
      } catch {
        // As in AWS: a function that may not write its log runs without one.
      }
    },
  };
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;
