// Retry and Catch: who matches what, how often, how long.
import type { Catcher, Retrier } from '../definition.ts';
import { element, field, refuse } from '../faults.ts';
import type { Place } from '../faults.ts';
import { MAX_RETRY_DELAY_SECONDS, MAX_SECONDS } from '../limits.ts';
import type { Json } from '../world.ts';
import { arrayAt, assignAt, checkFields, numberAt, objectAt, requireFields, templateAt, textAt } from './fields.ts';
import type { Fields } from './fields.ts';

const RESERVED = new Set(
  'ALL BranchFailed DataLimitExceeded ExceedToleratedFailureThreshold HeartbeatTimeout Http.Socket IntrinsicFailure ItemReaderFailed NoChoiceMatched ParameterPathFailure Permissions QueryEvaluationError ResultPathMatchFailure ResultWriterFailed Runtime TaskFailed Timeout'
    .split(' ')
    .map((name) => `States.${name}`),
);

export function retryAt(place: Place, fields: Fields): Retrier[] {
  return listAt(place, fields, 'Retry', (at, retrier, errorEquals) => {
    checkFields(
      at,
      retrier,
      'Comment ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy'.split(' '),
    );
    const optional = (name: string, otherwise: number, min: number, max: number, integer = true): number =>
      retrier[name] === undefined ? otherwise : (numberAt(field(at, name), retrier[name], { min, max, integer }) ?? otherwise);
    const intervalSeconds = optional('IntervalSeconds', 1, 1, MAX_SECONDS);
    return {
      errorEquals,
      intervalSeconds,
      maxAttempts: optional('MaxAttempts', 3, 0, MAX_SECONDS),
      backoffRate: optional('BackoffRate', 2, 1, Infinity, false),
      maxDelaySeconds: maxDelayAt(at, retrier, intervalSeconds),
      jitter: jitterAt(at, retrier),
    };
  });
}

function maxDelayAt(place: Place, retrier: Fields, intervalSeconds: number): number | undefined {
  if (retrier['MaxDelaySeconds'] === undefined) return undefined;
  const at = field(place, 'MaxDelaySeconds');
  const seconds = numberAt(at, retrier['MaxDelaySeconds'], { min: 1, max: MAX_RETRY_DELAY_SECONDS - 1 });
  if (seconds !== undefined && seconds <= intervalSeconds) refuse(at, 'MaxDelaySeconds must be greater than IntervalSeconds');
  return seconds;
}

function jitterAt(place: Place, retrier: Fields): 'NONE' | 'FULL' {
  const strategy = retrier['JitterStrategy'];
  if (strategy !== undefined && strategy !== 'NONE' && strategy !== 'FULL') {
    refuse(field(place, 'JitterStrategy'), 'Value should be one of the following: [FULL, NONE]');
  }
  return strategy === 'FULL' ? 'FULL' : 'NONE';
}

export function catchAt(place: Place, fields: Fields): Catcher[] {
  return listAt(place, fields, 'Catch', (at, catcher, errorEquals, index) => {
    checkFields(at, catcher, ['Comment', 'ErrorEquals', 'Next', 'Assign', 'Output']);
    requireFields(at, catcher, ['Next']);
    const next = catcher['Next'] === undefined ? '' : (textAt(field(at, 'Next'), catcher['Next']) ?? '');
    const prefix = `Catch[${index}]/`;
    const output = templateAt(at, catcher, 'Output', ['errorOutput'], prefix);
    return { errorEquals, next, output, assign: assignAt(at, catcher, ['errorOutput'], prefix) };
  });
}

function listAt<T>(
  place: Place,
  fields: Fields,
  name: string,
  read: (at: Place, item: Fields, errorEquals: readonly string[], index: number) => T,
): T[] {
  if (fields[name] === undefined) return [];
  const at = field(place, name);
  const items = arrayAt(at, fields[name]) ?? [];
  return items.flatMap((value, index) => {
    const here = element(at, index);
    const item = objectAt(here, value);
    if (!item) return [];
    requireFields(here, item, ['ErrorEquals']);
    const errors =
      item['ErrorEquals'] === undefined
        ? []
        : errorsAt(field(here, 'ErrorEquals'), item['ErrorEquals'], index === items.length - 1);
    return [read(here, item, errors, index)];
  });
}

function errorsAt(place: Place, value: Json, last: boolean): string[] {
  const names = arrayAt(place, value);
  if (!names) return [];
  if (names.length === 0) refuse(place, 'ErrorEquals must name at least one error');
  const errors = names.flatMap((name, i) => textAt(element(place, i), name) ?? []);
  for (const [i, name] of errors.entries()) {
    if (name.startsWith('States.') && !RESERVED.has(name)) {
      refuse(element(place, i), `'${name}' is not an error the States Language defines: the prefix 'States.' is reserved`);
    }
  }
  if (!errors.includes('States.ALL')) return errors;
  if (errors.length > 1) refuse(place, "'States.ALL' must appear alone in ErrorEquals");
  if (!last) refuse(place, "'States.ALL' must appear in the last element");
  return errors;
}
