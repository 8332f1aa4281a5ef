// What is wrong with a definition, all of it at once, each fault under AWS's diagnostic code and path.

/** AWS's own diagnostic codes; NOT_IMITATED is ours, for what AWS accepts and this interpreter refuses by name. */
export type FaultCode =
  | 'INVALID_JSON_DESCRIPTION'
  | 'SCHEMA_VALIDATION_FAILED'
  | 'MISSING_TRANSITION_TARGET'
  | 'MISSING_END_STATE'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'UNSUPPORTED_JSONATA_EXPRESSION'
  | 'UNDEFINED_VARIABLE'
  | 'NOT_IMITATED';

export interface Fault {
  readonly code: FaultCode;
  /** `/States/Approve/Retry[0]/MaxAttempts` */
  readonly path: string;
  readonly message: string;
}

/** A definition that cannot be loaded; `faults` names every reason. */
export class InvalidDefinition extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const told = faults.map(({ code, message, path }) => `${code}: ${message} at ${path}`).join(', ');
    super(`Invalid State Machine Definition: '${told}'`);
    this.name = 'InvalidDefinition';
    this.faults = faults;
  }
}

/** Where the reader stands, and the list it adds faults to. */
export interface Place {
  readonly path: string;
  readonly faults: Fault[];
}

const inside = (place: Place, step: string): Place => ({ path: place.path + step, faults: place.faults });
export const field = (place: Place, name: string): Place => inside(place, `/${name}`);
export const element = (place: Place, index: number): Place => inside(place, `[${index}]`);

export function refuse(place: Place, message: string, code: FaultCode = 'SCHEMA_VALIDATION_FAILED'): undefined {
  place.faults.push({ code, path: place.path === '' ? '/' : place.path, message });
  return undefined;
}
