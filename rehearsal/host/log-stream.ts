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
const EVENT_OVERHEAD = 26;
const BATCH_BYTES = 1_048_576;
const BATCH_COUNT = 10_000;

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

  async function put(caller: Caller, logEvents: LogLine[]): Promise<void> {
    if (!made) await make(caller);
    const input = { logGroupName: group, logStreamName: name, logEvents };
    await ground.call(caller, 'logs', 'PutLogEvents', input, program.region).catch(async (error: unknown) => {
      if (codeOf(error) !== 'ResourceNotFoundException') throw error;
      // The group was taken away meanwhile: Lambda makes it anew.
      await make(caller);
      await ground.call(caller, 'logs', 'PutLogEvents', input, program.region);
    });
  }

  return {
    name,
    async write(caller, events) {
      const kept = events.filter(({ message }) => message.trim() !== '');
      try {
        for (const batch of batchesOf(kept)) await put(caller, batch);
      } catch {
        // As in AWS: a function that may not write its log runs without one.
      }
    },
  };
}

/** As much as one PutLogEvents takes. */
function batchesOf(events: readonly LogLine[]): LogLine[][] {
  const batches: LogLine[][] = [];
  let bytes = Infinity;
  for (const { timestamp, message } of events) {
    const cut = { timestamp, message: message.slice(0, EVENT_LIMIT) };
    const size = Buffer.byteLength(cut.message) + EVENT_OVERHEAD;
    const full = bytes + size > BATCH_BYTES || (batches.at(-1)?.length ?? 0) >= BATCH_COUNT;
    if (full) batches.push([]);
    bytes = full ? size : bytes + size;
    batches.at(-1)?.push(cut);
  }
  return batches;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;
