import { describe, expect, it } from '@jest/globals';
import { InvalidDefinition } from '../../rehearsal/states/faults.ts';
import { loadMachine } from '../../rehearsal/states/load.ts';
import { FUNCTION, machine, scope } from './laboratory.ts';

function refusal(definition: object | string): InvalidDefinition {
  try {
    loadMachine(definition);
  } catch (error) {
    if (error instanceof InvalidDefinition) return error;
    throw error;
  }
  throw new Error('the definition was loaded');
}

describe('loading a definition', () => {
  it('tells every fault at once, each at its path', () => {
    const broken = machine({
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage',
        TimeoutSeconds: 0,
        Retry: [{ ErrorEquals: ['States.ALL', 'X'] }],
        Next: 'Z',
      },
      B: { Type: 'Pass', Output: '{% $( %}', Colour: 'red' },
    });

    const { faults } = refusal(broken);

    expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'NOT_IMITATED /States/A/Resource',
      'SCHEMA_VALIDATION_FAILED /States/A/TimeoutSeconds',
      'SCHEMA_VALIDATION_FAILED /States/A/Retry[0]/ErrorEquals',
      'SCHEMA_VALIDATION_FAILED /States/B',
      'SCHEMA_VALIDATION_FAILED /States/B',
      'INVALID_JSONATA_EXPRESSION /States/B/Output',
      'MISSING_TRANSITION_TARGET /States/A/Next',
      'MISSING_TRANSITION_TARGET /States/B',
      'MISSING_END_STATE /',
    ]);
  });

  it("says it in one sentence of AWS's form", () => {
    const { name, message } = refusal(machine({ A: { Type: 'Pass', Next: 'B' } }));

    expect(name).toBe('InvalidDefinition');
    expect(message).toMatch(
      /^Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at \/States\/A\/Next/,
    );
  });

  it('takes text and objects alike', () => {
    const definition = machine({ A: { Type: 'Succeed' } }, { TimeoutSeconds: 60, Comment: 'c', Version: '1.0' });

    expect(loadMachine(definition)).toEqual(loadMachine(JSON.stringify(definition)));
    expect(loadMachine(definition).timeoutSeconds).toBe(60);
  });

  it('knows which states read which variables', () => {
    const loaded = loadMachine(
      machine({
        A: { Type: 'Pass', Assign: { plan: 1, run: 2 }, Next: 'M' },
        M: {
          Type: 'Map',
          Items: [],
          ItemProcessor: scope({
            B: { Type: 'Task', Resource: FUNCTION, Arguments: '{% ($own := $run; [$plan, $own]) %}', End: true },
          }),
          Output: '{% $count($states.result) %}',
          End: true,
        },
      }),
    );

    expect(loaded.variableReferences).toEqual({ B: ['plan', 'run'] });
  });

  it.each(['constructor', 'toString', '__proto__'])('is not confused by a field named %s', (field) => {
    const text = JSON.stringify(machine({ A: { Type: 'Pass', End: true, FIELD: 1 } })).replace('FIELD', field);

    expect(refusal(text).faults).toEqual([
      { code: 'SCHEMA_VALIDATION_FAILED', path: '/States/A', message: `Field '${field}' is not supported` },
    ]);
  });
});
