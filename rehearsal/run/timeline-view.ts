// The live timeline: one line a state, redrawn in place on a terminal, plain lines elsewhere.
import type { HistoryEvent } from '../states/world.ts';

export interface StateSpan {
  readonly name: string;
  readonly enteredAt: number;
  readonly exitedAt: number | undefined;
  readonly attempts: number;
}

const STATE_ENTERED = /^(Task|Choice|Pass|Wait|Parallel|Map|Succeed|Fail)StateEntered$/;
const STATE_EXITED = /^(Task|Choice|Pass|Wait|Parallel|Map|Succeed)StateExited$/;
const ATTEMPT = /^(TaskStarted|LambdaFunctionStarted)$/;
const FAILED_ATTEMPT =
  /^(TaskFailed|TaskTimedOut|LambdaFunctionFailed|LambdaFunctionTimedOut|LambdaFunctionScheduleFailed|TaskStartFailed|TaskSubmitFailed)$/;

/** The states of a run out of its history, in the order they were entered. */
export function spansOf(events: readonly HistoryEvent[]): StateSpan[] {
  const track = createTrack();
  events.forEach(track.take);
  return track.spans;
}

type OpenSpan = { -readonly [key in keyof StateSpan]: StateSpan[key] };

/** Follows a history. States run side by side in a Parallel: whose an event is, the chain of events before it tells. */
function createTrack(): { spans: StateSpan[]; take: (event: HistoryEvent) => StateSpan | undefined } {
  const spans: OpenSpan[] = [];
  const owners = new Map<number, OpenSpan>();
  const close = (whose: readonly OpenSpan[], at: number): void => whose.forEach((span) => (span.exitedAt ??= at));
  function ownerOf(event: HistoryEvent): OpenSpan | undefined {
    const name = nameIn(event);
    if (STATE_ENTERED.test(event.type)) {
      const span: OpenSpan = { name: name ?? '?', enteredAt: event.timestamp, exitedAt: undefined, attempts: 0 };
      spans.push(span);
      return span;
    }
    if (!STATE_EXITED.test(event.type)) return owners.get(event.previousEventId);
    const left = spans.findLast((span) => span.name === name);
    // A branch that was given up has no end of its own.
    close(left ? spans.slice(spans.indexOf(left)) : [], event.timestamp);
    return left;
  }
  return {
    spans,
    take(event) {
      const owner = ownerOf(event);
      if (owner) owners.set(event.id, owner);
      if (owner && ATTEMPT.test(event.type)) owner.attempts++;
      if (event.type.startsWith('Execution') && event.type !== 'ExecutionStarted') close(spans, event.timestamp);
      return owner;
    },
  };
}

function nameIn(event: HistoryEvent): string | undefined {
  const { stateEnteredEventDetails, stateExitedEventDetails } = (event.details ?? {}) as Record<
    string,
    { name?: string } | undefined
  >;
  return stateEnteredEventDetails?.name ?? stateExitedEventDetails?.name;
}

export interface TimelineView {
  event(event: HistoryEvent): void;
  /** A line that stays above the timeline. */
  note(text: string): void;
  end(status: string): void;
}

export interface ViewOptions {
  readonly write: (text: string) => void;
  readonly now: () => number;
  /** Undefined where no terminal watches. */
  readonly columns: number | undefined;
  /** What no longer fits the screen cannot be redrawn: only the newest lines are. */
  readonly rows?: number | undefined;
}

const BAR = 24;
const FRAME_MILLISECONDS = 120;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

export const seconds = (milliseconds: number): string => {
  const whole = Math.max(0, milliseconds) / 1000;
  if (whole < 60) return `${whole.toFixed(1)} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} m ${Math.floor(whole % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
};

/** What did not happen: a failed attempt is told where it happened, with its name and what it said. */
function failureIn(event: HistoryEvent): { error: string; says: string } | undefined {
  if (!FAILED_ATTEMPT.test(event.type)) return undefined;
  const { error, cause } = (Object.values(event.details ?? {})[0] ?? {}) as { error?: string; cause?: string };
  return { error: error ?? event.type, says: messageOf(cause ?? '') };
}

/** A step that would have its machine wait says for whom; so does one that failed. */
function remarkIn(event: HistoryEvent): { error: string; says: string } | undefined {
  const failure = failureIn(event);
  if (failure || event.type !== 'LambdaFunctionSucceeded') return failure;
  const { output } = (Object.values(event.details ?? {})[0] ?? {}) as { output?: string };
  const { waitSeconds, says } = (JSON.parse(output ?? 'null') as { waitSeconds?: unknown; says?: unknown } | null) ?? {};
  return typeof waitSeconds === 'number' && waitSeconds > 0 ? { error: 'not yet', says: String(says) } : undefined;
}

/** A Lambda's cause is JSON with a trace; its message is what a person wants to read. */
function messageOf(cause: string): string {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? '';
  } catch {
    return cause.split('\n')[0] ?? '';
  }
}

export function createTimelineView(options: ViewOptions): TimelineView {
  return options.columns === undefined ? plainView(options) : liveView(options, options.columns);
}

const attemptsOf = ({ attempts }: StateSpan): string => (attempts > 1 ? `, ${attempts} attempts` : '');

function plainView({ write }: ViewOptions): TimelineView {
  const track = createTrack();
  let told = '';
  return {
    event(event) {
      const span = track.take(event);
      const failure = remarkIn(event);
      // What is asked again and again says the same thing each time: once is enough.
      if (failure && told !== `${span?.name ?? ''} ${failure.error}`) {
        told = `${span?.name ?? ''} ${failure.error}`;
        write(`            ${failure.error}: ${failure.says}\n`);
      }
      if (!span || !(STATE_ENTERED.test(event.type) || STATE_EXITED.test(event.type))) return;
      // A Choice or a Pass takes no time: one line is enough for it.
      const brief = !/^(Task|Wait|Parallel|Map)/.test(event.type);
      if (brief && STATE_EXITED.test(event.type)) return;
      const at = new Date(event.timestamp).toISOString().slice(11, 19);
      if (STATE_ENTERED.test(event.type)) write(`  ${at}  ${span.name}${brief ? '' : ' …'}\n`);
      else write(`  ${at}  ${span.name} done in ${seconds((span.exitedAt ?? 0) - span.enteredAt)}${attemptsOf(span)}\n`);
    },
    note: (text) => write(`  ${text}\n`),
    end: (status) => write(`  ${status}\n`),
  };
}

function liveView({ write, now, rows = Infinity }: ViewOptions, columns: number): TimelineView {
  const { spans, take } = createTrack();
  /** The newest of each kind, by state and name. */
  const failures = new Map<string, string>();
  let drawn = 0;
  let frame = 0;
  const draw = (): void => {
    const start = spans[0]?.enteredAt ?? now();
    const total = Math.max(1, (spans.at(-1)?.exitedAt ?? now()) - start);
    const spinner = SPINNER[frame % SPINNER.length] ?? '';
    const lines = spans.map((span) => spanLine(span, start, total, now(), spinner));
    const shown = [...lines, ...failures.values()].slice(-Math.max(1, rows - 2));
    write(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${shown.map((line) => `\u001b[2K${line.slice(0, columns - 1)}\n`).join('')}`);
    drawn = shown.length;
  };
  const timer = setInterval(() => {
    frame++;
    draw();
  }, FRAME_MILLISECONDS);
  timer.unref();
  return {
    event(event) {
      const state = take(event)?.name ?? '?';
      const failure = remarkIn(event);
      if (failure) failures.set(`${state} ${failure.error}`, `  ! ${state}: ${failure.error}: ${failure.says}`);
      draw();
    },
    note(text) {
      if (drawn > 0) write(`\u001b[${drawn}A\u001b[0J`);
      write(`${text}\n`);
      drawn = 0;
      draw();
    },
    end(status) {
      clearInterval(timer);
      draw();
      write(`  ${status}\n`);
    },
  };
}

function spanLine(span: StateSpan, start: number, total: number, now: number, spinner: string): string {
  const end = span.exitedAt ?? now;
  const from = Math.min(BAR - 1, Math.floor(((span.enteredAt - start) / total) * BAR));
  const to = Math.min(BAR, Math.max(from + 1, Math.ceil(((end - start) / total) * BAR)));
  const bar = ' '.repeat(from) + '━'.repeat(to - from) + ' '.repeat(BAR - to);
  const mark = span.exitedAt === undefined ? spinner : '✓';
  const tries = span.attempts > 1 ? `  (${span.attempts} attempts)` : '';
  return `  ${mark} ${span.name.padEnd(18)} ${bar} ${seconds(end - span.enteredAt).padStart(9)}${tries}`;
}
