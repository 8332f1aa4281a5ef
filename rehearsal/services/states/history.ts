// An execution's history as the API hands it out.
import type { HistoryEvent as WireEvent } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../states/world.ts';
import { readWithKey } from './encryption.ts';
import { executionAt } from './ledger.ts';
import { pageOf } from './page.ts';
import type { Scene, StatesOperations } from './scene.ts';

/** What `includeExecutionData: false` leaves out. */
const DATA = new Set(['input', 'output', 'parameters', 'assignedVariables']);

export function historyOperations({ ground, ledgerOf }: Scene): StatesOperations {
  return {
    GetExecutionHistory: {
      asks: (input) => [{ action: 'states:GetExecutionHistory', resource: input.executionArn ?? '' }],
      async run(input, call) {
        const execution = executionAt(ledgerOf(call.region), input.executionArn ?? '');
        await readWithKey(ground, call, execution.machine, execution.revision);
        const { reverseOrder = false, includeExecutionData: whole = true } = input;
        const events = reverseOrder ? [...execution.history].reverse() : execution.history;
        const question = ['history', execution.arn, reverseOrder, whole];
        const page = pageOf(events, input, question, (e) => String(e.id));
        return { events: page.items.map((event) => wireEvent(event, whole)), nextToken: page.next };
      },
    },
  };
}

/** The interpreter's draft is already in AWS's shape; only the instant changes its form. */
function wireEvent(event: HistoryEvent, whole: boolean): WireEvent {
  const { id, previousEventId, timestamp, type, details = {} } = event;
  const shown = whole ? details : Object.fromEntries(Object.entries(details).map(([key, value]) => [key, withoutData(value)]));
  return { ...shown, id, previousEventId, type: type as WireEvent['type'], timestamp: new Date(timestamp) };
}

const withoutData = (details: unknown): unknown =>
  typeof details === 'object' && details !== null
    ? Object.fromEntries(Object.entries(details).filter(([key]) => !DATA.has(key)))
    : details;
