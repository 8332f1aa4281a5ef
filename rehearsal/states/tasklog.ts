// The history of one attempt of a Task, in the family of events its integration has. Whoever knows an event first writes it:
// the world may, and what it leaves out is written here; none is written twice.
import type { TaskState } from './definition.ts';
import type { Fiber } from './execution.ts';
import { detailed, failureOf, inputOf, outputOf } from './history.ts';
import { TaskTimeout } from './errors.ts';
import type { HistoryDraft, Json, StateError } from './world.ts';

export interface TaskLog {
  record(draft: HistoryDraft): number;
  started(): void;
  succeeded(result: Json): void;
  failed(error: StateError): void;
}

/** What was asked of the world, as far as the history tells it. */
export interface Attempt {
  readonly state: TaskState;
  readonly arguments: Json;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

type Stage = 'scheduled' | 'started' | 'submitted' | 'ended';

export function createTaskLog(fiber: Fiber, attempt: Attempt): TaskLog {
  const written = new Map<Stage, number>();
  const direct = attempt.state.integration === 'function';

  function record(draft: HistoryDraft): number {
    const stage = stageOf(draft.type);
    const known = stage === undefined ? undefined : written.get(stage);
    if (known !== undefined) return known;
    if (stage !== 'scheduled' && !written.has('scheduled')) record(scheduled(fiber, attempt));
    const id = fiber.execution.history.write(fiber.chain, draft);
    if (stage !== undefined) written.set(stage, id);
    return id;
  }

  const event = (suffix: string, details: Record<string, unknown>): HistoryDraft =>
    direct
      ? detailed(`LambdaFunction${suffix}`, details)
      : detailed(`Task${suffix}`, { ...serviceOf(attempt.state), ...details });

  return {
    record,
    started() {
      record(direct ? { type: 'LambdaFunctionStarted' } : event('Started', {}));
    },
    succeeded: (result) => void record(event('Succeeded', outputOf(result))),
    failed: (error) => void record(event(error instanceof TaskTimeout ? 'TimedOut' : 'Failed', failureOf(error))),
  };
}

function stageOf(type: string): Stage | undefined {
  if (type.endsWith('Scheduled')) return 'scheduled';
  if (type.endsWith('Started')) return 'started';
  if (type.endsWith('Submitted')) return 'submitted';
  return /(Succeeded|Failed|TimedOut)$/.test(type) ? 'ended' : undefined;
}

function scheduled({ execution }: Fiber, { state, arguments: given, timeoutSeconds, heartbeatSeconds }: Attempt): HistoryDraft {
  const timeout = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
  if (state.integration === 'function') {
    return detailed('LambdaFunctionScheduled', { resource: state.resource, ...inputOf(given), ...timeout });
  }
  const heartbeat = heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds };
  const [, , , region = ''] = execution.identity.execution.id.split(':');
  return detailed('TaskScheduled', { ...serviceOf(state), region, parameters: JSON.stringify(given), ...timeout, ...heartbeat });
}

/** `lambda:invoke.waitForTaskToken` is resource type lambda, resource invoke.waitForTaskToken. */
export function serviceOf({ integration }: Pick<TaskState, 'integration'>): { resourceType: string; resource: string } {
  const colon = integration.indexOf(':');
  return { resourceType: integration.slice(0, colon), resource: integration.slice(colon + 1) };
}
