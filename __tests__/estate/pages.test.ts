import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RUNBOOKS } from '../../commands/estate-check.ts';
import { estateSchema, SCHEMA_FILE } from '../../commands/estate-schema.ts';
import { forCloudFormation } from '../../resources/estate.ts';
import { list, machines } from '../contract/service.ts';
import { fieldRows } from './field-rows.ts';
import { mistakesOf, sound } from './estates.ts';

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'estate.md'), 'utf8');

describe('estate.schema.json', () => {
  it('is what the schema says today', () => {
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(estateSchema());
  });

  it('describes every field', () => {
    const silent = fieldRows().filter((row) => /^\| `[^`]+` \| [^|]+ \|\s+\|/.test(row));

    expect(silent).toEqual([]);
  });
});

describe('docs/estate.md', () => {
  it('has one row for each field, as the schema describes it, and no other', () => {
    const rows = page.split('\n').filter((line) => /^\| `/.test(line));

    expect(rows).toEqual(fieldRows());
  });

  it('shows a smallest estate that is sound', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];

    expect(mistakesOf(example)).toEqual([]);
  });
});

describe('the summary of an estate', () => {
  it('speaks of each runbook there is', () => {
    // Aftermath is nobody's to start: it follows a run that could not end.
    const runbooks = machines().map(({ runbook }) => runbook);

    expect(Object.keys(RUNBOOKS).sort()).toEqual(runbooks.filter((name) => name !== 'aftermath').sort());
  });
});

describe('what serverless.yml and its files take from the estate', () => {
  it('is there, and nothing is there that nobody takes', () => {
    const files = ['serverless.yml', ...['functions', 'statemachines', 'resources'].flatMap((folder) => list(folder, /\.yml$/))];
    const taken = files.flatMap((file) => [
      ...readFileSync(join(__dirname, '..', '..', file), 'utf8').matchAll(/file\(estate\.serverless\.cjs\):(\w+)/g),
    ]);

    const given = Object.keys(forCloudFormation(sound()));

    expect([...new Set(taken.map(([, name]) => name))].sort()).toEqual(given.sort());
  });
});
