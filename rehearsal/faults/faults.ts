// What goes wrong, by name: each fault is addressed by state, operation or function, and by occurrence; chance is seeded.
import type { Caller, Trace } from '../iam/ask.ts';
import type { InvocationFault } from '../services/ground.ts';

export const FAULT_KINDS = [
  'throttled',
  'denied',
  'server-error',
  'lost-before',
  'lost-after',
  'killed-before',
  'killed-after',
  'slow',
  'duplicate',
  'stale',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** State of the machine whose Lambda makes the call, or whose Lambda is invoked. */
  readonly state?: string;
  /** `states:StartExecution`, `s3:PutObject`; `lambda:Invoke` means the invocation itself. Any operation when absent. */
  readonly operation?: string;
  readonly functionName?: string;
  /** The first this-many-th match goes wrong; 1 when absent. */
  readonly occurrence?: number;
  /** How many matches from there on; 1 when absent. */
  readonly times?: number | 'always';
  /** Every operation of every state counts for itself: all of them are met at once. */
  readonly each?: boolean;
  /** Chance of each match, from the cloud's seed; certain when absent. */
  readonly probability?: number;
  /** For `slow`. */
  readonly milliseconds?: number;
}

export interface Scene {
  readonly operation: string;
  readonly caller: Caller;
  /** The same was asked before, and its answer is known: without one there is nothing stale to say. */
  readonly asked?: boolean;
}

export interface Faults {
  set(faults: readonly Fault[]): void;
  /** The faults of this call, used up by asking. */
  ofCall(scene: Scene): readonly Fault[];
  ofInvocation(trace: Trace): InvocationFault | undefined;
  /** Whether a later call may be answered with this operation's earlier answer. */
  mayBeStale(operation: string): boolean;
  /** Faults that never met what they were addressed to: a rehearsal that named one proved nothing. */
  unused(): readonly Fault[];
}

interface Count {
  met: number;
  done: number;
}
interface Armed {
  readonly fault: Fault;
  readonly counts: Map<string, Count>;
}

const DEFAULT_SLOW_MILLISECONDS = 5_000;
const READS = /:(Get|List|Describe|Head)/;
/** What changes nothing: only its answer can be an old one. */
export const isRead = (operation: string): boolean => READS.test(operation);
const ON_INVOCATION: readonly FaultKind[] = ['duplicate', 'killed-before', 'slow', 'throttled', 'server-error'];

export function createFaults(random: () => number): Faults {
  let armed: Armed[] = [];

  const strikes = ({ fault, counts }: Armed, place: string): boolean => {
    const { occurrence = 1, times = 1, probability = 1, each = false } = fault;
    const key = each ? place : '';
    const count = counts.get(key) ?? { met: 0, done: 0 };
    counts.set(key, count);
    count.met++;
    if (count.met < occurrence) return false;
    if (times !== 'always' && count.done >= times) return false;
    if (probability < 1 && random() >= probability) return false;
    count.done++;
    return true;
  };
  const placeOf = (operation: string, trace: Trace | undefined): string =>
    `${operation} ${trace?.state ?? trace?.functionName ?? ''}`;
  const meets = (fault: Fault, trace: Trace | undefined): boolean =>
    (fault.state === undefined || fault.state === trace?.state) &&
    (fault.functionName === undefined || fault.functionName === trace?.functionName);

  return {
    set: (faults) => {
      armed = faults.map((fault) => ({ fault, counts: new Map() }));
    },
    ofCall: ({ operation, caller, asked = false }) => {
      const trace = caller.kind === 'role' ? caller.trace : undefined;
      return armed
        .filter(({ fault }) => !isInvocationFault(fault) && meets(fault, trace))
        .filter(({ fault }) => fault.kind !== 'stale' || asked)
        .filter(({ fault }) => (fault.operation === undefined ? isStepsOwnCall(operation, trace) : fault.operation === operation))
        .filter((entry) => strikes(entry, placeOf(operation, trace)))
        .map(({ fault }) => fault);
    },
    ofInvocation: (trace) => {
      const entry = armed
        .filter(({ fault }) => isInvocationFault(fault) && meets(fault, trace))
        .find((one) => strikes(one, placeOf('lambda:Invoke', trace)));
      return entry && invocationFault(entry.fault);
    },
    mayBeStale: (operation) =>
      isRead(operation) && armed.some(({ fault }) => fault.kind === 'stale' && (fault.operation ?? operation) === operation),
    unused: () => armed.filter(({ counts }) => [...counts.values()].every(({ done }) => done === 0)).map(({ fault }) => fault),
  };
}

/** A call the step's code makes, not the log lines its host writes in its name. */
const isStepsOwnCall = (operation: string, trace: Trace | undefined): boolean =>
  trace?.invocation !== undefined && !operation.startsWith('logs:');

/** Addressed to the invocation itself, not to a call that the Lambda makes. */
const isInvocationFault = (fault: Fault): boolean =>
  fault.kind === 'duplicate' || (fault.operation === 'lambda:Invoke' && ON_INVOCATION.includes(fault.kind));

function invocationFault(fault: Fault): InvocationFault {
  if (fault.kind === 'duplicate') return { kind: 'duplicate' };
  if (fault.kind === 'slow') return { kind: 'slow', milliseconds: fault.milliseconds ?? DEFAULT_SLOW_MILLISECONDS };
  if (fault.kind === 'throttled') return { kind: 'refused', error: 'TooManyRequestsException' };
  if (fault.kind === 'server-error') return { kind: 'refused', error: 'ServiceException' };
  return { kind: 'killed' };
}

/** `throttled`, `killed-after@SwapNames`, `lost-after@Open/s3:PutObject#2`. */
export function parseFault(text: string): Fault {
  const match = /^([a-z-]+)(?:@([A-Za-z]+))?(?:\/([a-z0-9]+:[A-Za-z]+))?(?:#(\d+))?$/.exec(text);
  const kind = FAULT_KINDS.find((known) => known === match?.[1]);
  if (!match || !kind) {
    throw new Error(
      `--fault: found "${text}", expected NAME[@STATE][/service:Operation][#OCCURRENCE] with NAME one of ${FAULT_KINDS.join(', ')}`,
    );
  }
  const [, , state, operation, occurrence] = match;
  return {
    kind,
    ...(state !== undefined && { state }),
    ...(operation !== undefined && { operation }),
    ...(occurrence !== undefined && { occurrence: Number(occurrence) }),
  };
}
