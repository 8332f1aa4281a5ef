// What is refused when a definition is loaded, by name and at its path.
import type { FaultCode } from '../../../../rehearsal/states/faults.ts';
import type { Json } from '../../../../rehearsal/states/world.ts';
import { GUIDE, LANGUAGE } from '../../case.ts';
import type { Case } from '../../case.ts';
import { FUNCTION, machine, scope } from '../../laboratory.ts';

export const JSONATA = `${GUIDE}, Transforming data with JSONata in Step Functions`;
export const VARIABLES = `${GUIDE}, Passing data between states with variables`;
export const RETRY = `${LANGUAGE}, Retrying after error`;
export const CATCH = `${LANGUAGE}, Fallback states`;
export const SCHEMA = 'SCHEMA_VALIDATION_FAILED';

export const pass = { Type: 'Pass', End: true };
export const task = (more: Record<string, Json> = {}): Json => ({ Type: 'Task', Resource: FUNCTION, End: true, ...more });
export const output = (text: string): Json => machine({ A: { Type: 'Pass', Output: text, End: true } });
export const retry = (...retriers: Json[]): Json => machine({ A: task({ Retry: retriers }) });
export const map = (more: Record<string, Json>): Json =>
  machine({ M: { Type: 'Map', Items: [], ItemProcessor: scope({ A: pass }), End: true, ...more } });

export function refused(title: string, says: string, definition: Json, code: FaultCode, path: string, words: string): Case {
  return { title, says, machine: definition, expect: { refused: [code, path, words] } };
}
