// The Lambda host: runs packaged zips in child processes as Lambda's Node.js runtime would.
import type { Ground } from '../services/ground.ts';
import type { Cell } from './cell.ts';
import { pruneCompiled } from './compiled.ts';
import { createFleet } from './fleet.ts';
import { endLine, exitMessage, reportLine, startLine, type Report } from './lines.ts';
import { ANSWER_LIMIT, type Answer, type Invocation, type Program } from './program.ts';
import { reachOf } from './reach.ts';
import type { Outcome } from './sandbox.ts';
import { type Authorities, createTrust } from './trust.ts';
import { holdWorkshop } from './workshop.ts';

export interface Host {
  /** Unpacks a package once, verifying every byte, and answers its unpacked size. Throws BadArchive. */
  prepare(zip: Buffer, sha256: string): Promise<number>;
  /** A program that was published, and may be asked for soon. */
  expect(program: Program): void;
  invoke(program: Program, invocation: Invocation): Promise<Answer>;
  /** A fault: the process that runs this invocation dies mid-step. */
  kill(requestId: string): Promise<void>;
  /** The function, or one version of it, changed or went: its processes are ended. */
  retire(functionArn: string, version?: string): Promise<void>;
  stop(): Promise<void>;
}

export interface HostOptions {
  /** The local certificate authorities that functions are to trust. */
  readonly authorities?: Authorities | undefined;
}

interface Ending {
  readonly payload: object | string | null;
  readonly failed: boolean;
  readonly status: Report['status'];
  readonly errorType?: string;
  readonly lines: readonly string[];
}

const TAIL_BYTES = 4096;
const HEX = '0123456789abcdef';

export function createHost(ground: Ground, options: HostOptions = {}): Host {
  const { timeline } = ground;
  const { authorities } = options;
  pruneCompiled();
  const hold = holdWorkshop();
  const trust = authorities && createTrust(ground.folder('lambda/certificates'), authorities);
  const fleet = createFleet(ground, hold.workshop, trust);
  const running = new Map<string, Cell>();

  async function work(cell: Cell, invocation: Invocation): Promise<Answer> {
    const { program } = cell;
    const { requestId } = invocation;
    const trace = {
      ...invocation.trace,
      functionName: program.name,
      invocation: requestId,
      inNetwork: program.inNetwork,
    };
    const caller = ground.assume(program.role, 'lambda.amazonaws.com', program.name, trace);
    cell.workFor(caller);
    const { outcome: booted, milliseconds: initMs } = await cell.boot();
    cell.log(startLine(program.logging, timeline.now(), requestId, program.version));
    const began = timeline.now();
    const outcome = booted.kind === 'ready' ? await run(cell, invocation) : booted;
    const durationMs = timeline.now() - began;
    if (outcome.kind === 'failure' && outcome.ends) await cell.sandbox().end();
    const ending = endingOf(outcome, requestId, program.timeout, timeline.now());
    for (const line of ending.lines) cell.log(line);
    const { status, errorType } = ending;
    const usedMegabytes = outcome.kind === 'memory' ? program.memorySize : cell.sandbox().usedMegabytes();
    const report: Report = { requestId, durationMs, initMs, memorySize: program.memorySize, usedMegabytes, status, errorType };
    cell.log(endLine(program.logging, timeline.now(), report));
    cell.log(reportLine(program.logging, timeline.now(), report));
    const lines = cell.takeLines();
    await cell.stream.write(caller, lines);
    const text = Buffer.from(lines.map(({ message }) => `${message}\n`).join(''));
    const payload = typeof ending.payload === 'string' ? ending.payload : JSON.stringify(ending.payload);
    return { payload, failed: ending.failed, logTail: text.subarray(-TAIL_BYTES) };
  }

  async function run(cell: Cell, invocation: Invocation): Promise<Outcome> {
    const { program } = cell;
    if (invocation.stillborn === true) {
      await cell.sandbox().end();
      return { kind: 'exit', code: null, signal: 'SIGKILL' };
    }
    const milliseconds = program.timeout * 1000;
    const message = {
      event: invocation.event,
      milliseconds,
      offset: timeline.offset(),
      published: reachOf(program, ground.published()),
      traceId: traceId(),
      context: {
        functionName: program.name,
        functionVersion: program.version,
        invokedFunctionArn: invocation.invokedArn,
        memoryLimitInMB: String(program.memorySize),
        logGroupName: program.logging.group,
        logStreamName: cell.stream.name,
        awsRequestId: invocation.requestId,
        ...(invocation.clientContext !== undefined && { clientContext: invocation.clientContext }),
      },
    };
    return cell.sandbox().run(message, milliseconds);
  }

  const traceId = (): string => {
    const seconds = Math.floor(timeline.now() / 1000).toString(16);
    return `Root=1-${seconds}-${ground.token(24, HEX)};Parent=${ground.token(16, HEX)};Sampled=0;Lineage=1:${ground.token(8, HEX)}:0`;
  };

  return {
    prepare: (zip, sha256) => hold.workshop().prepare(zip, sha256),
    expect: (program) => hold.workshop().spares.expect(program),
    invoke: (program, invocation) =>
      timeline.busy(async () => {
        const { prepare, rootOf } = hold.workshop();
        await prepare(program.zip, program.sha256);
        const cell = fleet.take(program, rootOf(program.sha256));
        running.set(invocation.requestId, cell);
        try {
          return await work(cell, invocation);
        } finally {
          running.delete(invocation.requestId);
          await fleet.giveBack(cell);
        }
      }),
    async kill(requestId) {
      await running.get(requestId)?.sandbox().end();
    },
    retire: (functionArn, version) => fleet.retire(functionArn, version),
    async stop() {
      await fleet.stop();
      await hold.release();
    },
  };
}

/** What the invoker reads, and what the log says of it. */
function endingOf(outcome: Outcome, requestId: string, timeout: number, at: number): Ending {
  switch (outcome.kind) {
    case 'answer':
      return Buffer.byteLength(outcome.body) > ANSWER_LIMIT ? tooLargeEnding() : answerEnding(outcome.body);
    case 'answer-too-large':
      return tooLargeEnding();
    case 'failure': {
      const { errorType, errorMessage, trace } = outcome.error;
      const payload = { errorType, errorMessage, ...(trace && { trace }) };
      return { payload, failed: true, status: 'error', ...(outcome.ends && { errorType }), lines: [] };
    }
    case 'timeout': {
      const message = `Task timed out after ${timeout.toFixed(2)} seconds`;
      const payload = { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${message}` };
      return { payload, failed: true, status: 'timeout', lines: [`${new Date(at).toISOString()} ${requestId} ${message}\n`] };
    }
    case 'memory':
      return brokenEnding('Runtime.OutOfMemory', requestId, exitMessage(null, 'SIGKILL'));
    case 'exit':
      return brokenEnding('Runtime.ExitError', requestId, exitMessage(outcome.code, outcome.signal));
    case 'ready':
      return answerEnding('null');
  }
}

const answerEnding = (body: string): Ending => ({ payload: body, failed: false, status: 'success', lines: [] });

function tooLargeEnding(): Ending {
  const errorType = 'Function.ResponseSizeTooLarge';
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${ANSWER_LIMIT} bytes).`;
  return { payload: { errorType, errorMessage }, failed: true, status: 'error', errorType, lines: [errorMessage] };
}

function brokenEnding(errorType: string, requestId: string, message: string): Ending {
  const errorMessage = `RequestId: ${requestId} Error: ${message}`;
  return { payload: { errorType, errorMessage }, failed: true, status: 'error', errorType, lines: [errorMessage, errorType] };
}
